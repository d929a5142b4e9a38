"""The complete sweep: which page to read next, and whether every ticket was met in the end.

Depends on `orders` and `pages`; no I/O, no clock. `Sweep.next_page` says what to read,
`Sweep.take` hears the answer. The list shifts while it is read, so the walk depends on its order:

- **Newest on top** (by creation or by update): pages 1, 2, 3, … New and updated tickets come in on
  top and only push the rest down, which shows tickets twice and hides none. A ticket deleted
  above pulls the rest up past the reader. In this order no insert can make up for that below the
  reader, so every such pull shows as a falling `total`, and the walk goes back by as many places.
  At the end the top is read again until it joins what was read.
- **Newest at the bottom**: from the last page back to the first. Deletions above only show
  tickets twice, and new ones come in behind the reader; at the end the bottom is read again.
- **No order**: pages 1, 2, 3, …; that proves something only if `total` stood still.

A pass is *exact* if it met as many tickets as the API counts when it ends, having joined its
pages as above. Tickets met and deleted meanwhile make it too many: then another pass is made, up
to `PASSES`. Serialises to plain values between pages, except for the ids met, which whoever
stores the tickets can give back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from .exceptions import AnswerError
from .orders import BY_NAME, ORDERS, Order, agreeing, describe
from .pages import Page
from .tickets import Ticket

PASSES = 3
CLOSING_ROUNDS = 20
"""How often the new end is read again before a list that changes faster is given up on."""

WALKING, CLOSING, FIRST_PAGE, DONE = "walking", "closing", "first page", "done"


@dataclass
class Pass:
    """One walk over the whole list. See the module for what it promises."""

    started_at: datetime
    met: set[int] = field(default_factory=set)
    orders: tuple[Order, ...] = ORDERS
    phase: str = WALKING
    backward: bool = False
    next_page: int = 1
    total: int | None = None
    pages: int | None = None
    newest: dict[str, datetime] = field(default_factory=dict)
    round_newest: dict[str, datetime] = field(default_factory=dict)
    previous: frozenset[int] = frozenset()
    loose: set[int] = field(default_factory=set)
    rejoining: bool = False
    first_page_is_fresh: bool = False
    is_quiet: bool = True
    closing_rounds: int = 0
    read: int = 0

    @property
    def is_done(self) -> bool:
        """Whether the walk has ended."""
        return self.phase == DONE

    @property
    def is_exact(self) -> bool:
        """Whether every ticket of the list was met, and nothing that is gone."""
        if not self.is_done or self.total is None or len(self.met) != self.total:
            return False
        return bool(self.orders) or self.is_quiet

    def take(self, page: Page) -> None:
        """Hear the answer to `next_page` and decide what comes next."""
        fallen = self._note_counts(page)
        self.read += 1
        self.orders = agreeing(self.orders, page.items)
        if self.phase == WALKING:
            self._walk(page, fallen)
        elif self.phase == CLOSING:
            self._close(page, fallen)
        else:
            self._meet(page)
            self.first_page_is_fresh = True
            self._close_again()

    def _note_counts(self, page: Page) -> int:
        """Remember the page's counts; returns by how many tickets the list shrank since."""
        fallen = 0
        if self.total is not None and page.total is not None:
            fallen = max(0, self.total - page.total)
            self.is_quiet = self.is_quiet and page.total == self.total
        self.total, self.pages = page.total, page.pages
        return fallen

    def _meet(self, page: Page) -> None:
        self.met |= page.ids
        self.loose -= page.ids

    def _walk(self, page: Page, fallen: int) -> None:
        if self.read == 1:
            self._start(page)
        elif self.backward:
            self._step_back(page)
        else:
            self._step_forward(page, fallen)

    def _start(self, page: Page) -> None:
        """The first page shows the order, and with it the direction."""
        self._meet(page)
        self.previous = page.ids
        if page.is_last:
            self.phase = DONE
            return
        self.backward = self._is_ascending() and page.pages is not None
        if self.backward:
            self.next_page = page.pages or 1
        else:
            self.newest = self._newest_of(page)
            self.next_page = 2

    def _is_ascending(self) -> bool:
        """Whether only orders with the newest ticket at the bottom are left."""
        return bool(self.orders) and not any(order.descending for order in self.orders)

    def _newest_of(self, page: Page) -> dict[str, datetime]:
        """The newest time on the page, in every order still possible."""
        newest = {order.name: order.newest(page.items) for order in self.orders}
        return {name: moment for name, moment in newest.items() if moment is not None}

    def _step_forward(self, page: Page, fallen: int) -> None:
        self._refuse_repetition(page)
        if self._is_ascending() and page.pages is not None:
            self._turn_around(page)
        elif self.orders and (fallen or self.rejoining) and not self._joins(page):
            self._go_back(page, fallen)
        else:
            self._meet(page)
            self.rejoining, self.previous = False, page.ids
            self.next_page = page.number + 1
            if page.is_last:
                self._end_walk()

    def _go_back(self, page: Page, fallen: int) -> None:
        """Tickets were pulled up past the reader, at most as many as `total` fell by."""
        self.loose |= page.ids - self.met
        self.rejoining, self.previous = True, frozenset()
        self.next_page = max(1, page.number - max(1, math.ceil(fallen / page.size)))

    def _joins(self, page: Page) -> bool:
        """Whether the page overlaps what was met and has kept its place since."""
        return page.number == 1 or any(
            item["id"] in self.met and self._kept_its_place(item) for item in page.items
        )

    def _kept_its_place(self, item: Ticket) -> bool:
        """A ticket updated since the walk began may have moved to the top of the list."""
        known = [(order.key(item), self.newest.get(order.name)) for order in self.orders]
        return all(key is None or top is None or key <= top for key, top in known)

    def _turn_around(self, page: Page) -> None:
        """The first page could not tell, this one does: the newest tickets are at the bottom."""
        self._meet(page)
        self.backward, self.next_page, self.newest = True, page.pages or 1, {}
        self.rejoining, self.previous = False, frozenset()

    def _step_back(self, page: Page) -> None:
        if page.number == 1:
            self._meet(page)
            self.first_page_is_fresh = True
            self._end_walk()
            return
        self._refuse_repetition(page)
        if not page.items and page.pages and page.pages < page.number:
            self.next_page = page.pages
            return
        if not self.newest:
            self.newest = self._newest_of(page)
        self._meet(page)
        self.previous = page.ids
        self.next_page = page.number - 1
        if self.next_page == 1 and self.is_quiet:
            self._end_walk()

    def _end_walk(self) -> None:
        if not self.orders or self.total is None:
            self.phase = DONE
        else:
            self.phase, self.next_page = CLOSING, self._new_end

    @property
    def _new_end(self) -> int:
        """The page where new tickets come in."""
        return (self.pages or 1) if self.backward else 1

    def _close(self, page: Page, fallen: int) -> None:
        """Read the new end again until it joins; whatever is new there came during the walk."""
        if not self.orders:
            self.phase = DONE
            return
        at_new_end = page.number == self._new_end
        if at_new_end:
            self.round_newest = self._newest_of(page)
        joined = self._reaches_known(page)
        self.is_quiet = self.is_quiet and page.ids <= self.met
        self._meet(page)
        if not joined and not (fallen and not self.backward and not at_new_end):
            self.next_page = page.number + (-1 if self.backward else 1)
        elif at_new_end:
            self._finish()
        else:
            self.newest = self.newest | (self.round_newest if joined else {})
            self._close_again()

    def _reaches_known(self, page: Page) -> bool:
        """Whether the page goes back to before the walk began, in every order still possible."""
        if page.number == 1 and self.backward or page.is_last and not self.backward:
            return True
        return all(self._reaches(order, page) for order in self.orders)

    def _reaches(self, order: Order, page: Page) -> bool:
        oldest, known = min(order.keys(page.items), default=None), self.newest.get(order.name)
        if oldest is None or known is None or oldest == known:
            return page.ids <= self.met
        return oldest < known

    def _finish(self) -> None:
        """In a list that changed, a deletion may have pulled a ticket onto the page read first."""
        if self.backward and not self.is_quiet and not self.first_page_is_fresh:
            self.phase, self.next_page = FIRST_PAGE, 1
        else:
            self.phase = DONE

    def _close_again(self) -> None:
        """More came while the new end was read: once more, from where it is now."""
        self.closing_rounds += 1
        self.phase, self.next_page = CLOSING, self._new_end
        if self.closing_rounds > CLOSING_ROUNDS:
            self.phase = DONE

    def _refuse_repetition(self, page: Page) -> None:
        """The same tickets on the next page, though the list did not move by a page: a defect."""
        if page.items and page.ids == self.previous and self.is_quiet:
            raise AnswerError(
                f"GET tickets page {page.number}: the same {len(page.items)} tickets as on the "
                "page before. The API repeats a page, so the walk would never see the others."
            )

    def to_state(self) -> dict[str, Any]:
        """Plain values, for a journal or a pipeline state; `met` is left to the reader."""
        plain = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        del plain["met"]
        return plain | {
            "started_at": self.started_at.isoformat(),
            "orders": [order.name for order in self.orders],
            "newest": _to_texts(self.newest),
            "round_newest": _to_texts(self.round_newest),
            "previous": sorted(self.previous),
            "loose": sorted(self.loose),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], met: Iterable[int]) -> Pass:
        """The pass that `to_state` described; `met` are the ids stored since it began."""
        return cls(
            **state
            | {
                "started_at": datetime.fromisoformat(state["started_at"]),
                "orders": tuple(BY_NAME[name] for name in state["orders"]),
                "newest": _to_moments(state["newest"]),
                "round_newest": _to_moments(state["round_newest"]),
                "previous": frozenset(state["previous"]),
                "loose": set(state["loose"]),
                "met": set(met) - set(state["loose"]),
            }
        )


