"""The marts' tables on Snowflake, where each statement about a table comes into force by itself.

Depends on the warehouse's client. All names are in capitals there. Promises that each new table
takes the place of the old one in one statement, with its comments; a process that is killed amid
them has replaced some, and the next build replaces all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dlt

from sources.sendcloud_support.holdings import connected

COLUMNS = """
    select column_name, data_type, numeric_precision, numeric_scale
    from information_schema.columns
    where table_schema = %s and table_name = %s
    order by ordinal_position
"""
TYPES = {
    "TEXT": "text",
    "BOOLEAN": "boolean",
    "FLOAT": "double precision",
    "DATE": "date",
    "TIMESTAMP_NTZ": "timestamp",
}


def publish(client: Any, waiting: Sequence[tuple[str, str]], unpublished: str) -> None:
    """Put new tables, schema and name, in the places of the old ones."""
    for schema, table in waiting:
        name = table.removesuffix(unpublished.upper())
        new = f'"{schema}"."{table}"'
        client.execute_sql(f'create or replace table "{schema}"."{name}" clone {new}')
        client.execute_sql(f"drop table {new}")


def snowflake_types(pipeline: dlt.Pipeline, schema: str, name: str) -> dict[str, str]:
    """The columns of a table in their order, each with its type as other engines call it."""
    with connected(pipeline) as client:
        rows = client.execute_sql(COLUMNS, schema.upper(), name.upper()) or ()
    return {column.lower(): _usual(*kind) for column, *kind in rows}


def _usual(kind: str, precision: int | None, scale: int | None) -> str:
    if kind != "NUMBER":
        return TYPES.get(kind, kind.lower())
    return f"numeric({precision},{scale})" if scale else "bigint"
