"""The marts of a ClickHouse are those of DuckDB on the same raw tables, and are published whole."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest

from answers import Desk, report_page
from pipelines.dataset import Marts
from pipelines.marts import AsOf, run_marts
from pipelines.marts.clickhouse_tables import discard, publish
from pipelines.warehouse import duckdb_destination, open_pipeline, open_to_look
from simulator import World
from sources.sendcloud_support import create_all_tables
from tests.engines.clickhouse import ClickHouse, MakeHouse
from tests.engines.environments import packages_of
from tests.pipelines.marts.test_publish import by_sail, ordered
from tests.pipelines.marts.test_publish import plain as in_text
from tests.pipelines.marts.test_publish import publish as publish_delta
from tests.pipelines.warehouses import Rows
from tests.transform.raw import TABLES, as_arrow, every, fill_duckdb, replay

DESK = World(seed=11, tickets=400, months=6, vanishing=0.05)
MOMENT = AsOf(DESK.start + (DESK.end - DESK.start) * 0.6)
PICTURE = re.compile(r"<script.*?</script>", re.DOTALL)
SELECT = "select * from "
NEAR = 1e-9
"""So near are floats that were added up in another order, relative to their size."""


def fill(house: ClickHouse, raw: dict[str, list[dict[str, Any]]]) -> None:
    """The raw tables as a sync makes them, with these rows."""
    create_all_tables(open_pipeline())
    for table, columns in TABLES.items():
        house.insert(f"sendcloud___{table}", as_arrow(columns, raw[table]))


def on_duckdb(folder: Path, raw: dict[str, list[dict[str, Any]]]) -> dlt.Pipeline:
    """The same rows in a file."""
    file = folder / "beside.duckdb"
    with duckdb.connect(str(file)) as connection:
        fill_duckdb(connection, raw)
    return open_pipeline(duckdb_destination(_credentials(file)), folder / "beside")


def _credentials(file: Path) -> Any:
    from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

    return DuckDbCredentials(str(file))


def built(pipeline: dlt.Pipeline, as_of: AsOf | None = None) -> str:
    """Where the marts are that were built now."""
    said: list[str] = []
    assert run_marts(pipeline, said.append, as_of) == 0, said
    return as_of.beside("sendcloud_marts") if as_of else "sendcloud_marts"


def tables_of(file: Path, schema: str) -> dict[str, tuple[list[str], Rows]]:
    """Columns and rows of every table of a schema, and of the staging beside it."""
    with duckdb.connect(str(file), read_only=True) as opened:
        opened.execute("set timezone = 'UTC'")
        listed = opened.execute(
            "select table_schema, table_name, list(column_name order by ordinal_position) "
            "from information_schema.columns where table_schema in (?, ?) group by all",
            [schema, f"{schema}_staging"],
        ).fetchall()
        return {
            f"{place}___{name}": (columns, _rows(opened, f"{place}.{name}", columns))
            for place, name, columns in listed
        }


def _rows(opened: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> Rows:
    return opened.execute(f"select {', '.join(columns)} from {table}").fetchall()


def in_order(rows: Rows) -> Rows:
    return sorted((tuple(map(plain, row)) for row in rows), key=_place)


def plain(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _place(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(f"{value:.6g}" if isinstance(value, float) else str(value) for value in row)


def differing(table: str, found: Rows, expected: Rows) -> list[tuple[Any, ...]]:
    """The values that are not the same; floats may differ by the order in which they were added."""
    if len(found) != len(expected):
        return [(table, "rows", len(found), len(expected))]
    pairs = zip(in_order(found), in_order(expected), strict=True)
    return [
        (table, ours, theirs)
        for row, other in pairs
        for ours, theirs in zip(row, other, strict=True)
        if ours != theirs and not _near(ours, theirs)
    ]


def _near(ours: Any, theirs: Any) -> bool:
    are_floats = isinstance(ours, float) and isinstance(theirs, float)
    return are_floats and math.isclose(ours, theirs, rel_tol=NEAR)


def reported(pipeline: dlt.Pipeline, as_of: AsOf | None) -> str:
    """All that a report says, without its warehouse's name and without its pictures."""
    marts = Marts(pipeline, as_of)
    page = report_page(Desk(marts)).replace(marts.name, "the warehouse")
    return PICTURE.sub("", page)


def check_published(house: ClickHouse) -> None:
    """Every row of every table, as Sail reads it from what was published, is that of the engine."""
    delta = packages_of("delta")
    done = publish_delta(house, delta)

    names = house.tables("sendcloud") + house.tables("sendcloud_marts")
    there = {
        name.replace("___", ".", 1): [list(map(in_text, row)) for row in house.ask(SELECT + name)]
        for name in names
        if "_staging___" not in name
    }
    assert (done.code, done.err) == (0, "")
    assert by_sail(house, delta) == ordered(there)


@pytest.mark.parametrize("as_of", [None, MOMENT], ids=["nightly", "as of a moment"])
def test_every_mart_is_the_one_of_duckdb(
    make_house: MakeHouse, tmp_path: Path, as_of: AsOf | None
) -> None:
    raw = replay(DESK, every(12, DESK.start, DESK.end))
    beside = on_duckdb(tmp_path, raw)
    schema = built(beside, as_of)
    expected = tables_of(tmp_path / "beside.duckdb", schema)
    house = make_house()
    fill(house, raw)

    built(open_pipeline(), as_of)

    assert len(expected) > 50
    assert house.tables(schema) == sorted(expected)
    for table, (columns, rows) in expected.items():
        found = house.ask(f"select {', '.join(columns)} from {table}")
        assert differing(table, found, rows) == []
    assert reported(open_to_look(), as_of) == reported(beside, as_of)
    if as_of is None:
        check_published(house)


class Dying:
    """A client of the warehouse whose process ends after so many statements."""

    def __init__(self, house: ClickHouse, statements: int) -> None:
        self.house, self.left = house, statements

    def execute_sql(self, sql: str, *values: Any) -> Rows:
        if self.left == 0:
            raise ConnectionError
        self.left -= 1
        return self.house.ask((sql % tuple(map(repr, values)) if values else sql).strip())


def test_whoever_publishes_may_be_killed_between_any_two_statements(make_house: MakeHouse) -> None:
    house = make_house()
    names = [f"sendcloud_marts___{name}" for name in ("mart_a", "mart_b", "dim_c")]
    seen = set()
    for statements in range(7):
        for name in names:
            house.ask(f"create or replace table {name} (build Int8) order by () as select 1")
            house.ask(f"create or replace table {name}__next (build Int8) order by () as select 2")
        house.ask("drop table sendcloud_marts___dim_c")  # a mart that is new

        try:
            publish(Dying(house, statements), "sendcloud_marts", "__next")
        except ConnectionError:
            discard(Dying(house, -1), "sendcloud_marts", "__next")

        left = house.tables("sendcloud_marts")
        builds = {name: house.ask(f"select build from {name}")[0][0] for name in left}
        assert builds in ({names[0]: 1, names[1]: 1}, dict.fromkeys(names, 2))
        seen.add(len(builds))
    assert seen == {2, 3}


def test_a_mart_that_a_server_took_away_amid_a_renaming_comes_back(make_house: MakeHouse) -> None:
    house = make_house()
    for name in ("mart_a__old", "mart_a__next", "mart_b", "mart_b__old"):
        house.ask(f"create table sendcloud_marts___{name} (build Int8) order by () as select 1")

    discard(Dying(house, -1), "sendcloud_marts", "__next")

    assert house.tables("sendcloud_marts") == [
        "sendcloud_marts___mart_a",
        "sendcloud_marts___mart_b",
    ]
