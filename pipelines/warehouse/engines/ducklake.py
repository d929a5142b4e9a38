"""DuckLake as a destination of dlt that keeps its connection, and what is configured of a lake.

Depends on dlt's own DuckLake destination. To attach a lake takes most of a second and dlt attaches
it for each client, so a process here attaches each lake once. Promises that credentials are those
of a lake, with a catalog that several machines or processes can share; that a lake's file of a
catalog and its folder are those that the folder of the command says; that who reads meanwhile finds
tables as they were or as they are now; and that small files are merged from time to time.
Everything else is dlt's.
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.configuration.specs.connection_string_credentials import ConnectionStringCredentials
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.schema import Schema
from dlt.common.storages.configuration import FilesystemConfiguration
from dlt.destinations.impl.ducklake.configuration import DuckLakeCredentials
from dlt.destinations.impl.ducklake.ducklake import DuckLakeClient
from dlt.destinations.impl.ducklake.factory import ducklake
from dlt.destinations.impl.ducklake.sql_client import DuckLakeSqlClient

KEY = "destination.warehouse.credentials"
LAKE = "lake"
"""A lake's name in SQL, and of its tables in a catalog of PostgreSQL."""
FILES_OF_A_TABLE = 20
"""So many small files of one table are merged."""
INLINING = "data_inlining_row_limit"
KEPT_DAYS = 7
"""How long the lake can be read as it was, and files stay that nothing needs any more."""

NO_LAKE = (
    f"{KEY} is no lake. It should be a table with catalog, such as sqlite:///tickets.sqlite or "
    "postgresql://user:password@host:5432/database, and storage, the folder or bucket of its files."
)

_attached: dict[str, duckdb.DuckDBPyConnection] = {}


def lake_credentials(given: Any) -> DuckLakeCredentials:
    """dlt's credentials of a lake, of a table with `catalog` and `storage`.

    Raises:
        ConfigurationValueError: It is none.
    """
    if not isinstance(given, Mapping) or not {"catalog", "storage"} <= set(given):
        raise ConfigurationValueError(NO_LAKE)
    unknown = sorted(set(given) - {"catalog", "storage", "ducklake_name", "metadata_schema"})
    if unknown:
        raise ConfigurationValueError(f"{KEY} has no field {unknown[0]}.")
    return DuckLakeCredentials(
        str(given.get("ducklake_name") or LAKE),
        given.get("metadata_schema"),
        _catalog(given["catalog"]),
        _storage(given["storage"]),
    )


def _catalog(given: Any) -> ConnectionStringCredentials:
    try:
        catalog = ConnectionStringCredentials(given)
    except Exception:
        raise ConfigurationValueError(NO_LAKE) from None
    if catalog.drivername == "sqlite" and catalog.database:
        catalog.database = str(Path(catalog.database).resolve())
    elif catalog.drivername not in {"postgres", "postgresql"} or not catalog.host:
        raise ConfigurationValueError(NO_LAKE)
    return catalog


def _storage(given: Any) -> FilesystemConfiguration:
    told = dict(given) if isinstance(given, Mapping) else {"bucket_url": given}
    url = told.get("bucket_url")
    if not isinstance(url, str) or not url:
        raise ConfigurationValueError(NO_LAKE)
    is_folder = "://" not in url
    place = str(Path(url).resolve()) if is_folder else url
    credentials: Any = told.get("credentials")
    return FilesystemConfiguration(place, credentials)


def catalog_file(configuration: Any) -> Path | None:
    """The file of a catalog that is one."""
    catalog = configuration.credentials.catalog
    return Path(catalog.database) if catalog.drivername == "sqlite" else None


def catalog_address(configuration: Any) -> tuple[str | None, str]:
    """The address of the PostgreSQL that keeps the catalog, if one does; and the lake's name."""
    given = configuration.credentials
    name = given.metadata_schema or given.ducklake_name
    if given.catalog.drivername == "sqlite":
        return None, name
    url = given.catalog.to_url().set(drivername="postgresql")
    return url.render_as_string(hide_password=False), name


