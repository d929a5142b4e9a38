"""The rooms inside the source and inside the pipelines: who stands on whom, and the doors.

Reads source text only. A room is a folder; its door is its `__init__`. Modules in no room
(`exceptions` and `settings` of the source) are the ground, or the roof of commands.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "sources" / "sendcloud_support"
PIPELINES = ROOT / "pipelines"

FLOORS = {
    SOURCE: ("records", "api", "holdings", "planning", "reading", "extraction"),
    PIPELINES: (
        "process",
        "warehouse",
        "failures",
        "accounts",
        "privacy",
        "alerts",
        "loading",
        "runs",
        "marts",
        "discovery",
        "status",
    ),
}
"""From the ground up: a room imports only from those before it."""

MOST_FILES = 14

IN_ROOMS = [
    path
    for house, rooms in FLOORS.items()
    for room in rooms
    for path in (house / room).glob("*.py")
]
every_module = pytest.mark.parametrize(
    "path", IN_ROOMS, ids=lambda path: path.relative_to(ROOT).as_posix()
)


def targets(path: Path) -> set[str]:
    """The modules and packages that a module imports from, by full dotted name."""
    package = path.relative_to(ROOT).parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            found.add(".".join([*base, *filter(None, [node.module])]))
    return found


def house_of(path: Path) -> Path:
    return SOURCE if SOURCE in path.parents else PIPELINES


@every_module
def test_a_room_stands_on_those_below_it(path: Path) -> None:
    house = house_of(path)
    rooms, own = FLOORS[house], path.parent.name
    name = ".".join(house.relative_to(ROOT).parts)
    above = {f"{name}.{room}" for room in rooms[rooms.index(own) + 1 :]}

    assert targets(path) & (above | {name}) == set()


@every_module
def test_a_room_is_entered_by_its_door(path: Path) -> None:
    own = ".".join(path.relative_to(ROOT).parts[:-1])
    doors = {
        ".".join((house / room).relative_to(ROOT).parts)
        for house, rooms in FLOORS.items()
        for room in rooms
    }

    past = {each for each in targets(path) if each.rpartition(".")[0] in doors - {own}}
    assert past == set()


OUTSIDE = [*sorted(PIPELINES.glob("*.py")), *sorted((ROOT / "orchestration").rglob("*.py"))]


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_command_and_a_scheduler_enter_rooms_by_their_doors(path: Path) -> None:
    doors = {
        ".".join((house / room).relative_to(ROOT).parts)
        for house, rooms in FLOORS.items()
        for room in rooms
    }

    assert {each for each in targets(path) if each.rpartition(".")[0] in doors} == set()


@pytest.mark.parametrize(
    "room", [house / room for house, rooms in FLOORS.items() for room in rooms]
)
def test_a_room_can_be_seen_at_a_glance_and_says_what_it_is(room: Path) -> None:
    door = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))

    assert len(list(room.glob("*.py"))) <= MOST_FILES
    assert "Depends on" in (ast.get_docstring(door) or "")
