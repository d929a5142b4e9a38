"""The new end of the list: read from where tickets come in, until what was known is reached.

Depends on `orders` and `tickets`; no I/O, no clock. Promises that whatever came since the watermark
was on the pages read, also where deletions pulled tickets past the reader meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from ..api import Page
from .orders import Order

ROUNDS = 6
"""How often the new end is read before a list that moves faster is left to a sweep."""


@dataclass
class NewEnd:
    """Readings of the new end, one after the other.

    `watermarks` are the latest known times by order name when this reading began, `continues_at`
    is the page at which a run goes on that was killed, `rounds` how many readings there were.
    """

    watermarks: dict[str, datetime]
    continues_at: int | None = None
    rounds: int = 0
    _pages: list[Page] = field(default_factory=list)

    @property
    def is_restless(self) -> bool:
        """Whether the list changes faster than it can be read."""
        return self.rounds > ROUNDS

    def next_page(self, page: Page, order: Order, new: set[int]) -> int | None:
        """Hear a page; the one to read after it, None if this one goes back far enough.

        `new` are the tickets that were not known when the run began.
        """
        self._pages.append(page)
        last = max(page.pages or 1, 1)
        begins = len(self._pages) == 1 and page.number != self.continues_at
        if begins and page.number != order.new_end(last):
            self._pages = []  # another order was expected, or pages have come since
            return order.new_end(last)
        if not self._reaches_known(page, order, new):
            return page.number + (1 if order.descending else -1)
        self.rounds += 1
        if self._was_pulled_past(order):
            self._pages = self._pages[-1:]
            return 1
        self._pages = []
        return None

    def _reaches_known(self, page: Page, order: Order, new: set[int]) -> bool:
        """Whether the page goes back to before the run, so that nothing new is older."""
        is_far_end = page.number >= (page.pages or 1) if order.descending else page.number <= 1
        watermark = self.watermarks.get(order.name)
        times = [order.key(item) for item in page.items]
        if is_far_end or watermark is None or not times:
            return is_far_end or watermark is None
        oldest = min(times)
        return oldest < watermark or (oldest == watermark and not page.ids & new)

    def _was_pulled_past(self, order: Order) -> bool:
        """Whether deletions, while pages were read, may have pulled a ticket up and past us."""
        totals = [page.total or 0 for page in self._pages]
        return order.descending and any(a > b for a, b in pairwise(totals))
