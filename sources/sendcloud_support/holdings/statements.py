"""Statements on the warehouse of a pipeline, over one connection where they follow each other.

Depends on dlt and on `qualified`. Promises that every table is named with its dataset, that a table
that does not exist has no rows, and that one which is there and cannot be read is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import dlt
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..exceptions import UnreadableTableError
from ..records import find_tables
from .clock import in_utc
from .dialects import declared, has_transactions, is_unknown_database
from .qualified import named_tables, qualified

ROWS_IN_STATEMENT = 200


ROWS_AT_A_TIME = 1000


_shared: ContextVar[tuple[dlt.Pipeline | None, Any]] = ContextVar("shared", default=(None, None))


@contextmanager
def connected(pipeline: dlt.Pipeline) -> Iterator[Any]:
    """A client of the warehouse; the same within a block that has one already.

    To connect takes 30 ms of CPU time, and after the last statement of a DuckDB file the log is
    written into it, so statements that follow each other share one.
    """
    owner, client = _shared.get()
    if owner is pipeline:
        yield client
        return
    with pipeline.sql_client() as client:
        token = _shared.set((pipeline, client))
        try:
            yield client
        finally:
            _shared.reset(token)


def query(pipeline: dlt.Pipeline, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of a statement over the dataset; none where its table does not exist yet."""
    with connected(pipeline) as client:
        try:
            rows = client.execute_sql(qualified(client, sql), *values)
            return [tuple(map(in_utc, row)) for row in rows or []]
        except DatabaseUndefinedRelation as error:
            if is_unknown_database(error):
                raise
            refuse_unreadable(pipeline, named_tables(sql))
            return []


def refuse_unreadable(pipeline: dlt.Pipeline, names: Iterable[str]) -> None:
    """Raise for a table that the warehouse's catalogue has, and that does not answer.

    Such as a view of a table that is gone: drivers call it undefined too.
    """
    found = find_tables(pipeline, names)
    with connected(pipeline) as client:
        for name in [name for name, columns in found.items() if columns]:
            full = client.make_qualified_table_name(name)
            try:
                client.execute_sql(f"select count(*) from {full}")
            except DatabaseUndefinedRelation as error:
                raise UnreadableTableError(name) from error


def stream(pipeline: dlt.Pipeline, sql: str) -> Iterator[tuple[Any, ...]]:
    """Rows of a statement over tables that exist, a thousand in memory at a time."""
    with connected(pipeline) as client, client.execute_query(qualified(client, sql)) as cursor:
        for rows in cursor.iter_fetch(ROWS_AT_A_TIME):
            yield from rows


def make_own_table(pipeline: dlt.Pipeline, name: str, columns: Mapping[str, str]) -> None:
    """Create a table of our bookkeeping, of which dlt knows nothing; `columns` are dlt's types."""
    with pipeline.destination_client() as client:
        mapper = client.type_mapper  # type: ignore[attr-defined]
        kinds = {
            column: mapper.to_destination_type({"name": column, "data_type": kind}, {"name": name})
            for column, kind in columns.items()
        }
    with connected(pipeline) as client:
        full = client.make_qualified_table_name(name)
        client.execute_sql(f"create table if not exists {full} {declared(client, kinds)}")


def is_transactional(pipeline: dlt.Pipeline) -> bool:
    """Whether statements of a transaction come into force together, or not at all."""
    with connected(pipeline) as client:
        return has_transactions(client)


def execute(pipeline: dlt.Pipeline, sql: str, *values: Any) -> None:
    """A statement that changes the dataset."""
    with connected(pipeline) as client:
        client.execute_sql(qualified(client, sql), *values)
