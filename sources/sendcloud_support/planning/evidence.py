"""What the pages of one pass tell of the list: who was met, its order, and whether it moved.

Depends on `orders`; no I/O, no clock. Notes, and answers questions; where to go next is told by
`walk`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..api import Page
from ..exceptions import AnswerError
from ..records import Ticket
from .orders import BY_NAME, ORDERS, Order, Rank, agreeing

FRESH = timedelta(minutes=5)
"""How far our clock may be ahead of the API's: what is younger may be younger than the pass."""


@dataclass
class Evidence:
    """What was seen since `started_at`.

    `orders` are those that no page contradicts, `rising` those of them in which equal times stand
    in the order of their ids; `is_quiet` as long as the list keeps its count, `is_fresh` once a
    ticket may be younger than the pass.
    """

    started_at: datetime
    met: set[int] = field(default_factory=set)
    orders: tuple[Order, ...] = ORDERS
    rising: set[str] = field(default_factory=lambda: set(BY_NAME))
    has_ties: bool = False
    read: int = 0
    nameless: int = 0
    total: int | None = None
    pages: int | None = None
    size: int = 0
    is_quiet: bool = True
    is_fresh: bool = False

    @property
    def is_still(self) -> bool:
        """Whether nothing has come, gone or moved since the pass began."""
        return self.is_quiet and not self.is_fresh

    @property
    def lacks_nameless(self) -> bool:
        """Whether what was met is all but tickets of which nobody can tell which they are."""
        if not self.nameless or self.total is None:
            return False
        return len(self.met) <= self.total <= len(self.met) + self.nameless

    @property
    def is_ascending(self) -> bool:
        """Whether only orders with the newest ticket at the bottom are left."""
        return bool(self.orders) and not any(order.descending for order in self.orders)

    @property
    def is_descending(self) -> bool:
        """Whether only orders with the newest ticket on top are left."""
        return bool(self.orders) and all(order.descending for order in self.orders)

    def new_end(self, upward: bool) -> int:
        """The page where new tickets come in."""
        return (self.pages or 1) if upward else 1

    def note(self, page: Page) -> int:
        """Keep what the page says of the whole list; returns by how many tickets it shrank."""
        fallen = 0
        if self.total is not None and page.total is not None:
            fallen = max(0, self.total - page.total)
            self.is_quiet = self.is_quiet and page.total == self.total
        self.total, self.pages, self.size = page.total, page.pages, page.size
        self.read += 1
        self.nameless += len(page.nameless)
        self.orders = agreeing(self.orders, page.items)
        self._note_ties(page)
        self.is_fresh = self.is_fresh or any(map(self._may_be_newer_than_the_pass, page.items))
        return fallen

    def note_missing(self) -> None:
        """A page was not given: the list is shorter by now than it said, or by far."""
        self.read += 1
        self.is_quiet = False

    def _note_ties(self, page: Page) -> None:
        """Whether equal times were seen, and in which orders they stand as their ids do."""
        self.rising = {
            order.name
            for order in self.orders
            if order.name in self.rising and order.has_rising_ids(page.items)
        }
        times = [ticket["created_at"] for ticket in page.items]
        self.has_ties = self.has_ties or len(set(times)) < len(times)

    def _may_be_newer_than_the_pass(self, ticket: Ticket) -> bool:
        created_at: datetime = ticket["created_at"]
        latest = max([created_at, *(order.key(ticket) for order in self.orders)])
        return latest >= self.started_at - FRESH

    def newest_of(self, page: Page) -> dict[str, Rank]:
        """The newest rank on the page, in every order still possible."""
        if not page.items:
            return {}
        return {order.name: max(map(order.rank, page.items)) for order in self.orders}

    def goes_back_to(self, newest: Mapping[str, Rank], page: Page) -> bool:
        """Whether nothing that came after `newest` can be older than what the page shows."""
        return all(self._reaches(order, newest.get(order.name), page) for order in self.orders)

    def _reaches(self, order: Order, known: Rank | None, page: Page) -> bool:
        """Of equal times the newer may stand on either side, unless none can come any more."""
        if known is None or not page.items:
            return False
        oldest = min(map(order.rank, page.items))
        if order.name in self.rising and self.has_ties:
            return oldest <= known
        return oldest[0] < known[0] or (oldest[0] == known[0] < self.started_at - FRESH)


@dataclass
class Repetition:
    """Whether the API gives one page under two numbers: `previous` is what the last one held."""

    previous: frozenset[int] = frozenset()
    doubtful: bool = False

    def is_suspected(self, page: Page, is_quiet: bool) -> bool:
        """The tickets of the page before, on another page: did the list move, or does it repeat?

        The page before is to be asked for again: if the list moved it shows others now.
        """
        if page.is_empty or page.ids != self.previous or not is_quiet:
            self.doubtful, self.previous = False, page.ids
            return False
        if self.doubtful:
            raise AnswerError(
                f"GET tickets page {page.number}: the same {len(page.items)} tickets as on the "
                "page beside it. The API repeats a page, so the walk would never see the others."
            )
        self.doubtful = True
        return True
