"""Answers become the rows of one extraction, as soon as it is known how to read them.

Depends on `journals`, `outbox`, `trial` and `window`. Promises that what is worth remembered (how
far the reading had come, which answers are in) is in dlt's state before the rows leave, because
nothing that follows is sure to be carried out; and that an older sighting never replaces a newer
one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NoReturn

from ..api import Pseudonyms
from ..holdings import (
    A_MOMENT,
    TICKET,
    Actions,
    Answer,
    Entry,
    Held,
    Tally,
    Window,
    answer_of,
    leave_out,
    unheld,
)
from ..records import Malformed, Sample, SetAside, Ticket, ticket_row, unloadable
from .journals import Journals
from .outbox import Outbox, Row, Rows
from .trial import Trial

State = dict[str, Any]


class Intake:
    """Takes answers as the reading brings them.

    Args:
        journals: Where answers are kept until their rows are in a package.
        state: dlt's state of the resource.
        held, actions, set_aside: What the warehouse holds; kept up to date.
        outbox: Where rows of the histories go.
        trial: Tells which tickets the destination does not take.
        pseudonyms: Stand in the rows instead of the values.
    """

    def __init__(
        self,
        journals: Journals,
        state: State,
        held: dict[int, Held],
        actions: Actions,
        set_aside: SetAside,
        outbox: Outbox,
        trial: Trial,
        pseudonyms: Pseudonyms,
    ) -> None:
        self.journals, self.state, self.outbox = journals, state, outbox
        self.trial, self.pseudonyms = trial, pseudonyms
        self.held, self.actions, self.set_aside = held, actions, set_aside
        self.sample = Sample(set_aside.tickets, set_aside.nameless)
        self.tally = Tally()
        self.lists_leave_out = False
        self.detailed: set[int] = set()
        self._kept: deque[tuple[str, Answer, State | None]] = deque()
        self._late: dict[int, Row] = {}
        self._refused: set[int] = set()
        """The objects among those kept that the destination does not take."""

    def recover(self) -> datetime | None:
        """Take what earlier extractions left, unless much of it breaks the contract.

        A package that was refused for one of its tickets is left too, so each of them is tried.
        Returns when the first of it was asked for.
        """
        since, tickets = None, list[Ticket]()
        for name, entry in self.journals.left():
            answer = answer_of(entry)
            self._take(name, entry, answer)
            self.lists_leave_out = leave_out(entry.progress)
            since = min(since or entry.asked_at, entry.asked_at)
            tickets += answer.tickets
        if self.sample.is_doubtful:
            self._forget_left()
        else:
            self._refused |= {id(ticket) for ticket in self.trial.refused(tickets)}
        return since

    def _forget_left(self) -> None:
        self.journals.drop_others()
        self._kept.clear()
        self.detailed.clear()
        self.sample = Sample(self.set_aside.tickets, self.set_aside.nameless)

    def keep(
        self, entry: Entry, tickets: Sequence[Ticket], set_aside: Sequence[Malformed] = ()
    ) -> None:
        """Journal an answer and the tickets in it."""
        answer = Answer(entry.kind, entry.asked_at, entry.seen_at, tickets, set_aside)
        known = [each for each in tickets if each["id"] in self.set_aside.unloadable]
        self._refused |= {id(ticket) for ticket in self.trial.refused(known)}
        self._take(self.journals.append(entry), entry, answer)
        if self.sample.is_hopeless:
            self.refuse()

    def _take(self, name: str, entry: Entry, answer: Answer) -> None:
        if entry.kind == TICKET:
            self.detailed.add(entry.asked)
        self._kept.append((name, answer, entry.progress))
        self.sample.take(answer.tickets, answer.set_aside)

    def refuse(self) -> NoReturn:
        """The contract has changed: what was read says nothing else, and is forgotten."""
        self.journals.drop()
        raise self.sample.error()

    def progress(self) -> State | None:
        """How far the reading had come that was committed last."""
        return self.state.get("progress")

    def rows(self) -> Iterator[Rows]:
        """Rows of all answers kept so far."""
        while self._kept:
            name, answer, progress = self._kept.popleft()
            rows = self._rows_of(self._loadable(answer))
            self.journals.note_loaded(name)
            self.state["progress"] = progress
            if rows:
                yield rows

    def _loadable(self, answer: Answer) -> Answer:
        """The answer without the tickets that the destination does not take; they are set aside."""
        taken = [ticket for ticket in answer.tickets if id(ticket) not in self._refused]
        for ticket in answer.tickets:
            if id(ticket) in self._refused:
                self.set_aside.sight(unloadable(ticket["id"]), answer.asked_at)
                self._refused.discard(id(ticket))
        return answer._replace(tickets=taken)

    def _rows_of(self, answer: Answer) -> Rows:
        """Rows of one answer; those of the histories go into the outbox."""
        known = self.held, self.actions, self.tally, self.lists_leave_out, self.set_aside
        window = Window(*known, self.pseudonyms)
        rows = [row for some in window.rows([answer]) for row in some]
        window.begin_histories()
        for changes in (window.ahead, window.after):
            for table, some in changes.by_table().items():
                self.outbox.put(table, some)
        return rows

    def write_set_aside(self) -> None:
        """At the end, by whoever extracts."""

    def note_gone(self, ticket_ids: Iterable[int], now: datetime) -> None:
        """The API does not have these any more, so nothing of them is set aside."""
        for ticket_id in ticket_ids:
            self.set_aside.mend(ticket_id, now)

    def close_set_aside(self, since: datetime, now: datetime) -> None:
        """Everything was met since then: what was not seen broken again is over."""
        self.set_aside.close_unseen(since, now)

    @property
    def beside(self) -> set[int]:
        """Tickets that the API has, that are set aside, and of which nothing is held."""
        return unheld(self.set_aside, self.held)

    def mark_gone(self, gone: set[int], now: datetime) -> None:
        """Of a ticket that went after it was read in this run the mark is the later row."""
        read = gone & self.tally.seen
        for entry in self.journals.current.entries() if read else ():
            for ticket in answer_of(entry).tickets:
                if ticket["id"] in read:
                    self._late[ticket["id"]] = self._vanished_row(ticket, now)
        for each in gone:
            self.held[each] = self.held[each]._replace(is_vanished=True)

    def _vanished_row(self, ticket: Ticket, now: datetime) -> Row:
        held = self.held[ticket["id"]]
        row = ticket_row(ticket, held.last_seen_at + A_MOMENT, held.first_seen_at)
        return self.pseudonyms.conceal(row) | {"vanished_at": now}

    def late_rows(self) -> Iterator[Rows]:
        """The rows of tickets that went while they were read."""
        if self._late:
            yield list(self._late.values())
            self._late.clear()
