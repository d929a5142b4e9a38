"""A warehouse and a working folder that an older version made are carried on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.warehouse.warehouse import open_pipeline
from simulator import Account, Clock, World
from tests.pipelines.conftest import Make
from tests.pipelines.loading.test_history import Killed, kill_at
from tests.pipelines.warehouses import Warehouse, truth

LATER = "resolution_history"
"""The table that the older version did not have."""


def make_older(warehouse: Warehouse) -> None:
    """Take the table away, from the database and from what dlt remembers of it."""
    pipeline = open_pipeline()
    schema = pipeline.default_schema.clone()
    schema.drop_tables([LATER])
    pipeline.schemas.save_schema(schema)
    warehouse.rows(f"drop table sendcloud.{LATER}")
    warehouse.rows("delete from sendcloud._dlt_version")
    pipeline.sync_schema()
    assert LATER not in open_pipeline().default_schema.tables


def account() -> Account:
    world = World(seed=1, tickets=90, months=5)
    return Account(world, Clock(world.end))


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
@pytest.mark.parametrize("folder", ["kept", "lost"])
def test_the_history_of_resolutions_begins_with_what_is_held(
    make: Make, request: pytest.FixtureRequest, engine: str, folder: str
) -> None:
    postgres = request.getfixturevalue("postgres_url") if engine == "postgres" else ""
    warehouse = make(account(), postgres=postgres)
    warehouse.service.switches.new_field = "priority"
    warehouse.sync()
    last_seen = dict(warehouse.rows("select id, last_seen_at from sendcloud.tickets"))
    held = warehouse.held().resolutions
    make_older(warehouse)
    if folder == "lost":
        warehouse.lose_working_folder()

    warehouse.later(seconds=0.2)
    assert warehouse.sync().is_complete

    assert held
    assert warehouse.resolutions() == [(*row, last_seen[row[0]], None) for row in held]
    assert warehouse.rows("select distinct priority from sendcloud.tickets") == [("high",)]
    assert "priority" in open_pipeline().default_schema.tables["tickets"]["columns"]


def test_what_a_killed_run_of_the_older_version_left_in_the_journal_comes_after_what_is_held(
    make: Make,
) -> None:
    warehouse = make(account())
    warehouse.tick = timedelta(seconds=1)
    warehouse.sync()
    held = {row[0]: row for row in warehouse.held().resolutions}
    [changed, *_] = held
    last_seen = dict(warehouse.rows("select id, last_seen_at from sendcloud.tickets"))
    resolution = {"outcome": "delivered", "amount": None, "currency": "CHF", "solved_at": None}
    warehouse.account.hold(changed, resolution=resolution)
    warehouse.prepare = kill_at("extract", 0)
    with pytest.raises(Killed):
        warehouse.sync(full=True)
    make_older(warehouse)
    warehouse.prepare = lambda _: None
    assert warehouse.sync().is_complete

    assert warehouse.held() == truth(warehouse.account.tickets())
    rows = [row for row in warehouse.resolutions() if row[0] == changed]
    seen_at = rows[-1][-2]
    assert rows == [
        (*held[changed], last_seen[changed], None),
        (changed, "delivered", None, "CHF", None, seen_at, last_seen[changed]),
    ]
    assert seen_at > last_seen[changed]


# --- versions of the tables ----------------------------------------------------------------------

EXPORTED = Path(__file__).parents[2] / "recorded" / "warehouse_2026_11_25"
"""DuckDB's export of a warehouse of 25 November 2026 (commit f3a84db): forty tickets of the
simulator's, no history of resolutions, nothing set aside, no version."""

VERSION = "select value from _sendcloud_marks where name = 'tables_version'"


def import_exported(file: Path) -> None:
    """Make the database again from its text."""
    with duckdb.connect(str(file)) as database:
        for script in ("schema.sql", "load.sql"):
            text = (EXPORTED / script).read_text(encoding="utf-8")
            database.execute(text.replace("FROM '", f"FROM '{EXPORTED}/"))


def test_a_warehouse_that_an_older_commit_made_is_carried_on(make: Make) -> None:
    world = World(seed=5, tickets=40, months=4)
    warehouse = make(Account(world, Clock(datetime(2026, 12, 2, tzinfo=UTC))))
    import_exported(warehouse.file)
    warehouse.belongs_to_this_account()
    first_seen = dict(warehouse.rows("select id, first_seen_at from sendcloud.tickets"))

    record = warehouse.sync(full=True)

    assert record.is_complete
    assert "The tables were brought from version 0 to version 1." in str(record.note)
    assert warehouse.rows(VERSION) == [("1",)]
    assert warehouse.held() == truth(warehouse.account.tickets())
    kept = dict(warehouse.rows("select id, first_seen_at from sendcloud.tickets"))
    assert first_seen.items() <= kept.items()
    assert len(first_seen) == 40
    resolved = {row[0] for row in warehouse.held().resolutions}
    assert {row[0] for row in warehouse.resolutions()} == resolved
    warehouse.later(hours=1)
    assert "brought" not in str(warehouse.sync().note)


def test_a_new_warehouse_says_its_version_and_nothing_of_it(make: Make) -> None:
    warehouse = make(account())
    record = warehouse.sync()
    assert (warehouse.rows(VERSION), "brought" in str(record.note)) == ([("1",)], False)


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_an_older_program_refuses_with_code_2_and_changes_nothing(
    make: Make, request: pytest.FixtureRequest, engine: str
) -> None:
    postgres = request.getfixturevalue("postgres_url") if engine == "postgres" else ""
    warehouse = make(account(), postgres=postgres)
    warehouse.sync()
    warehouse.rows("update _sendcloud_marks set value = '99' where name = 'tables_version'")
    warehouse.service.reset_log()
    before, runs = warehouse.everything(), warehouse.rows("select run_id from sync_runs")
    told = (
        "The tables of this warehouse have version 99, from a newer version of this program; this "
        "one knows them up to version 1. Nothing was read or changed. Update this program.\n"
    )

    for command in ("sync", "refresh 42", "forget 42 --yes", "marts"):
        done = warehouse.cli(*command.split())
        assert (done.code, done.out, done.err) == (2, "", told), command
    checked = warehouse.cli("check")
    assert (checked.code, checked.out.splitlines()[-1]) == (2, f"FAILED  {told.strip()}")

    assert warehouse.service.requests == []
    assert warehouse.everything() == before
    assert warehouse.rows("select run_id from sync_runs") == runs
