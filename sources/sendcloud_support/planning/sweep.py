"""The complete sweep: which page to read next, and whether every ticket was met in the end.

Depends on `orders` and `pages`; no I/O, no clock. `Sweep.next_page` says what to read,
`Sweep.take` hears the answer. The list shifts while it is read, so the walk depends on its order:

- **Newest on top** (by creation or by update): pages 1, 2, 3, … New and updated tickets come in on
  top and only push the rest down, which shows tickets twice and hides none. Deletions pull the
  rest up past the reader, at most by as many places as `total` fell, because every insert pushed
  one place back: the walk goes back by that many places.
- **Newest at the bottom**: page 1 shows the order, then from the last page back to the first.
  Deletions and updates pull unread tickets towards the pages still to come. Page 1, read first, is
  read again unless nothing moved.
- **Closing**, in both: the new end is read again until one page there goes back to before the last
  reading of it, so that whatever came meanwhile was met.
- **No order**, or too little to tell top from bottom: pages 1, 2, 3, …
- **An end before the end**: a page that the API counts and twice does not give (refused, or empty)
  is where its list ends for us. The walk is over, what lies behind is out of `reach`.

A pass is *exact* if the tickets it met are those that the API held at one moment of the pass:
after a walk that closed, if they are as many as `total` says at its end, because none is missing;
else if `total` stood still and is their number, and all of them existed when the pass began,
because then they are all that existed. They did if none is younger than the pass (our clock
against the API's, hence `FRESH`), or if the pass before met the same ones. A pass that is not
exact is followed by another, up to `PASSES`. Serialises to plain values between pages, except for
the ids met, which whoever stores the tickets can give back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from ..api import Page
from ..exceptions import AnswerError
from ..records import Ticket
from .orders import (
    BY_NAME,
    ORDERS,
    Order,
    Rank,
    agreeing,
    describe,
)

PASSES = 3
CLOSING_ROUNDS = 20
"""How often the new end is read again before a list that changes faster is given up on."""

LONGEST_WALK = 4
"""Times the list's own pages after which a walk that is sent back again and again ends."""

MISSES = 5
"""After so many pages from the bottom up that are not given, the walk goes from the top down."""

FRESH = timedelta(minutes=5)
"""How far our clock may be ahead of the API's: what is younger may be younger than the pass."""

WALKING, CLOSING, DONE = "walking", "closing", "done"


