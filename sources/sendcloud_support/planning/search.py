"""Looking for tickets by their places: those that are due, and those that make the counts differ.

Depends on `ranking` and `tickets`; no I/O, no clock. Each search says what to read next and
remembers only what it needs for that; `Places` has both and the ranking that they share.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..api import Page
from ..records import Ticket
from ..settings import PAGE_SIZE
from .orders import Order
from .ranking import Gap, Ranking
from .tickets import Tickets, key_of

MISSES = 4
"""So many pages without the ticket they should hold, and no more hits than that: a wrong order."""

SMALL_STRETCH = 2
"""Unseen tickets in a stretch up to which asking for them costs no more than another page."""


@dataclass(frozen=True)
class Read:
    """A request: a page of the list, or one ticket."""

    page: int | None = None
    ticket_id: int | None = None


class DueSearch:
    """Due tickets, from the newest on: by their pages where these are certain, else one by one.

    A page with several due tickets costs one request for all, so does a page for one, and it shows
    twenty places.
    """

    def __init__(self) -> None:
        self._queue: list[int] = []
        self._target: int | None = None
        self._missed: set[int] = set()
        self._hits = self._misses = 0

    @property
    def is_refuted(self) -> bool:
        """Whether tickets do not stand where the order puts them."""
        return self._misses > MISSES and self._misses > self._hits

    def rank(self, ranking: Ranking, due: Collection[int]) -> None:
        """Hear where tickets stand now."""
        self._queue = sorted(ranking.ranks[each] for each in due if each in ranking.ranks)

    def hear(self, page: Page) -> None:
        """Hear a page: whether it holds the ticket that it was read for."""
        if self._target is None:
            return
        if self._target in page.ids:
            self._hits += 1
        else:
            self._misses += 1
            self._missed.add(self._target)
        self._target = None

    def excuse(self, ticket_id: int) -> None:
        """It is gone: no page could have held it."""
        self._misses -= ticket_id in self._missed

    def forget(self) -> None:
        """The order was another one: what was missed proves nothing."""
        self._hits = self._misses = 0
        self._missed.clear()

    def next_request(self, ranking: Ranking, due: Collection[int], details_only: bool) -> Read:
        """The newest due ticket, by its page where that is certain or holds others too."""
        self._target = None
        newest = self._newest(ranking, due)
        if not newest or details_only:
            return Read(ticket_id=max(due))
        rank, *below = newest
        ticket_id = ranking.ids[rank]
        page, is_certain = ranking.page_of(rank)
        is_shared = any(ranking.page_of(each)[0] == page for each in below)
        if ticket_id in self._missed or not (is_certain or is_shared):
            return Read(ticket_id=ticket_id)
        self._target = ticket_id
        return Read(page=page)

    def _newest(self, ranking: Ranking, due: Collection[int]) -> list[int]:
        """The two highest ranks that are due."""
        found: list[int] = []
        while self._queue and len(found) < 2:  # noqa: PLR2004
            rank = self._queue.pop()
            if ranking.ids[rank] in due:
                found.append(rank)
        self._queue.extend(reversed(found))
        return found


class CountSearch:
    """What vanished, or a hole: pages in the middle halve the stretch between two places that
    differ, until single tickets can be asked for."""

    def __init__(self) -> None:
        self._gap: Gap | None = None
        self._stuck = self._searches = 0

    def next_request(self, ranking: Ranking, seen: Collection[int], most: int) -> Read | None:
        """Where to look, in the newest stretch that hides some.

        None where the places do not tell, or after as many looks as `most`.
        """
        gaps, self._searches = ranking.gaps(), self._searches + 1
        if not gaps or self._stuck > MISSES or self._searches > most:
            return None
        gap = gaps[0]
        self._stuck += gap == self._gap
        self._gap = gap
        unseen = [each for each in ranking.there(gap.low + 1, gap.high) if each not in seen]
        if unseen and gap.missing > 0 and len(unseen) <= max(gap.missing, SMALL_STRETCH):
            return Read(ticket_id=unseen[0])
        return Read(page=ranking.page_of(_middle(ranking, gap, unseen))[0])


def _middle(ranking: Ranking, gap: Gap, unseen: list[int]) -> int:
    """The rank to look at: amid the unseen, else an end that must have been seen too early."""
    if gap.missing < 0:
        return (gap.low + gap.high) // 2
    if unseen:
        return ranking.ranks[unseen[len(unseen) // 2]]
    return gap.low if gap.low >= 0 else gap.high


class Places:
    """Where the tickets of a plan stand, once their order is known, and what to look for there."""

    def __init__(self, tickets: Tickets) -> None:
        self.tickets = tickets
        self.ranking: Ranking | None = None
        self._due, self._counts = DueSearch(), CountSearch()

    @property
    def are_refuted(self) -> bool:
        """Whether tickets do not stand where their order puts them."""
        return self._due.is_refuted

    @property
    def is_count_off(self) -> bool:
        """Whether other tickets are known than the API counts."""
        return self.ranking is not None and self.ranking.surplus + len(self.tickets.beside) != 0

    def settle(self, page: Page, order: Order) -> None:
        """Put tickets and this page into their places, anew where they may have moved."""
        has_moved = self.tickets.has_moved and order.field == "updated_at"
        if self.ranking is None or has_moved:
            self._rank(page, order)
        self.tickets.has_moved = False

    def _rank(self, page: Page, order: Order) -> None:
        known = self.tickets.known
        keys = {ticket_id: key_of(order, times) for ticket_id, times in known.items()}
        self.ranking = Ranking(order, keys, page.total or 0, PAGE_SIZE)
        self.ranking.observe(page)
        self._due.rank(self.ranking, self.tickets.due)

    def hear(self, page: Page, order: Order, details_only: bool) -> None:
        """Learn from a page which tickets there are, and where they stand."""
        self._due.hear(page)
        for ticket in page.items:
            self.meet(ticket, order)
        for each in page.set_aside:
            self.tickets.meet_set_aside(each)
        if not details_only:
            self.tickets.due -= page.ids
        if self.ranking:
            self.ranking.observe(page)

    def meet(self, ticket: Ticket, order: Order | None) -> None:
        """Hear a ticket as it is; one that was not known gets its place."""
        if self.tickets.meet(ticket) and self.ranking and order:
            self.ranking.add(ticket["id"], order.key(ticket))

    def lose(self, ticket_id: int) -> None:
        """Hear that the API has no such ticket."""
        if not self.tickets.lose(ticket_id):
            return
        self._due.excuse(ticket_id)
        if self.ranking:
            self.ranking.remove(ticket_id)

    def forget(self) -> None:
        """The order was another one."""
        self.ranking = None
        self._due.forget()

    def cost_a_sweep(self, order: Order, left: int) -> bool:
        """Whether more pages hold something due than are `left`, so that a sweep costs no more.

        It proves more. From the bottom up it reads the first page first and the last ones twice.
        """
        return order.descending and bool(self.tickets.due) and len(self._due_pages()) > left

    def _due_pages(self) -> set[int]:
        """The pages on which due tickets should stand."""
        ranking = self.ranking
        if ranking is None:
            return set()
        ranks = [ranking.ranks[each] for each in self.tickets.due if each in ranking.ranks]
        return {ranking.page_of(rank)[0] for rank in ranks}

    def next_request(self, details_only: bool, most: int) -> Read | None:
        """What to read for the due tickets, then for the counts.

        None where the places do not tell, or after as many looks for the counts as `most`.
        """
        if self.ranking is None:
            return None
        if self.tickets.due:
            return self._due.next_request(self.ranking, self.tickets.due, details_only)
        return self._counts.next_request(self.ranking, self.tickets.seen, most)
