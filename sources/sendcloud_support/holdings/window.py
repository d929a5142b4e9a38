"""A window: answers of the API become the rows of one load.

Depends on `holdings` and `history`; no I/O. Promises that an older sighting of a ticket never
replaces a newer one, that taking the same answers twice gives the same rows, and that the history
of tickets the warehouse holds is told apart from that of new ones: it has to be loaded before
them, because afterwards nobody can tell any more when they were last seen otherwise. Of a new
ticket that was seen once there are no such rows: the tables of tickets tell how its history begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from ..api import Pseudonyms, read_detail, read_page
from ..records import (
    ACTION_HISTORY,
    DETAIL,
    RESOLUTION_HISTORY,
    STATUS_HISTORY,
    Malformed,
    SetAside,
    Ticket,
    UnknownValues,
    ticket_row,
)
from .history import (
    action_row,
    first_status,
    outstanding,
    resolution_change,
    resolution_row,
    sighted_actions,
    sighting_time,
    status_change,
)
from .holdings import (
    Actions,
    Held,
    HeldAction,
    sighted,
)
from .journal import PAGE, Entry

Row = dict[str, Any]
Resolution = dict[str, Any]


class Answer(NamedTuple):
    """An answer as it is loaded: its kind and its times as in the journal, the tickets in it.

    `set_aside` are tickets in it that break the contract.
    """

    kind: str
    asked_at: datetime
    seen_at: datetime
    tickets: Sequence[Ticket]
    set_aside: Sequence[Malformed] = ()


def answer_of(entry: Entry) -> Answer:
    """A journalled answer, checked again as when it came."""
    if entry.kind == PAGE:
        page = read_page(entry.body, entry.asked)
        return Answer(entry.kind, entry.asked_at, entry.seen_at, page.items, page.set_aside)
    found = read_detail(entry.body, entry.asked)
    tickets, set_aside = ((), (found,)) if isinstance(found, Malformed) else ((found,), ())
    return Answer(entry.kind, entry.asked_at, entry.seen_at, tickets, set_aside)


@dataclass
class Tally:
    """Distinct tickets that a run loaded, and what was new about them."""

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

    def forget(self, ticket_id: int) -> None:
        """This one was not loaded."""
        for ids in (self.seen, self.new, self.changed):
            ids.discard(ticket_id)


@dataclass
class Changes:
    """Rows of the histories. A request has one row, so the latest is what counts."""

    statuses: list[Row] = field(default_factory=list)
    resolutions: list[Row] = field(default_factory=list)
    actions: dict[tuple[int, int], Row] = field(default_factory=dict)

    def by_table(self) -> dict[str, list[Row]]:
        """The rows, by table."""
        return {
            STATUS_HISTORY: self.statuses,
            RESOLUTION_HISTORY: self.resolutions,
            ACTION_HISTORY: list(self.actions.values()),
        }


@dataclass
class Window:
    """Takes answers one after the other.

    Args:
        held, actions: What the warehouse holds; kept up to date with what was taken.
        tally: Counts what is taken.
        lists_leave_out: Pages may leave out the requested actions, only details have them for sure.
        set_aside: Hears of tickets that break the contract, and of those that do no longer.
        pseudonyms: Stand in the rows instead of the values.
    """

    held: dict[int, Held]
    actions: Actions
    tally: Tally
    lists_leave_out: bool = False
    set_aside: SetAside = field(default_factory=SetAside)
    pseudonyms: Pseudonyms = field(default_factory=Pseudonyms)
    ahead: Changes = field(default_factory=Changes)
    after: Changes = field(default_factory=Changes)
    _fresh: dict[int, Resolution | None] = field(default_factory=dict)
    """New tickets, each with its first resolution."""
    _told: set[int] = field(default_factory=set)

    @property
    def has_fresh(self) -> bool:
        """Whether there are tickets whose history has to begin."""
        return bool(self._fresh)

    def rows(self, answers: Iterable[Answer]) -> Iterator[list[Row]]:
        """Ticket rows answer by answer; answers without a row to load are left out."""
        for answer in answers:
            for malformed in answer.set_aside:
                self.set_aside.sight(malformed, answer.asked_at)
            found = [self._take(ticket, answer) for ticket in answer.tickets]
            if rows := [row for row in found if row is not None]:
                yield rows

    def _take(self, ticket: Ticket, answer: Answer) -> Row | None:
        """The row to load, None if a later sighting is held already."""
        before = self.held.get(ticket["id"])
        seen_at = sighting_time(ticket, answer.asked_at, answer.seen_at)
        self.tally.add(ticket, before)
        if before is not None and _is_old(before, seen_at):
            return None
        after = sighted(ticket, seen_at, before)
        if before is None or not before.has_history:
            self._fresh[ticket["id"]] = ticket["resolution"]
        else:
            self._note_changes(ticket, before, seen_at)
        if self.lists_leave_out and answer.kind == PAGE:
            ticket = self._with_known_actions(ticket)
        else:
            self._note_actions(ticket, seen_at)
        self.held[ticket["id"]] = after
        is_thin = self.lists_leave_out and answer.kind == PAGE
        self.set_aside.mend(ticket["id"], seen_at, (DETAIL,) if is_thin else ())
        return self.pseudonyms.conceal(ticket_row(ticket, seen_at, after.first_seen_at))

    def _changes(self, ticket_id: int) -> Changes:
        return self.after if ticket_id in self._fresh else self.ahead

    def _note_changes(self, ticket: Ticket, before: Held, seen_at: datetime) -> None:
        """Of status and resolution; before the second sighting of a new ticket also its first."""
        changes = self._changes(ticket["id"])
        if ticket["id"] in self._fresh and ticket["id"] not in self._told:
            self._tell_first(ticket["id"], before)
        if (change := status_change(ticket, seen_at, before)) is not None:
            changes.statuses.append(change)
        if (change := resolution_change(ticket, seen_at, before)) is not None:
            changes.resolutions.append(change)

    def _tell_first(self, ticket_id: int, before: Held) -> None:
        """The first sighting, which the table of tickets tells no more once there is a second."""
        self._told.add(ticket_id)
        self.after.statuses.append(first_status(ticket_id, before))
        if (resolution := self._fresh[ticket_id]) is not None:
            first = resolution_row(ticket_id, resolution, before.first_seen_at)
            self.after.resolutions.append(first)
        self._tell_actions(ticket_id, self.actions.get(ticket_id, {}))

    def begin_histories(self) -> None:
        """Tell the first sighting of each new ticket, where no table will tell it."""
        for ticket_id in self._fresh.keys() - self._told:
            self._tell_first(ticket_id, self.held[ticket_id])

    def _note_actions(self, ticket: Ticket, seen_at: datetime) -> None:
        ticket_id = ticket["id"]
        known = self.actions.get(ticket_id, {})
        moved = sighted_actions(ticket, seen_at, known)
        if moved:
            self.actions[ticket_id] = known | moved
        if known or ticket_id not in self._fresh or ticket_id in self._told:
            self._tell_actions(ticket_id, moved)

    def _tell_actions(self, ticket_id: int, actions: dict[int, HeldAction]) -> None:
        rows = self._changes(ticket_id).actions
        for action_id, action in actions.items():
            rows[ticket_id, action_id] = action_row(ticket_id, action_id, action)

    def _with_known_actions(self, ticket: Ticket) -> Ticket:
        """The page may have left them out: what was outstanding at the last detail still is."""
        return ticket | {"requested_actions": outstanding(self.actions.get(ticket["id"], {}))}


def _is_old(before: Held, seen_at: Any) -> bool:
    """What a killed run loaded only half of is taken again."""
    is_whole = before.has_history and not before.is_ahead
    return before.last_seen_at >= seen_at and is_whole and not before.is_vanished


def _differs(ticket: Ticket, before: Held) -> bool:
    return (ticket["status"], ticket["stage"], ticket["updated_at"]) != (
        before.status,
        before.stage,
        before.updated_at,
    )


def leave_out(progress: dict[str, Any] | None) -> bool:
    """Whether pages read until then may leave out what is outstanding."""
    known = progress or {}
    return bool(known.get("lists_leave_out", known.get("lists_are_thin")))