@dataclass
class Pass:
    """One walk over the whole list. See the module for what it promises.

    `frontier` is the place, counted from the top, before which nothing is unread; `newest` are
    the latest tickets, by order, that the new end showed when it was read last; `rising` are the
    orders in which equal times stand in the order of their ids; `missing` is the page that was not
    given when it was last asked for, `reach` the last page that the API gives, if that is not all.
    """

    started_at: datetime
    met: set[int] = field(default_factory=set)
    orders: tuple[Order, ...] = ORDERS
    rising: set[str] = field(default_factory=lambda: set(BY_NAME))
    has_ties: bool = False
    phase: str = WALKING
    upward: bool = False
    next_page: int = 1
    read: int = 0
    nameless: int = 0
    total: int | None = None
    pages: int | None = None
    size: int = 0
    frontier: int = 0
    newest: dict[str, Rank] = field(default_factory=dict)
    round_newest: dict[str, Rank] = field(default_factory=dict)
    rounds: int = 0
    previous: frozenset[int] = frozenset()
    doubtful: bool = False
    is_quiet: bool = True
    is_fresh: bool = False
    is_closed: bool = False
    met_before: str | None = None
    missing: int | None = None
    misses: int = 0
    reach: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether the walk has ended."""
        return self.phase == DONE

    @property
    def is_exact(self) -> bool:
        """Whether what was met is what the API held, at one moment of this pass."""
        if not self.is_done or len(self.met) != self.total:
            return False
        return self.is_closed or (
            self.is_quiet and (not self.is_fresh or self.met_before == _fingerprint(self.met))
        )

    @property
    def is_nameless(self) -> bool:
        """Whether all was met, but for tickets on it of which nobody can tell which they are."""
        if not self.is_done or not self.nameless or self.total is None:
            return False
        return len(self.met) <= self.total <= len(self.met) + self.nameless

    def followed_by(self, page: Page, now: datetime) -> Pass:
        """The next pass, begun with the last page of this one, which was seen `now`."""
        return Pass(now, set(page.ids), total=page.total, met_before=_fingerprint(self.met))

    def take(self, page: Page) -> None:
        """Hear the answer to `next_page` and decide what comes next."""
        fallen = self._note(page)
        if self.phase == WALKING and page.is_empty and page.number <= (page.pages or 0):
            self._miss(page.number)
        elif self.phase == CLOSING:
            self._close(page, fallen)
        elif not self._is_repeated(page):
            self.met |= page.ids
            if self.upward:
                self._step_up(page)
            else:
                self._step_down(page, fallen)
        if self.read > LONGEST_WALK * (self.pages or self.read) + CLOSING_ROUNDS:
            self.phase = DONE

    def take_missing(self) -> None:
        """Hear that there is no such page: the list is shorter by now than it said, or by far."""
        self.read += 1
        self.is_quiet = False
        if self.phase == CLOSING and not self.upward:
            self._begin_round()
        else:
            self._miss(self.next_page)

    def _miss(self, number: int) -> None:
        """A page that is not given: the one before tells whether the list became shorter."""
        before, self.missing = self.missing, number
        self.misses = self.misses + 1 if before == number + 1 else 1
        if before == number:
            self.reach, self.phase = number - 1 if self.pages else None, DONE
        elif self.upward and self.misses == MISSES:
            self.upward, self.next_page = False, self.frontier // max(self.size, 1) + 1
        else:
            self.next_page = max(1, number - 1)
            self.frontier = min(self.frontier, (self.next_page - 1) * self.size)

    def _note(self, page: Page) -> int:
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

    def _is_repeated(self, page: Page) -> bool:
        """The tickets of the page before, on another page: did the list move, or does it repeat?

        The page before is asked for again: if the list moved it shows others now.
        """
        if page.is_empty or page.ids != self.previous or not self.is_quiet:
            self.doubtful, self.previous = False, page.ids
            return False
        if self.doubtful:
            raise AnswerError(
                f"GET tickets page {page.number}: the same {len(page.items)} tickets as on the "
                "page beside it. The API repeats a page, so the walk would never see the others."
            )
        self.doubtful = True
        self.next_page = page.number + (1 if self.upward else -1)
        return True

    def _step_down(self, page: Page, fallen: int) -> None:
        """From the top: on, or back to the place up to which tickets may have been pulled."""
        if self.read == 1:
            self.newest = self._newest_of(page)
        if self.orders:
            self.frontier = max(0, self.frontier - fallen)
        start = (page.number - 1) * page.size
        has_gap = start > self.frontier
        if not has_gap:
            self.frontier = max(self.frontier, start + page.size)
        self.next_page = self.frontier // page.size + 1
        if page.is_last and not has_gap:
            self._end_walk()
        elif page.pages and self._is_ascending() and self.missing is None:
            self.upward, self.next_page, self.newest = True, page.pages, {}

    def _is_ascending(self) -> bool:
        """Whether only orders with the newest ticket at the bottom are left."""
        return bool(self.orders) and not any(order.descending for order in self.orders)

    def _is_descending(self) -> bool:
        """Whether only orders with the newest ticket on top are left."""
        return bool(self.orders) and all(order.descending for order in self.orders)

    def _newest_of(self, page: Page) -> dict[str, Rank]:
        """The newest rank on the page, in every order still possible."""
        if not page.items:
            return {}
        return {order.name: max(map(order.rank, page.items)) for order in self.orders}

    def _step_up(self, page: Page) -> None:
        """From the bottom: to the page above, unless all above was read and has not moved."""
        if page.is_empty and page.pages:
            self.next_page = min(page.pages, page.number - 1)
            return
        self.newest = self.newest or self._newest_of(page)
        self.next_page = page.number - 1
        if self.next_page * page.size <= (self.frontier if self._is_still else 0):
            self._end_walk()

    @property
    def _is_still(self) -> bool:
        """Whether nothing has come, gone or moved since the pass began."""
        return self.is_quiet and not self.is_fresh

    def _end_walk(self) -> None:
        """A list on one page was seen whole; a longer one has to be closed, if it has an end."""
        if self.read == 1:
            self.phase, self.is_closed = DONE, True
        elif self.total is not None and (self.upward or self._is_descending()) and self.orders:
            self._begin_round()
        else:
            self.phase = DONE

    def _begin_round(self) -> None:
        """Read the new end again, from where it is now."""
        self.phase, self.next_page, self.round_newest = CLOSING, self._new_end, {}
        self.rounds += 1
        if self.rounds > CLOSING_ROUNDS:
            self.phase = DONE

    @property
    def _new_end(self) -> int:
        """The page where new tickets come in."""
        return (self.pages or 1) if self.upward else 1

    def _close(self, page: Page, fallen: int) -> None:
        """Read on from the new end until a page goes back to before the last reading of it."""
        self.met |= page.ids
        at_new_end = page.number == self._new_end
        if at_new_end:
            self.round_newest = self._newest_of(page)
        elif not self.round_newest or (fallen and not self.upward):
            self._begin_round()
            return
        if not self.orders:
            self.phase = DONE
        elif not self._goes_back_far_enough(page):
            self.next_page = page.number + (-1 if self.upward else 1)
        elif at_new_end:
            self._finish(page)
        elif self.newest == self.round_newest:
            self.phase = DONE
        else:
            self.newest = self.round_newest
            self._begin_round()

    def _goes_back_far_enough(self, page: Page) -> bool:
        """Whether nothing that came since the last reading can be further from the new end."""
        if page.number == 1 if self.upward else page.is_last:
            return True
        return all(self._reaches(order, page) for order in self.orders)

    def _reaches(self, order: Order, page: Page) -> bool:
        """Of equal times the newer may stand on either side, unless none can come any more."""
        known = self.newest.get(order.name)
        if known is None or not page.items:
            return False
        oldest = min(map(order.rank, page.items))
        if order.name in self.rising and self.has_ties:
            return oldest <= known
        return oldest[0] < known[0] or (oldest[0] == known[0] < self.started_at - FRESH)

    def _finish(self, page: Page) -> None:
        """Read the first pages of an upward walk again, if anything can have moved onto them."""
        if self.upward and self.frontier and not self._is_still:
            self.phase, self.next_page = WALKING, max(1, self.frontier // page.size)
            self.frontier = 0
        else:
            self.phase, self.is_closed = DONE, True

    def to_state(self) -> dict[str, Any]:
        """Plain values, for a journal or a pipeline state; `met` is left to the reader."""
        plain = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        del plain["met"]
        return plain | {
            "started_at": self.started_at.isoformat(),
            "orders": [order.name for order in self.orders],
            "newest": _to_plain(self.newest),
            "round_newest": _to_plain(self.round_newest),
            "rising": sorted(self.rising),
            "previous": sorted(self.previous),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], met: Iterable[int]) -> Pass:
        """The pass that `to_state` described; `met` are the ids seen at `started_at` or later.

        A doubt whether pages repeat is not taken along: the API may have recovered since.
        """
        previous = [] if state["doubtful"] else state["previous"]
        return cls(
            **state
            | {
                "started_at": datetime.fromisoformat(state["started_at"]),
                "orders": tuple(BY_NAME[name] for name in state["orders"]),
                "newest": _to_ranks(state["newest"]),
                "round_newest": _to_ranks(state["round_newest"]),
                "rising": set(state["rising"]),
                "previous": frozenset(previous),
                "doubtful": False,
                "met": set(met),
            }
        )


def _fingerprint(ids: Iterable[int]) -> str:
    """Tells one set of ids from another."""
    return sha256(" ".join(map(str, sorted(ids))).encode()).hexdigest()


def _to_plain(ranks: dict[str, Rank]) -> dict[str, list[Any]]:
    return {name: [moment.isoformat(), ticket_id] for name, (moment, ticket_id) in ranks.items()}


def _to_ranks(plain: dict[str, list[Any]]) -> dict[str, Rank]:
    return {name: (datetime.fromisoformat(text), each) for name, (text, each) in plain.items()}


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
    def is_cut(self) -> bool:
        """Whether the API gives less of the list than it counts."""
        return self.current.reach is not None

    @property
    def order(self) -> str:
        """The list's order, as far as it showed."""
        return describe(self.current.orders)

    def take(self, page: Page, now: datetime) -> None:
        """Hear the answer to `next_page`, seen `now`; begin another pass if one is needed."""
        self.current.take(page)
        current = self.current
        is_met = current.is_exact or current.is_nameless
        settled = is_met or current.total is None or self.is_cut
        if self.is_done and not settled and self.passes < PASSES:
            self.current = self.current.followed_by(page, now)
            self.passes += 1

    def take_missing(self) -> None:
        """Hear that the API answers 404 for `next_page`; for page 1 there is nothing to hear."""
        self.current.take_missing()

    def to_state(self) -> dict[str, Any]:
        """Plain values; see `Pass.to_state`."""
        return {"passes": self.passes, "pass": self.current.to_state()}

    @classmethod
    def from_state(cls, state: dict[str, Any], met: Iterable[int]) -> Sweep:
        """The sweep that `to_state` described."""
        return cls(Pass.from_state(state["pass"], met), state["passes"])
