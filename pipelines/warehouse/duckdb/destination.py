"""DuckDB as a destination of dlt that is told what type each value of a file has.

Depends on dlt's own DuckDB destination. dlt lets DuckDB guess the types of a file from what is in
it, and so a window whose order numbers all look like UUIDs, dates or times would load them
rewritten (`AB…` as `ab…`, `12:30` as `12:30:00`). It also binds values, for which DuckDB imports
pandas; here they are written into the statements. Promises that what is loaded is what was written
into the file, to the letter; and that a row may bring its nested rows along in a list, as in
`window_file`, which go into the table that dlt would put them into; and that a file which somebody
is reading is waited for, a few seconds. Everything else is dlt's; it also keeps dlt's name of the
destination.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from dlt.common.destination.client import LoadJob
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema import Schema
from dlt.common.schema.utils import is_complete_column
from dlt.common.storages import ParsedLoadJobFileName
from dlt.destinations.impl.duckdb.duck import DuckDbClient, DuckDbCopyJob
from dlt.destinations.impl.duckdb.factory import duckdb
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from dlt.destinations.sql_client import raise_open_connection_error
from duckdb import BinderException, CatalogException, DuckDBPyConnection, IOException
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from ..resolved_once import ResolvedOnce
from .literals import literal, written

HELD = re.compile("conflicting lock|could not set lock|used by another process", re.IGNORECASE)
CLOSING = "Unique file handle conflict"
PATIENCE = 5.0
"""Seconds in which a reader, or who closes it, should be done with the file."""


class ExactCopyJob(DuckDbCopyJob):
    """Loads a file of JSON lines by the types of the columns. A key that is not there is null."""

    def run(self) -> None:
        """All tables of the file, in one transaction."""
        client = self._job_client.sql_client
        with client.begin_transaction():
            for statement in self._statements():
                client.execute_sql(statement)

    def _statements(self) -> Iterator[str]:
        table, nested = self._load_table, self._nested_tables()
        rows = f"from {self._file(nested)}"
        if not nested:
            yield f"insert into {self._name(table)} by name select * {rows}"
            return
        yield (
            f"insert into {self._name(table)} by name select * exclude ({', '.join(nested)}) "
            f"replace (coalesce(_dlt_load_id, {literal(self._load_id)}) as _dlt_load_id) {rows}"
        )
        for field, child in nested.items():
            yield (
                f"insert into {self._name(child)} by name "
                "select row.*, parent as _dlt_parent_id, parent as _dlt_root_id, "
                "place as _dlt_list_idx, parent || '-' || place as _dlt_id "
                f"from (select _dlt_id as parent, unnest({field}) as row, "
                f"generate_subscripts({field}, 1) - 1 as place {rows})"
            )

    def _nested_tables(self) -> dict[str, Any]:
        """Tables directly below a root table, by the quoted field that may hold their rows."""
        if "parent" in self._load_table:
            return {}
        return {
            self._quote(field): child
            for child in self._schema.tables.values()
            if child.get("parent") == self._load_table["name"] and self._own_types(child)
            if (field := self._field_of(child)) not in self._load_table["columns"]
        }

    def _field_of(self, child: Any) -> str:
        return str(child["name"]).removeprefix(f"{self._load_table['name']}__")

    def _file(self, nested: dict[str, Any]) -> str:
        types = self._types(self._load_table) | {
            field: f"struct({', '.join(map(' '.join, self._own_types(child).items()))})[]"
            for field, child in nested.items()
        }
        columns = ", ".join(f"{name}: {literal(kind)}" for name, kind in types.items())
        return (
            f"read_json({literal(self._file_path)}, format = 'newline_delimited', "
            f"columns = {{{columns}}})"
        )

    def _types(self, table: Any) -> dict[str, str]:
        """DuckDB's types of the columns, by their quoted names."""
        mapper = self._job_client.type_mapper
        return {
            self._quote(name): mapper.to_destination_type(column, table)
            for name, column in table["columns"].items()
            if is_complete_column(column)
        }

    def _own_types(self, child: Any) -> dict[str, str]:
        """Of a nested row only what it brings itself: its ids are made from its parent's."""
        types = self._types(child)
        return {name: kind for name, kind in types.items() if not name.startswith('"_dlt_')}

    def _name(self, table: Any) -> str:
        return self._job_client.sql_client.make_qualified_table_name(table["name"])

    def _quote(self, name: str) -> str:
        return self._job_client.sql_client.escape_column_name(name)


def is_held(error: BaseException) -> bool:
    """Whether a file cannot be opened because another process has it open."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, IOException) and HELD.search(str(link)):
            return True
        link = link.__cause__ or link.__context__
    return False


def may_pass(error: BaseException) -> bool:
    """Whether the file will soon be free.

    Another thread of this process, which loads another account, may just be closing it.
    """
    return is_held(error) or (isinstance(error, BinderException) and CLOSING in str(error))


class SparingSqlClient(DuckDbSqlClient):
    """dlt's client, with values written into the statements, and patience.

    DuckDB imports pandas, where it is installed, for the first value that anybody binds, and looks
    at each for being one of pandas'. And it waits a moment for a file that somebody reads: a look
    must not make a sync fail.
    """

    @raise_open_connection_error
    def open_connection(self) -> DuckDBPyConnection:
        """As dlt's, which binds its settings; who only reads does not wait."""
        pool: Any = self.credentials.conn_pool
        seconds = 0 if self.credentials.read_only else PATIENCE
        for attempt in Retrying(
            retry=retry_if_exception(may_pass),
            stop=stop_after_delay(seconds),
            wait=wait_fixed(0.05),
            reraise=True,
        ):
            with attempt:
                self._conn = pool.borrow_conn()
        with suppress(CatalogException):  # the schema is not there yet
            self._conn.execute(f"set search_path = {literal(self.fully_qualified_dataset_name())}")
        return self._conn

    @contextmanager
    def execute_query(self, query: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """As dlt's."""
        with super().execute_query(written(query, args) if args else query, **kwargs) as cursor:
            yield cursor


class ExactDuckDbClient(DuckDbClient):
    """dlt's client with another way to load files of JSON lines."""

    def __init__(self, schema: Schema, config: Any, capabilities: Any) -> None:
        super().__init__(schema, config, capabilities)
        names = self.sql_client.dataset_name, self.sql_client.staging_dataset_name
        self.sql_client = SparingSqlClient(*names, config.credentials, capabilities)

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """As dlt's."""
        job = super().create_load_job(table, file_path, load_id, restore)
        is_plain_copy = type(job) is DuckDbCopyJob
        if is_plain_copy and ParsedLoadJobFileName.parse(file_path).file_format == "jsonl":
            return ExactCopyJob(file_path)
        return job


class ExactDuckDb(ResolvedOnce, duckdb):
    """The destination; dlt records it as its own `duckdb`, whose tools can open it."""

    @property
    def client_class(self) -> type[ExactDuckDbClient]:
        """What loads."""
        return ExactDuckDbClient

    @property
    def destination_type(self) -> str:
        """dlt's name of it."""
        return "dlt.destinations.duckdb"
