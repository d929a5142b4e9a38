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

from .tickets import Ticket


@dataclass(frozen=True, slots=True)
class Order:
    """An order by one time of the ticket. `field` may be null on a ticket, then it says nothing."""

    name: str
    field: str
    descending: bool

    def key(self, ticket: Ticket) -> datetime | None:
        """The time this order sorts by."""
        value: datetime | None = ticket[self.field]
        return value

    def keys(self, tickets: Iterable[Ticket]) -> list[datetime]:
        """The known times, in the order of the tickets."""
        return [key for ticket in tickets if (key := self.key(ticket)) is not None]

    def agrees(self, tickets: Iterable[Ticket]) -> bool:
        """Whether these tickets stand in this order."""
        keys = self.keys(tickets)
        if self.descending:
            return all(first >= second for first, second in pairwise(keys))
        return all(first <= second for first, second in pairwise(keys))

    def newest(self, tickets: Sequence[Ticket]) -> datetime | None:
        """The latest time among these tickets."""
        return max(self.keys(tickets), default=None)


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
