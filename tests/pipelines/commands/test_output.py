"""What is said, where nobody listens any more or nothing more fits; and how it is said."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from pipelines.runs.progress import Progress
from sources.sendcloud_support.records.vocabulary import UnknownValues
from tests.pipelines.conftest import Make
from tests.pipelines.surroundings import Place, make_file


@pytest.fixture
def place(tmp_path: Path) -> Place:
    make_file(tmp_path / "small.duckdb")
    return Place(tmp_path, {"DESTINATION__WAREHOUSE__CREDENTIALS": "small.duckdb"})


def run_into(
    place: Place, out: int | None, *arguments: str, err: int | None = None
) -> tuple[int, str]:
    """The exit code and what was said on standard error, with this as standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        cwd=place.folder,
        env=place.environment(),
        stdout=out,
        stderr=err or subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr or ""


@pytest.mark.parametrize("arguments", [["status"], ["--help"], ["marts"]])
def test_a_reader_who_went_away_ends_no_command(place: Place, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    assert run_into(place, writing, *arguments) == (0, "")
    os.close(writing)


def test_a_full_disk_behind_the_output_is_told_and_changes_no_work(place: Place) -> None:
    sentence = "Standard output could not be written: No space left on device.\n"
    with Path("/dev/full").open("wb") as full:
        assert run_into(place, full.fileno(), "status") == (1, sentence)
        assert run_into(place, full.fileno(), "marts") == (0, sentence)
        assert run_into(place, full.fileno(), "marts", err=full.fileno()) == (0, "")


def test_a_sync_that_nobody_listens_to_loads_all_the_same(make: Make) -> None:
    warehouse = make()
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-m", "pipelines", "sync"],
        cwd=warehouse.folder,
        env=warehouse.environment(),
        stdout=writing,
        stderr=writing,
        check=False,
    )
    os.close(writing)

    assert process.returncode == 0
    assert warehouse.runs("is_complete") == [(True,)]


def test_closed_streams_end_no_command(place: Place) -> None:
    closed = ["sh", "-c", 'exec "$0" -m pipelines status <&- >&- 2>&-', sys.executable]
    done = subprocess.run(closed, cwd=place.folder, env=place.environment(), check=False)
    assert done.returncode == 0


# --- progress -------------------------------------------------------------------------------------


def test_on_a_terminal_progress_is_a_bar_with_what_is_left() -> None:
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=140, color_system=None)
    with Progress(30, console) as progress:
        progress.show("page 1 of 4", 3, 29)
        progress.show("page 2 of 4", 2, 28)

    drawn = text.getvalue()
    assert "page 2 of 4 ━" in drawn
    assert "2 requests left, room for 28 this minute, done in about 4 s" in drawn
    assert "\x1b[2K" in drawn, "the bar is wiped at its end"


def test_elsewhere_there_is_no_bar_and_no_empty_line() -> None:
    text = io.StringIO()
    with Progress(30, Console(file=text)) as progress:
        progress.show("page 1 of 4", 3, 29)
        progress.say("Loaded 20 tickets so far.")

    assert text.getvalue() == "Loaded 20 tickets so far.\n"
    assert progress.outlook == ", done in about 6 s"


def test_of_many_unknown_values_the_most_frequent_are_named() -> None:
    unknown = UnknownValues()
    for number in range(40):
        for ticket_id in range(40 - number):
            unknown.tickets["status", f"new_{number:02}"].add(ticket_id)

    sentences = unknown.sentences()
    assert sentences[0] == "Unknown status 'new_00': 40 tickets, loaded as it came."
    assert sentences[9] == "Unknown status 'new_09': 31 tickets, loaded as it came."
    assert sentences[10:] == ["30 more unknown values, loaded as they came."]
