"""The laws of the rooms: who may import whom, and what every module, name and lock file owes.

Reads source text and imports nothing of ours, so it speaks even when a room does not load.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from graphlib import TopologicalSorter
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
ROOMS = (
    *("sources", "pipelines", "answers", "simulator", "notebooks", "orchestration"),
    *("dashboards", "benchmarks", "tests"),
)
MAY_IMPORT = {
    "sources": {"sources"},
    "simulator": {"simulator"},
    "pipelines": {"pipelines", "sources", "answers"},
    "answers": {"answers"},
    "notebooks": {"notebooks", "pipelines", "answers"},
    "orchestration": {"orchestration", "pipelines"},
    "dashboards": {"dashboards"},
}
"""Rooms not named here, the tests and the benchmarks, may import every other."""

DEMO = ("pipelines/demo.py", "pipelines/demo/")
"""The only part of `pipelines` that may know the simulator."""

WITH_DOORS = ("answers",)
"""Rooms that others enter by their `__init__` alone."""

MOST_LINES = 450
MOST_FILES = 12
MOST_CELL_LINES = 900  # a notebook is prose and pictures, read from top to bottom
NAMES_THAT_SAY_NOTHING = {"common", "helper", "helpers", "manager", "misc", "util", "utils"}


def tracked(*patterns: str) -> list[Path]:
    """The project's own files: what git tracks or would, else (no git) all but hidden folders."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        found = [path for pattern in patterns or ("*",) for path in ROOT.rglob(pattern)]
        return sorted(path for path in found if not is_hidden(path))
    return sorted({ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()})


def is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(ROOT).parts)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


IMPORTED_AS = {
    "apache-airflow": "airflow",
    "astronomer-cosmos": "cosmos",
    "apache-superset": "superset",
}
"""What a package is called in a program, if not as in its list."""

PROVIDERS = packages_distributions()
"""Which packages an importable name comes from."""

MODULES = [path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in ROOMS]
every_module = pytest.mark.parametrize("path", MODULES, ids=name_of)


def rooms_imported_by(path: Path) -> set[str]:
    """The rooms of this project that a module imports, wherever in its text."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(absolute_name(path, node))
    return {name.partition(".")[0] for name in names} & set(ROOMS)


def absolute_name(path: Path, node: ast.ImportFrom) -> str:
    """What `from ..x import y` means in that module."""
    if node.level == 0:
        return node.module or ""
    package = path.relative_to(ROOT).parts[: -node.level]
    return ".".join([*package, node.module or ""]).strip(".")


def test_there_are_modules_in_every_room_that_the_law_names() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in MODULES}

    assert {"sources", "simulator", "pipelines", "answers", "tests"} <= found


@every_module
def test_a_module_imports_only_rooms_it_may_know(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    allowed = MAY_IMPORT.get(room, set(ROOMS))
    if name_of(path).startswith(DEMO):
        allowed = allowed | {"simulator"}

    assert rooms_imported_by(path) - allowed == set()


@pytest.mark.parametrize("path", [*(ROOT / "sources/sendcloud_support").rglob("*.py")], ids=name_of)
def test_the_source_imports_itself_by_relative_names_only(path: Path) -> None:
    """So that it survives being copied out of the repository by `dlt init`."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    relative = [each for each in nodes if isinstance(each, ast.ImportFrom) and each.level > 0]

    depth = len(path.relative_to(ROOT / "sources/sendcloud_support").parts)
    assert rooms_imported_by(path) <= {"sources"}
    assert [each.lineno for each in relative if each.level > depth] == []
    assert "sources" not in absolute_imports(path)


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.relative_to(ROOT).parts[0] != "tests"], ids=name_of
)
def test_a_module_enters_another_room_by_its_door(path: Path) -> None:
    """What a room does not export is its own affair; its tests may look behind the door."""
    room = path.relative_to(ROOT).parts[0]

    assert {
        name
        for name in modules_imported_by(path)
        for door in set(WITH_DOORS) - {room}
        if name.startswith(f"{door}.") and name.removeprefix(f"{door}.") not in exported(door)
    } == set()


def exported(room: str) -> set[str]:
    """The names that a room's `__init__` gives to others."""
    tree = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
    [names] = [
        ast.literal_eval(each.value)
        for each in tree.body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "__all__"
    ]
    return set(names)


