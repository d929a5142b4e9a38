"""The marts of a DuckDB file, and copies of them on PostgreSQL, asked by statements.

Depends on psycopg2. Promises that both give rows whose numbers can be compared: decimals and
doubles as floats of twelve digits, rows in an order of their own.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from tests.postgres import connect

Rows = list[tuple[Any, ...]]
Ask = Callable[[str], tuple[list[str], Rows]]
"""Gives the names of a statement's columns, and its rows."""

TYPES = {"DOUBLE": "double precision", "HUGEINT": "numeric(38, 0)", "VARCHAR": "text"}
"""Where PostgreSQL has another name for a type; as the contracts of the marts say."""

SCHEMA = "sendcloud_marts"


def ask_duckdb(file: Path) -> Ask:
    """A warehouse in a file."""

    def ask(sql: str) -> tuple[list[str], Rows]:
        with closing(duckdb.connect(str(file), read_only=True)) as opened:
            cursor = opened.execute(sql)
            return [column[0] for column in cursor.description], comparable(cursor.fetchall())

    return ask


def ask_postgres(url: str) -> Ask:
    """A warehouse on a server."""

    def ask(sql: str) -> tuple[list[str], Rows]:
        with closing(connect(url)) as opened, opened.cursor() as cursor:
            cursor.execute(sql)
            assert cursor.description
            return [column[0] for column in cursor.description], comparable(cursor.fetchall())

    return ask


def comparable(rows: Iterable[tuple[Any, ...]]) -> Rows:
    """Rows with plain numbers, sorted."""
    return sorted((tuple(map(_plain, row)) for row in rows), key=repr)


def _plain(value: Any) -> Any:
    if isinstance(value, float | int | Decimal) and not isinstance(value, bool):
        return float(f"{float(value):.12g}")
    return value


def copy_to_postgres(file: Path, url: str, schema: str = SCHEMA) -> None:
    """The marts of a file as they are, in the types of their contracts."""
    with closing(duckdb.connect(str(file), read_only=True)) as source, closing(connect(url)) as to:
        tables = source.execute(
            "select table_name from duckdb_tables() where schema_name = ?", [SCHEMA]
        ).fetchall()
        with to.cursor() as cursor:
            cursor.execute(f"create schema {schema}")
            for (table,) in tables:
                _copy(source, f"{SCHEMA}.{table}", cursor, f"{schema}.{table}")


def _copy(source: duckdb.DuckDBPyConnection, table: str, cursor: Any, copy: str) -> None:
    columns = source.execute(f"describe {table}").fetchall()
    listed = ", ".join(f"{name} {TYPES.get(kind, kind)}" for name, kind, *_ in columns)
    cursor.execute(f"create table {copy} ({listed})")
    text = source.execute(f"from {table}").df().to_csv(index=False, header=False, na_rep="\\N")
    cursor.copy_expert(f"copy {copy} from stdin (format csv, null '\\N')", io.StringIO(text))
