"""Each ticket at any moment: as the world's law has it, and as hands changed it.

Depends on the world. Promises that a ticket kept by hand has left the law, and that one moved by
hand goes back to it with the law's next move.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ..world import CLOSED, STAGES, Story, World, iso
from .orders import seconds

_encode = json.JSONEncoder(separators=(",", ":")).encode


class Tickets:
    """What the API would say of each ticket at a moment, in seconds since 1970."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._kept: dict[int, dict[str, Any]] = {}
        self._dropped: set[int] = set()
        self._inserted: dict[int, Story] = {}
        self._moved: dict[int, tuple[int, str]] = {}

    # --- what is said ----------------------------------------------------------------------

    def ticket(self, number: int, at: int) -> dict[str, Any]:
        """The contract's JSON."""
        if number in self._kept:
            return deepcopy(self._kept[number])
        story = self._story(number, at)
        if story is None:
            raise KeyError(f"No ticket {number}.")
        ticket = story.ticket(at)
        moved = self._move_of(number, story, at)
        if moved:
            since, status = moved
            ticket |= {"status": status, "stage": STAGES[status], "updated_at": iso(since)}
        return ticket

    def written(self, number: int, at: int) -> tuple[int, float, bytes]:
        """The ticket as compact JSON, from this moment until when that holds."""
        story = None if number in self._kept else self._story(number, at)
        ends = (story and story.next_event(at), self._moved.get(number, (None,))[0])
        until = min((end for end in ends if end and end > at), default=math.inf)
        return at, until, _encode(self.ticket(number, at)).encode()

    def is_closed(self, number: int, at: int) -> bool:
        """Whether its status says so."""
        return self.ticket(number, at)["status"] in CLOSED

    # --- where it stands -------------------------------------------------------------------

    def numbers(self, at: int) -> list[int]:
        """Every id that there has been by then, once."""
        world = (self.world.id_of(index) for index in range(self.world.arrived(at)))
        return list(dict.fromkeys([*world, *self._inserted, *self._kept]))

    def place(self, number: int, at: int, *, by_update: bool) -> int | None:
        """The time by which the ticket stands in line; None if it does not."""
        if number in self._dropped:
            return None
        if number in self._kept:
            return self.last_change(number, at) if by_update else self.created(number)
        if self._is_placed_for_life(number, by_update):
            return self.world.created(number)
        story = self._story(number, at)
        if story is None or not story.holds(at):
            return None
        return self.last_change(number, at) if by_update else story.created

    def next_moves(self, number: int, at: int, *, by_update: bool) -> Iterator[int]:
        """When its place is to be looked at again."""
        if {number} & (self._dropped | self._kept.keys()):
            return
        if not self._is_placed_for_life(number, by_update):
            story = self._story(number, at)
            if story is not None:
                moves = (story.next_move(at), self._moved.get(number, (None,))[0])
                yield from (each for each in moves if each is not None and each > at)

    def created(self, number: int) -> int:
        """When it was created; 0 if that is not known."""
        if number in self._kept:
            return seconds(self._kept[number].get("created_at"))
        if number in self._inserted:
            return self._inserted[number].created
        return self.world.created(number) or 0

    def last_change(self, number: int, at: int) -> int:
        """`updated_at`, or the creation where it is null."""
        if number in self._kept:
            return seconds(self._kept[number].get("updated_at")) or self.created(number)
        story = self._story(number, at)
        if story is None:
            return 0
        moved = self._move_of(number, story, at)
        return moved[0] if moved else story.changed(at)

    # --- hands -----------------------------------------------------------------------------

    def keep(self, number: int, at: int, fields: dict[str, Any]) -> None:
        """Make or change a ticket, which has left the law from now on."""
        known = number in self._kept or self._story(number, at) is not None
        base = self.ticket(number, at) | {"updated_at": iso(at)} if known else fresh(number, at)
        if "status" in fields:
            base["stage"] = STAGES.get(fields["status"], "unknown")
        self._kept[number] = base | {name: _plain(value) for name, value in fields.items()}
        self._dropped.discard(number)

    def drop(self, number: int) -> None:
        """Lose a ticket."""
        self._dropped.add(number)

    def insert(self, number: int, at: int) -> None:
        """A new ticket, which the law leads on if there is one."""
        if self.world.tickets:
            self._inserted[number] = self.world.tell(number, at)
        else:
            self._kept[number] = fresh(number, at)

    def move(self, number: int, at: int, status: str) -> None:
        """Another status, until the law moves the ticket on."""
        if number in self._kept:
            self.keep(number, at, {"status": status})
        else:
            self._moved[number] = (at, status)

    def free_ids(self, count: int, at: int) -> Iterator[int]:
        """The next ids upwards, before the one that the world will give next."""
        taken = [*self._inserted, *(() if self.world.tickets else [*self._kept, *self._dropped])]
        arrived = self.world.arrived(at)
        following = max([0, *taken, *([self.world.id_of(arrived - 1)] if arrived else [])]) + 1
        for number in range(following, following + count):
            if self.world.tickets and number >= self.world.id_of(arrived):
                raise ValueError("No more free ids at this moment; move the clock on.")
            yield number

    # --- its story -------------------------------------------------------------------------

    def _story(self, number: int, at: int) -> Story | None:
        return self._inserted.get(number) or self.world.story(number, at)

    def _is_placed_for_life(self, number: int, by_update: bool) -> bool:
        """Spares a story: by its creation, a ticket that nothing takes away stands where it is."""
        return not (by_update or self.world.vanishing or number in self._inserted)

    def _move_of(self, number: int, story: Story, at: int) -> tuple[int, str] | None:
        """The hand's last move, as long as the law has not moved the ticket since."""
        moved = self._moved.get(number)
        if moved is None or not story.changed(at) <= moved[0] <= at:
            return None
        return moved


def fresh(number: int, at: int) -> dict[str, Any]:
    """A ticket of the contract's simplest values."""
    return {
        "id": number,
        "status": "pending",
        "stage": "in_progress",
        "type": "damaged",
        "parcel_id": 90_000_000 + number,
        "carrier": "postnl",
        "order_number": f"ORD-{number}",
        "brand_id": 1,
        "created_at": iso(at),
        "updated_at": iso(at),
        "requested_actions": [],
        "resolution": None,
    }


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
