"""A warehouse that is an imitation of Snowflake, for tests."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulator import Service
from tests.engines.outside import Outside
from tests.pipelines.warehouses import Rows

ADDRESS = "DESTINATION__WAREHOUSE__CREDENTIALS"


class Snowflake(Outside):
    """One database of the imitation."""

    def __init__(
        self, service: Service, folder: Path, port: int, packages: Path, **settings: Any
    ) -> None:
        super().__init__(service, folder, port, packages, **settings)
        self.database = f"TEST_{uuid4().hex[:12].upper()}"

    def rows(self, sql: str, *values: Any, schema: str = "sendcloud") -> Rows:
        """Rows of a query over schema `sendcloud`, by Snowflake's own client."""
        assert not values
        with closing(self._connection()) as opened, opened.cursor() as cursor:
            cursor.execute(f"use schema {schema}")
            cursor.execute(sql)
            return [tuple(map(_with_zone, row)) for row in cursor.fetchall()]

    def fill(self, table: str, rows: pa.Table, folder: Path) -> None:
        """Load an Arrow table as dlt does, by a file in the table's stage."""
        file = folder / f"{table}.parquet"
        pq.write_table(rows, file)
        name = f'"SENDCLOUD"."{table.upper()}"'
        stage = f'@"SENDCLOUD"."%{table.upper()}"'
        with closing(self._connection()) as opened, opened.cursor() as cursor:
            cursor.execute("use schema sendcloud")
            cursor.execute(f"PUT 'file://{file}' '{stage}' OVERWRITE = TRUE, AUTO_COMPRESS = FALSE")
            cursor.execute(
                f"COPY INTO {name} FROM '{stage}/{file.name}' FILE_FORMAT = (TYPE = 'PARQUET') "
                "MATCH_BY_COLUMN_NAME='CASE_INSENSITIVE'"
            )

    def tables(self) -> list[str]:
        """The tables of the dataset and of its staging."""
        found = self.rows(
            "select table_name from information_schema.tables where table_schema like 'SENDCLOUD%'"
        )
        return [name for (name,) in found]

    def _connection(self) -> Any:
        import snowflake.connector  # type: ignore[import-not-found]

        return snowflake.connector.connect(
            user="fake",
            password="snow",
            account="fakesnow",
            host="127.0.0.1",
            port=self.port,
            protocol="http",
            database=self.database,
        )

    def configure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Name the database in the environment."""
        super().configure(monkeypatch)
        monkeypatch.setenv("DESTINATION__WAREHOUSE__DESTINATION_TYPE", "snowflake")
        monkeypatch.setenv(
            ADDRESS,
            f"snowflake://fake:snow@fakesnow/{self.database}"
            f"?host=127.0.0.1&port={self.port}&protocol=http",
        )


def _with_zone(value: Any) -> Any:
    """In UTC, and of Python's own zone, as other drivers give it."""
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
