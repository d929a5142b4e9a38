"""The catalogue: which tables and views there are, schema by schema.

Depends on a client of dlt. ClickHouse has no schemas: what stands there before a table's name,
parted from it by three underscores, is told as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sources.sendcloud_support.holdings import is_clickhouse

RELATIONS = """
    select table_schema, table_name, upper(table_type) = 'VIEW'
    from information_schema.tables
    order by table_schema, table_name
"""
OF_CLICKHOUSE = """
    select
        substring(name, 1, position(name, '___') - 1),
        substring(name, position(name, '___') + 3),
        engine = 'View'
    from system.tables
    where database = currentDatabase() and position(name, '___') > 0
    order by name
"""


KNOW_DEPENDENTS = ("postgres", "redshift")
"""Dialects of engines that drop no table on which a view is built, unless told to drop both."""


class Relation(NamedTuple):
    """A table or a view."""

    schema: str
    name: str
    is_view: bool


def relations(client: Any) -> list[Relation]:
    """All of the warehouse's database."""
    if client.capabilities.sqlglot_dialect == "bigquery":
        return list(_of_bigquery(client.native_connection))
    rows = client.execute_sql(OF_CLICKHOUSE if is_clickhouse(client) else RELATIONS)
    return [
        Relation(_as_we_write(client, schema), _as_we_write(client, name), bool(is_view))
        for schema, name, is_view in rows or ()
    ]


def _of_bigquery(client: Any) -> Iterator[Relation]:
    """By Google's client, as its catalogue in SQL is one for each dataset or region."""
    for dataset in client.list_datasets():
        for table in client.list_tables(dataset.dataset_id):
            yield Relation(dataset.dataset_id, table.table_id, table.table_type == "VIEW")


def _as_we_write(client: Any, name: object) -> str:
    """A name as it is written here, of an engine that keeps all names in capitals."""
    in_capitals = client.capabilities.casefold_identifier is str.upper
    return str(name).lower() if in_capitals else str(name)


def drop_relation(client: Any, relation: Relation) -> None:
    """Drop it, and what depends on it where the engine knows of that."""
    path = client.make_qualified_table_name_path(relation.name, dataset_name=relation.schema)
    kind = "view" if relation.is_view else "table"
    client.execute_sql(f"drop {kind} if exists {'.'.join(path)} {with_dependents(client)}")


def with_dependents(client: Any) -> str:
    """The end of a statement that drops; elsewhere nothing depends, and a lake refuses the word."""
    return "cascade" if client.capabilities.sqlglot_dialect in KNOW_DEPENDENTS else ""
