"""`clickhouse_driver.connect` over HTTP: chDB has no native protocol, which dlt speaks.

Depends on clickhouse-connect and clickhouse-driver, whose own substitution of values and error
classes are used. Import it and call `speak_http` before dlt's destination connects.
"""

from __future__ import annotations

import re
from itertools import islice
from types import SimpleNamespace
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

OF_THE_DRIVER = (
    *("connect_timeout", "send_receive_timeout", "secure", "enable_http_compression"),
    *("allow_experimental_lightweight_delete", "select_sequential_consistency"),
    *("date_time_input_format", "session_timezone", "http_port"),
)
ANSWERS = re.compile(r"\s*(\(|select|with|show|describe|exists)", re.IGNORECASE)


class Cursor:
    """Rows of one query."""

    def __init__(self, client: Any) -> None:
        self.client, self.rows, self.description, self.rowcount = client, iter(()), None, -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is held."""

    def execute(self, query: str, values: Any = None) -> None:
        from clickhouse_connect.driver.exceptions import DatabaseError
        from clickhouse_driver import dbapi

        try:
            self._execute((query % _escaped(values) if values is not None else query).strip())
        except DatabaseError as error:
            code = re.search(r"[Cc]ode: (\d+)", str(error))
            raise dbapi.OperationalError(f"Code: {code[1] if code else 0}. {error}") from error

    def _execute(self, query: str) -> None:
        if not ANSWERS.match(query):
            self.client.command(query)
            self.rows, self.description = iter(()), None
            return
        found = self.client.query(query)
        self.rows = iter(found.result_rows)
        kinds = [kind.name for kind in found.column_types]
        columns = list(zip(found.column_names, kinds, strict=True)) or self._described(query)
        self.description = [(name, kind, None, None, None, None, True) for name, kind in columns]

    def _described(self, query: str) -> list[tuple[str, str]]:
        """The columns of no rows, of which the native protocol tells, and that of HTTP does not."""
        if not re.match(r"\s*(select|with)", query, re.IGNORECASE):
            return []
        return [row[:2] for row in self.client.query(f"describe ({query})").result_rows]

    def fetchall(self) -> list[Any]:
        return list(self.rows)

    def fetchone(self) -> Any:
        return next(self.rows, None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        return list(islice(self.rows, size))


class Connection:
    """A session of clickhouse-connect."""

    def __init__(self, dsn: str) -> None:
        import clickhouse_connect

        parts = urlsplit(dsn)
        settings = {
            name: text for name, text in parse_qsl(parts.query) if name not in OF_THE_DRIVER
        }
        self.client = clickhouse_connect.get_client(
            host=parts.hostname,
            port=parts.port,
            database=parts.path.strip("/"),
            settings=settings,
            autogenerate_session_id=False,
        )

    def cursor(self, *_: Any) -> Cursor:
        return Cursor(self.client)

    def close(self) -> None:
        self.client.close()

    def commit(self) -> None:
        """There are no transactions."""

    def rollback(self) -> None:
        """There are no transactions."""


def _escaped(values: Any) -> Any:
    from clickhouse_driver.util.escape import escape_params

    utc = SimpleNamespace(timezone="UTC", get_timezone=lambda: "UTC")
    settings = {"server_side_params": False}
    return escape_params(values, SimpleNamespace(client_settings=settings, server_info=utc))


def speak_http() -> None:
    """From now on the driver's connections go over HTTP."""
    import clickhouse_driver

    clickhouse_driver.connect = lambda dsn=None, **_: Connection(dsn)
