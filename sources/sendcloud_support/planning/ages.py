"""Ages: which tickets a sync has to see, and which can wait for the next sweep.

Depends on `holdings`; no I/O, no clock.

- *settled*: closed, and nothing happened to it for `settle_days`;
- *dormant*: not closed, and nothing happened to it for `dormant_days`;
- *live*: every other. A live ticket is due unless it was seen within `live_max_age`.

"Nothing happened" counts from the latest of creation, `updated_at`, `solved_at` and, where the API
dates no update, the last change of status or stage that we saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..holdings import Held

LIVE, DORMANT, SETTLED = "live", "dormant", "settled"


@dataclass(frozen=True)
class Ages:
    """The configured ages. `dormant` None: a ticket that is not closed never becomes dormant."""

    settle: timedelta = timedelta(days=14)
    dormant: timedelta | None = timedelta(days=60)
    live_max_age: timedelta = timedelta(0)

    def classify(self, ticket: Held, now: datetime) -> str:
        """The ticket's class at this time."""
        quiet = now - ticket.quiet_since
        if ticket.is_closed:
            return SETTLED if quiet > self.settle else LIVE
        return DORMANT if self.dormant is not None and quiet > self.dormant else LIVE


def live_tickets(held: Mapping[int, Held], ages: Ages, now: datetime) -> set[int]:
    """Live tickets that the API had when they were last looked for."""
    return {
        ticket_id
        for ticket_id, ticket in held.items()
        if not ticket.is_vanished and ages.classify(ticket, now) == LIVE
    }


def due_tickets(
    held: Mapping[int, Held], ages: Ages, now: datetime, seen_since: datetime
) -> set[int]:
    """Live tickets that were not seen since then, nor within `live_max_age`."""
    fresh_from = min(seen_since, now - ages.live_max_age)
    live = live_tickets(held, ages, now)
    return {ticket_id for ticket_id in live if held[ticket_id].last_seen_at < fresh_from}
