"""Many rows into a table by few statements, in the place of rows with the same key.

Depends on dlt and the source's schema. A driver takes each value by itself, which cost half of a
first load's CPU time. So DuckDB and PostgreSQL get the rows as one text of JSON, which they read by
the types of the columns; other warehouses get them value by value. Promises that the table holds
what was given, to the letter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import dlt

from sources.sendcloud_support import SOURCE_NAME
from sources.sendcloud_support.holdings import has_transactions

Row = dict[str, Any]
Types = Mapping[str, str]
"""Columns and their types in SQL."""

ROWS_IN_TEXT = 10_000
ROWS_IN_STATEMENT = 200

SQL_TYPES = {
    "bigint": "bigint",
    "text": "varchar",
    "timestamp": "timestamp with time zone",
    "decimal": "decimal(18, 4)",
}
"""dlt's types, as both databases call them."""


def replace_rows(
    pipeline: dlt.Pipeline, client: Any, table: str, rows: Sequence[Row], key: Sequence[str]
) -> None:
    """Put rows, all with the same columns, into a table of the pipeline's schema."""
    name, types = client.make_qualified_table_name(table), _types(pipeline, table, rows)
    kind = pipeline.destination.destination_type.rsplit(".", 1)[-1]
    read = READERS.get(kind)
    for some in _chunks(rows, ROWS_IN_TEXT if read else ROWS_IN_STATEMENT):
        if kind in ONE_BY_ONE:
            delete, keys = _each_of(some, name, key)
        else:
            given, keys = _given(some, {column: types[column] for column in key}, read)
            delete = f"delete from {name} where ({', '.join(key)}) in ({given})"
        given, values = _given(some, types, read)
        insert = f"insert into {name} ({', '.join(types)}) {given}"
        if has_transactions(client):
            client.execute_sql(delete, *keys)
            client.execute_sql(insert, *values)
        else:  # a row is there twice for a moment, rather than not at all: see `healing`
            client.execute_sql(insert, *values)
            client.execute_sql(f"{delete} and _dlt_load_id <> %s", *keys, some[0]["_dlt_load_id"])


def _types(pipeline: dlt.Pipeline, table: str, rows: Sequence[Row]) -> Types:
    columns: Any = pipeline.schemas[SOURCE_NAME].get_table_columns(table)
    return {name: SQL_TYPES[columns[name]["data_type"]] for name in (rows[0] if rows else ())}


def _chunks(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _given(
    rows: Sequence[Row], types: Types, read: Callable[[Types], str] | None
) -> tuple[str, list[Any]]:
    """A query that gives these columns of the rows, and the values for its places."""
    if read is not None:
        text = json.dumps(
            [{name: row[name] for name in types} for row in rows],
            ensure_ascii=False,
            default=_text,
        )
        return f"select {', '.join(types)} from {read(types)}", [text]
    places = ", ".join([f"({', '.join(['%s'] * len(types))})"] * len(rows))
    return f"values {places}", [row[name] for row in rows for name in types]


def _each_of(rows: Sequence[Row], name: str, key: Sequence[str]) -> tuple[str, list[Any]]:
    """A deletion of the rows with these keys, and the values for its places."""
    it = f"({' and '.join(f'{column} = %s' for column in key)})"
    where = " or ".join([it] * len(rows))
    return f"delete from {name} where ({where})", [row[column] for row in rows for column in key]


def _text(value: datetime | Decimal) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read_by_duckdb(types: Types) -> str:
    """Strict: a value that does not fit its type is an error, not null."""
    rows = f"from_json_strict(cast(%s as json), '[{json.dumps(types)}]')"
    return f"(select unnest({rows}, recursive := true))"


def _read_by_postgres(types: Types) -> str:
    return (
        f"json_to_recordset(cast(%s as json)) as given ({', '.join(map(' '.join, types.items()))})"
    )


ONE_BY_ONE = ("bigquery", "snowflake")
"""Where a row of `values` is none that others are compared with."""

READERS = {
    "duckdb": _read_by_duckdb,
    "ducklake": _read_by_duckdb,
    "motherduck": _read_by_duckdb,
    "postgres": _read_by_postgres,
}
"""How a warehouse makes rows of a text of JSON."""