class KeptSqlClient(DuckLakeSqlClient):
    """Works over a connection of this process that stays attached."""

    def open_connection(self) -> duckdb.DuckDBPyConnection:
        """A cursor of that connection, which has transactions of its own."""
        statement = self.attach_statement
        if statement not in _attached:
            _attached[statement] = super().open_connection()
            self._keep_rows_in_files()
        self._conn = _attached[statement].cursor()
        self._conn.execute(f"use {self.credentials.ducklake_name}")
        with suppress(duckdb.Error):  # of a schema that is not made yet
            self._conn.execute(f"set search_path = '{self.fully_qualified_dataset_name()}'")
        return self._conn

    def _keep_rows_in_files(self) -> None:
        """No rows within the catalog, unless somebody decided about it or this user may not.

        Who reads while rows that the catalog holds are deleted can miss them before the new ones
        are there: seen with a catalog in a file. Files are faster here, too.
        """
        name = self.credentials.ducklake_name
        told = f"from {name}.options() where option_name = '{INLINING}' and scope = 'GLOBAL'"
        if not self._conn.execute(told).fetchall():
            with suppress(duckdb.Error):
                self._conn.execute(f"call {name}.set_option('{INLINING}', 0)")

    def close_connection(self) -> None:
        """Close the cursor; what is attached stays so."""
        if self._conn:
            with suppress(duckdb.Error):
                self._conn.execute("rollback")
            self._conn.close()
            self._conn = None  # type: ignore[assignment]  # as dlt does


@atexit.register
def detach() -> None:
    """Leave every lake, as a catalog wants it before its connection closes."""
    while _attached:
        _, connection = _attached.popitem()
        with suppress(duckdb.Error):
            name = connection.sql("select current_database()").fetchone()
            connection.execute(f"use memory; detach {name[0] if name else LAKE}")
        connection.close()


class KeptLakeClient(DuckLakeClient):
    """dlt's client with that connection."""

    def __init__(self, schema: Schema, config: Any, capabilities: Any) -> None:
        super().__init__(schema, config, capabilities)
        names = self.sql_client.dataset_name, self.sql_client.staging_dataset_name
        self.sql_client = KeptSqlClient(*names, config.credentials, capabilities)


class KeptLake(ducklake):
    """The destination; dlt records it as its own `ducklake`."""

    @property
    def client_class(self) -> type[KeptLakeClient]:
        """What loads."""
        return KeptLakeClient

    @property
    def destination_type(self) -> str:
        """dlt's name of it."""
        return "dlt.destinations.ducklake"

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        """dlt leaves open whether a lake has transactions, and merges some tables without one.

        Readers would miss the rows of such a merge between its statements.
        """
        capabilities = super()._raw_capabilities()
        capabilities.supports_transactions = True
        return capabilities


def merge_small_files(client: KeptSqlClient) -> bool:
    """Merge the files of the lake if one table has many; whether it was done.

    What was merged stays for readers until its last state is so old that nobody looks back to it.
    """
    name = client.credentials.ducklake_name
    most = client.execute_sql(f"select max(file_count) from ducklake_table_info('{name}')")
    if not most or (most[0][0] or 0) < FILES_OF_A_TABLE:
        return False
    whole = f"call ducklake_rewrite_data_files('{name}', delete_threshold => 0)"
    client.execute_sql(whole)  # files of which rows were deleted are not merged
    client.execute_sql(f"call ducklake_merge_adjacent_files('{name}')")
    age = f"older_than => now() - interval {KEPT_DAYS} day"
    client.execute_sql(f"call ducklake_expire_snapshots('{name}', {age})")
    client.execute_sql(f"call ducklake_cleanup_old_files('{name}', {age})")
    return True
