"""A warehouse and a working folder that an older version made are carried on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipelines.warehouse.warehouse import open_pipeline
from simulator import Account, Clock, World
from tests.pipelines.conftest import Make
from tests.pipelines.test_history import Killed, kill_at
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
