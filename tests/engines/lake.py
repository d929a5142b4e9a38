"""A warehouse that is a lake, for tests: its catalog in a file or in a PostgreSQL.

Depends on DuckDB's extensions from the package index. Reads the lake by attaching it anew, as any
other program would.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from simulator import Service
from tests.pipelines.warehouses import Rows, Warehouse

KIND = "DESTINATION__WAREHOUSE__DESTINATION_TYPE"
ADDRESS = "DESTINATION__WAREHOUSE__CREDENTIALS"


class Lake(Warehouse):
    """One lake and the account that it is loaded from; the catalog is a file if none is given."""

    def __init__(self, service: Service, folder: Path, catalog: str, **settings: Any) -> None:
        super().__init__(service, folder, **settings)
        self.files = folder / "lake.files"
        self.catalog = catalog or f"sqlite:///{folder / 'lake.sqlite'}"

    def attach(self) -> duckdb.DuckDBPyConnection:
        """A connection of somebody else's, with the lake in it."""
        kind, _, rest = self.catalog.partition(":///" if "sqlite" in self.catalog else "://")
        path = f"sqlite:{rest}" if kind == "sqlite" else f"postgres:{self.catalog}"
        schema = "" if kind == "sqlite" else ", metadata_schema 'lake'"
        opened = duckdb.connect()
        opened.execute("set timezone = 'UTC'")
        opened.execute(f"attach 'ducklake:{path}' as lake (data_path '{self.files}'{schema})")
        return opened

    def rows(self, sql: str, *values: Any) -> Rows:
        """Rows of a query over schema `sendcloud`."""
        with closing(self.attach()) as opened:
            opened.execute("use lake.sendcloud")
            return opened.execute(sql, list(values)).fetchall()

    def _hold(self) -> None:
        """Nothing is to be held open."""

    def environment(self) -> dict[str, str]:
        """As elsewhere, and where DuckDB finds its extensions."""
        return super().environment() | {"HOME": os.environ["HOME"]}

    def configure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Name the lake in the environment, field by field."""
        monkeypatch.setenv(KIND, "ducklake")
        monkeypatch.delenv(ADDRESS, raising=False)
        monkeypatch.setenv(f"{ADDRESS}__CATALOG", self.catalog)
        monkeypatch.setenv(f"{ADDRESS}__STORAGE__BUCKET_URL", str(self.files))
