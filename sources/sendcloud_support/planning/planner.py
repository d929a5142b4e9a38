"""The planner: which page or which ticket an incremental run reads next.

Depends on `ranking` and the source's orders; plain values in, plain values out, no I/O, no clock.
`Plan.next_request` says what to read, `take_page`, `take_ticket` and `take_gone` hear the answer.

A plan goes through steps until nothing is left:

1. *New end.* Pages are read from where new tickets come in, until one reaches back to what was
   known. The first page also shows the list's order; the order of the last run is tried first.
2. *Due tickets.* In a known order a ticket's page follows from its rank. A page with several due
   tickets costs one request for all, so does a page for one, and it shows twenty places; where
   the place is not certain, or the page did not have the ticket, the ticket itself is asked for.
3. *Counts.* If more tickets are known than the API counts, some vanished; if fewer, there is a
   hole. The places seen tell between which ranks, and pages in the middle halve the stretch until
   single tickets can be asked for.
4. *New end again*, if anything was read since: what came meanwhile. Then 2 and 3 for that.

`Plan.verdict` is None while it goes on, then `COMPLETE`, or `SWEEP` with the reason in `why`: the
list has no order we know, or it contradicts the order, or a sweep is cheaper. Promises that a
complete plan has met every due ticket or heard that it is gone, and knows as many tickets as the
API counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from ..api import Page
from ..records import Malformed, Ticket
from ..settings import PAGE_SIZE
from .beside import Beside
from .orders import (
    ORDERS,
    Order,
    agreeing,
    describe,
)
from .ranking import Gap, Ranking

COMPLETE, SWEEP = "complete", "sweep"
ROUNDS = 6
"""How often the new end is read before a list that moves faster is left to a sweep."""

MISSES = 4
"""So many pages without the ticket they should hold, and no more hits than that: a wrong order."""

SMALL_STRETCH = 2
"""Unseen tickets in a stretch up to which asking for them costs no more than another page."""


class Known(NamedTuple):
    """The times of a known ticket that a list may be ordered by."""

    created_at: datetime
    updated_at: datetime | None


@dataclass(frozen=True)
class Read:
    """A request: a page of the list, or one ticket."""

    page: int | None = None
    ticket_id: int | None = None


def key_of(order: Order, ticket: Known) -> datetime:
    """The time that places a ticket; one that was never updated stands by its creation."""
    if order.field == "created_at" or ticket.updated_at is None:
        return ticket.created_at
    return ticket.updated_at


class Plan:
    """One incremental reading of the list.

    Args:
        known: Tickets held and not vanished, by id.
        due: Those of them that this run has to see.
        expected: Name of the order that the last run found.
        watermarks: Latest known time by order name when the run began; taken from `known` unless
            the run continues one that was killed.
        top_page: Where reading the new end goes on, for a continued run.
        details_only: Pages leave out what due tickets are read for.
        size: Tickets on a page.
        beside: Tickets that the API counts and that are not among the known.
    """

    def __init__(
        self,
        known: Mapping[int, Known],
        due: set[int],
        expected: str | None = None,
        watermarks: Mapping[str, datetime] | None = None,
        top_page: int | None = None,
        details_only: bool = False,
        size: int = PAGE_SIZE,
        beside: Beside | None = None,
    ) -> None:
        self.known, self.due, self.size = dict(known), set(due), size
        self.details_only = details_only
        self.beside = beside or Beside()
        self.expected = expected
        self.orders: tuple[Order, ...] = ORDERS
        self.watermarks = dict(watermarks or watermarks_of(known))
        self.total: int | None = None
        self.pages = 0
        self.verdict: str | None = None
        self.why = ""
        self.new: set[int] = set()
        self.gone: set[int] = set()
        self.read = 0
        self._seen: set[int] = set()
        self._missed: set[int] = set()
        self._missing_pages: set[int] = set()
        self._hits = self._misses = self._rounds = self._stuck = self._searches = 0
        self._queue: list[int] = []
        self._has_moved = False
        self._ranking: Ranking | None = None
        self._target: int | None = None
        self._gap: Gap | None = None
        self._in_top = True
        self._top_read_at = 0
        self._top_pages: list[Page] = []
        self._next: Read | None = None
        self._continues_at = top_page
        self._start(top_page)

    @property
    def order(self) -> Order | None:
        """The order worked with: the expected one while the pages agree with it."""
        for order in self.orders:
            if order.name == self.expected:
                return order
        return self.orders[0] if self.orders else None

    @property
    def order_name(self) -> str:
        """The order for people."""
        return self.order.name if self.order else describe(())

    @property
    def top_page(self) -> int | None:
        """The page of the new end to be read next; None outside of that step."""
        return self._next.page if self._in_top and self._next else None

    @property
    def next_request(self) -> Read | None:
        """What to read now; None when the plan has its verdict."""
        return self._next if self.verdict is None else None

    def _start(self, top_page: int | None) -> None:
        if not self.known:
            self.give_to_sweep("nothing is held yet")
            return
        order = next((each for each in ORDERS if each.name == self.expected), None)
        last = max(1, -(-len(self.known) // self.size))
        is_ascending = order is not None and not order.descending
        self._next = Read(page=top_page or (last if is_ascending else 1))

    def give_to_sweep(self, why: str) -> None:
        """What was read does not do."""
        self.verdict, self.why, self._next = SWEEP, why, None

    # -- answers

    def take_page(self, page: Page) -> None:
        """Hear a page."""
        self.read += 1
        self.orders = agreeing(self.orders, page.items)
        if page.total is None or page.pages is None:
            self.give_to_sweep("the API gives no count of tickets")
        elif self.order is None:
            self.give_to_sweep("the list has no order that is known")
        else:
            self.total, self.pages = page.total, page.pages
            self._hear(page)

    def _hear(self, page: Page) -> None:
        self._note_hit(page)
        for item in page.items:
            self._meet(item)
        for each in page.set_aside:
            self._meet_set_aside(each)
        if not self.details_only:
            self.due -= page.ids
        if self._ranking:
            self._ranking.observe(page)
        if self._in_top:
            self._top_pages.append(page)
            self._go_on_top(page)
        else:
            self._decide()

    def take_missing_page(self, number: int) -> None:
        """Hear that the API gives no such page: its list is shorter than was known, or cut."""
        self.read += 1
        if number in self._missing_pages and number <= self.pages:
            self.give_to_sweep(f"the list counts {self.pages} pages and gives no page {number}")
        self._missing_pages.add(number)
        self._next = None if self.verdict else Read(page=1)

    def take_ticket(self, ticket: Ticket) -> None:
        """Hear a ticket that was asked for."""
        self.read += 1
        self._meet(ticket)
        self.due.discard(ticket["id"])
        self._decide()

    def take_set_aside(self, found: Malformed) -> None:
        """Hear a ticket that was asked for and breaks the contract, or was refused."""
        self.read += 1
        self._meet_set_aside(found)
        if found.ticket_id is not None:
            self.due.discard(found.ticket_id)
        self._decide()

    def take_gone(self, ticket_id: int) -> None:
        """Hear that the API has no such ticket."""
        self.read += 1
        self.due.discard(ticket_id)
        self.beside.discard(ticket_id)
        if self.known.pop(ticket_id, None):
            self.gone.add(ticket_id)
            self._misses -= ticket_id in self._missed
            if self._ranking:
                self._ranking.remove(ticket_id)
        self._decide()

    def require_details(self, ticket_ids: set[int]) -> None:
        """Pages turned out to leave something out: these tickets have to be asked for."""
        self.details_only = True
        self.due |= ticket_ids & self.known.keys()
        if self.verdict == COMPLETE:
            self.verdict = None
        if self.verdict is None and not self._in_top:
            self._decide()

    def _meet(self, ticket: Ticket) -> None:
        ticket_id = ticket["id"]
        known = Known(ticket["created_at"], ticket["updated_at"])
        before = self.known.get(ticket_id)
        self.known[ticket_id] = known
        self._seen.add(ticket_id)
        self.beside.discard(ticket_id)
        if before is None:
            self.new.add(ticket_id)
            self.gone.discard(ticket_id)
            if self._ranking and self.order:
                self._ranking.add(ticket_id, key_of(self.order, known))
        self._has_moved = self._has_moved or (before is not None and before != known)

    def _meet_set_aside(self, found: Malformed) -> None:
        if found.ticket_id is not None:
            self._seen.add(found.ticket_id)
        self.beside.meet(found, self.known)

    def _note_hit(self, page: Page) -> None:
        if self._target is None:
            return
        if self._target in page.ids:
            self._hits += 1
        else:
            self._misses += 1
            self._missed.add(self._target)

    # -- the new end

    def _go_on_top(self, page: Page) -> None:
        order = self.order
        assert order is not None
        new_end = 1 if order.descending else max(page.pages or 1, 1)
        begins = len(self._top_pages) == 1 and page.number != self._continues_at
        if begins and page.number != new_end:
            # another order was expected, or pages have come since
            self._next, self._top_pages = Read(page=new_end), []
        elif self._reaches_known(page, order):
            self._end_top()
        else:
            self._next = Read(page=page.number + (1 if order.descending else -1))

    def _reaches_known(self, page: Page, order: Order) -> bool:
        """Whether the page goes back to before the run, so that nothing new is older."""
        is_far_end = page.number >= (page.pages or 1) if order.descending else page.number <= 1
        watermark = self.watermarks.get(order.name)
        times = [key_of(order, Known(i["created_at"], i["updated_at"])) for i in page.items]
        if is_far_end or watermark is None or not times:
            return is_far_end or watermark is None
        oldest = min(times)
        return oldest < watermark or (oldest == watermark and not page.ids & self.new)

    def _end_top(self) -> None:
        order = self.order
        assert order is not None
        if self._pulled_past_reader(order):
            self._next, self._top_pages = Read(page=1), self._top_pages[-1:]
            self._count_round()
            return
        self._in_top = False
        self._top_read_at = self.read
        self._count_round()
        if self._ranking is None or (self._has_moved and order.field == "updated_at"):
            self._rank(order)
        self._top_pages, self._has_moved = [], False
        self.watermarks = watermarks_of(self.known)
        self._decide()

    def _pulled_past_reader(self, order: Order) -> bool:
        """Whether deletions, while pages were read, may have pulled a ticket up and past us."""
        totals = [page.total or 0 for page in self._top_pages]
        return order.descending and any(a > b for a, b in pairwise(totals))

    def _count_round(self) -> None:
        self._rounds += 1
        if self._rounds > ROUNDS:
            self.give_to_sweep("the list changes faster than it can be read")

    def _rank(self, order: Order) -> None:
        keys = {ticket_id: key_of(order, known) for ticket_id, known in self.known.items()}
        self._ranking = ranking = Ranking(order, keys, self.total or 0, self.size)
        ranking.observe(self._top_pages[-1])
        self._queue = sorted(ranking.ranks[each] for each in self.due if each in ranking.ranks)

    # -- what next

    def _decide(self) -> None:
        """Due tickets, then counts, then the new end again."""
        self._target, ranking = None, self._ranking
        if self.verdict or ranking is None:
            return
        if self._misses > MISSES and self._misses > self._hits:
            self._refute_order()
        elif self.due:
            self._ask_for_due(ranking)
            self._check_cost(ranking)
        elif ranking.surplus + len(self.beside):
            self._search(ranking)
        elif self.read > self._top_read_at:
            self._read_top_again()
        else:
            self.verdict, self._next = COMPLETE, None

    def _refute_order(self) -> None:
        """Another order: its new end was not read yet."""
        refuted = self.order
        self.orders = tuple(order for order in self.orders if order is not refuted)
        self._hits = self._misses = 0
        self._missed.clear()
        self._ranking, self._top_pages = None, []
        if self.order is None:
            self.give_to_sweep("tickets do not stand where the order of the list puts them")
        else:
            self._read_top_again()

    def _ask_for_due(self, ranking: Ranking) -> None:
        """The newest due ticket, by its page where that is certain or holds others too."""
        rank, below = self._newest_due(ranking)
        if rank is None or self.details_only:
            self._next = Read(ticket_id=max(self.due))
            return
        ticket_id = ranking.ids[rank]
        page, is_certain = ranking.page_of(rank)
        is_shared = below is not None and ranking.page_of(below)[0] == page
        if ticket_id in self._missed or not (is_certain or is_shared):
            self._next = Read(ticket_id=ticket_id)
        else:
            self._next, self._target = Read(page=page), ticket_id

    def _newest_due(self, ranking: Ranking) -> tuple[int | None, int | None]:
        """The two highest ranks that are due."""
        found: list[int] = []
        while self._queue and len(found) < 2:  # noqa: PLR2004
            rank = self._queue.pop()
            if ranking.ids[rank] in self.due:
                found.append(rank)
        self._queue.extend(reversed(found))
        return (*found, None, None)[0], (*found, None, None)[1]

    def _check_cost(self, ranking: Ranking) -> None:
        """When all pages hold something due, a sweep costs the same and proves more.

        From the bottom up it does not: it reads the first page first and the last ones twice.
        """
        if self.details_only or self._rounds > 1 or self.read > self._top_read_at:
            return
        if not ranking.order.descending:
            return
        ranks = [ranking.ranks[each] for each in self.due if each in ranking.ranks]
        pages = {ranking.page_of(rank)[0] for rank in ranks}
        if len(pages) + self.read > self.pages:
            self.give_to_sweep("all pages hold tickets that are due")

    def _search(self, ranking: Ranking) -> None:
        """Look for what vanished, or for a hole, in the newest stretch that hides some."""
        gaps, self._searches = ranking.gaps(), self._searches + 1
        if not gaps or self._stuck > MISSES or self._searches > self.pages:
            self.give_to_sweep("the counts differ and the places do not tell where")
            return
        gap = gaps[0]
        self._stuck += gap == self._gap
        self._gap = gap
        unseen = [
            ticket_id
            for rank, ticket_id in enumerate(ranking.ids[gap.low + 1 : gap.high], gap.low + 1)
            if ticket_id not in self._seen and not ranking.is_gone(rank)
        ]
        if unseen and gap.missing > 0 and len(unseen) <= max(gap.missing, SMALL_STRETCH):
            self._next = Read(ticket_id=unseen[0])
        else:
            self._next = Read(page=ranking.page_of(self._middle(ranking, gap, unseen))[0])

    def _middle(self, ranking: Ranking, gap: Gap, unseen: list[int]) -> int:
        """The rank to look at: amid the unseen, else an end that must have been seen too early."""
        if gap.missing < 0:
            return (gap.low + gap.high) // 2
        if unseen:
            return ranking.ranks[unseen[len(unseen) // 2]]
        return gap.low if gap.low >= 0 else gap.high

    def _read_top_again(self) -> None:
        order = self.order
        assert order is not None
        self._in_top = True
        self._next = Read(page=1 if order.descending else max(self.pages, 1))


def watermarks_of(known: Mapping[int, Known]) -> dict[str, datetime]:
    """The latest known time in each order."""
    if not known:
        return {}
    return {order.name: max(key_of(order, ticket) for ticket in known.values()) for order in ORDERS}


def plan_state(plan: Plan) -> dict[str, Any]:
    """Plain values from which a killed run goes on; see `Plan`'s arguments."""
    return {
        "order": plan.order_name,
        "top_page": plan.top_page,
        "watermarks": {name: moment.isoformat() for name, moment in plan.watermarks.items()},
    }
