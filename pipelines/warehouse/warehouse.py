"""The warehouse: the dlt pipeline on it, and statements on it.

Depends on dlt. Promises that each statement names its dataset, and that a DuckDB file is the one
that the folder of the command says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dlt
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.destination import Destination
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from sources.sendcloud_support import create_all_tables
from sources.sendcloud_support.holdings import connected

from .destinations import (
    DEFAULT_DATABASE,
    postgres_credentials,
    read_address,
    require_database,
)
from .duckdb import ExactDuckDb, refuse_taken_name
from .engines import loader_format as format_of_kind
from .places import database_file, resolved, warehouse_folder
from .resolved_once import once

PIPELINE = "sendcloud_support"
DATASET = "sendcloud"
MARTS = f"{DATASET}_marts"
SPARING = [
    "set global threads = 1",
    "set global TimeZone = 'UTC'",
    "set global checkpoint_threshold = '1gb'",
]
"""DuckDB's settings: a window is small, and a second thread costs more time than it saves. In UTC,
because in another zone the first or the last day of all is none that Python knows. The threshold is
dlt's own, which it would bind."""


def schemas_of(dataset: str, marts: str) -> tuple[str, ...]:
    """The schemas of an account: of the loads, and of dbt."""
    return dataset, f"{dataset}_staging", marts, f"{marts}_staging"


def marts_beside(dataset: str) -> str:
    """The schema of an account's marts, where nobody has named another."""
    return f"{dataset}_marts"


def open_pipeline(
    destination: Destination[Any, Any] | None = None,
    folder: Path | None = None,
    dataset: str = DATASET,
    marts: str | None = None,
) -> dlt.Pipeline:
    """The pipeline on the configured warehouse, not connected yet.

    Args:
        destination: Another warehouse than the configured one.
        folder: Where the folders of all warehouses are, if not where dlt keeps pipelines
            (`DLT_DATA_DIR`).
        dataset: The tables' home in the warehouse.
        marts: That of the marts, if it has another name than usual.
    """
    destination = destination or configured_destination()
    if destination.destination_type.endswith(".duckdb"):
        schemas = schemas_of(dataset, marts or marts_beside(dataset))
        refuse_taken_name(database_file(resolved(destination)), schemas)
    return dlt.pipeline(
        PIPELINE,
        destination=destination,
        dataset_name=dataset,
        pipelines_dir=str(warehouse_folder(PIPELINE, dataset, destination, folder)),
    )


def refuse_foreign_file(pipeline: dlt.Pipeline) -> dlt.Pipeline:
    """The same pipeline, for a process that has not connected to it yet.

    One that has would lose DuckDB's lock on its file by the look into it.
    """
    file = duckdb_file(pipeline)
    if file is not None:
        require_database(file)
    return pipeline


def read_only(file: Path) -> Destination[Any, Any]:
    """A DuckDB file that it cannot change: so can several readers at once."""
    return duckdb_destination(DuckDbCredentials(str(file), read_only=True))


def configured_destination() -> Any:
    """The destination named `warehouse`, DuckDB unless configured otherwise."""
    kind, credentials = read_address()
    if kind == "duckdb":
        return duckdb_destination(DuckDbCredentials(credentials or DEFAULT_DATABASE))
    if kind == "ducklake":
        from .engines.ducklake import KeptLake, lake_credentials

        lake = KeptLake(lake_credentials(credentials), destination_name="warehouse")
        return once(lake)
    if kind == "bigquery":
        from .engines.bigquery import KnownBigQuery, bigquery_credentials

        key = bigquery_credentials(credentials)
        return once(KnownBigQuery(key, destination_name="warehouse"))
    if kind == "snowflake":
        from .engines.snowflake import snowflake_destination

        return once(snowflake_destination(credentials))
    if kind == "clickhouse" and credentials is not None:
        from .engines.clickhouse import clickhouse_credentials

        credentials = clickhouse_credentials(credentials)
    if kind == "postgres" and credentials is not None:
        credentials = postgres_credentials(credentials)
    return once(dlt.destination("warehouse", destination_type=kind, credentials=credentials))


def duckdb_destination(credentials: DuckDbCredentials) -> Destination[Any, Any]:
    """DuckDB in the role of the warehouse.

    A relative path means the folder that the command is run from, not the one that dlt remembers of
    an earlier run; a link means the file that it leads to.
    """
    credentials.database = _placed(credentials.database)
    credentials.statements = SPARING
    return ExactDuckDb(credentials, destination_name="warehouse")


def _placed(database: Any) -> Any:
    if database == ":pipeline:":
        raise ConfigurationValueError(
            "destination.warehouse.credentials is :pipeline:, a file in dlt's working folder, "
            "which is emptied. Name a file of your own, such as sendcloud_support.duckdb."
        )
    is_file = isinstance(database, str) and database != ":external:"
    return str(Path(database).resolve()) if is_file else database


def duckdb_file(pipeline: dlt.Pipeline) -> Path | None:
    """The database's file, for a DuckDB warehouse."""
    return database_file(resolved(pipeline.destination))


def kind_of(pipeline: dlt.Pipeline) -> str:
    """dlt's name of the kind of warehouse."""
    return pipeline.destination.destination_type.rsplit(".", 1)[-1]


def tidy(pipeline: dlt.Pipeline) -> None:
    """After a run: what its warehouse wants from time to time."""
    if kind_of(pipeline) == "ducklake":
        from .engines.ducklake import merge_small_files

        with connected(pipeline) as client:
            merge_small_files(client)


def own_folder(pipeline: dlt.Pipeline) -> Path:
    """The folder on this machine that belongs to the pipeline's warehouse alone.

    dlt works in one below it, which it may empty.
    """
    return Path(pipeline.pipelines_dir)


def loader_format(pipeline: dlt.Pipeline) -> Any:
    """The file format to load with, None for the destination's own choice."""
    return format_of_kind(kind_of(pipeline))


def takes_whole_rows(pipeline: dlt.Pipeline) -> bool:
    """Whether the warehouse takes rows apart itself, see `window_file`."""
    return isinstance(pipeline.destination, ExactDuckDb)


def drop_pending(pipeline: dlt.Pipeline) -> None:
    """Drop what a load left behind that failed: its answers are in the journal.

    dlt then forgets tables of which nothing was loaded before; they are declared again.
    """
    if pipeline.has_pending_data:
        pipeline.abort_packages()
    create_all_tables(pipeline)
