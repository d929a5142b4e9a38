"""Journalled answers become loads, a window at a time.

Depends on the journal, `window` and the source's tables. Promises that a window's tickets are
loaded in one package together with how far the reading had come; that the history of tickets held
before is loaded first and that of new ones directly afterwards, and if a run was killed in between,
by the next; and that the journal is dropped only after all of that. Loading the same journal twice
gives the same tables.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import dlt

from sources.sendcloud_support import SOURCE_NAME, sendcloud_window
from sources.sendcloud_support.holdings import (
    TICKET,
    Answer,
    Entry,
    Journal,
    SteadyClock,
    Tally,
    Window,
    answer_of,
    connected,
    held_actions,
    held_histories,
    held_tickets,
    leave_out,
    read_set_aside,
    unheld,
    write_set_aside,
)
from sources.sendcloud_support.records import LOAD, TICKETS, Breach, Malformed, Sample, Ticket

from ..warehouse import dated, drop_pending, loader_format, takes_whole_rows
from .history_tables import (
    begin_left_over,
    complete_histories,
    withdraw_histories,
    write_histories,
)
from .parts import load_in_parts, may_be_a_ticket, singly
from .window_file import packed

Progress = dict[str, Any]


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
        begin_left_over(pipeline, is_journalled=next(journal.entries(), None) is not None)
        self.held = held_histories(pipeline) | held_tickets(pipeline)
        self.actions = held_actions(pipeline)
        self.set_aside = read_set_aside(pipeline)
        self.sample = self._new_sample()
        self.lists_leave_out = False
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
            self._load_all(dated(answers, clock), progress)
        self.journal.drop()
        self.journal.after = self._loaded_until()

    def begin_anew(self) -> None:
        """Whatever is kept from now on goes on with nothing."""
        self.journal.after = None

    def waiting_tickets(self) -> list[tuple[Ticket, datetime]]:
        """What is kept and not loaded yet, and when it was seen."""
        return [(ticket, answer.seen_at) for answer in self._kept for ticket in answer.tickets]

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
                self._load_all(_taken_from(self._kept), self._progress)
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

    def _load_all(self, answers: Iterable[Answer], progress: Progress | None) -> None:
        """Load a window, in parts where a ticket in it is refused by the warehouse."""
        if not self.set_aside.unloadable:
            try:
                self._load_whole(answers, progress)
            except Exception as error:
                if not may_be_a_ticket(error):
                    raise
            else:
                return
        self._kept.clear()
        singles = [each for entry in self.journal.entries() for each in singly(answer_of(entry))]
        load_in_parts(singles, self._load_whole, self._refuse_one, self.set_aside.unloadable)
        self._load_whole((), progress)

    def _load_whole(self, answers: Iterable[Answer], progress: Progress | None = None) -> None:
        """Load answers; if that fails, what is known of the warehouse is as it was before."""
        before = self.held.copy(), self.actions.copy()
        window = Window(self.held, self.actions, self.tally, self.lists_leave_out, self.set_aside)
        try:
            self._load(window, answers, progress)
        except Exception as error:
            self.held, self.actions = before
            if may_be_a_ticket(error):
                withdraw_histories(self.pipeline, window.ahead.by_table(), self.actions)
                drop_pending(self.pipeline)
            raise

    def _refuse_one(self, answer: Answer) -> None:
        """Set aside a ticket that the warehouse does not take, alone in its answer."""
        [ticket] = answer.tickets
        self.tally.forget(ticket["id"])
        breach = Breach(LOAD, "what the warehouse can store", "something else")
        self.set_aside.sight(Malformed(ticket["id"], (breach,)), answer.asked_at)

    def _load(self, window: Window, answers: Iterable[Answer], progress: Progress | None) -> None:
        with self._for_dlt(self._rows(window, answers)) as items:
            self.pipeline.run(
                sendcloud_window(items, progress=progress),
                loader_file_format=loader_format(self.pipeline),
            )
        if window.has_fresh:
            complete_histories(self.pipeline, window.after.by_table())
        self.write_set_aside()

    def _rows(self, window: Window, answers: Iterable[Answer]) -> Iterator[Any]:
        """The window's rows. Whoever has taken the last of them finds the history written."""
        yield from window.rows(answers)
        write_histories(self.pipeline, window.ahead.by_table())

    def write_set_aside(self) -> None:
        """Bring the table up to date."""
        write_set_aside(self.pipeline, self.set_aside.take_changed())

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

    def _for_dlt(self, rows: Iterable[Any]) -> AbstractContextManager[Iterable[Any]]:
        """The rows as dlt gets them."""
        if not takes_whole_rows(self.pipeline):
            return nullcontext(rows)
        return packed(rows, Path(self.pipeline.working_dir))

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
