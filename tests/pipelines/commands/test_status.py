"""Status, and whoever else only looks: right, without a trace, and in nobody's way."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from rich.console import Console

from pipelines.status import print_status
from pipelines.status.facts import NOTHING, TABLES
from pipelines.warehouse.warehouse import duckdb_destination, open_pipeline
from sources.sendcloud_support.holdings.statements import execute, query
from sources.sendcloud_support.holdings.wording import (
    counted,
    named,
    shortened,
    when,
)
from tests.pipelines.surroundings import SYNCS, TICKETS, Place, make_file

HOLD = """
import duckdb, sys
opened = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reading")
print("open", flush=True)
sys.stdin.readline() if sys.argv[3] == "0" else __import__("time").sleep(float(sys.argv[3]))
"""


@contextmanager
def held(file: Path, way: str, seconds: float = 0) -> Iterator[int]:
    """Another process has the file open, for so long or until the block is left."""
    command = [sys.executable, "-c", HOLD, str(file), way, f"{seconds:g}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        yield holder.pid
        holder.communicate(b"\n")


def traces(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder, with its size and when it was changed."""
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, {"DESTINATION__WAREHOUSE__CREDENTIALS": "small.duckdb"})


LOOK = "from pipelines.reading import read_mart, NoMartError\ntry: read_mart('dim_carrier')\n"
LOOK += "except NoMartError as error: print(error)"


def test_looking_where_nothing_is_makes_nothing(place: Place) -> None:
    before = traces(place.folder)

    assert place.run("status") == (
        0,
        "Nothing is loaded yet. Run: python -m pipelines sync\n",
        "",
    )
    assert json.loads(place.run("status", "--json")[1]) == NOTHING
    assert place.run("report")[0] == 1
    subprocess.run(
        [sys.executable, "-c", LOOK], cwd=place.folder, env=place.environment(), check=True
    )
    assert traces(place.folder) == before


def test_looking_changes_nothing(place: Place) -> None:
    make_file(place.folder / "small.duckdb")
    before = traces(place.folder)

    code, out, err = place.run("status")
    assert (code, err) == (0, "")
    assert f"tickets: {TICKETS} rows\n" in out
    assert f"newest sighting: {SYNCS[-1]:%Y-%m-%d %H:%M} UTC" in out
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=place.folder,
        env=place.environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    assert "python -m pipelines marts" in done.stdout
    assert traces(place.folder) == before


def test_what_a_killed_process_left_in_the_log_of_a_file_is_seen_and_left_there(
    place: Place,
) -> None:
    file = make_file(place.folder / "small.duckdb")
    add = "import duckdb, os, sys; opened = duckdb.connect(sys.argv[1]); "
    add += "opened.execute('insert into sendcloud.tickets (id) values (-1)'); os._exit(9)"
    subprocess.run([sys.executable, "-c", add, str(file)], check=False)
    before = traces(place.folder)
    assert "small.duckdb.wal" in before

    assert json.loads(place.run("status", "--json")[1])["tables"]["tickets"] == TICKETS + 1
    assert traces(place.folder) == before


def test_a_file_that_is_being_written_is_a_fact_and_no_failure(place: Place) -> None:
    with held(make_file(place.folder / "small.duckdb"), "writing") as process:
        said = place.run("status")
        facts = json.loads(place.run("status", "--json")[1])

    sentence = (
        f"The warehouse's file is being written by process {process}, so it cannot be read now. "
        "Look again when that has ended; a sync or the marts take their time."
    )
    assert said == (0, f"{sentence}\n", "")
    known = {"is_held": True, "held_by_process": process, "note": sentence}
    assert facts == NOTHING | known


def test_several_look_at_once(place: Place) -> None:
    with held(make_file(place.folder / "small.duckdb"), "reading"):
        assert json.loads(place.run("status", "--json")[1])["tables"]["tickets"] == TICKETS


def test_a_sync_waits_for_somebody_who_looks(tmp_path: Path) -> None:
    """DuckDB itself would refuse to open the file."""
    file = make_file(tmp_path / "small.duckdb")
    pipeline = open_pipeline(duckdb_destination(DuckDbCredentials(str(file))), tmp_path / "dlt")

    with held(file, "reading", seconds=1):
        with pytest.raises(duckdb.IOException):
            duckdb.connect(str(file))
        execute(pipeline, "delete from tickets")
    assert query(pipeline, "select count(*) from tickets") == [(0,)]


