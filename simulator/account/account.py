"""What the API holds now: the world's tickets at the clock's moment, and what hands changed.

Depends on the tickets, the clock and the orders. Promises:

- a ticket that `hold` touched has left the law: it stays as it was made until a hand changes it;
- `insert` and `update` make tickets move as drift does: the law goes on with them later;
- the answers follow the clock, forwards and backwards, and every call may come from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from heapq import heappop, heappush
from threading import RLock
from typing import Any, TypeVar, cast

from ..world import END, World, below
from .clock import Clock
from .orders import Line, Order
from .tickets import Tickets

F = TypeVar("F", bound=Callable[..., Any])

_MOVES = (
    "waiting_for_carrier",
    "carrier_reminder_sent",
    "carrier_update_received",
    "escalated",
    "processing",
)


def _now(method: F) -> F:
    """One thread at a time, and everything at the clock's present moment."""

    @wraps(method)
    def at_this_moment(self: Moments, *args: Any, **kwargs: Any) -> Any:
        with self._lock:
            self._follow_the_clock()
            return method(self, *args, **kwargs)

    return cast("F", at_this_moment)


class Moments:
    """Tickets in line, moved on as the clock moves."""

    def __init__(self, world: World, clock: Clock, order: Order) -> None:
        self.world, self.clock, self.order = world, clock, order
        self._tickets = Tickets(world)
        self._line = Line(order)
        self._lock = RLock()
        self._moment: int | None = None
        self._version = 0
        self._due: list[tuple[int, int]] = []
        self._written: dict[int, tuple[int, float, bytes]] = {}
        self._stills = 0

    @contextmanager
    def still(self) -> Iterator[None]:
        """Let the clock and all other threads wait while one answer is made."""
        with self._lock:
            self._follow_the_clock()
            self._stills += 1
            try:
                yield
            finally:
                self._stills -= 1

    @property
    def _at(self) -> int:
        assert self._moment is not None
        return self._moment

    def _follow_the_clock(self) -> None:
        if self._stills:
            return
        moment = int(self.clock.now().timestamp())
        if self._moment is None or moment < self._moment:
            self._moment = moment
            self._line_up()
        elif moment > self._moment:
            before, self._moment = self._moment, moment
            self._move_on(before)

    def _line_up(self) -> None:
        """Everything anew, as it is at this moment."""
        self._version += 1
        self._due = []
        self._line.fill(
            (number, time)
            for number in self._tickets.numbers(self._at)
            if (time := self._place(number)) is not None
        )

    def _move_on(self, before: int) -> None:
        """Only what happened since: arrivals, and tickets whose place depends on their life."""
        for index in range(self.world.arrived(before), self.world.arrived(self._at)):
            self._touch(self.world.id_of(index))
        while self._due and self._due[0][0] <= self._at:
            self._touch(heappop(self._due)[1])

    def _touch(self, number: int) -> None:
        self._version += 1
        self._written.pop(number, None)
        time = self._place(number)
        if time is None:
            self._line.take(number)
        else:
            self._line.put(number, time)

    def _place(self, number: int) -> int | None:
        by_update = self._line.by_update
        for following in self._tickets.next_moves(number, self._at, by_update=by_update):
            heappush(self._due, (following, number))
        return self._tickets.place(number, self._at, by_update=by_update)


