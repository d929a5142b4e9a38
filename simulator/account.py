"""What the API holds now: the world's tickets at the clock's moment, and what hands changed.

Depends on the world, the clock and the orders. Promises:

- a ticket that `hold` touched has left the law: it stays as it was made until a hand changes it;
- `insert` and `update` make tickets move as drift does: the law goes on with them later;
- the answers follow the clock, forwards and backwards, and every call may come from any thread.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from heapq import heappop, heappush
from threading import RLock
from typing import Any, TypeVar, cast

from .clock import Clock
from .draws import below
from .orders import Line, Order, seconds
from .story import Story, iso
from .vocabulary import CLOSED, STAGES
from .world import END, World

_encode = json.JSONEncoder(separators=(",", ":")).encode

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
    def at_this_moment(self: Account, *args: Any, **kwargs: Any) -> Any:
        with self._lock:
            self._follow_the_clock()
            return method(self, *args, **kwargs)

    return cast("F", at_this_moment)


class Account:
    """An organisation's tickets as the API would answer them now."""

    def __init__(
        self,
        world: World | None = None,
        clock: Clock | None = None,
        order: Order = "newest_first",
    ) -> None:
        """Without a world the account is empty until hands fill it."""
        self.world = world or World(tickets=0)
        self.clock = clock or Clock(world.end if world else END)
        self.order = order
        self._lock = RLock()
        self._line = Line(order)
        self._moment: int | None = None
        self._version = 0
        self._held: dict[int, dict[str, Any]] = {}
        self._dropped: set[int] = set()
        self._inserted: dict[int, Story] = {}
        self._updated: dict[int, tuple[int, str]] = {}
        self._due: list[tuple[int, int]] = []
        self._written: dict[int, tuple[int, float, bytes]] = {}
        self._since: tuple[tuple[int, int, int], list[int]] | None = None
        self._picks = 0
        self._stills = 0

    # --- what it holds ---------------------------------------------------------------------

    @property
    def total(self) -> int:
        """How many tickets there are now."""
        return self.slice(0, 0)[0]

    @_now
    def tickets(self) -> list[dict[str, Any]]:
        """All tickets now, in the order of the list."""
        return [self._ticket(number) for number in self._line.slice(0, len(self._line))]

    @_now
    def ticket(self, ticket_id: int) -> dict[str, Any] | None:
        """One ticket now, or None."""
        return self._ticket(ticket_id) if ticket_id in self._line else None

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
            known = self._written[ticket_id] = self._write(ticket_id)
        return known[2]

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
        known = self._last_known(ticket_id)
        base = self._fresh(ticket_id) if known is None else known | {"updated_at": iso(self._at)}
        if "status" in fields:
            base["stage"] = STAGES.get(fields["status"], "unknown")
        self._held[ticket_id] = base | {name: _plain(value) for name, value in fields.items()}
        self._dropped.discard(ticket_id)
        self._touch(ticket_id)
        return self._ticket(ticket_id)

    @_now
    def drop(self, ticket_id: int) -> None:
        """Let the API lose a ticket."""
        if ticket_id not in self._line:
            raise KeyError(f"No ticket {ticket_id} to drop.")
        self._dropped.add(ticket_id)
        self._touch(ticket_id)

    # --- drift -----------------------------------------------------------------------------

    @_now
    def insert(self, count: int = 1) -> list[int]:
        """New tickets, created now, newer than all others; the law leads them on."""
        made = []
        for number in self._free_ids(count):
            if self.world.tickets:
                self._inserted[number] = self.world.tell(number, self._at)
            else:
                self._held[number] = self._fresh(number)
            self._touch(number)
            made.append(number)
        return made

    @_now
    def update(self, ticket_id: int) -> dict[str, Any]:
        """Move an open ticket to another open status now; the law moves it on when it is time."""
        status = self._ticket(ticket_id)["status"]
        others = [move for move in _MOVES if move != status]
        moved = others[below(len(others), self.world.seed, b"move", self._next_pick())]
        if ticket_id in self._held:
            return self.hold(ticket_id, status=moved)
        self._updated[ticket_id] = (self._at, moved)
        self._touch(ticket_id)
        return self._ticket(ticket_id)

    @_now
    def pick(self, count: int, *, live: bool = False) -> list[int]:
        """Some tickets by chance, all different; `live` ones are not closed."""
        numbers = self._line.slice(0, len(self._line))
        chosen: list[int] = []
        while numbers and len(chosen) < count:
            place = below(len(numbers), self.world.seed, b"pick", self._next_pick())
            numbers[place], numbers[-1] = numbers[-1], numbers[place]
            number = numbers.pop()
            if not (live and self._is_closed(number)):
                chosen.append(number)
        return chosen

    @_now
    def newest(self, count: int) -> list[int]:
        """The tickets created last, newest first."""
        numbers = self._line.slice(0, len(self._line))
        return sorted(numbers, key=lambda number: (-self._created(number), -number))[:count]

    # --- the moment ------------------------------------------------------------------------

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
        world = (self.world.id_of(index) for index in range(self.world.arrived(self._at)))
        numbers = dict.fromkeys([*world, *self._inserted, *self._held])
        self._line.fill(
            (number, time) for number in numbers if (time := self._place(number)) is not None
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
        """The time by which the ticket stands in line; None if it does not."""
        if number in self._dropped:
            return None
        if number in self._held:
            return self._last_change(number) if self._line.by_update else self._created(number)
        if not self._line.by_update and not self.world.vanishing and number not in self._inserted:
            return self.world.created(number)  # spares a story: a place for life
        story = self._story(number)
        if story is None:
            return None
        moves = (story.next_move(self._at), self._updated.get(number, (None,))[0])
        for following in moves:
            if following is not None and following > self._at:
                heappush(self._due, (following, number))
        if not story.holds(self._at):
            return None
        return self._last_change(number) if self._line.by_update else story.created

    # --- one ticket ------------------------------------------------------------------------

    def _story(self, number: int) -> Story | None:
        return self._inserted.get(number) or self.world.story(number, self._at)

    def _ticket(self, number: int) -> dict[str, Any]:
        if number in self._held:
            return deepcopy(self._held[number])
        story = self._story(number)
        if story is None:
            raise KeyError(f"No ticket {number}.")
        ticket = story.ticket(self._at)
        moved = self._move_of(number, story)
        if moved:
            at, status = moved
            ticket |= {"status": status, "stage": STAGES[status], "updated_at": iso(at)}
        return ticket

    def _move_of(self, number: int, story: Story) -> tuple[int, str] | None:
        """The hand's last update, as long as the law has not moved the ticket since."""
        moved = self._updated.get(number)
        if moved is None or not story.changed(self._at) <= moved[0] <= self._at:
            return None
        return moved

    def _last_known(self, number: int) -> dict[str, Any] | None:
        if number in self._held or self._story(number) is not None:
            return self._ticket(number)
        return None

    def _fresh(self, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "status": "pending",
            "stage": "in_progress",
            "type": "damaged",
            "parcel_id": 90_000_000 + number,
            "carrier": "postnl",
            "order_number": f"ORD-{number}",
            "brand_id": 1,
            "created_at": iso(self._at),
            "updated_at": iso(self._at),
            "requested_actions": [],
            "resolution": None,
        }

    def _created(self, number: int) -> int:
        if number in self._held:
            return seconds(self._held[number].get("created_at"))
        if number in self._inserted:
            return self._inserted[number].created
        return self.world.created(number) or 0

    def _last_change(self, number: int) -> int:
        """`updated_at`, or the creation where it is null."""
        if number in self._held:
            return seconds(self._held[number].get("updated_at")) or self._created(number)
        story = self._story(number)
        if story is None:
            return 0
        moved = self._move_of(number, story)
        return moved[0] if moved else story.changed(self._at)

    def _write(self, number: int) -> tuple[int, float, bytes]:
        """The ticket as JSON, from this moment until when that holds."""
        story = None if number in self._held else self._story(number)
        ends = (story and story.next_event(self._at), self._updated.get(number, (None,))[0])
        until = min((end for end in ends if end and end > self._at), default=math.inf)
        return self._at, until, _encode(self._ticket(number)).encode()

    def _is_closed(self, number: int) -> bool:
        return self._ticket(number)["status"] in CLOSED

    # --- the rest --------------------------------------------------------------------------

    def _changed_since(self, since: int) -> list[int]:
        question = (since, self._at, self._version)
        if self._since is None or self._since[0] != question:
            numbers = self._line.slice(0, len(self._line))
            changed = [number for number in numbers if self._last_change(number) >= since]
            self._since = (question, changed)
        return self._since[1]

    def _free_ids(self, count: int) -> Iterator[int]:
        """The next ids upwards, before the one that the world will give next."""
        taken = [*self._inserted, *(() if self.world.tickets else [*self._held, *self._dropped])]
        arrived = self.world.arrived(self._at)
        following = max([0, *taken, *([self.world.id_of(arrived - 1)] if arrived else [])]) + 1
        for number in range(following, following + count):
            if self.world.tickets and number >= self.world.id_of(arrived):
                raise ValueError("No more free ids at this moment; move the clock on.")
            yield number

    def _next_pick(self) -> int:
        self._picks += 1
        return self._picks


def _plain(value: Any) -> Any:
    """What JSON can hold: datetimes and decimals become what the API would write."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
