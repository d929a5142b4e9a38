"""The marts' tables on ClickHouse, which has neither schemas nor transactions.

Depends on the warehouse's client and on dbt's profile. A schema is what stands before the name of a
table. Promises that all new tables take the places of the old ones in one statement; that a process
which is killed before, between or after the statements leaves each mart readable, and tables that
the next build drops or puts back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import dlt

from sources.sendcloud_support.holdings import connected

from ..dbt_environment import PROJECT

OLD = "__old"
"""Behind the name of a table that was replaced."""
NAMES = """
    select name from system.tables
    where database = currentDatabase()
        and (startsWith(name, %s) or startsWith(name, %s))
        and endsWith(name, %s)
    order by name
"""


def publish(client: Any, marts: str, unpublished: str) -> None:
    """Put the new tables in the places of the old ones, then drop these."""
    new = _names(client, marts, unpublished)
    there = set(_names(client, marts, ""))
    moves = []
    for table in new:
        name = table.removesuffix(unpublished)
        if name in there:
            moves.append(f"`{name}` to `{name}{OLD}`")
        moves.append(f"`{table}` to `{name}`")
    if moves:
        client.execute_sql(f"rename table {', '.join(moves)}")
    _drop(client, [f"{table.removesuffix(unpublished)}{OLD}" for table in new])


def discard(client: Any, marts: str, unpublished: str) -> None:
    """Drop what a build that failed or was killed has left; a table that it took away comes back.

    It can have taken one away only where the server itself ended amid the renaming.
    """
    there = set(_names(client, marts, ""))
    for table in _names(client, marts, OLD):
        name = table.removesuffix(OLD)
        if name not in there:
            client.execute_sql(f"rename table `{table}` to `{name}`")
    _drop(client, [*_names(client, marts, OLD), *_names(client, marts, unpublished)])


COLUMNS = """
    select substring(table, length(%s) + 1), name, type
    from system.columns
    where database = currentDatabase() and startsWith(table, %s) and not endsWith(table, %s)
    order by table, position
"""
TYPES = {
    "String": "text",
    "Bool": "boolean",
    "UInt8": "boolean",
    "Int32": "integer",
    "Int64": "bigint",
    "UInt64": "bigint",
    "Float64": "double precision",
    "Date": "date",
    "Date32": "date",
    "DateTime64(6, 'UTC')": "timestamp",
}
"""What stands in staging as a UInt8 is the answer to a comparison."""

SETTING = re.compile(r"^ {8}(\w+): ([\w']+)$", re.MULTILINE)
"""A setting in dbt's profile, a line each; a text stands in quotes."""


@cache
def clickhouse_settings() -> str:
    """The settings under which dbt runs its statements, for the end of one of ours."""
    profiles = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    told = SETTING.findall(profiles.partition("custom_settings:")[2])
    return f" settings {', '.join(f'{name} = {value}' for name, value in told)}"


def clickhouse_types(pipeline: dlt.Pipeline, schema: str, name: str) -> dict[str, str]:
    """The columns of a table in their order, each with its type as other engines call it."""
    with connected(pipeline) as client:
        columns = clickhouse_columns(client, schema)
        return {column: kind for table, column, kind in columns if table == name}


def clickhouse_columns(client: Any, schema: str) -> Iterator[tuple[str, str, str]]:
    """Table, column and type, as other engines call it, of all columns of a schema's tables."""
    start = f"{schema}___"
    rows: Sequence[tuple[str, str, str]] = client.execute_sql(COLUMNS, start, start, OLD) or ()
    return ((table, column, _usual(kind)) for table, column, kind in rows)


def _usual(kind: str) -> str:
    inner = re.sub(r"^Nullable\((.*)\)$", r"\1", kind)
    return TYPES.get(inner) or inner.replace("Decimal", "numeric")


def _names(client: Any, marts: str, ending: str) -> list[str]:
    rows = client.execute_sql(NAMES, f"{marts}___", f"{marts}_staging___", ending)
    return [name for (name,) in rows or ()]


def _drop(client: Any, tables: Sequence[str]) -> None:
    for table in tables:
        client.execute_sql(f"drop table if exists `{table}`")
