"""The planner: which page or which ticket an incremental run reads next.

Depends on `tickets`, `new_end` and `search`; plain values in, plain values out, no I/O,
no clock. `Plan.next_request` says what to read, `take_page`, `take_ticket`, `take_set_aside`,
`take_gone` and `take_missing_page` hear the answer.

A plan goes through steps until nothing is left:

1. *New end* (`NewEnd`). Pages are read from where new tickets come in, until one reaches back to
   what was known. The first page also shows the list's order; that of the last run is tried first.
2. *Due tickets* (`DueSearch`). In a known order a ticket's page follows from its rank; where the
   place is not certain, or the page did not have the ticket, the ticket itself is asked for.
3. *Counts* (`CountSearch`). If more tickets are known than the API counts, some vanished; if
   fewer, there is a hole. The places seen tell between which ranks.
4. *New end again*, if anything was read since: what came meanwhile. Then 2 and 3 for that.

`Plan.verdict` is None while it goes on, then `COMPLETE`, or `SWEEP` with the reason in `why`: the
list has no order we know, or it contradicts the order, or a sweep is cheaper. Promises that a
complete plan has met every due ticket or heard that it is gone, and knows as many tickets as the
API counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..api import Page
from ..records import Malformed, Ticket
from ..settings import PAGE_SIZE
from .new_end import NewEnd
from .orders import Guess, Order
from .search import Places, Read
from .tickets import Tickets, watermarks_of

COMPLETE, SWEEP = "complete", "sweep"


class Plan:
    """One incremental reading of the list.

    Args:
        tickets: What is known; kept up to date, also by whoever reads.
        expected: Name of the order that the last run found.
        watermarks: Latest known time by order name when the run began; taken from what is known
            unless the run continues one that was killed.
        top_page: Where reading the new end goes on, for a continued run.
        details_only: Pages leave out what due tickets are read for.
    """

    def __init__(
        self,
        tickets: Tickets,
        expected: str | None = None,
        watermarks: Mapping[str, datetime] | None = None,
        top_page: int | None = None,
        details_only: bool = False,
    ) -> None:
        self.tickets, self.details_only = tickets, details_only
        self.guess = Guess(expected)
        self.new_end = NewEnd(dict(watermarks or watermarks_of(tickets.known)), top_page)
        self.total: int | None = None
        self.verdict: str | None = None
        self.why = ""
        self.read = 0
        self._pages = 0
        self._missing_pages: set[int] = set()
        self._places = Places(tickets)
        self._in_top = True
        self._top_read_at = 0
        self._next: Read | None = None
        if tickets.known:
            last = max(1, -(-len(tickets.known) // PAGE_SIZE))
            self._next = Read(page=top_page or self.guess.new_end(last))
        else:
            self.give_to_sweep("nothing is held yet")

    @property
    def top_page(self) -> int | None:
        """The page of the new end to be read next; None outside of that step."""
        return self._next.page if self._in_top and self._next else None

    @property
    def next_request(self) -> Read | None:
        """What to read now; None when the plan has its verdict."""
        return self._next if self.verdict is None else None

    def give_to_sweep(self, why: str) -> None:
        """What was read does not do."""
        self.verdict, self.why, self._next = SWEEP, why, None

    def take_page(self, page: Page) -> None:
        """Hear a page."""
        self.read += 1
        self.guess.hear(page.items)
        if page.total is None or page.pages is None:
            self.give_to_sweep("the API gives no count of tickets")
        elif self.guess.order is None:
            self.give_to_sweep("the list has no order that is known")
        else:
            self.total, self._pages = page.total, page.pages
            self._places.hear(page, self.guess.order, self.details_only)
            if self._in_top:
                self._go_on_top(page, self.guess.order)
            else:
                self._decide()

    def take_missing_page(self, number: int) -> None:
        """Hear that the API gives no such page: its list is shorter than was known, or cut."""
        self.read += 1
        if number in self._missing_pages and number <= self._pages:
            self.give_to_sweep(f"the list counts {self._pages} pages and gives no page {number}")
        self._missing_pages.add(number)
        self._next = None if self.verdict else Read(page=1)

    def take_ticket(self, ticket: Ticket) -> None:
        """Hear a ticket that was asked for."""
        self.read += 1
        self._places.meet(ticket, self.guess.order)
        self.tickets.due.discard(ticket["id"])
        self._decide()

    def take_set_aside(self, found: Malformed) -> None:
        """Hear a ticket that was asked for and breaks the contract, or was refused."""
        self.read += 1
        self.tickets.meet_set_aside(found)
        if found.ticket_id is not None:
            self.tickets.due.discard(found.ticket_id)
        self._decide()

    def take_gone(self, ticket_id: int) -> None:
        """Hear that the API has no such ticket."""
        self.read += 1
        self._places.lose(ticket_id)
        self._decide()

    def require_details(self, ticket_ids: set[int]) -> None:
        """Pages turned out to leave something out: these tickets have to be asked for."""
        self.details_only = True
        self.tickets.due |= ticket_ids & self.tickets.known.keys()
        if self.verdict == COMPLETE:
            self.verdict = None
        if self.verdict is None and not self._in_top:
            self._decide()

    def _go_on_top(self, page: Page, order: Order) -> None:
        """On along the new end; where that is read, to what it leaves open."""
        number = self.new_end.next_page(page, order, self.tickets.new)
        self._next = Read(page=number)
        if self.new_end.is_restless:
            self.give_to_sweep("the list changes faster than it can be read")
        elif number is None:
            self._leave_top(page, order)

    def _leave_top(self, page: Page, order: Order) -> None:
        self._in_top, self._top_read_at = False, self.read
        self._places.settle(page, order)
        self.new_end.watermarks = watermarks_of(self.tickets.known)
        self._decide()

    def _decide(self) -> None:
        """Due tickets, then counts, then the new end again."""
        if self.verdict or self._places.ranking is None:
            return
        if self._places.are_refuted:
            self._refute_order()
        elif self._costs_a_sweep():
            self.give_to_sweep("all pages hold tickets that are due")
        elif self.tickets.due or self._places.is_count_off:
            self._next = self._places.next_request(self.details_only, self._pages)
            if self._next is None:
                self.give_to_sweep("the counts differ and the places do not tell where")
        elif self.read > self._top_read_at:
            self._read_top_again()
        else:
            self.verdict, self._next = COMPLETE, None

    def _refute_order(self) -> None:
        """Another order: its new end was not read yet."""
        self.guess.refute()
        self._places.forget()
        if self.guess.order is None:
            self.give_to_sweep("tickets do not stand where the order of the list puts them")
        else:
            self._read_top_again()

    def _costs_a_sweep(self) -> bool:
        """Whether it does, when the new end was read for the first time."""
        is_first = self.new_end.rounds <= 1 and self.read <= self._top_read_at
        order = self.guess.order
        if self.details_only or not is_first or order is None:
            return False
        return self._places.cost_a_sweep(order, self._pages - self.read)

    def _read_top_again(self) -> None:
        order = self.guess.order
        assert order is not None
        self._in_top = True
        self._next = Read(page=order.new_end(max(self._pages, 1)))


def plan_state(plan: Plan) -> dict[str, Any]:
    """Plain values from which a killed run goes on; see `Plan`'s arguments."""
    watermarks = plan.new_end.watermarks
    return {
        "order": plan.guess.name,
        "top_page": plan.top_page,
        "watermarks": {name: moment.isoformat() for name, moment in watermarks.items()},
    }
