"""A warehouse that is not as the folder remembers it: what it holds decides.

After each mishap the next sync ends truthfully and the tables equal the account's truth.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.pipelines.conftest import Make
from tests.pipelines.runs.test_kills import ALL_LIVE, account, change
from tests.pipelines.warehouse.test_places import KILL
from tests.pipelines.warehouses import Warehouse, truth
from tests.postgres import connect

STATEMENTS = {
    "tickets emptied": ["delete from tickets"],
    "some tickets deleted": ["delete from tickets where id % 3 = 0"],
    "everything emptied": [
        "delete from tickets",
        "delete from tickets__requested_actions",
        "delete from tickets__resolution",
        "delete from ticket_status_history",
        "delete from requested_action_history",
        "delete from resolution_history",
        "delete from sync_runs",
    ],
    "requests emptied": ["delete from tickets__requested_actions"],
    "resolutions emptied": ["delete from tickets__resolution"],
    "runs emptied": ["delete from sync_runs"],
    "requests dropped": ["drop table tickets__requested_actions"],
    "resolutions dropped": ["drop table tickets__resolution"],
    "tickets dropped": ["drop table tickets"],
    "history dropped": ["drop table ticket_status_history"],
    "request history dropped": ["drop table requested_action_history"],
    "runs dropped": ["drop table sync_runs"],
    "a column dropped": ["alter table tickets drop column carrier"],
    "dlt's tables dropped": [
        "drop table _dlt_loads",
        "drop table _dlt_pipeline_state",
        "drop table _dlt_version",
    ],
    "dlt's loads dropped": ["drop table _dlt_loads"],
    "dlt's state dropped": ["drop table _dlt_pipeline_state"],
    "our bookkeeping dropped": ["drop table _sendcloud_account"],
    "dataset dropped": ["drop schema sendcloud cascade"],
}


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, make: Make) -> Warehouse:
    """An account that only hands move, in a warehouse of either kind, loaded and synced again."""
    postgres = "" if request.param == "duckdb" else request.getfixturevalue("postgres_url")
    warehouse = make(account(), postgres=postgres, window_tickets=100)
    assert warehouse.sync().is_complete
    change(warehouse)
    assert warehouse.sync().is_complete
    warehouse.release()
    return warehouse


def execute(warehouse: Warehouse, *statements: str) -> None:
    """What somebody else did to the warehouse."""
    if warehouse.postgres:
        with closing(connect(warehouse.postgres)) as opened, opened.cursor() as cursor:
            cursor.execute("set search_path = sendcloud")
            for statement in statements:
                cursor.execute(statement)
        return
    with duckdb.connect(str(warehouse.file)) as opened:
        opened.execute("set search_path = 'sendcloud'")
        for statement in statements:
            opened.execute(statement)


def assert_exact(warehouse: Warehouse) -> None:
    """The truth of all tickets that the account has; keys hold; histories end with what is held."""
    held, there = warehouse.held(), truth(warehouse.account.tickets())
    assert (held.tickets, held.actions, held.resolutions) == (
        there.tickets,
        there.actions,
        there.resolutions,
    )
    statuses = warehouse.statuses()
    latest = {row[0]: row[1:3] for row in statuses}
    assert {row[0]: latest[row[0]] for row in held.tickets} == {
        row[0]: row[1:3] for row in held.tickets
    }
    assert len({(*row[:3], row[4]) for row in statuses}) == len(statuses)
    numbers = {row[0] for row in held.tickets}
    outstanding = [row[:4] for row in warehouse.actions() if row[6] is None and row[0] in numbers]
    assert outstanding == held.actions


@pytest.mark.parametrize("mishap", STATEMENTS)
def test_after_a_mishap_the_next_sync_ends_with_the_truth(
    warehouse: Warehouse, mishap: str
) -> None:
    execute(warehouse, *STATEMENTS[mishap])
    change(warehouse)

    record = warehouse.sync(**ALL_LIVE)

    assert record.is_complete, record.note
    assert_exact(warehouse)
    warehouse.later(hours=1)
    again = warehouse.sync()
    assert (again.is_complete, again.mode) == (True, "sync"), again.note
    assert_exact(warehouse)


def copies(warehouse: Warehouse, folder: Path) -> Callable[[], None]:
    """Copy the DuckDB file, and give what puts the copy back."""
    warehouse.release()
    kept = folder / "copy.duckdb"
    shutil.copy(warehouse.file, kept)

    def put_back() -> None:
        warehouse.release()
        warehouse.file.with_name(f"{warehouse.file.name}.wal").unlink(missing_ok=True)
        shutil.copy(kept, warehouse.file)

    return put_back


@pytest.fixture
def file(make: Make) -> Warehouse:
    """A DuckDB file that was loaded once."""
    warehouse = make(account(), window_tickets=100)
    assert warehouse.sync().is_complete
    return warehouse


def test_a_file_restored_from_an_older_copy_is_read_as_it_is(
    file: Warehouse, tmp_path: Path
) -> None:
    put_back = copies(file, tmp_path)
    change(file)
    assert file.sync().is_complete
    put_back()
    change(file)

    record = file.sync(**ALL_LIVE)

    assert record.is_complete, record.note
    assert_exact(file)


def test_a_file_newer_than_the_folder_is_read_as_it_is(file: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "dlt" / "pipelines"
    shutil.copytree(folder, tmp_path / "older")
    change(file)
    assert file.sync().is_complete
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "older", folder)
    change(file)

    record = file.sync(**ALL_LIVE)

    assert record.is_complete, record.note
    assert_exact(file)


def test_a_file_that_was_deleted_is_loaded_anew(file: Warehouse) -> None:
    file.release()
    file.file.unlink()
    change(file)

    record = file.sync()

    assert (record.is_complete, record.mode) == (True, "full"), record.note
    assert_exact(file)


def test_machines_take_turns_on_one_warehouse(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for machine in ("one", "two", "one", "two"):
        monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / machine))
        change(warehouse)
        record = warehouse.sync(**ALL_LIVE)
        assert (record.is_complete, record.mode) == (True, "sync"), record.note
        assert_exact(warehouse)


@pytest.mark.parametrize("loaded", [True, False])
def test_a_sweep_on_its_way_does_not_survive_a_restored_copy(
    file: Warehouse, tmp_path: Path, loaded: bool
) -> None:
    put_back = copies(file, tmp_path)
    change(file)
    window = "40" if loaded else "100000"
    killed = file.cli(
        "sync", "--full", script=KILL, SOURCES__SENDCLOUD_SUPPORT__WINDOW_TICKETS=window
    )
    assert killed.code == -9
    put_back()
    change(file)

    done = file.cli(
        "sync", **{f"SOURCES__SENDCLOUD_SUPPORT__{k.upper()}": str(v) for k, v in ALL_LIVE.items()}
    )

    assert done.code == 0, done.err
    assert_exact(file)