def _to_texts(moments: dict[str, datetime]) -> dict[str, str]:
    return {name: moment.isoformat() for name, moment in moments.items()}


def _to_moments(texts: dict[str, str]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(text) for name, text in texts.items()}


@dataclass
class Sweep:
    """Passes over the list until one is exact, or `PASSES` were made."""

    current: Pass
    passes: int = 1

    @property
    def next_page(self) -> int | None:
        """The page to read next, None when the sweep has ended."""
        return None if self.is_done else self.current.next_page

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to read."""
        return self.current.is_done

    @property
    def order(self) -> str:
        """The list's order, as far as it showed."""
        return describe(self.current.orders)

    def take(self, page: Page, now: datetime) -> None:
        """Hear the answer to `next_page`; `now` starts the next pass if one is needed."""
        self.current.take(page)
        settled = self.current.is_exact or self.current.total is None
        if self.is_done and not settled and self.passes < PASSES:
            self.current = Pass(started_at=now)
            self.passes += 1

    def to_state(self) -> dict[str, Any]:
        """Plain values; see `Pass.to_state`."""
        return {"passes": self.passes, "pass": self.current.to_state()}

    @classmethod
    def from_state(cls, state: dict[str, Any], met: Iterable[int]) -> Sweep:
        """The sweep that `to_state` described."""
        return cls(Pass.from_state(state["pass"], met), state["passes"])
