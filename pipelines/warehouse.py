"""The warehouse: the dlt pipeline on it, and statements on it.

Depends on dlt. Promises that each statement names its dataset, and that a DuckDB file is the one
that the folder of the command says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import dlt
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.destination import Destination
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from sources.sendcloud_support import create_all_tables

from .destinations import DEFAULT_DATABASE, postgres_credentials, read_address, require_database
from .duckdb_destination import ExactDuckDb
from .duckdb_names import refuse_taken_name
from .places import database_file, resolved, warehouse_folder
from .qualified import qualified

PIPELINE = "sendcloud_support"
DATASET = "sendcloud"
MARTS = f"{DATASET}_marts"
SCHEMAS = (DATASET, f"{DATASET}_staging", MARTS, f"{MARTS}_staging")
"""The schemas of a warehouse: of the loads, and of dbt."""
LOADER_FORMATS = {"duckdb": "jsonl", "motherduck": "parquet"}
"""The cheapest exact load of a destination; the others use the format they prefer. Into DuckDB,
jsonl takes less CPU time than parquet and 60 MB less, because pyarrow stays out. Into PostgreSQL
csv would be cheaper than insert statements, but cannot tell an empty text from none."""
SPARING = {"threads": 1, "TimeZone": "UTC"}
"""DuckDB's settings: a window is small, and a second thread costs more time than it saves. In UTC,
because in another zone the first or the last day of all is none that Python knows."""
ROWS_IN_STATEMENT = 200
ROWS_AT_A_TIME = 1000


def open_pipeline(
    destination: Destination[Any, Any] | None = None, folder: Path | None = None
) -> dlt.Pipeline:
    """The pipeline on the configured warehouse, not connected yet.

    Args:
        destination: Another warehouse than the configured one.
        folder: Where the folders of all warehouses are, if not where dlt keeps pipelines
            (`DLT_DATA_DIR`).
    """
    destination = destination or configured_destination()
    database = database_file(resolved(destination))
    if destination.destination_type.endswith(".duckdb"):
        refuse_taken_name(database, SCHEMAS)
    return dlt.pipeline(
        PIPELINE,
        destination=destination,
        dataset_name=DATASET,
        pipelines_dir=str(warehouse_folder(PIPELINE, DATASET, destination, folder)),
    )


def open_for_writing() -> dlt.Pipeline:
    """The pipeline on the configured warehouse, for a process that has not connected to it yet.

    One that has would lose DuckDB's lock on its file by the look into it.
    """
    pipeline = open_pipeline()
    file = duckdb_file(pipeline)
    if file is not None:
        require_database(file)
    return pipeline


def open_for_reading(file: Path, folder: Path | None = None) -> dlt.Pipeline:
    """The pipeline on a DuckDB file that it cannot change: so can several readers at once."""
    return open_pipeline(duckdb_destination(DuckDbCredentials(str(file), read_only=True)), folder)


def configured_destination() -> Any:
    """The destination named `warehouse`, DuckDB unless configured otherwise."""
    kind, credentials = read_address()
    if kind == "duckdb":
        database = DuckDbCredentials(credentials or DEFAULT_DATABASE, global_config=SPARING)
        return duckdb_destination(database)
    if kind == "postgres" and credentials is not None:
        credentials = postgres_credentials(credentials)
    return dlt.destination("warehouse", destination_type=kind, credentials=credentials)


def duckdb_destination(credentials: DuckDbCredentials) -> Destination[Any, Any]:
    """DuckDB in the role of the warehouse.

    A relative path means the folder that the command is run from, not the one that dlt remembers of
    an earlier run; a link means the file that it leads to.
    """
    credentials.database = _placed(credentials.database)
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


def own_folder(pipeline: dlt.Pipeline) -> Path:
    """The folder on this machine that belongs to the pipeline's warehouse alone.

    dlt works in one below it, which it may empty.
    """
    return Path(pipeline.pipelines_dir)


def loader_format(pipeline: dlt.Pipeline) -> Any:
    """The file format to load with, None for the destination's own choice."""
    return LOADER_FORMATS.get(pipeline.destination.destination_type.rsplit(".", 1)[-1])


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
            return [tuple(row) for row in rows or []]
        except DatabaseUndefinedRelation:
            return []


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
    declared = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
    with connected(pipeline) as client:
        full = client.make_qualified_table_name(name)
        client.execute_sql(f"create table if not exists {full} ({declared})")


def execute(pipeline: dlt.Pipeline, sql: str, *values: Any) -> None:
    """A statement that changes the dataset."""
    with connected(pipeline) as client:
        client.execute_sql(qualified(client, sql), *values)
