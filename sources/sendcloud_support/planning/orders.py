"""The order of the list, which nobody documents, read from the pages themselves.

Depends on nothing of ours but the shape of a ticket. Promises to name an order only while every
page seen agrees with it. Evidence is taken inside single pages, which are consistent snapshots;
between two pages the list may have moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from ..records import Ticket

Rank = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Order:
    """An order by one time of the ticket; a ticket never updated stands by its creation."""

    name: str
    field: str
    descending: bool

    def key(self, ticket: Ticket) -> datetime:
        """The time this order sorts by."""
        key: datetime = ticket[self.field] or ticket["created_at"]
        return key

    def agrees(self, tickets: Iterable[Ticket]) -> bool:
        """Whether these tickets stand in this order."""
        keys = [self.key(ticket) for ticket in tickets]
        if self.descending:
            return all(first >= second for first, second in pairwise(keys))
        return all(first <= second for first, second in pairwise(keys))

    def rank(self, ticket: Ticket) -> Rank:
        """The time and, for equal times, the id."""
        return self.key(ticket), ticket["id"]

    def new_end(self, last: int) -> int:
        """The page where new tickets come in, of a list that ends with page `last`."""
        return 1 if self.descending else last

    def has_rising_ids(self, tickets: Iterable[Ticket]) -> bool:
        """Whether new tickets stand strictly at the new end: by creation, equal times by id."""
        if self.field != "created_at":
            return False
        ids = [ticket["id"] for ticket in tickets]
        if self.descending:
            return all(first > second for first, second in pairwise(ids))
        return all(first < second for first, second in pairwise(ids))


NEWEST_FIRST = Order("newest_first", "created_at", descending=True)
OLDEST_FIRST = Order("oldest_first", "created_at", descending=False)
UPDATED_FIRST = Order("updated_first", "updated_at", descending=True)
UPDATED_LAST = Order("updated_last", "updated_at", descending=False)
ORDERS = (NEWEST_FIRST, OLDEST_FIRST, UPDATED_FIRST, UPDATED_LAST)
BY_NAME = {order.name: order for order in ORDERS}
UNKNOWN = "unknown"


def agreeing(orders: Iterable[Order], tickets: Sequence[Ticket]) -> tuple[Order, ...]:
    """Those of `orders` that these tickets do not contradict."""
    return tuple(order for order in orders if order.agrees(tickets))


def describe(orders: Sequence[Order]) -> str:
    """The order's name for people: the one that is left, `a or b`, or `unknown`."""
    return " or ".join(order.name for order in orders) or UNKNOWN


class Guess:
    """The order that a list is believed to have: the expected one while the pages agree with it.

    Args:
        expected: Name of the order that an earlier run found.
    """

    def __init__(self, expected: str | None = None) -> None:
        self._expected = expected
        self._possible: tuple[Order, ...] = ORDERS

    @property
    def order(self) -> Order | None:
        """The order to work with, None if none that is known is left."""
        for order in self._possible:
            if order.name == self._expected:
                return order
        return self._possible[0] if self._possible else None

    @property
    def name(self) -> str:
        """The order for people."""
        return self.order.name if self.order else UNKNOWN

    def new_end(self, last: int) -> int:
        """Where new tickets are expected, before a page was read of a list of so many."""
        return BY_NAME[self._expected].new_end(last) if self._expected in BY_NAME else 1

    def hear(self, tickets: Sequence[Ticket]) -> None:
        """Hear the tickets of a page."""
        self._possible = agreeing(self._possible, tickets)

    def refute(self) -> None:
        """Tickets do not stand where this order puts them."""
        refuted = self.order
        self._possible = tuple(order for order in self._possible if order is not refuted)
