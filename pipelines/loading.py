"""Journalled answers become loads, a window at a time.

Depends on the journal, the warehouse and the source's tables. Promises that a window is loaded in
one package together with how far the reading had come, that the journal is dropped only after
that package is loaded, and that an older sighting of a ticket never replaces a newer one. Loading
the same journal twice gives the same tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import dlt

from sources.sendcloud_support import (
    SOURCE_NAME,
    TICKETS,
    Ticket,
    UnknownValues,
    read_page,
    read_ticket,
    sendcloud_window,
    ticket_row,
)

from .journal import PAGE, Entry, Journal
from .warehouse import Held, held_tickets, loader_format


@dataclass
class Tally:
    """Distinct tickets that were loaded by this run, and what was new about them."""

    seen: set[int] = field(default_factory=set)
    new: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    unknown: UnknownValues = field(default_factory=UnknownValues)

    def add(self, ticket: Ticket, before: Held | None) -> None:
        """Count one sighting; `before` is what was held until now."""
        if ticket["id"] not in self.seen:
            self.unknown.add(ticket)
        self.seen.add(ticket["id"])
        if before is None:
            self.new.add(ticket["id"])
        elif _differs(ticket, before) and ticket["id"] not in self.new:
            self.changed.add(ticket["id"])


class Loader:
    """Keeps answers in the journal and loads them when a window is full.

    Args:
        pipeline: Started up.
        journal: Where answers wait.
        window_tickets, window_age: What makes a window full, whichever comes first.
    """

    def __init__(
        self,
        pipeline: dlt.Pipeline,
        journal: Journal,
        window_tickets: int,
        window_age: timedelta,
    ) -> None:
        self.pipeline, self.journal = pipeline, journal
        self.window_tickets, self.window_age = window_tickets, window_age
        self.tally = Tally()
        self.held = held_tickets(pipeline)
        self._waiting = 0
        self._waiting_since: datetime | None = None

    def keep(self, entry: Entry, tickets: int, to_come: int = 0) -> bool:
        """Journal an answer with so many tickets; True if that filled a window, now loaded.

        With only a few `to_come` the window waits for them: a load of its own would cost more
        than keeping them.
        """
        self.journal.append(entry)
        self._waiting += tickets
        self._waiting_since = self._waiting_since or entry.seen_at
        is_old = entry.seen_at - self._waiting_since >= self.window_age
        is_full = self._waiting >= self.window_tickets and to_come > self.window_tickets // 10
        if not is_old and not is_full:
            return False
        self.load()
        return True

    def load(self) -> None:
        """Load all that waits in the journal, then drop it."""
        progress = _Latest()
        rows = self._rows(progress)
        first = next(rows, None)
        if first is not None:
            self._run(chain([first], rows), progress)
        self.journal.drop()
        self._waiting, self._waiting_since = 0, None

    def progress(self) -> dict[str, Any] | None:
        """How far the last loaded window said the reading had come."""
        sources = self.pipeline.state.get("sources", {})
        resources = sources.get(SOURCE_NAME, {}).get("resources", {})
        progress: dict[str, Any] | None = resources.get(TICKETS, {}).get("progress")
        return progress

    def _run(self, rows: Iterator[list[dict[str, Any]]], progress: _Latest) -> None:
        window = sendcloud_window(rows, progress.get)
        self.pipeline.run(window, loader_file_format=loader_format(self.pipeline))

    def _rows(self, progress: _Latest) -> Iterator[list[dict[str, Any]]]:
        """Rows answer by answer; answers without a row to load are left out."""
        for entry in self.journal.entries():
            progress.value = entry.progress or progress.value
            found = [self._row(ticket, entry.seen_at) for ticket in tickets_of(entry)]
            if rows := [row for row in found if row is not None]:
                yield rows

    def _row(self, ticket: Ticket, seen_at: datetime) -> dict[str, Any] | None:
        """The row to load, None if a later sighting is held already."""
        before = self.held.get(ticket["id"])
        self.tally.add(ticket, before)
        if before is not None and before.last_seen_at >= seen_at and not before.is_vanished:
            return None
        first_seen_at = before.first_seen_at if before else seen_at
        self.held[ticket["id"]] = Held(
            first_seen_at, seen_at, ticket["status"], ticket["stage"], ticket["updated_at"], False
        )
        return ticket_row(ticket, seen_at, first_seen_at)


class _Latest:
    """The progress of the last entry that was read; known only when the rows are used up."""

    value: dict[str, Any] | None = None

    def get(self) -> dict[str, Any] | None:
        return self.value


def tickets_of(entry: Entry) -> tuple[Ticket, ...]:
    """The tickets in a journalled answer, checked again as when it came."""
    if entry.kind == PAGE:
        return read_page(entry.body, entry.asked).items
    return (read_ticket(entry.body, entry.asked),)


def _differs(ticket: Ticket, before: Held) -> bool:
    return (ticket["status"], ticket["stage"], ticket["updated_at"]) != (
        before.status,
        before.stage,
        before.updated_at,
    )
