"""The marts: dbt on the configured warehouse, and what it publishes.

Depends on `warehouse` and on the project in `transform/`.
"""

from __future__ import annotations

from .as_of import AsOf, read_as_of
from .by_others import begin_marts, dbt_call
from .clickhouse_tables import clickhouse_columns, clickhouse_settings, clickhouse_types
from .manifest import manifest_file, read_manifest
from .marts import built_nodes, is_nightly, run_marts
from .publishing import UNPUBLISHED, publish
from .snowflake_tables import snowflake_types
from .together import build_together

__all__ = [
    "UNPUBLISHED",
    "AsOf",
    "begin_marts",
    "build_together",
    "built_nodes",
    "clickhouse_columns",
    "clickhouse_settings",
    "clickhouse_types",
    "dbt_call",
    "is_nightly",
    "manifest_file",
    "publish",
    "read_as_of",
    "read_manifest",
    "run_marts",
    "snowflake_types",
]
