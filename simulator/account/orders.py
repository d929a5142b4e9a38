"""The orders in which the list can come: nobody documents which one it is.

Depends on the keyed draws. Promises that equal times stand in the order of their ids, in every
order, and that a page is the same until a ticket comes, goes or moves.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, get_args

from ..world import below

Order = Literal["newest_first", "oldest_first", "updated_first", "updated_last", "shuffled"]
ORDERS: tuple[Order, ...] = get_args(Order)

Rank = tuple[int, int]  # what it is sorted by, then the id


class Line:
    """Tickets standing in one of the orders."""

    def __init__(self, order: Order) -> None:
        if order not in ORDERS:
            raise ValueError(f"No order {order!r}; there are {', '.join(ORDERS)}.")
        self.by_update = order in {"updated_first", "updated_last"}
        self._backwards = order in {"newest_first", "updated_first"}
        self._shuffled = order == "shuffled"
        self._ranks: list[Rank] = []
        self._rank_of: dict[int, Rank] = {}

    def __len__(self) -> int:
        return len(self._ranks)

    def __contains__(self, number: int) -> bool:
        return number in self._rank_of

    def fill(self, times: Iterable[tuple[int, int]]) -> None:
        """Start anew with these (id, time)."""
        self._rank_of = {number: self._rank(number, time) for number, time in times}
        self._ranks = sorted(self._rank_of.values())

    def put(self, number: int, time: int) -> None:
        """Place a ticket by its time, or move it there."""
        rank = self._rank(number, time)
        if self._rank_of.get(number) != rank:
            self.take(number)
            self._rank_of[number] = rank
            insort(self._ranks, rank)

    def take(self, number: int) -> None:
        """Remove a ticket, if it stands here."""
        rank = self._rank_of.pop(number, None)
        if rank is not None:
            del self._ranks[bisect_left(self._ranks, rank)]

    def slice(self, first: int, count: int) -> list[int]:
        """The ids from that position on."""
        if self._backwards:
            last = len(self._ranks) - first
            return [number for _, number in self._ranks[max(last - count, 0) : max(last, 0)][::-1]]
        return [number for _, number in self._ranks[first : first + count]]

    def _rank(self, number: int, time: int) -> Rank:
        return (below(2**40, 0, b"shuffle", number) if self._shuffled else time, number)


def seconds(written: object) -> int:
    """A time as JSON has it, as seconds since 1970; 0 for what is no time."""
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError:
        return 0
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
