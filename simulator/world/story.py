"""One ticket's whole life, and what the API says of it at any moment of it.

Depends on the vocabulary. Promises exactly the contract's JSON. `updated_at` moves when the status
moves, and only then: an answered request vanishes without a trace in it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .vocabulary import CLOSED, STAGES


class Facts(NamedTuple):
    """What a ticket is, from its first moment to its last."""

    type: str | None
    parcel_id: int | None
    carrier: str | None
    order_number: str | None
    brand_id: int | None


class Request(NamedTuple):
    """A document asked for, outstanding from `opened` until `gone` (None: for good)."""

    id: int
    data_type: str
    opened: int
    gone: int | None

    @property
    def action(self) -> dict[str, Any]:
        """The contract's JSON."""
        return {"id": self.id, "data_type": self.data_type, "created_at": iso(self.opened)}


class Spell(NamedTuple):
    """A time of being resolved, until the ticket was reopened (None: for good)."""

    solved: int
    reopened: int | None


class Ending(NamedTuple):
    """How a ticket is resolved; the time is that of the spell."""

    outcome: str
    amount: float | None
    currency: str | None
    tells_time: bool


@dataclass(frozen=True, slots=True)
class Story:
    """What will be said of one ticket, from creation to the end of days.

    `statuses[n]` holds from `moments[n]` on; the first moment is the creation.
    """

    id: int
    facts: Facts
    moments: tuple[int, ...]
    statuses: tuple[str, ...]
    requests: tuple[Request, ...]
    spells: tuple[Spell, ...]
    ending: Ending | None
    silent_at_first: bool
    vanished: int | None

    @property
    def created(self) -> int:
        """When it began."""
        return self.moments[0]

    def holds(self, at: int) -> bool:
        """Whether the API has the ticket at that moment."""
        return self.created <= at and (self.vanished is None or at < self.vanished)

    def changed(self, at: int) -> int:
        """When the status last moved."""
        return self.moments[self._step(at)]

    def is_closed(self, at: int) -> bool:
        """Whether the status then is one of the closed ones."""
        return self.statuses[self._step(at)] in CLOSED

    def next_move(self, at: int) -> int | None:
        """When its status moves or it vanishes: what the orders of the list can see."""
        following = bisect_right(self.moments, at)
        return self._soonest(at, self.moments[following : following + 1])

    def next_event(self, at: int) -> int | None:
        """When anything about the ticket will differ from what it is at that moment."""
        following = bisect_right(self.moments, at)
        # requests are gone, and spells begin and end, no later than the last move
        if following == len(self.moments):
            return self._soonest(at, ())
        return self._soonest(at, (*self.moments[following:], *self._request_moments()))

    def ticket(self, at: int) -> dict[str, Any]:
        """The contract's JSON at that moment."""
        step = self._step(at)
        status = self.statuses[step]
        silent = step == 0 and self.silent_at_first
        facts = self.facts
        return {
            "id": self.id,
            "status": status,
            "stage": STAGES[status],
            "type": facts.type,
            "parcel_id": facts.parcel_id,
            "carrier": facts.carrier,
            "order_number": facts.order_number,
            "brand_id": facts.brand_id,
            "created_at": iso(self.created),
            "updated_at": None if silent else iso(self.moments[step]),
            "requested_actions": [
                request.action
                for request in self.requests
                if request.opened <= at and (request.gone is None or at < request.gone)
            ],
            "resolution": self._resolution(at),
        }

    def _step(self, at: int) -> int:
        return max(bisect_right(self.moments, at) - 1, 0)

    def _resolution(self, at: int) -> dict[str, Any] | None:
        solved = next((s for s, end in self.spells if s <= at and (end is None or at < end)), None)
        if self.ending is None or solved is None:
            return None
        return {
            "outcome": self.ending.outcome,
            "amount": self.ending.amount,
            "currency": self.ending.currency,
            "solved_at": iso(solved) if self.ending.tells_time else None,
        }

    def _request_moments(self) -> Iterator[int]:
        for request in self.requests:
            yield request.opened
            if request.gone is not None:
                yield request.gone

    def _soonest(self, at: int, moments: tuple[int, ...]) -> int | None:
        later = [moment for moment in moments if moment > at]
        if self.vanished is not None and self.vanished > at:
            later.append(self.vanished)
        return min(later, default=None)


def iso(moment: int) -> str:
    """The contract's way to write a time: whole seconds, UTC with its offset."""
    return datetime.fromtimestamp(moment, UTC).isoformat()
