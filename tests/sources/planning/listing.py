"""A list API in a few lines, for tests of the planner: an order, a page size, and changes.

Independent of the simulator on purpose; tickets are what the client hands on, checked.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sources.sendcloud_support.api.pages import Page

START = datetime(2026, 1, 1, tzinfo=UTC)
Ticket = dict[str, Any]

KEYS: dict[str, Callable[[Ticket], Any]] = {
    "newest_first": lambda t: (t["created_at"], t["id"]),
    "oldest_first": lambda t: (t["created_at"], t["id"]),
    "updated_first": lambda t: (t["updated_at"] or t["created_at"], t["id"]),
    "updated_last": lambda t: (t["updated_at"] or t["created_at"], t["id"]),
    "shuffled": lambda t: hash((t["id"], 17)),
}
DESCENDING = {"newest_first", "updated_first"}


class Listing:
    """Tickets, and pages of them in one order."""

    def __init__(self, order: str, count: int = 0, size: int = 20, tie_every: int = 1) -> None:
        self.order, self.size, self.tie_every = order, size, tie_every
        self._events = 0
        self.tickets: dict[int, Ticket] = {}
        self.now = START
        self.next_id = 1
        self._sorted: list[Ticket] | None = None
        for _ in range(count):
            self.insert()

    def insert(self) -> int:
        """A new ticket, a minute after the last event unless times tie."""
        self._tick()
        ticket_id, self.next_id = self.next_id, self.next_id + 1
        self.tickets[ticket_id] = {
            "id": ticket_id,
            "status": "pending",
            "stage": "in_progress",
            "created_at": self.now,
            "updated_at": None,
            "requested_actions": [],
            "resolution": None,
        }
        return ticket_id

    def update(self, ticket_id: int) -> None:
        """A change that the API dates."""
        self._tick()
        self.tickets[ticket_id] = self.tickets[ticket_id] | {
            "updated_at": self.now,
            "status": "processing",
        }

    def delete(self, ticket_id: int) -> None:
        """A ticket that is gone."""
        self._tick()
        del self.tickets[ticket_id]

    def page(self, number: int) -> Page:
        """What the API answers, past the end too."""
        if self._sorted is None:
            self._sorted = sorted(
                self.tickets.values(), key=KEYS[self.order], reverse=self.order in DESCENDING
            )
        first = (number - 1) * self.size
        items = tuple(self._sorted[first : first + self.size])
        total = len(self._sorted)
        return Page(number, self.size, items, total, math.ceil(total / self.size))

    def some(self, draw: random.Random, count: int) -> list[int]:
        """So many ids, drawn."""
        return draw.sample(sorted(self.tickets), min(count, len(self.tickets)))

    def _tick(self) -> None:
        """Time goes on, with `tie_every` 3 at every third event only."""
        self._events += 1
        if self._events % self.tie_every == 0:
            self.now += timedelta(minutes=1)
        self._sorted = None