class Account(Moments):
    """An organisation's tickets as the API would answer them now."""

    def __init__(
        self,
        world: World | None = None,
        clock: Clock | None = None,
        order: Order = "newest_first",
    ) -> None:
        """Without a world the account is empty until hands fill it."""
        super().__init__(
            world or World(tickets=0), clock or Clock(world.end if world else END), order
        )
        self._since: tuple[tuple[int, int, int], list[int]] | None = None
        self._picks = 0

    # --- what it holds ---------------------------------------------------------------------

    @property
    def total(self) -> int:
        """How many tickets there are now."""
        return self.slice(0, 0)[0]

    @_now
    def tickets(self) -> list[dict[str, Any]]:
        """All tickets now, in the order of the list."""
        return [self._tickets.ticket(number, self._at) for number in self._all()]

    @_now
    def ticket(self, ticket_id: int) -> dict[str, Any] | None:
        """One ticket now, or None."""
        return self._tickets.ticket(ticket_id, self._at) if ticket_id in self._line else None

    @_now
    def slice(self, first: int, count: int, since: int | None = None) -> tuple[int, list[int]]:
        """The number of tickets, and the ids of some; `since` keeps those changed from then on."""
        if since is None:
            return len(self._line), self._line.slice(first, count)
        changed = self._changed_since(since)
        return len(changed), changed[first : first + count]

    @_now
    def written(self, ticket_id: int) -> bytes | None:
        """One ticket as compact JSON, or None."""
        if ticket_id not in self._line:
            return None
        known = self._written.get(ticket_id)
        if known is None or not known[0] <= self._at < known[1]:
            known = self._written[ticket_id] = self._tickets.written(ticket_id, self._at)
        return known[2]

    def prepare(self) -> Account:
        """Write every ticket now, so that the first sweep is answered as fast as the second."""
        for number in self.slice(0, self.total)[1]:
            self.written(number)
        return self

    # --- hands -----------------------------------------------------------------------------

    @_now
    def hold(self, ticket_id: int, **fields: Any) -> dict[str, Any]:
        """Make or change a ticket by hand, and return it as the API now answers it.

        What is not said stays as it was, or gets the contract's simplest value; the stage follows
        the status and `updated_at` becomes the clock's moment, unless they are said. Times may be
        given as datetimes. A dropped ticket comes back as it was.
        """
        self._tickets.keep(ticket_id, self._at, fields)
        self._touch(ticket_id)
        return self._tickets.ticket(ticket_id, self._at)

    @_now
    def drop(self, ticket_id: int) -> None:
        """Let the API lose a ticket."""
        if ticket_id not in self._line:
            raise KeyError(f"No ticket {ticket_id} to drop.")
        self._tickets.drop(ticket_id)
        self._touch(ticket_id)

    # --- drift -----------------------------------------------------------------------------

    @_now
    def insert(self, count: int = 1) -> list[int]:
        """New tickets, created now, newer than all others; the law leads them on."""
        made = []
        for number in self._tickets.free_ids(count, self._at):
            self._tickets.insert(number, self._at)
            self._touch(number)
            made.append(number)
        return made

    @_now
    def update(self, ticket_id: int) -> dict[str, Any]:
        """Move an open ticket to another open status now; the law moves it on when it is time."""
        status = self._tickets.ticket(ticket_id, self._at)["status"]
        others = [move for move in _MOVES if move != status]
        moved = others[below(len(others), self.world.seed, b"move", self._next_pick())]
        self._tickets.move(ticket_id, self._at, moved)
        self._touch(ticket_id)
        return self._tickets.ticket(ticket_id, self._at)

    @_now
    def pick(self, count: int, *, live: bool = False) -> list[int]:
        """Some tickets by chance, all different; `live` ones are not closed."""
        numbers = self._all()
        chosen: list[int] = []
        while numbers and len(chosen) < count:
            place = below(len(numbers), self.world.seed, b"pick", self._next_pick())
            numbers[place], numbers[-1] = numbers[-1], numbers[place]
            number = numbers.pop()
            if not (live and self._tickets.is_closed(number, self._at)):
                chosen.append(number)
        return chosen

    @_now
    def newest(self, count: int) -> list[int]:
        """The tickets created last, newest first."""
        created = self._tickets.created
        return sorted(self._all(), key=lambda number: (-created(number), -number))[:count]

    # --- the rest --------------------------------------------------------------------------

    def _all(self) -> list[int]:
        return self._line.slice(0, len(self._line))

    def _changed_since(self, since: int) -> list[int]:
        question = (since, self._at, self._version)
        if self._since is None or self._since[0] != question:
            last = self._tickets.last_change
            changed = [number for number in self._all() if last(number, self._at) >= since]
            self._since = (question, changed)
        return self._since[1]

    def _next_pick(self) -> int:
        self._picks += 1
        return self._picks
