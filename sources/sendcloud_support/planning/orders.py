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
