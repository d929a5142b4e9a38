"""Journalled answers become loads, a window at a time.

Depends on the journal, `window` and the source's tables. Promises that a window's tickets are
loaded in one package together with how far the reading had come, that the history of tickets held
before is loaded first, and that the journal is dropped only after both. Loading the same journal
twice gives the same tables.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import dlt

from sources.sendcloud_support import SOURCE_NAME, TICKETS, sendcloud_window

from .holdings import held_actions, held_tickets
from .journal import TICKET, Entry, Journal
from .warehouse import loader_format
from .window import Tally, Window


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
        self.held, self.actions = held_tickets(pipeline), held_actions(pipeline)
        self.lists_are_thin = False
        self.detailed: set[int] = set()
        self._waiting = 0
        self._waiting_since: datetime | None = None

    def keep(self, entry: Entry, tickets: int, to_come: int = 0) -> bool:
        """Journal an answer with so many tickets; True if that filled a window, now loaded.

        With only a few `to_come` the window waits for them: a load of its own would cost more
        than keeping them.
        """
        self.journal.append(entry)
        self._note_detail(entry)
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
        entries = list(self.journal.entries())
        progress = next((e.progress for e in reversed(entries) if e.progress), None)
        thin = self.lists_are_thin or bool(progress and progress.get("lists_are_thin"))
        window = Window(self.held, self.actions, self.tally, thin)
        rows = list(window.rows(entries))
        for entry in entries:
            self._note_detail(entry)
        if window.ahead:
            self._run(**window.ahead.rows())
        if rows:
            self._run(rows=rows, progress=progress, **window.along.rows())
        self.journal.drop()
        self._waiting, self._waiting_since = 0, None

    def _note_detail(self, entry: Entry) -> None:
        """Tickets asked for by this run, or by the one it goes on with."""
        if entry.kind == TICKET:
            self.detailed.add(entry.asked)

    def progress(self) -> dict[str, Any] | None:
        """How far the last loaded window said the reading had come."""
        sources = self.pipeline.state.get("sources", {})
        resources = sources.get(SOURCE_NAME, {}).get("resources", {})
        progress: dict[str, Any] | None = resources.get(TICKETS, {}).get("progress")
        return progress

    def _run(self, **rows: Any) -> None:
        self.pipeline.run(sendcloud_window(**rows), loader_file_format=loader_format(self.pipeline))
