"""A ticket list that changes while it is read: the plainest model of the API's list endpoint.

Depends on the connector's page reading only, and on nothing of the simulator: a second, smaller
idea of what a list is. Rows are ids with two times; the order is a sort key; a page is a slice.
Promises that inserts carry the latest `created_at` and updates the latest `updated_at`, as a
database would have it, with as many equal times as the test wants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from sources.sendcloud_support.api.pages import Page, parse_page

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Row:
    """One ticket of the list, times in seconds; `updated` may be null."""

    id: int
    created: int
    updated: int | None


Key = Callable[[Row], Any]


def _last_change(row: Row) -> int:
    return row.created if row.updated is None else row.updated


def _scattered(row: Row) -> bytes:
    return blake2b(str(row.id).encode(), digest_size=8).digest()


ORDERS: dict[str, Key] = {
    "newest_first": lambda row: (-row.created, -row.id),
    "newest_first, ties by id": lambda row: (-row.created, row.id),
    "oldest_first": lambda row: (row.created, row.id),
    "updated_first": lambda row: (-_last_change(row), -row.id),
    "updated_first, ties by id": lambda row: (-_last_change(row), row.id),
    "updated_last": lambda row: (_last_change(row), row.id),
}
SHUFFLED: Key = _scattered
"""An order that no ticket's times explain; it shows on any page of twenty."""


class ListApi:
    """The list behind the endpoint. `now` is the API's clock, in seconds."""

    def __init__(self, order: Key, size: int) -> None:
        self.order, self.size = order, size
        self.rows: list[Row] = []
        self.now = 0
        self._next_id = 1

    @property
    def ids(self) -> set[int]:
        """The ids that the API holds now."""
        return {row.id for row in self.rows}

    @property
    def pages(self) -> int:
        """Pages of the list now, at least one request."""
        return max(1, -(-len(self.rows) // self.size))

    def insert(self, after: int = 1, updated: bool = True) -> None:
        """A new ticket, so many seconds later."""
        self.now += after
        self.rows.append(Row(self._next_id, self.now, self.now if updated else None))
        self._next_id += 1

    def delete(self, index: int) -> None:
        """The ticket at this place of the list goes."""
        if self.rows:
            del self.rows[self._at(index)]

    def update(self, index: int, after: int = 1) -> None:
        """The ticket at this place of the list changes, so many seconds later."""
        if self.rows:
            self.now += after
            self.rows[self._at(index)].updated = self.now

    def page(self, number: int) -> Page:
        """The answer to a request for this page, read as the connector reads it."""
        listed = sorted(self.rows, key=self.order)
        items = listed[(number - 1) * self.size : number * self.size]
        answer = {
            "total": len(listed),
            "page": number,
            "pages": -(-len(listed) // self.size),
            "size": self.size,
            "items": [_ticket(row) for row in items],
        }
        return parse_page(answer, number, self.size)

    def _at(self, index: int) -> int:
        """From the place in the list's order to the place in `rows`."""
        listed = sorted(range(len(self.rows)), key=lambda at: self.order(self.rows[at]))
        return listed[index % len(listed)]


def _ticket(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": "pending",
        "stage": "in_progress",
        "created_at": _text(row.created),
        "updated_at": None if row.updated is None else _text(row.updated),
        "requested_actions": [],
    }


def _text(seconds: int) -> str:
    return (EPOCH + timedelta(seconds=seconds)).isoformat()
