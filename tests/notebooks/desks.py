"""Warehouses for tests of notebooks and report: a world seen by daily syncs, with its marts.

Depends on the simulator and on `tests.transform.raw`, which writes raw tables without the
connector. Promises that a warehouse is built once, whichever test process comes first.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from filelock import FileLock

from pipelines.marts import AsOf
from pipelines.marts.marts import run_marts
from pipelines.warehouse.soundness import start_up
from pipelines.warehouse.warehouse import open_pipeline
from simulator import World
from tests.transform.raw import every, fill_duckdb, replay

TICKETS = 5_000
WORLD = World(tickets=TICKETS)
SUMMER = AsOf(datetime(2026, 7, 1, tzinfo=UTC))

Tables = dict[str, list[dict[str, Any]]]

RUN = """
    insert into sendcloud.sync_runs (
        run_id, mode, started_at, finished_at, requests, throttled, pages_read, details_read,
        tickets_seen, tickets_new, tickets_changed, tickets_vanished, api_total, held_total,
        is_complete, _dlt_id, _dlt_load_id
    ) values ('run', 'sync', ?, ?, 9, 0, 9, 0, ?, 0, 0, 0, ?, ?, ?, 'run', 'run')
"""


def pipeline_on(file: Path) -> dlt.Pipeline:
    """The pipeline on a DuckDB file, its working folder beside it."""
    destination = dlt.destination("warehouse", destination_type="duckdb", credentials=str(file))
    return open_pipeline(destination, file.with_suffix(".work"))


def build(file: Path, tables: Tables, is_complete: bool = True) -> Path:
    """A warehouse with these raw tables, the row of its last sync, and the marts."""
    pipeline = pipeline_on(file)
    start_up(pipeline, WORLD.end)
    held = len(tables["tickets"])
    ended = max((row["last_seen_at"] for row in tables["tickets"]), default=WORLD.end)
    with duckdb.connect(str(file)) as connection:
        fill_duckdb(connection, tables)
        total = held if is_complete else held + 7
        connection.execute(RUN, [ended, ended, held, total, held, is_complete])
    assert run_marts(pipeline, lambda _: None) == 0
    return file


def tables_of(world: World) -> Tables:
    """What daily syncs have recorded of the world by its end."""
    return replay(world, every(24, world.start, world.end))


def shared(
    factory: pytest.TempPathFactory, worker: str, name: str, make: Callable[[Path], Path]
) -> Path:
    """A file that the first test process makes; every process has a copy, as DuckDB wants it."""
    base = factory.getbasetemp()
    made = (base if worker == "master" else base.parent) / f"made-{name}"
    with FileLock(f"{made}.lock"):
        if not (made / "ready").exists():
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            make(made / "desk.duckdb")
            (made / "ready").touch()
    own = base / f"desk-{name}"
    if not own.exists():
        shutil.copytree(made, own)
    return own / "desk.duckdb"


HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>[a](b){{7*7}}"
)


def hostile_tables() -> Tables:
    """A small world in which a carrier and every order number are attacks."""
    tables = tables_of(World(tickets=300, months=6))
    for row in tables["tickets"]:
        row["order_number"] = HOSTILE
        if row["carrier"] == "postnl":
            row["carrier"] = HOSTILE
    return tables
