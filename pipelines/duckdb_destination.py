"""DuckDB as a destination of dlt, told what type each column of a file has.

Depends on dlt's own DuckDB destination. dlt lets DuckDB guess the types of a file from what is in
it, and so a window whose order numbers all look like UUIDs, dates or times would load them
rewritten (`AB…` as `ab…`, `12:30` as `12:30:00`). Promises that what is loaded is what was written
into the file, to the letter. Everything else is dlt's; it also keeps dlt's name of the destination.
"""

from __future__ import annotations

from typing import Any

from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import LoadJob
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.normalizers.naming import NamingConvention
from dlt.common.schema.utils import is_complete_column
from dlt.common.storages import ParsedLoadJobFileName
from dlt.destinations.impl.duckdb.duck import DuckDbClient, DuckDbCopyJob
from dlt.destinations.impl.duckdb.factory import duckdb


class ExactCopyJob(DuckDbCopyJob):
    """Loads a file of JSON lines by the types of the table's columns."""

    def run(self) -> None:
        """One statement; a key that a line leaves out is null."""
        client = self._job_client
        table = client.sql_client.make_qualified_table_name(self.load_table_name)
        client.sql_client.execute_sql(
            f"insert into {table} by name select * from read_json("
            f"{_literal(self._file_path)}, format = 'newline_delimited', "
            f"columns = {{{self._column_types()}}})"
        )

    def _column_types(self) -> str:
        types = self._job_client.type_mapper
        return ", ".join(
            f"{_literal(name)}: {_literal(types.to_destination_type(column, self._load_table))}"
            for name, column in self._load_table["columns"].items()
            if is_complete_column(column)
        )


class ExactDuckDbClient(DuckDbClient):
    """dlt's client with another way to load files of JSON lines."""

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """As dlt's."""
        job = super().create_load_job(table, file_path, load_id, restore)
        is_plain_copy = type(job) is DuckDbCopyJob
        if is_plain_copy and ParsedLoadJobFileName.parse(file_path).file_format == "jsonl":
            return ExactCopyJob(file_path)
        return job


class ExactDuckDb(duckdb):
    """The destination; dlt records it as its own `duckdb`, whose tools can open it."""

    @property
    def client_class(self) -> type[ExactDuckDbClient]:
        """What loads."""
        return ExactDuckDbClient

    @property
    def destination_type(self) -> str:
        """dlt's name of it."""
        return "dlt.destinations.duckdb"

    def capabilities(
        self, config: Any = None, naming: NamingConvention | None = None
    ) -> DestinationCapabilitiesContext:
        """As dlt's, which works out the whole configuration first, and then asks nothing of it."""
        return super().capabilities(config or self.spec(), naming)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
