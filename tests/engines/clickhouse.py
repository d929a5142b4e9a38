"""A warehouse that is a ClickHouse, for tests: the engine itself, behind an HTTP face.

Depends on ClickHouse's environment: its interpreter runs `http_face`, its clients are added to the
packages of this process.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from simulator import Service
from tests.engines.environments import interpreter_of
from tests.engines.outside import Outside
from tests.engines.over_http import speak_http
from tests.pipelines.warehouses import Rows

OF_A_COMMAND = """
from pathlib import Path
from pipelines import dbt_process
from tests.engines.clickhouse import use_clients
use_clients(Path({packages!r}))
dbt_process.PYTHON = {python!r}
"""
MakeHouse = Callable[..., "ClickHouse"]
TABLE = re.compile(r"\bfrom (\w+)")


@contextmanager
def served(packages: Path, folder: Path) -> Iterator[int]:
    """The port of an engine that is gone afterwards."""
    face = Path(__file__).with_name("http_face.py")
    with subprocess.Popen(
        [interpreter_of(packages), face, folder], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def use_clients(packages: Path) -> None:
    """From now on this process has ClickHouse's clients, behind its own packages."""
    sys.path.append(str(packages))
    speak_http()


class ClickHouse(Outside):
    """One database of an engine, and the account that it is loaded from."""

    of_a_command = OF_A_COMMAND

    def __init__(
        self, service: Service, folder: Path, port: int, packages: Path, **settings: Any
    ) -> None:
        super().__init__(service, folder, port, packages, **settings)
        self.database = f"test_{uuid4().hex[:12]}"
        self.ask(f"create database {self.database}", "default")

    def ask(self, sql: str, database: str = "") -> Rows:
        """What the engine answers to a client of the test's own."""
        with closing(self._client(database)) as client:
            if not sql.startswith("select"):
                client.command(sql)
                return []
            return [tuple(map(_with_zone, row)) for row in client.query(sql).result_rows]

    def _client(self, database: str = "") -> Any:
        import clickhouse_connect  # type: ignore[import-not-found]

        return clickhouse_connect.get_client(
            host="127.0.0.1",
            port=self.port,
            database=database or self.database,
            autogenerate_session_id=False,
        )

    def command(self, *statements: str) -> None:
        """Change something, over one connection."""
        with closing(self._client()) as client:
            for sql in statements:
                client.command(sql)

    def insert(self, table: str, rows: Any) -> None:
        """Add rows of an Arrow table."""
        with closing(self._client()) as client:
            client.insert_arrow(table, rows)

    def tables(self, schema: str) -> list[str]:
        """The tables whose names begin with that of a schema, or of the staging beside it."""
        named = f"(startsWith(name, '{schema}___') or startsWith(name, '{schema}_staging___'))"
        found = self.ask(
            "select name from system.tables where database = currentDatabase() "
            f"and {named} order by name"
        )
        return [name for (name,) in found]

    def rows(self, sql: str, *values: Any) -> Rows:
        """Rows of a query over dataset `sendcloud`, whose tables have its name before theirs."""
        assert not values
        return self.ask(TABLE.sub(r"from sendcloud___\1", sql))

    def configure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Name the database in the environment, and to dbt the Python that has its adapter."""
        super().configure(monkeypatch)
        address = f"clickhouse://default:any@127.0.0.1:{self.port}/{self.database}"
        monkeypatch.setenv("DESTINATION__WAREHOUSE__DESTINATION_TYPE", "clickhouse")
        monkeypatch.setenv(
            "DESTINATION__WAREHOUSE__CREDENTIALS", f"{address}?http_port={self.port}&secure=0"
        )


def _with_zone(value: Any) -> Any:
    is_plain = isinstance(value, datetime) and value.tzinfo is None
    return value.replace(tzinfo=UTC) if is_plain else value
