"""Tables that are not in the warehouse yet, created with all their columns.

dlt creates a table with its first row; an account without a single resolution would have no
`tickets__resolution`, and every view over it would break. Depends on the columns and on dlt's job
client. Promises that all tables are there when an extraction ends, and that dlt's own bookkeeping
does not hear of it: the schema is recorded when the package is loaded.
"""

from __future__ import annotations

from typing import Any, cast

import dlt
from dlt.common.schema import Schema
from dlt.common.schema.typing import TColumnSchema
from dlt.common.schema.utils import new_table

from ..records import CHILDREN, ROOTS, TICKETS


def create_missing_tables(pipeline: dlt.Pipeline, schema: Schema) -> None:
    """Create what is missing in the pipeline's dataset."""
    declared = Schema(schema.name, schema._normalizers_config)
    declare(declared)
    client: Any = pipeline._get_destination_clients(declared)[0]
    with client:
        if not client.is_storage_initialized():
            client.initialize_storage()
        client._execute_schema_update_sql(None, store_schema=False)


def declare(schema: Schema) -> None:
    """Put all tables into the schema, with the columns that dlt adds."""
    for name, columns in ROOTS.items():
        own = [_own("_dlt_load_id"), _row_key()]
        schema.update_table(new_table(name, columns=[*columns().values(), *own]))
    for name, columns in CHILDREN.items():
        own = [
            _own("_dlt_root_id", root_key=True),
            _own("_dlt_parent_id", parent_key=True),
            _own("_dlt_list_idx", "bigint"),
            _row_key(),
        ]
        nested = [*columns().values(), *own]
        schema.update_table(new_table(name, parent_table_name=TICKETS, columns=nested))


def _row_key() -> TColumnSchema:
    return _own("_dlt_id", unique=True, row_key=True)


def _own(name: str, data_type: str = "text", **hints: bool) -> TColumnSchema:
    column = {"name": name, "data_type": data_type, "nullable": False} | hints
    return cast(TColumnSchema, column)
