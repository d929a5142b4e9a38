"""The fewest requests that a second run needs, from what the API holds and what was held before.

Depends on nothing: the rules of ages are read a second time here, from the API's own tickets, so
that a run which leaves out what is due does not look cheap. The list is taken newest first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

PAGE = 20
SETTLE = timedelta(days=14)
DORMANT = timedelta(days=60)
CLOSED = frozenset({"claim_paid", "closed", "manually_solved", "solved", "solved_by_automation"})


def is_closed(ticket: dict[str, Any]) -> bool:
    """Whether the ticket has come to an end."""
    return ticket["resolution"] is not None or ticket["status"] in CLOSED


def is_live(ticket: dict[str, Any], now: datetime, dormant: timedelta | None = DORMANT) -> bool:
    """Whether a sync has to see it: not long closed, not long unchanged."""
    times = [
        ticket["created_at"],
        ticket["updated_at"],
        (ticket["resolution"] or {}).get("solved_at"),
    ]
    quiet = now - max(datetime.fromisoformat(time) for time in times if time)
    limit = SETTLE if is_closed(ticket) else dormant
    return limit is None or quiet <= limit


def due_ids(
    tickets: Iterable[dict[str, Any]], now: datetime, dormant: timedelta | None = DORMANT
) -> set[int]:
    """The tickets, as they were when they were last loaded, that the next run has to see."""
    return {ticket["id"] for ticket in tickets if is_live(ticket, now, dormant)}


def fewest_requests(listed: Sequence[int], held: set[int], due: set[int]) -> int:
    """Pages from the new end that hold at least every new ticket, and one detail per other due one.

    Args:
        listed: The ids of the list now, newest first.
        held: The ids held before.
        due: Those of them that have to be seen.
    """
    ranks = [rank for rank, number in enumerate(listed) if number in due or number not in held]
    oldest_new = max((rank for rank in ranks if listed[rank] not in held), default=0)
    pages = range(oldest_new // PAGE + 1, max(1, -(-len(listed) // PAGE)) + 1)
    return min(page + len(ranks) - bisect_left(ranks, page * PAGE) for page in pages)


def allowed_requests(fewest: int) -> int:
    """What the project permits itself: 1.05 times the fewest and 3."""
    return (105 * fewest + 300) // 100
