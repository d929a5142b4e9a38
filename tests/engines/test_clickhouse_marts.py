"""The marts of a ClickHouse are those of DuckDB on the same raw tables, and are published whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.marts import AsOf
from pipelines.marts.clickhouse_tables import discard, publish
from pipelines.warehouse import open_pipeline, open_to_look
from sources.sendcloud_support import create_all_tables
from tests.engines.beside import (
    DESK,
    built,
    differing,
    on_duckdb,
    reported,
    tables_of,
)
from tests.engines.clickhouse import ClickHouse, MakeHouse
from tests.engines.environments import packages_of
from tests.pipelines.marts.test_publish import by_sail, ordered
from tests.pipelines.marts.test_publish import plain as in_text
from tests.pipelines.marts.test_publish import publish as publish_delta
from tests.pipelines.warehouses import Rows
from tests.transform.raw import TABLES, as_arrow, every, replay

MOMENT = AsOf(DESK.start + (DESK.end - DESK.start) * 0.6)
SELECT = "select * from "


def fill(house: ClickHouse, raw: dict[str, list[dict[str, Any]]]) -> None:
    """The raw tables as a sync makes them, with these rows."""
    create_all_tables(open_pipeline())
    for table, columns in TABLES.items():
        house.insert(f"sendcloud___{table}", as_arrow(columns, raw[table]))


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
