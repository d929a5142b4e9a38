"""Lists: whether pages show a ticket's requested actions, or only its detail does.

Depends on nothing but the shape of a page. The vendor's example of the list shows no requested
actions for a ticket whose detail has one, so nothing is taken for granted. A single action on any
page proves the list full; else each ticket that held some before is asked for, and one that should
have some, but not before a few pages more, or the end of the reading, had the chance to tell.
Promises one such request in a run, and more only before held requests would be believed to be met
because of a list that may leave them out.
"""

from __future__ import annotations

from collections.abc import Mapping

from sources.sendcloud_support import Page, Ticket

from .holdings import Actions, HeldAction

ASKS_FOR_SOMETHING = frozenset(
    {"action_required", "waiting_for_customer", "customer_documents_requested"}
    | {"customer_reminder_sent"}
)
"""Statuses and the stage in which the API is likely to hold requested actions (DECISIONS.md)."""


ENOUGH_PAGES = 10
"""After so many pages without any action a detail has to tell."""


class ListDepth:
    """What is known of the lists in this run; `are_thin` is what the last one left, at first."""

    def __init__(self, are_thin: bool = False) -> None:
        self.are_thin = are_thin
        self._is_settled = False
        self._asked: set[int] = set()
        self._pages = 0
        self._likely: int | None = None

    def candidate(self, page: Page, actions: Actions) -> int | None:
        """A ticket whose detail would tell; None if nothing on the page can, or need not yet."""
        if any(item["requested_actions"] for item in page.items) and not self._is_settled:
            self._is_settled, self.are_thin = True, False
        if self._is_settled or self.are_thin:
            return None
        ids = [item["id"] for item in page.items if item["id"] not in self._asked]
        held: int | None = next(
            (each for each in ids if _has_outstanding(actions.get(each, {}))), None
        )
        if held is not None:
            self._asked.add(held)
            return held
        self._pages += 1
        if self._likely is None:
            self._likely = next((item["id"] for item in page.items if _asks(item)), None)
        return self.last_candidate() if self._pages >= ENOUGH_PAGES else None

    def last_candidate(self) -> int | None:
        """The first ticket that should have some, unless any was asked for or a page told."""
        if self._is_settled or self.are_thin or self._asked or self._likely is None:
            return None
        self._asked.add(self._likely)
        return self._likely

    def compare(self, detail: Ticket | None) -> None:
        """Hear the candidate's detail; None if the ticket is gone.

        A detail without requests tells nothing of the list: they may just have been met.
        """
        self.are_thin = self._is_settled = bool(detail and detail["requested_actions"])


def _has_outstanding(actions: Mapping[int, HeldAction]) -> bool:
    return any(held.first_missing_at is None for held in actions.values())


def _asks(item: Ticket) -> bool:
    return item["resolution"] is None and bool({item["status"], item["stage"]} & ASKS_FOR_SOMETHING)
