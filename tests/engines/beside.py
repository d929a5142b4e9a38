"""The marts that an engine is to have: those of DuckDB on the same raw tables, value by value.

Depends on `tests.transform` for the raw tables. Promises that floats which were added up in another
order count as the same, and nothing else does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb

from answers import Desk, report_page
from pipelines.dataset import Marts
from pipelines.marts import AsOf, run_marts
from pipelines.warehouse import duckdb_destination, open_pipeline
from simulator import World
from tests.pipelines.warehouses import Rows
from tests.transform.raw import fill_duckdb

DESK = World(seed=11, tickets=400, months=6, vanishing=0.05)
PICTURE = re.compile(r"<script.*?</script>", re.DOTALL)
NEAR = 1e-9
"""So near are floats that were added up in another order, relative to their size."""


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
