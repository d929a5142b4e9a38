"""What a warehouse has of the tables, by its own catalogue and not by what dlt remembers.

Depends on dlt. dlt creates tables once for each version of a schema and never looks again; a table
that was dropped since, or that was somebody else's before, would fail each load. Promises that a
table is made again where it is gone, and that one of another shape is refused before anything is
changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dlt
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.schema import Schema
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.common.schema.utils import is_complete_column

Storage = dict[str, TTableSchemaColumns]
"""Tables by name with their columns; none where the warehouse has no such table."""


KINDS = {"bool": "number", "bigint": "number", "double": "number", "decimal": "number"}
"""Types that a warehouse may give for one another; every other is of its own kind."""


def find_tables(pipeline: dlt.Pipeline, names: Iterable[str]) -> Storage:
    """What the warehouse has of these tables."""
    with pipeline.destination_client() as client:
        return _find(client, names)


def _find(client: Any, names: Iterable[str]) -> Storage:
    """Names of columns in lower case, as ours are; some warehouses fold them to capitals."""
    return {
        name: {column.lower(): hints for column, hints in columns.items()}
        for name, columns in client.get_storage_tables(names)
    }


def bring_up(pipeline: dlt.Pipeline, schema: Schema, ours: Iterable[str]) -> None:
    """Create what the schema says and the warehouse lacks; `ours` must have our shape or be new."""
    names = [name for name, table in schema.tables.items() if table["columns"]]
    with pipeline.destination_client(schema.name) as client:
        found = _find(client, names)
        for name in ours:
            _refuse_foreign(name, found.get(name, {}), schema, pipeline.dataset_name)
        client.initialize_storage()
        client.update_stored_schema(force=bool(lacking(schema, found)))


def lacking(schema: Schema, found: Storage) -> list[str]:
    """Tables of the schema that the warehouse does not have, or not with all their columns."""
    return sorted(
        name
        for name, table in schema.tables.items()
        if any(is_complete_column(column) for column in table["columns"].values())
        and not _required(table["columns"], nullable=True) <= found.get(name, {}).keys()
    )


def _required(columns: TTableSchemaColumns, nullable: bool = False) -> set[str]:
    return {
        name
        for name, column in columns.items()
        if is_complete_column(column) and (nullable or not column.get("nullable", True))
    }


def _kind(column: Any) -> str | None:
    data_type: str | None = column.get("data_type")
    return KINDS.get(data_type or "", data_type)


def _refuse_foreign(
    name: str, found: TTableSchemaColumns, schema: Schema, dataset: str | None
) -> None:
    declared = schema.tables[name]["columns"]
    wrong = [
        column
        for column in sorted(_required(declared))
        if _kind(found.get(column, {})) != _kind(declared[column])
    ]
    if found and wrong:
        raise ConfigurationValueError(
            f"The warehouse has a table {dataset}.{name} that is not ours: {wrong[0]} is missing "
            "or of another type. Nothing was changed. Rename that table, or name another database "
            "in [destination.warehouse]."
        )
