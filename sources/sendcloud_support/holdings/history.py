"""History: what a sighting of a ticket adds to the three history tables.

Depends on `holdings`; no I/O, no clock. Promises that every change of status, stage or resolution
between two sightings gives one row whose bounds hold it, that a request is called missing only by
a sighting of its ticket, and that the same sighting taken twice gives the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..records import Ticket
from .holdings import (
    RESOLUTION_FIELDS,
    Held,
    HeldAction,
    signature,
    state_of,
)

Row = dict[str, Any]


def sighting_time(ticket: Ticket, asked_at: datetime, answered_at: datetime) -> datetime:
    """When the ticket certainly was as the answer shows it.

    The API looked at some moment between our request and its answer, and not before the ticket's
    own `updated_at`.
    """
    updated_at: datetime | None = ticket["updated_at"]
    return max(asked_at, min(updated_at or asked_at, answered_at))


def status_change(ticket: Ticket, seen_at: datetime, before: Held) -> Row | None:
    """The history row of this sighting, None if status and stage are as before."""
    if is_told(seen_at, before) or state_of(ticket) == (before.status, before.stage):
        return None
    since, updated_at = before.known_until, ticket["updated_at"]
    is_dated = updated_at is not None and since < updated_at <= seen_at
    return _status_row(ticket, seen_at, updated_at if is_dated else None, since)


def is_told(seen_at: datetime, before: Held) -> bool:
    """Whether the histories have this sighting: a window loaded again finds its rows there."""
    return before.state_seen_at is not None and seen_at <= before.state_seen_at


def first_status(ticket_id: int, ticket: Held) -> Row:
    """The row with which a ticket's history begins."""
    state = {"id": ticket_id, "status": ticket.status, "stage": ticket.stage}
    return _status_row(state, ticket.first_seen_at)


def _status_row(
    ticket: Ticket,
    seen_at: datetime,
    changed_at: datetime | None = None,
    previously_seen_at: datetime | None = None,
) -> Row:
    return {
        "ticket_id": ticket["id"],
        "status": ticket["status"],
        "stage": ticket["stage"],
        "changed_at": changed_at,
        "seen_at": seen_at,
        "previously_seen_at": previously_seen_at,
    }


def resolution_change(ticket: Ticket, seen_at: datetime, before: Held) -> Row | None:
    """The history row of this sighting, None if the resolution is as before."""
    if is_told(seen_at, before) or signature(ticket["resolution"]) == before.resolution:
        return None
    return resolution_row(ticket["id"], ticket["resolution"], seen_at, before.known_until)


def resolution_row(
    ticket_id: int,
    resolution: Mapping[str, Any] | None,
    seen_at: datetime,
    previously_seen_at: datetime | None = None,
) -> Row:
    """The row of `resolution_history`; without an outcome where there is no resolution."""
    values = {name: (resolution or {}).get(name) for name in RESOLUTION_FIELDS}
    times = {"seen_at": seen_at, "previously_seen_at": previously_seen_at}
    return {"ticket_id": ticket_id} | values | times


def sighted_actions(
    ticket: Ticket, seen_at: datetime, before: dict[int, HeldAction]
) -> dict[int, HeldAction]:
    """The requests whose row this sighting changes: those there, and those newly missing."""
    there = {
        action["id"]: HeldAction(
            action["data_type"],
            action["created_at"],
            before[action["id"]].first_seen_at if action["id"] in before else seen_at,
            seen_at,
        )
        for action in ticket["requested_actions"]
    }
    missing = {
        action_id: held._replace(first_missing_at=seen_at)
        for action_id, held in before.items()
        if action_id not in there and held.first_missing_at is None
    }
    return there | missing


def action_row(ticket_id: int, action_id: int, action: HeldAction) -> Row:
    """The row of `requested_action_history`."""
    return {"ticket_id": ticket_id, "id": action_id} | action._asdict()


def outstanding(actions: dict[int, HeldAction]) -> list[Row]:
    """Held requests that are not missing, as the API would give them."""
    return [
        {"id": action_id, "data_type": held.data_type, "created_at": held.created_at}
        for action_id, held in actions.items()
        if held.first_missing_at is None
    ]
