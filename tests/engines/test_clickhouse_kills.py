"""ClickHouse has no transactions: is a sync that is killed between any two statements made good?

Takes ten minutes, so it is run by hand: with `TEST_CLICKHOUSE_KILLS=1`.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from itertools import count, zip_longest
from typing import Any

import pytest

from simulator import Account, Clock, World
from tests.engines.clickhouse import ClickHouse, MakeHouse
from tests.engines.dying import dying_after
from tests.engines.steps import Tables, tables
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Warehouse

if os.environ.get("TEST_CLICKHOUSE_KILLS") != "1":
    pytest.skip("Run by hand: TEST_CLICKHOUSE_KILLS=1.", allow_module_level=True)

DESK = World(tickets=60, months=2)
KILLED = DESK.end + timedelta(days=3)
AFTER = KILLED + timedelta(minutes=1)
"""When the next run comes; no ticket changes in between."""
BOUND = "previously_seen_at"


class Past:
    """A database and dlt's folder as they were, to begin from again and again."""

    def __init__(self, house: ClickHouse) -> None:
        self.house, self.folder = house, house.folder / "dlt"
        self.tables = self._tables()
        self.kept = f"{house.database}_kept"
        shutil.copytree(self.folder, house.folder / "kept")
        house.command(
            f"create database {self.kept}",
            *(f"create table {self.kept}.`{table}` clone as `{table}`" for table in self.tables),
        )

    def come_back(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self.house.folder / "kept", self.folder)
        self.house.command(
            *(f"drop table `{table}`" for table in set(self._tables()) - set(self.tables)),
            *(
                f"create or replace table `{table}` clone as {self.kept}.`{table}`"
                for table in self.tables
            ),
        )

    def _tables(self) -> list[str]:
        found = self.house.ask("select name from system.tables where database = currentDatabase()")
        return [name for (name,) in found]


def killed(house: ClickHouse, statements: int) -> str:
    """The statement that a sync did not live to send; none if it came to its end."""
    house.account.clock.move(KILLED)
    with dying_after(statements, house.folder / "dlt", house.folder / "then") as moment:
        done = house.attempt()
    assert (done.code == 0) is not moment.has_come
    return moment.refused


def loaded(warehouse: Warehouse, full: bool = False) -> tuple[str, Tables]:
    """What a run that comes later was, and all tables; what was seen since the kill is seen now."""
    warehouse.account.clock.move(AFTER)
    record = warehouse.sync(full)
    assert (record.is_complete, record.held_total) == (True, record.api_total)
    found = tables(warehouse)
    del found["sync_runs"]
    return record.mode, {
        table: [{name: _now(value) for name, value in row.items()} for row in rows]
        for table, rows in found.items()
    }


def _now(value: Any) -> Any:
    return "now" if isinstance(value, datetime) and value >= KILLED else value


def apart(found: Tables, expected: Tables) -> dict[str, list[tuple[Any, Any]]]:
    """By table the rows that differ, ours and the expected one; bounds may be earlier."""
    pairs = {table: list(zip_longest(rows, expected[table])) for table, rows in found.items()}
    differing = {
        table: [(row, other) for row, other in rows if not _is_good(row, other)]
        for table, rows in pairs.items()
    }
    return {table: rows for table, rows in differing.items() if rows}


def _is_good(row: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    if not row or not other or {**row, BOUND: None} != {**other, BOUND: None}:
        return False
    bound, expected = row.get(BOUND), other.get(BOUND)
    return bound == expected or bool(bound and expected and str(bound) < str(expected))


def test_a_sync_killed_between_any_two_statements_is_made_good_by_the_next(
    make: Make, make_house: MakeHouse
) -> None:
    """As an incremental run leaves it, or a complete sweep where children were missing.

    A change may have been seen later than its bound says, which is then wider, and never wrong.
    """
    beside = make(Account(DESK, Clock(DESK.end)))
    beside.sync()
    expected = dict([loaded(beside), loaded(beside, full=True)])
    house = make_house(Account(DESK, Clock(DESK.end)))
    house.sync()
    past = Past(house)

    wrong = {}
    for statements in count():
        past.come_back()
        refused = killed(house, statements)
        if not refused:
            break
        mode, found = loaded(house)
        if differing := apart(found, expected[mode]):
            wrong[f"before statement {statements}: {refused}"] = differing

    assert wrong == {}
    assert statements > 20
