"""The outbox: rows of the other tables, from the reading of the tickets to their own resources.

Depends on nothing of ours. dlt asks the resources of a source in turn; one that answers None has
nothing yet. Promises that what is put in before the outbox closes comes out, whoever is asked
first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Row = dict[str, Any]
Rows = list[Row]

POLLS = 3
"""Where tickets are not selected nothing is read: after so many looks the others end too."""


class Outbox:
    """Rows by table. Opened by the reading, and closed by it."""

    def __init__(self) -> None:
        self._rows: dict[str, Rows] = {}
        self._is_open = self._is_closed = False

    def open(self) -> None:
        """The reading begins."""
        self._is_open = True

    def close(self) -> None:
        """Nothing more will come."""
        self._is_closed = True

    def put(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows of a table."""
        self._rows.setdefault(table, []).extend(rows)

    def fetch(self, table: str) -> Iterator[Rows | None]:
        """The rows of one table as they come; None while the reading goes on without any."""
        polls = 0
        while not self._is_closed and (self._is_open or polls < POLLS):
            polls += 1
            yield self._rows.pop(table, None)
        yield self._rows.pop(table, None)
