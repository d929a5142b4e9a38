"""What a plan knows of tickets: those that are held, those it has met, and those that are gone.

Depends on `orders` and `records`; no I/O, no clock. A sighting is heard once and changes everything
that follows from it; which request comes next is nobody's affair here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from ..records import DETAIL, Malformed, Ticket
from .orders import ORDERS, Order


class Known(NamedTuple):
    """The times of a known ticket that a list may be ordered by."""

    created_at: datetime
    updated_at: datetime | None


def key_of(order: Order, ticket: Known) -> datetime:
    """The time that places a ticket; one that was never updated stands by its creation."""
    if order.field == "created_at" or ticket.updated_at is None:
        return ticket.created_at
    return ticket.updated_at


def watermarks_of(known: Mapping[int, Known]) -> dict[str, datetime]:
    """The latest known time in each order."""
    if not known:
        return {}
    return {order.name: max(key_of(order, ticket) for ticket in known.values()) for order in ORDERS}


class Beside:
    """Tickets that a list counts and of which nothing is known that would tell their place.

    They are set aside and were never held: a plan counts them, or it would look for a hole where
    they are.

    Args:
        ids: Those whose ids are known.
        nameless: How many others there were at last.
    """

    def __init__(self, ids: Collection[int] = (), nameless: int = 0) -> None:
        self.ids, self._nameless = set(ids), nameless
        self._marks: set[int] = set()

    def __len__(self) -> int:
        """How many there are, as far as is known."""
        return len(self.ids) + max(self._nameless, len(self._marks))

    def meet(self, found: Malformed, known: Collection[int]) -> None:
        """Hear of one; those among `known` have their place, one that is refused may not exist."""
        if found.ticket_id is None:
            self._marks.add(found.mark)
        elif found.ticket_id not in known and found.breaches[0].field != DETAIL:
            self.ids.add(found.ticket_id)

    def discard(self, ticket_id: int) -> None:
        """This one is whole, or gone."""
        self.ids.discard(ticket_id)


class Tickets:
    """The tickets of one plan.

    Args:
        known: Held and not vanished, by id.
        due: Those of them that this run has to see.
        beside: Those that the API counts and that are not among the known.
    """

    def __init__(
        self,
        known: Mapping[int, Known],
        due: Collection[int] = (),
        beside: Beside | None = None,
    ) -> None:
        self.known, self.due = dict(known), set(due)
        self.beside = beside or Beside()
        self.new: set[int] = set()
        self.gone: set[int] = set()
        self.seen: set[int] = set()
        self.has_moved = False
        """Whether a known ticket was met with other times, since somebody set this to False."""

    def meet(self, ticket: Ticket) -> bool:
        """Hear a ticket as it is; whether nothing was known of it."""
        ticket_id, now = ticket["id"], Known(ticket["created_at"], ticket["updated_at"])
        before = self.known.get(ticket_id)
        self.known[ticket_id] = now
        self.seen.add(ticket_id)
        self.beside.discard(ticket_id)
        if before is None:
            self.new.add(ticket_id)
            self.gone.discard(ticket_id)
        elif before != now:
            self.has_moved = True
        return before is None

    def meet_set_aside(self, found: Malformed) -> None:
        """Hear of a ticket that breaks the contract, or was refused."""
        if found.ticket_id is not None:
            self.seen.add(found.ticket_id)
        self.beside.meet(found, self.known)

    def lose(self, ticket_id: int) -> bool:
        """Hear that the API has no such ticket; whether it was known."""
        self.due.discard(ticket_id)
        self.beside.discard(ticket_id)
        if self.known.pop(ticket_id, None) is None:
            return False
        self.gone.add(ticket_id)
        return True
