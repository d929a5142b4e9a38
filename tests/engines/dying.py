"""A process that ends before its n-th statement that changes a ClickHouse, as others see it.

Depends on clickhouse-connect, over which all statements of these tests go. Whatever the process
does after that moment reaches neither the engine nor its working folder: the engine refuses
everything, and the folder is put back to what it was.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHANGES = re.compile(
    r"\s*(insert|alter|delete|create|drop|rename|truncate|update|exchange)\b"
    r"(?!.{0,60}_staging___)",
    re.IGNORECASE | re.DOTALL,
)
"""What changes the dataset itself; dlt's staging area is emptied before each load."""


class Moment:
    """When it ends, and whether it came to that."""

    def __init__(self, statements: int, folder: Path, kept: Path) -> None:
        self.left, self.folder, self.kept = statements, folder, kept
        self.has_come = False
        self.refused = ""

    def pass_by(self, sql: str) -> None:
        """Count the statement; raise if the process does not live to send it."""
        if not self.has_come and CHANGES.match(sql):
            self.has_come = self.left == 0
            self.left -= 1
            if self.has_come:
                self.refused = sql
                shutil.copytree(self.folder, self.kept)
        if self.has_come:
            raise ConnectionError("The engine is out of reach.")


@contextmanager
def dying_after(statements: int, folder: Path, kept: Path) -> Iterator[Moment]:
    """In the block a process ends after so many statements that change something."""
    from clickhouse_connect.driver._backend.http_sync import (  # type: ignore[import-not-found]
        HttpSyncBackend,
    )

    moment, send = Moment(statements, folder, kept), HttpSyncBackend.request

    def counted(client: Any, data: Any, params: dict[str, str], *rest: Any, **named: Any) -> Any:
        moment.pass_by(params.get("query") or _text(data))
        return send(client, data, params, *rest, **named)

    HttpSyncBackend.request = counted
    try:
        yield moment
    finally:
        HttpSyncBackend.request = send
        if moment.has_come:
            shutil.rmtree(folder)
            shutil.move(kept, folder)


def _text(data: Any) -> str:
    return data.decode(errors="replace") if isinstance(data, bytes) else str(data)
