"""What syncs saw, and what the tables have to be after that: a model apart from the connector.

Depends on the simulator: `Watch` hears each ticket as it leaves the API, with the account's time.
Where a run's time is the account's time and moves with each look at it, that is the very time at
which the ticket was asked for. Everything else follows from the meanings in docs/tables.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from tests.pipelines.warehouses import (
    Rows,
    Warehouse,
    actions_of,
    moment,
    resolution_of,
    ticket_of,
)

CLOSED = frozenset("claim_paid closed manually_solved solved solved_by_automation".split())


class Sighting(NamedTuple):
    """A ticket as the API gave it, and when."""

    at: datetime
    ticket: dict[str, Any]

    @property
    def state(self) -> tuple[str, str]:
        return self.ticket["status"], self.ticket["stage"]

    @property
    def is_closed(self) -> bool:
        return self.ticket["resolution"] is not None or self.ticket["status"] in CLOSED


class Decision(NamedTuple):
    """How a ticket ended; nothing of it where it did not."""

    outcome: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    solved_at: datetime | None = None


@dataclass
class Watch:
    """Every sighting of each ticket, oldest first, and when it was found to be gone."""

    warehouse: Warehouse
    seen: dict[int, list[Sighting]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.warehouse.service.switches.reshape = self._hear

    def _hear(self, ticket: dict[str, Any]) -> dict[str, Any]:
        now = self.warehouse.account.clock.now()
        self.seen[ticket["id"]].append(Sighting(now, deepcopy(ticket)))
        return ticket

    # --- what the tables have to hold ---------------------------------------------------------

    def tickets(self) -> Rows:
        """`tickets` without `vanished_at`, as last seen."""
        return [
            (*ticket_of(sightings[-1].ticket), sightings[0].at, sightings[-1].at)
            for _, sightings in sorted(self.seen.items())
        ]

    def children(self) -> Rows:
        """Both child tables, of each ticket as last seen."""
        last = [sightings[-1].ticket for _, sightings in sorted(self.seen.items())]
        actions = sorted(row for ticket in last for row in actions_of(ticket))
        return actions + [row for ticket in last for row in resolution_of(ticket)]

    def statuses(self) -> Rows:
        """`ticket_status_history`."""
        return [row for _, each in sorted(self.seen.items()) for row in _changes(each)]

    def actions(self) -> Rows:
        """`requested_action_history`."""
        return sorted(row for each in self.seen.values() for row in _requests(each))

    def resolutions(self) -> Rows:
        """`resolution_history`."""
        return [row for _, each in sorted(self.seen.items()) for row in _decisions(each)]

    # --- what a run has to have done ----------------------------------------------------------

    def live(self, at: datetime, settle: timedelta, dormant: timedelta) -> set[int]:
        """Tickets that count as live by what was last seen of them."""
        return {
            number
            for number, sightings in self.seen.items()
            if at - quiet_since(sightings) <= (settle if sightings[-1].is_closed else dormant)
        }

    def last_seen(self, number: int) -> datetime:
        """When the ticket was last seen."""
        return self.seen[number][-1].at


def quiet_since(sightings: list[Sighting]) -> datetime:
    """The last time at which something is known to have happened to the ticket."""
    ticket = sightings[-1].ticket
    times = [moment(ticket["created_at"]), moment(ticket["updated_at"])]
    times.append(moment((ticket["resolution"] or {}).get("solved_at")))
    if ticket["updated_at"] is None:
        times.extend(row[4] for row in _changes(sightings) if row[5] is not None)
    return max(time for time in times if time is not None)


def _changes(sightings: list[Sighting]) -> Iterator[tuple[Any, ...]]:
    number = sightings[0].ticket["id"]
    before: Sighting | None = None
    for sighting in sightings:
        if before is None:
            yield (number, *sighting.state, None, sighting.at, None)
        elif sighting.state != before.state:
            updated_at = moment(sighting.ticket["updated_at"])
            is_between = updated_at is not None and before.at < updated_at <= sighting.at
            dated = updated_at if is_between else None
            yield (number, *sighting.state, dated, sighting.at, before.at)
        before = sighting


def _decisions(sightings: list[Sighting]) -> Iterator[tuple[Any, ...]]:
    known, before_at = Decision(), None
    for at, ticket in sightings:
        [(number, *seen)] = resolution_of(ticket) or [(ticket["id"], None, None, None, None)]
        if Decision(*seen) != known:
            known = Decision(*seen)
            yield (number, *known, at, before_at)
        before_at = at


def _requests(sightings: list[Sighting]) -> list[tuple[Any, ...]]:
    rows: dict[int, tuple[Any, ...]] = {}
    for at, ticket in sightings:
        there = {row[1]: row for row in actions_of(ticket)}
        for number, row in there.items():
            first = rows[number][4] if number in rows else at
            rows[number] = (*row, first, at, None)
        for number, row in rows.items():
            if number not in there and row[6] is None:
                rows[number] = (*row[:6], at)
    return list(rows.values())
