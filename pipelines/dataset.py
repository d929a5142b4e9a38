"""The marts of a warehouse as a dataset, for the answers.

Depends on `reading` and `warehouse`. Promises what `answers.Dataset` asks for: to change nothing,
and to name the warehouse without its address.
"""

from __future__ import annotations

from typing import Any

import dlt
import pandas as pd  # type: ignore[import-untyped]

from .reading import NoMartError, read_query
from .warehouse import DATASET, MARTS, duckdb_file

STAGING = f"{MARTS}_staging"
OF_STAGING = ("stg_", "int_")
"""How models that are built beside the marts begin."""

COLUMN_TYPES = """
    select
        column_name,
        case
            when data_type = 'numeric'
                then 'numeric(' || numeric_precision || ',' || numeric_scale || ')'
            else data_type
        end as data_type
    from information_schema.columns
    where table_schema = %s and table_name = %s
    order by ordinal_position
"""
RUNS = f"""
    select started_at, finished_at, mode, tickets_seen, api_total, held_total, is_complete
    from {DATASET}.sync_runs
    order by started_at desc
    limit 1
"""


class Marts:
    """The marts as dbt built them in a pipeline's warehouse."""

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self.pipeline = pipeline

    @property
    def name(self) -> str:
        """Where the numbers come from, without addresses or secrets."""
        file = duckdb_file(self.pipeline)
        if file is not None:
            return f"the file {file.name}"
        kind = self.pipeline.destination.destination_type.rsplit(".", 1)[-1]
        return f"the configured {kind} warehouse"

    def mart(self, name: str) -> pd.DataFrame:
        """A mart, or a model that marts are built on, whole."""
        return read_query(f"select * from {_schema(name)}.{name}", self.pipeline)

    def types(self, name: str) -> dict[str, str]:
        """Its columns in their order, each with its SQL type."""
        found = read_query(COLUMN_TYPES, self.pipeline, _schema(name), name)
        return dict(zip(found["column_name"], found["data_type"], strict=True))

    def query(self, sql: str, *values: Any) -> pd.DataFrame:
        """Rows of a statement over the marts; `%s` for values."""
        return read_query(sql, self.pipeline, *values)

    def last_run(self) -> dict[str, Any] | None:
        """The last sync: what it read, and whether it was proven complete."""
        try:
            runs = read_query(RUNS, self.pipeline)
        except NoMartError:
            return None
        return None if runs.empty else runs.iloc[0].to_dict()


def _schema(name: str) -> str:
    return STAGING if name.startswith(OF_STAGING) else MARTS
