"""A window: answers of the API become the rows of one load.

Depends on `holdings` and `history`; no I/O. Promises that an older sighting of a ticket never
replaces a newer one, that taking the same answers twice gives the same rows, and that the history
of tickets the warehouse holds is told apart from that of new ones: it has to be loaded before
them, because afterwards nobody can tell any more when they were last seen otherwise. That a new
ticket begins in some state is not among the rows: the table of tickets tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sources.sendcloud_support import (
    ACTION_HISTORY,
    STATUS_HISTORY,
    Ticket,
    UnknownValues,
    read_page,
    read_ticket,
    ticket_row,
)

from .history import (
    action_row,
    first_status,
    outstanding,
    sighted_actions,
    sighting_time,
    status_change,
)
from .holdings import Actions, Held, sighted
from .journal import PAGE, Entry

Row = dict[str, Any]


class Answer(NamedTuple):
    """An answer as it is loaded: its kind and its times as in the journal, the tickets in it."""

    kind: str
    asked_at: datetime
    seen_at: datetime
    tickets: Sequence[Ticket]


def answer_of(entry: Entry) -> Answer:
    """A journalled answer, checked again as when it came."""
    if entry.kind == PAGE:
        tickets = read_page(entry.body, entry.asked).items
    else:
        tickets = (read_ticket(entry.body, entry.asked),)
    return Answer(entry.kind, entry.asked_at, entry.seen_at, tickets)


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


@dataclass
class Changes:
    """Rows of the two histories. A request has one row, so the latest is what counts."""

    statuses: list[Row] = field(default_factory=list)
    actions: dict[tuple[int, int], Row] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.statuses or self.actions)

    def by_table(self) -> dict[str, list[Row]]:
        """The rows, by table."""
        return {STATUS_HISTORY: self.statuses, ACTION_HISTORY: list(self.actions.values())}


@dataclass
class Window:
    """Takes answers one after the other.

    Args:
        held, actions: What the warehouse holds; kept up to date with what was taken.
        tally: Counts what is taken.
        lists_leave_out: Pages may leave out the requested actions, only details have them for sure.
        is_all_new: The warehouse held nothing when the run began.
    """

    held: dict[int, Held]
    actions: Actions
    tally: Tally
    lists_leave_out: bool = False
    is_all_new: bool = False
    ahead: Changes = field(default_factory=Changes)
    after: Changes = field(default_factory=Changes)
    fresh: set[int] = field(default_factory=set)
    _told: set[int] = field(default_factory=set)

    def rows(self, answers: Iterable[Answer]) -> Iterator[list[Row]]:
        """Ticket rows answer by answer; answers without a row to load are left out."""
        for answer in answers:
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
        if before is None or not before.has_history:
            self.fresh.add(ticket["id"])
        after = sighted(ticket, seen_at, before)
        changes = self.after if self.is_all_new or ticket["id"] in self.fresh else self.ahead
        if before is not None and before.has_history:
            self._note_status(ticket, before, after, changes)
        if self.lists_leave_out and answer.kind == PAGE:
            ticket = self._with_known_actions(ticket)
        else:
            self._note_actions(ticket, after, changes)
        self.held[ticket["id"]] = after
        return ticket_row(ticket, seen_at, after.first_seen_at)

    def _note_status(self, ticket: Ticket, before: Held, after: Held, changes: Changes) -> None:
        """A change; of a ticket new in this window the state before it too, which no load tells."""
        change = status_change(ticket, after.last_seen_at, before)
        if change is None:
            return
        if ticket["id"] in self.fresh - self._told:
            self._told.add(ticket["id"])
            changes.statuses.append(first_status(ticket["id"], before))
        changes.statuses.append(change)

    def _note_actions(self, ticket: Ticket, after: Held, changes: Changes) -> None:
        known = self.actions.get(ticket["id"], {})
        if known or ticket["requested_actions"]:
            moved = sighted_actions(ticket, after.last_seen_at, known)
            self.actions[ticket["id"]] = known | moved
            for action_id, action in moved.items():
                changes.actions[ticket["id"], action_id] = action_row(
                    ticket["id"], action_id, action
                )

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