def test_tickets_that_were_set_aside_are_counted_once_while_they_are(place: Place) -> None:
    with duckdb.connect(str(make_file(place.folder / "small.duckdb"))) as opened:
        opened.execute(
            "create table sendcloud.tickets_set_aside as select * from (values "
            "(1, 'amount', null), (1, 'status', null), (2, 'amount', now()), (null, 'id', null)"
            ") as rows(ticket_id, field, mended_at)"
        )
    assert json.loads(place.run("status", "--json")[1])["tickets_set_aside"] == 2
    assert "2 tickets set aside, see table tickets_set_aside\n" in place.run("status")[1]


# --- the page -------------------------------------------------------------------------------------

RUN = {
    "started_at": "2026-11-01T08:30:12.345678+00:00",
    "mode": "sync",
    "requests": 1,
    "throttled": 0,
    "tickets_seen": 1,
    "tickets_new": 1,
    "tickets_changed": 0,
    "tickets_vanished": 0,
    "api_total": 1204,
    "held_total": 1204,
    "is_complete": True,
    "note": "Order of the list: newest_first.",
}
FACTS = NOTHING | {
    "tables": dict.fromkeys(TABLES, 0) | {"tickets": 1204, "sync_runs": 1},
    "tickets_held": 1204,
    "last_seen_at": "2026-11-01T08:30:13.000001+00:00",
    "seconds_since_last_seen": timedelta(hours=3).total_seconds(),
    "last_complete_at": "2026-11-01T08:30:14.5+00:00",
    "runs": [RUN],
}


def shown(facts: dict[str, object], width: int = 0) -> str:
    """On a terminal of that width, elsewhere without one."""
    text = io.StringIO()
    terminal = bool(width)
    console = Console(file=text, force_terminal=terminal, width=width or None, color_system=None)
    print_status(facts, console=console)
    return text.getvalue()


def test_elsewhere_than_on_a_terminal_the_status_is_lines() -> None:
    assert shown(FACTS) == (
        "tickets: 1204 rows\n"
        "tickets__requested_actions: 0 rows\n"
        "tickets__resolution: 0 rows\n"
        "ticket_status_history: 0 rows\n"
        "requested_action_history: 0 rows\n"
        "resolution_history: 0 rows\n"
        "tickets_set_aside: 0 rows\n"
        "sync_runs: 1 row\n"
        "\n"
        "1204 tickets held, 0 vanished\n"
        "newest sighting: 2026-11-01 08:30 UTC, 3 h 0 min ago\n"
        "last proven complete: 2026-11-01 08:30 UTC\n"
        "next complete sweep due: at the next sync; it takes 1 request\n"
        "\n"
        "last runs, newest first:\n"
        "  2026-11-01 08:30 UTC  sync: 1 seen, 1 new, 0 changed, 0 vanished; 1 request, "
        "0 throttled; 1204 held, API 1204; complete. Order of the list: newest_first.\n"
    )


@pytest.mark.parametrize(("width", "has_note"), [(140, True), (106, False)])
def test_on_a_terminal_the_runs_are_a_table_that_fits(width: int, has_note: bool) -> None:
    page = shown(FACTS, width).splitlines()

    [row] = [line for line in page if "2026-11-01 08:30 UTC │ sync" in line]
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    note = ["Order of the list: newest_first."] if has_note else []
    assert cells == [
        *("2026-11-01 08:30 UTC", "sync", "1", "1", "0", "0", "1", "1,204", "1,204", "yes"),
        *note,
    ]
    assert max(map(len, page)) <= width


def test_whatever_a_run_noted_its_line_has_a_size_that_people_read() -> None:
    note = f"The API has no ticket {', '.join(map(str, range(5_000)))}."
    page = shown(FACTS | {"runs": [RUN | {"note": note}]})

    assert len(page.splitlines()[-1]) < 450
    assert page.endswith(" …\n")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (counted(1, "ticket"), "1 ticket"),
        (counted(0, "ticket"), "0 tickets"),
        (counted(1_000, "query", "queries"), "1000 queries"),
        (named([]), ""),
        (named([7]), "7"),
        (named([1, 2]), "1 and 2"),
        (named([1, 2, 3, 4]), "1, 2, 3 and 4"),
        (named(range(1, 1_001)), "1, 2, 3 and 997 more"),
        (shortened("ten words"), "ten words"),
        (shortened("ten words", 5), "ten …"),
        (when(None), "never"),
        (when("2026-11-01T09:30:00.25+01:00"), "2026-11-01 08:30 UTC"),
    ],
)
def test_numbers_lists_and_times_are_worded_for_people(said: str, wanted: str) -> None:
    assert said == wanted
