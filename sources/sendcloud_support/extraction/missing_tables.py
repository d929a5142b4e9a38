"""Tables that are not in the warehouse yet, created with all their columns.

dlt creates a table with its first row; an account without a single resolution would have no
`tickets__resolution`, and every view over it would break. Depends on the records and on dlt's job
client. Promises that all tables are there when an extraction ends, and that dlt's own bookkeeping
does not hear of it: the schema is recorded when the package is loaded.
"""

from __future__ import annotations

from typing import Any

import dlt
from dlt.common.schema import Schema

from ..records import TABLES, declared_schema


def create_missing_tables(pipeline: dlt.Pipeline, schema: Schema) -> None:
    """Create what is missing in the pipeline's dataset."""
    ours = declared_schema()
    declared = Schema(schema.name, schema._normalizers_config)
    for name in TABLES:
        declared.update_table(ours.tables[name])
    client: Any = pipeline._get_destination_clients(declared)[0]
    with client:
        if not client.is_storage_initialized():
            client.initialize_storage()
        client._execute_schema_update_sql(None, store_schema=False)
