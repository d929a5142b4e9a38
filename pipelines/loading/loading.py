"""Answers are kept until a window is full.

Depends on the journal and on `window_loader`. Promises that an answer is in the journal before
anything else happens to it, and that the journal is dropped only after all of it was loaded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NoReturn

import dlt

from sources.sendcloud_support import SOURCE_NAME
from sources.sendcloud_support.holdings import (
    TICKET,
    Answer,
    Entry,
    Journal,
    SteadyClock,
    answer_of,
    connected,
    leave_out,
    unheld,
)
from sources.sendcloud_support.records import TICKETS, Malformed, Sample, Ticket

from ..warehouse import dated
from .window_loader import Progress, WindowLoader


class Loader(WindowLoader):
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
        super().__init__(pipeline, journal)
        self.window_tickets, self.window_age = window_tickets, window_age
        self.sample = self._new_sample()
        self.detailed: set[int] = set()
        self.before_load: Callable[[], object] = lambda: None
        self._kept: deque[Answer] = deque()
        self._progress: Progress | None = None
        self._waiting = 0

    def recover(self, clock: SteadyClock) -> None:
        """Load what an earlier run left in the journal.

        How far it had come counts only where the warehouse is as that run knew it.
        """
        entry, sample = None, self._new_sample()
        for entry in self.journal.entries():
            self._note_detail(entry)
            answer = answer_of(entry)
            sample.take(answer.tickets, answer.set_aside)
        if entry is not None and not sample.is_doubtful:
            self.lists_leave_out = leave_out(entry.progress)
            is_known = self.journal.follows(self._loaded_until())
            progress = entry.progress if is_known else None
            answers = map(answer_of, self.journal.entries())
            self.load_window(dated(answers, clock), progress)
        self.journal.drop()
        self.journal.after = self._loaded_until()

    def begin_anew(self) -> None:
        """Whatever is kept from now on goes on with nothing."""
        self.journal.after = None

    @property
    def kept(self) -> Collection[Answer]:
        """What is kept and not loaded yet."""
        return self._kept

    def _loaded_until(self) -> str | None:
        """When the last answer came that is loaded, as the state of the warehouse says."""
        at: str | None = (self.progress() or {}).get("at")
        return at

    def keep(
        self, entry: Entry, tickets: Sequence[Ticket], set_aside: Sequence[Malformed] = ()
    ) -> None:
        """Journal an answer and the tickets in it."""
        self.journal.append(entry)
        self._note_detail(entry)
        self._kept.append(Answer(entry.kind, entry.asked_at, entry.seen_at, tickets, set_aside))
        self._progress = entry.progress
        self._waiting += len(tickets)
        self.sample.take(tickets, set_aside)
        if self.sample.is_hopeless:
            self._refuse()

    def load_full_window(self, to_come: int = 0) -> bool:
        """Load all that was kept if that is a window full; whether it was.

        With only a few `to_come` the window waits for them: a load of its own would cost more
        than keeping them.
        """
        if not self._kept or self.sample.is_doubtful:
            return False
        is_old = self._kept[-1].seen_at - self._kept[0].seen_at >= self.window_age
        is_full = self._waiting >= self.window_tickets and to_come > self.window_tickets // 10
        if is_old or is_full:
            self.load()
        return is_old or is_full

    def load(self) -> None:
        """Load all that was kept since the last load, then drop the journal."""
        if self.sample.is_doubtful:
            self._refuse()
        if self._kept:
            with connected(self.pipeline):
                self.before_load()
                self.load_window(_taken_from(self._kept), self._progress)
            self.journal.after = self._loaded_until()
        self.journal.drop()
        self._waiting = 0

    def _refuse(self) -> NoReturn:
        """The contract has changed; what was read since the last load says nothing else."""
        self._kept.clear()
        self.journal.drop()
        raise self.sample.error()

    def _new_sample(self) -> Sample:
        return Sample(self.set_aside.tickets, self.set_aside.nameless)

    def note_gone(self, ticket_ids: Iterable[int], now: datetime) -> None:
        """The API does not have these any more, so nothing of them is set aside."""
        for ticket_id in ticket_ids:
            self.set_aside.mend(ticket_id, now)
        self.write_set_aside()

    def close_set_aside(self, since: datetime, now: datetime) -> None:
        """Everything was met since then: what was not seen broken again is over."""
        self.set_aside.close_unseen(since, now)
        self.write_set_aside()

    @property
    def beside(self) -> set[int]:
        """Tickets that the API has, that are set aside, and of which nothing is held."""
        return unheld(self.set_aside, self.held)

    def _note_detail(self, entry: Entry) -> None:
        """Tickets asked for by this run, or by the one it goes on with."""
        if entry.kind == TICKET:
            self.detailed.add(entry.asked)

    def progress(self) -> Progress | None:
        """How far the last loaded window said the reading had come."""
        sources = self.pipeline.state.get("sources", {})
        resources = sources.get(SOURCE_NAME, {}).get("resources", {})
        progress: Progress | None = resources.get(TICKETS, {}).get("progress")
        return progress


def _taken_from(answers: deque[Answer]) -> Iterator[Answer]:
    """One after the other, so that the memory of each is free when its rows are made."""
    while answers:
        yield answers.popleft()
