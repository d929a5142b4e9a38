"""The marts of a warehouse as a dataset, for the answers.

Depends on `reading`, `marts` and `warehouse`. Promises what `answers.Dataset` asks for: to change
nothing, and to name the warehouse without its address; and that of a moment only what was known by
then is told.
"""

from __future__ import annotations

from typing import Any

import dlt
import pandas as pd  # type: ignore[import-untyped]

from .marts import AsOf, clickhouse_types, snowflake_types
from .reading import NoMartError, read_query
from .warehouse import duckdb_file, kind_of, marts_beside

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
RUNS = """
    select started_at, finished_at, mode, tickets_seen, api_total, held_total, is_complete
    from sync_runs
    where %s is null or started_at <= %s
    order by started_at desc
    limit 1
"""


class Marts:
    """The marts as dbt built them in a pipeline's warehouse: last night's, or as of a moment."""

    def __init__(
        self,
        pipeline: dlt.Pipeline,
        as_of: AsOf | None = None,
        schema: str | None = None,
        account: str = "",
    ) -> None:
        self.pipeline = pipeline
        self.account = account
        self.as_of = as_of
        nightly = schema or marts_beside(pipeline.dataset_name)
        self.schema = as_of.beside(nightly) if as_of else nightly

    @property
    def name(self) -> str:
        """Where the numbers come from, without addresses or secrets."""
        told = f", as of {self.as_of} UTC" if self.as_of else ""
        whose = f"account {self.account} in " if self.account else ""
        return f"{whose}{warehouse_name(self.pipeline)}{told}"

    def mart(self, name: str) -> pd.DataFrame:
        """A mart, or a model that marts are built on, whole."""
        return read_query(f"select * from {name}", self.pipeline, schema=self._schema(name))

    def types(self, name: str) -> dict[str, str]:
        """Its columns in their order, each with its SQL type."""
        if kind_of(self.pipeline) == "clickhouse":
            return clickhouse_types(self.pipeline, self._schema(name), name)
        if kind_of(self.pipeline) == "snowflake":
            return snowflake_types(self.pipeline, self._schema(name), name)
        found = self.query(COLUMN_TYPES, self._schema(name), name)
        return dict(zip(found["column_name"], found["data_type"], strict=True))

    def query(self, sql: str, *values: Any) -> pd.DataFrame:
        """Rows of a statement over the marts; `%s` for values."""
        return read_query(sql, self.pipeline, *values, schema=self.schema)

    def last_run(self) -> dict[str, Any] | None:
        """The last sync, by the moment told of: what it read, whether it was proven complete."""
        moment = self.as_of.moment if self.as_of else None
        try:
            runs = read_query(
                RUNS, self.pipeline, moment, moment, schema=self.pipeline.dataset_name
            )
        except NoMartError:
            return None
        return None if runs.empty else runs.iloc[0].to_dict()

    def _schema(self, name: str) -> str:
        return f"{self.schema}_staging" if name.startswith(OF_STAGING) else self.schema


def warehouse_name(pipeline: dlt.Pipeline) -> str:
    """A warehouse for people: a file by its name, a server by its kind alone."""
    file = duckdb_file(pipeline)
    if file is not None:
        return f"the file {file.name}"
    kind = pipeline.destination.destination_type.rsplit(".", 1)[-1]
    return f"the configured {kind} warehouse"
