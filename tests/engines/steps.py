"""What happens to a warehouse, step by step, to be compared with what DuckDB got from that world.

Depends on the warehouses of `tests.pipelines`. A run's time is the account's, so two warehouses on
two accounts of one world hold the same rows to the microsecond; a killed run is a process of its
own and has a clock of its own, so after it tickets are compared with the truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator import Account, Clock, World
from tests.pipelines.runs.test_kills import SUICIDE
from tests.pipelines.warehouses import Rows, Warehouse

DESK = World(tickets=240, months=6)
TABLES = {
    "tickets": "id",
    "tickets__requested_actions": "ticket_id, id",
    "tickets__resolution": "ticket_id",
    "ticket_status_history": "ticket_id, seen_at",
    "requested_action_history": "ticket_id, id",
    "resolution_history": "ticket_id, seen_at",
    "tickets_set_aside": "ticket_id, field",
    "sync_runs": "started_at, finished_at",
}

Tables = dict[str, list[dict[str, Any]]]


def account() -> Account:
    """The world of every engine."""
    return Account(DESK, Clock(DESK.end))


def steps(warehouse: Warehouse) -> Iterator[tuple[str, Tables]]:
    """The tables after each step."""
    warehouse.sync()
    yield "first load", tables(warehouse)
    warehouse.later(days=2)
    warehouse.sync()
    yield "incremental sync", tables(warehouse)
    for ticket in warehouse.account.tickets()[5:50:15]:
        warehouse.account.drop(ticket["id"])
    warehouse.later(days=9)
    warehouse.sync(full=True)
    yield "complete sweep", tables(warehouse)
    warehouse.later(hours=5)
    warehouse.refresh(*[ticket["id"] for ticket in warehouse.account.tickets()[:3]])
    yield "refresh", tables(warehouse)
    warehouse.lose_working_folder()
    warehouse.later(days=1)
    warehouse.sync()
    yield "sync without its working folder", tables(warehouse)


def tables(warehouse: Warehouse) -> Tables:
    """Every row of every table, every column but dlt's own and a run's random name."""
    return {name: _plain(warehouse, name, order) for name, order in TABLES.items()}


def _plain(warehouse: Warehouse, table: str, order: str) -> list[dict[str, Any]]:
    columns = COLUMNS[table]
    rows: Rows = warehouse.rows(f"select {', '.join(columns)} from {table} order by {order}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


COLUMNS = {
    "tickets": (
        "id status stage type parcel_id carrier order_number brand_id created_at updated_at "
        "first_seen_at last_seen_at vanished_at"
    ).split(),
    "tickets__requested_actions": "ticket_id id data_type created_at".split(),
    "tickets__resolution": "ticket_id outcome amount currency solved_at".split(),
    "ticket_status_history": (
        "ticket_id status stage changed_at seen_at previously_seen_at"
    ).split(),
    "requested_action_history": (
        "ticket_id id data_type created_at first_seen_at last_seen_at first_missing_at"
    ).split(),
    "resolution_history": (
        "ticket_id outcome amount currency solved_at seen_at previously_seen_at"
    ).split(),
    "tickets_set_aside": (
        "ticket_id field expected found first_seen_at last_seen_at mended_at"
    ).split(),
    "sync_runs": (
        "mode started_at finished_at requests throttled pages_read details_read tickets_seen "
        "tickets_new tickets_changed tickets_vanished api_total held_total is_complete note"
    ).split(),
}


def kill(warehouse: Warehouse, place: str, turn: int, is_after: bool) -> None:
    """A sync that ends itself in the middle of a step."""
    script = SUICIDE.format(place=place, turn=turn, is_after=is_after)
    done = warehouse.cli("sync", script=script)
    assert done.code == -9, done.err
