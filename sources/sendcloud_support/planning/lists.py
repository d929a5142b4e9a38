"""Lists: whether pages show a ticket's requested actions, or only its detail does.

Depends on nothing but the shape of a page. The vendor's example of the list shows no requested
actions for a ticket whose detail has one, so nothing is taken for granted:

- A single action on any page proves that pages show them, in this run and, as long as nothing
  speaks against it, in the next ones.
- A detail with an action that is older than the page which did not show it proves them *thin*.
- Where ten pages, or all, were silent, each ticket that held some before is asked for, because
  nobody may call its requests met for a page's silence; and of those that should have some, a few
  of every kind.

A detail without requests tells nothing of the list: they may just have been met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..api import Page
from ..holdings import CLOSED, Actions, HeldAction
from ..records import Ticket

ASKS_FOR_SOMETHING = frozenset(
    {"action_required", "waiting_for_customer", "customer_documents_requested"}
    | {"customer_reminder_sent"}
)
"""Statuses and the stage in which the API is likely to hold requested actions (DECISIONS.md)."""

ENOUGH_PAGES = 10
"""After so many pages without any action details have to tell."""

QUESTIONS = 12
"""So many tickets that should have some are asked for in the first run, and one in each later."""

REMEMBERED = 1_000
SCATTER = 2_654_435_761  # of the golden ratio: neighbours are sent far from each other

Kind = tuple[str, str]


class ListDepth:
    """What is known of the lists.

    Args:
        are_thin, are_full: What earlier runs proved, if anything.
        silent: Tickets that should have some, and whose details had none, with their status then.
    """

    def __init__(
        self, are_thin: bool = False, are_full: bool = False, silent: Mapping[int, str] = {}
    ) -> None:
        self.are_thin, self.are_full = are_thin, are_full
        self.silent = dict(silent)
        self.has_shown = False
        self._was_asked = bool(self.silent)
        self._asked: dict[int, datetime] = {}
        self._held: dict[int, datetime] = {}
        self._likely: dict[int, tuple[Kind, datetime]] = {}
        self._kinds: Counter[Kind] = Counter()
        self._pages = 0

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> ListDepth:
        """What `to_state` of an earlier run kept."""
        return cls(
            bool(state.get("lists_are_thin")),
            bool(state.get("lists_are_full")),
            {int(number): status for number, status in state.get("silent", {}).items()},
        )

    def to_state(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "lists_are_thin": self.are_thin,
            "lists_are_full": self.are_full,
            "lists_leave_out": self.leave_out,
            "silent": {str(number): status for number, status in self.silent.items()},
        }

    @property
    def are_silent(self) -> bool:
        """Whether nothing proves that a page without actions means a ticket without."""
        return not (self.has_shown or self.are_full or self.are_thin)

    @property
    def leave_out(self) -> bool:
        """Whether what a page does not show has to be taken for outstanding still."""
        return self.are_thin or self.are_silent

    @property
    def are_undecided(self) -> bool:
        """Whether a ticket's requests may have been met, or left out: not to be loaded so."""
        return bool(self._held) and not (self.has_shown or self.are_thin)

    def hear(self, page: Page, seen_at: datetime, actions: Actions) -> None:
        """Hear a page that left the API at `seen_at` at the earliest, and what was held before."""
        self._pages += 1
        if any(item["requested_actions"] for item in page.items):
            self.has_shown, self.are_thin, self.are_full = True, False, True
            self.silent.clear()
        if self.has_shown or self.are_thin:
            return
        for item in page.items:
            if item["id"] in self._asked:
                continue
            if _has_outstanding(actions.get(item["id"], {})):
                self._held.setdefault(item["id"], seen_at)
            elif not self.are_full and _is_open(item) and len(self._likely) < REMEMBERED:
                self._likely.setdefault(item["id"], ((item["status"], item["stage"]), seen_at))

    def next_question(self, is_end: bool = False) -> int | None:
        """A ticket whose detail would tell; None if none can, or need not yet."""
        is_time = is_end or self._pages >= ENOUGH_PAGES
        if self.has_shown or self.are_thin or not is_time:
            return None
        if self._held:
            ticket_id, seen_at = self._held.popitem()
        elif self._may_ask and self._likely:
            ticket_id = min(self._likely, key=self._turn)
            kind, seen_at = self._likely.pop(ticket_id)
            self._kinds[kind] += 1
        else:
            return None
        self._asked[ticket_id] = seen_at
        return ticket_id

    @property
    def _may_ask(self) -> bool:
        return self._kinds.total() < (1 if self._was_asked else QUESTIONS)

    def _turn(self, ticket_id: int) -> tuple[bool, int, bool, int]:
        """Kinds take turns, those that ask for something twice as often; ages are mixed."""
        kind, _ = self._likely[ticket_id]
        is_quiet = not set(kind) & ASKS_FOR_SOMETHING
        turns = self._kinds[kind] * (2 if is_quiet else 1)
        is_known = self.silent.get(ticket_id) == kind[0]
        return is_known, turns, is_quiet, ticket_id * SCATTER % 2**32

    def compare(self, ticket_id: int, detail: Ticket | None) -> None:
        """Hear the detail of a ticket that was asked for; None if the API does not have it."""
        seen_at, actions = self._asked[ticket_id], (detail or {}).get("requested_actions", ())
        if any(action["created_at"] < seen_at for action in actions):
            self.are_thin, self.are_full = True, False
        elif detail is not None and not actions:
            self.silent[ticket_id] = detail["status"]

    def sentence(self) -> str | None:
        """What is believed of the lists and why, where that is worth a word."""
        if self.are_thin:
            return THIN
        if self.are_silent and self._asked:
            return (
                "No page showed a requested action, nor did the details of "
                f"{len(self.silent)} tickets that might have some: pages are believed to show them."
            )
        return None


THIN = "Pages of the list leave out requested actions; live tickets were read one by one."


def _has_outstanding(actions: Mapping[int, HeldAction]) -> bool:
    return any(held.first_missing_at is None for held in actions.values())


def _is_open(item: Ticket) -> bool:
    return item["resolution"] is None and item["status"] not in CLOSED
