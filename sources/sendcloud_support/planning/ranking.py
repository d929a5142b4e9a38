"""Ranking: where in the list a held ticket stands, told from its rank, and what the places tell.

Depends on the source's orders; no I/O. Ranks count from the oldest ticket in the list's own order
(by creation or by update), so that new tickets do not move them. For a ticket of rank *h* that
stands on *o* older tickets of the API, *h - o* is how many of the older ones that we hold are gone
(negative: how many the API has that we do not hold). Each ticket met on a page is such an
observation; between two observations that differ lies what vanished, or a hole. Promises that an
observation made later wins against an earlier one that it contradicts, because the list moves.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..api import Page
from .orders import Order

Key = tuple[datetime, int]

NO_LIMIT = 2**63


@dataclass(frozen=True)
class Gap:
    """A stretch of ranks, ends excluded, in which `missing` more are gone than explained."""

    low: int
    high: int
    missing: int


class Ranking:
    """Known tickets by rank, and what was observed of their places.

    Args:
        order: The order of the list.
        keys: The time each known ticket is ordered by, by id.
        total: How many tickets the API counts.
        size: Tickets on a page.
    """

    def __init__(self, order: Order, keys: Mapping[int, datetime], total: int, size: int) -> None:
        self.order, self.total, self.size = order, total, size
        self._keys: list[Key] = sorted((key, ticket_id) for ticket_id, key in keys.items())
        self.ids = [ticket_id for _, ticket_id in self._keys]
        self.ranks = {ticket_id: rank for rank, ticket_id in enumerate(self.ids)}
        self._observed: list[tuple[int, int]] = []
        self._gone: list[int] = []
        self._extra: list[int] = []

    def __len__(self) -> int:
        """Known tickets that are not gone, late finds included."""
        return len(self.ids) - len(self._gone) + len(self._extra)

    @property
    def surplus(self) -> int:
        """How many more tickets are known than the API counts; negative: how many are missing."""
        return len(self) - self.total

    def add(self, ticket_id: int, key: datetime) -> None:
        """A ticket found meanwhile: on top of all others, or between them."""
        if not self._keys or (key, ticket_id) > self._keys[-1]:
            self.ranks[ticket_id] = len(self.ids)
            self.ids.append(ticket_id)
            self._keys.append((key, ticket_id))
        else:
            insort(self._extra, bisect_left(self._keys, (key, ticket_id)))

    def remove(self, ticket_id: int) -> None:
        """A ticket that the API does not have any more."""
        if ticket_id in self.ranks:
            insort(self._gone, self.ranks[ticket_id])

    def observe(self, page: Page) -> None:
        """Learn from the places of the known tickets on a page."""
        if page.total is not None:
            self.total = page.total
        places = [
            (rank, rank - self._older(page, index))
            for index, item in page.placed()
            if (rank := self.ranks.get(item["id"])) is not None and not self._is_tied(rank)
        ]
        for place in _ends_of_runs(sorted(places)):
            self._keep(*place)

    def _is_tied(self, rank: int) -> bool:
        """Tickets of the same time may stand in any order: their places tell nothing."""
        time = self._keys[rank][0]
        neighbours = self._keys[max(rank - 1, 0) : rank] + self._keys[rank + 1 : rank + 2]
        return any(key == time for key, _ in neighbours)

    def _older(self, page: Page, index: int) -> int:
        """How many tickets of the API are older than the one at this place."""
        place = (page.number - 1) * page.size + index
        return self.total - 1 - place if self.order.descending else place

    def _keep(self, rank: int, difference: int) -> None:
        """Note an observation and drop those it contradicts: what is unexplained only grows."""
        sign = -1 if self.surplus < 0 else 1
        level = sign * self._unexplained(rank, difference)
        at = bisect_left(self._observed, (rank, -NO_LIMIT))
        while at and sign * self._unexplained(*self._observed[at - 1]) > level:
            at -= 1
            del self._observed[at]
        while at < len(self._observed) and (
            self._observed[at][0] == rank or sign * self._unexplained(*self._observed[at]) < level
        ):
            del self._observed[at]
        self._observed.insert(at, (rank, difference))

    def _unexplained(self, rank: int, difference: int) -> int:
        gone, extra = bisect_left(self._gone, rank), bisect_left(self._extra, rank + 1)
        return difference - gone + extra

    def page_of(self, rank: int) -> tuple[int, bool]:
        """The page a rank should stand on, and whether it is hardly more than a page off."""
        low, high = self._around(rank)
        levels = self._unexplained(*low), self._unexplained(*high)
        span = high[0] - low[0]
        share = (rank - low[0]) / span if span else 1.0
        unexplained = levels[0] + round((levels[1] - levels[0]) * share)
        older = (
            rank - unexplained - bisect_left(self._gone, rank) + bisect_left(self._extra, rank + 1)
        )
        place = self.total - 1 - older if self.order.descending else older
        page = min(max(place, 0), max(self.total - 1, 0)) // self.size + 1
        return page, abs(levels[0] - levels[1]) <= self.size

    def _around(self, rank: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """The nearest observations at or below and at or above a rank."""
        points = self._points()
        at = bisect_left(points, (rank, -NO_LIMIT))
        high = points[min(at, len(points) - 1)]
        low = high if high[0] == rank else points[max(at - 1, 0)]
        return low, high

    def _points(self) -> list[tuple[int, int]]:
        """The observations between what is known of both ends."""
        top = len(self.ids)
        difference = self.surplus + len(self._gone) - len(self._extra)
        return [(-1, 0), *self._observed, (top, difference)]

    def gaps(self) -> list[Gap]:
        """Stretches that hide something gone (`missing` > 0) or not held (< 0), newest first."""
        points = self._points()
        levels = [self._unexplained(*point) for point in points]
        found = [
            Gap(points[index][0], points[index + 1][0], levels[index + 1] - levels[index])
            for index in range(len(points) - 1)
            if levels[index + 1] != levels[index]
        ]
        return found[::-1]

    def there(self, low: int, high: int) -> list[int]:
        """The tickets of these ranks, `high` excluded, that were not found to be gone."""
        gone = set(self._gone[bisect_left(self._gone, low) : bisect_left(self._gone, high)])
        return [self.ids[rank] for rank in range(low, high) if rank not in gone]


def _ends_of_runs(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The first and the last of each run with the same difference: the others add nothing."""
    kept: list[tuple[int, int]] = []
    for place in places:
        if len(kept) > 1 and kept[-1][1] == place[1] == kept[-2][1]:
            kept[-1] = place
        else:
            kept.append(place)
    return kept