def modules_imported_by(path: Path) -> set[str]:
    """What a module imports, by full name: of `from a.b import c` that is `a.b.c`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{absolute_name(path, node)}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("room", WITH_DOORS)
def test_inside_a_room_no_import_runs_in_a_circle(room: str) -> None:
    """Nor up to a door that is not open yet: who is imported knows nothing of who imports it."""
    inside = {dotted(path): path for path in MODULES if path.relative_to(ROOT).parts[0] == room}
    below = {name: modules_within(inside, path) - {name} for name, path in inside.items()}

    assert list(TopologicalSorter(below).static_order())
    assert [name for name in below if room in below[name]] == []


def modules_within(inside: dict[str, Path], path: Path) -> set[str]:
    """The modules of a room that one of them imports, be it whole or a name of theirs."""
    imported = modules_imported_by(path)
    whole = imported & inside.keys()
    return whole | {name.rpartition(".")[0] for name in imported - whole} & inside.keys()


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("room", WITH_DOORS)
def test_a_folder_holds_what_one_can_see_at_a_glance(room: str) -> None:
    folders = Counter(path.parent for path in tracked(f"{room}/*") if path.suffix == ".py")

    assert {name_of(folder): n for folder, n in folders.items() if n > MOST_FILES} == {}


def absolute_imports(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for each in nodes if isinstance(each, ast.Import) for alias in each.names}
    from_ = {
        str(each.module) for each in nodes if isinstance(each, ast.ImportFrom) and not each.level
    }
    return {name.partition(".")[0] for name in plain | from_}


@every_module
def test_a_module_opens_by_saying_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@every_module
def test_a_module_is_named_for_what_it_holds(path: Path) -> None:
    assert set(path.relative_to(ROOT).with_suffix("").parts) & NAMES_THAT_SAY_NOTHING == set()


@every_module
def test_a_module_fits_into_one_reading(path: Path) -> None:
    most = MOST_CELL_LINES if path.parent == ROOT / "notebooks" else MOST_LINES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= most


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.relative_to(ROOT).parts[0] in MAY_IMPORT], ids=name_of
)
def test_a_module_that_users_run_needs_no_package_for_developers(path: Path) -> None:
    """Nor one that is there only because another package brought it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {Requirement(line).name for line in project["dependencies"]}
    extras = {
        Requirement(line).name
        for lines in project["optional-dependencies"].values()
        for line in lines
    }
    ours = {*ROOMS, "sendcloud_support", *sys.stdlib_module_names}

    foreign = absolute_imports(path) - ours - extras - of_an_environment(path)
    assert {
        name
        for name in foreign
        if not declared & {each.lower() for each in PROVIDERS.get(name, ())}
    } == set()


def of_an_environment(path: Path) -> set[str]:
    """What a scheduler's folder, or Superset's, may import besides: the packages of its own."""
    listed = path.parent / "packages.in"
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else []
    names = {Requirement(line).name for line in lines if line and not line.startswith("#")}
    return {IMPORTED_AS.get(name, name.replace("-", "_")) for name in names}


def test_no_text_names_a_persons_folders_or_a_machine() -> None:
    """Paths of one machine (home folders, a CI worker's disk) are true nowhere else."""
    private = re.compile(r"(?<![\w.])/(?:home|Users|root|work|builds)/\w")

    assert {
        f"{name_of(path)}:{number}": line.strip()[:120]
        for path in tracked()
        if path != Path(__file__) and (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), start=1)
        if private.search(line)
    } == {}


def text_of(path: Path) -> str | None:
    """A file's text, None for pictures and databases."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def test_the_lock_pins_every_package_by_version_and_hash_and_names_no_index() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    entries = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    pinned = re.compile(
        r"^[a-z0-9._-]+==[^\s;]+(?: ; [^\\\n]+)?(?: \\\n +--hash=sha256:[0-9a-f]{64})+$"
    )

    packages = re.split(r"\n(?=\S)", entries.strip())
    assert [package for package in packages if not pinned.match(package)] == []
    assert [line for line in lines if "://" in line or line.startswith("-")] == []


def test_the_lock_holds_every_dependency_of_the_project_at_a_version_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        Requirement(line)
        for line in project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    ]
    lock = (ROOT / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", lock, re.MULTILINE))

    assert [str(each) for each in wanted if not each.specifier.contains(locked[each.name])] == []


def test_the_virtual_environment_is_what_the_lock_says() -> None:
    """A package of another version would make every other result here doubtful."""
    entry = re.compile(r"^([a-z0-9._-]+)==([^\s;]+)(?: ; ([^\\\n]+?))? \\$", re.MULTILINE)
    lock = entry.findall((ROOT / "requirements.lock").read_text())
    here = {name: pin for name, pin, marker in lock if not marker or Marker(marker).evaluate()}

    def installed(name: str) -> str | None:
        try:
            return version(name)
        except PackageNotFoundError:
            return None

    assert {name: installed(name) for name in here} == here
