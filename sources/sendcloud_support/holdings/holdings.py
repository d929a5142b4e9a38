"""What the warehouse holds of each ticket and each request, as plain values.

Depends on `warehouse`. Promises times as aware UTC, and the state of a ticket as its history knows
it: a run that was killed may have loaded a change's history row and not yet the ticket.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from sys import intern
from typing import Any, NamedTuple

import dlt

from ..records import (
    ACTION_HISTORY,
    RESOLUTION,
    RESOLUTION_HISTORY,
    STATUS_HISTORY,
    SYNC_RUNS,
    TICKETS,
    SetAside,
    Ticket,
)
from .account import read_standing
from .clock import in_utc
from .run_record import ALL_OTHERS
from .statements import (
    ROWS_IN_STATEMENT,
    connected,
    execute,
    query,
    stream,
)

CLOSED = frozenset({"claim_paid", "closed", "manually_solved", "solved", "solved_by_automation"})
"""Statuses that end a ticket even where the API gives no resolution (DECISIONS.md)."""


class Held(NamedTuple):
    """What is held of a ticket.

    `quiet_since` is the latest time at which something is known to have happened to it,
    `resolution` the signature of its resolution, `state_seen_at` the time of the latest row in the
    histories of both. `has_history` is false, and `is_ahead` of it true, only where a run was
    killed between the loads of two tables, or where somebody else loaded.
    """

    created_at: datetime
    updated_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    status: str
    stage: str
    is_closed: bool
    quiet_since: datetime
    is_vanished: bool = False
    has_history: bool = True
    state_seen_at: datetime | None = None
    is_ahead: bool = False
    resolution: int | None = None

    @property
    def known_until(self) -> datetime:
        """The latest sighting of this state; a ticket ahead of its history had another by then."""
        state_seen_at = self.state_seen_at or self.last_seen_at
        return state_seen_at if self.is_ahead else max(self.last_seen_at, state_seen_at)


class HeldAction(NamedTuple):
    """What is held of a requested action."""

    data_type: str
    created_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    first_missing_at: datetime | None = None


RESOLUTION_FIELDS = ("outcome", "amount", "currency", "solved_at")

Actions = dict[int, dict[int, HeldAction]]
"""Requested actions by ticket id and their own id."""


def held_tickets(pipeline: dlt.Pipeline) -> dict[int, Held]:
    """All tickets of the warehouse by id, the vanished ones too."""
    return {row[0]: _held(*map(in_utc, row[1:])) for row in stream(pipeline, HELD_TICKETS)}


def held_histories(pipeline: dlt.Pipeline) -> dict[int, Held]:
    """Tickets of which only the histories are left, as if they had vanished.

    Somebody emptied their table, or a run was killed where each statement comes into force alone.
    Status, stage and resolution are those of the last rows, with which is compared what comes.
    """
    found: dict[int, Held] = {}
    columns = "status, stage"
    for number, moment, status, stage in stream(pipeline, _left_over(STATUS_HISTORY, columns)):
        seen_at = in_utc(moment)
        first = found[number].first_seen_at if number in found else seen_at
        found[number] = Held(
            first, None, first, seen_at, status, stage, False, seen_at, True, True, seen_at
        )
    columns = ", ".join(RESOLUTION_FIELDS)
    for number, *row in stream(pipeline, _left_over(RESOLUTION_HISTORY, columns)):
        if number in found:
            found[number] = _resolved(found[number], *map(in_utc, row))
    return found


def _left_over(history: str, columns: str) -> str:
    """Rows of a history whose tickets are not there, oldest first."""
    return f"""
        select ticket_id, seen_at, {columns}
        from {history}
        where not exists (select 1 from {TICKETS} where {TICKETS}.id = {history}.ticket_id)
        order by ticket_id, seen_at
    """


def _resolved(ticket: Held, seen_at: datetime, *resolved: Any) -> Held:
    """The ticket with this row of its resolutions."""
    last = max(ticket.last_seen_at, seen_at)
    known = signature(dict(zip(RESOLUTION_FIELDS, resolved, strict=True)))
    return ticket._replace(
        last_seen_at=last, quiet_since=last, state_seen_at=last, resolution=known
    )


HELD_TICKETS = f"""
    select
        tickets.id, tickets.created_at, tickets.updated_at,
        tickets.first_seen_at, tickets.last_seen_at,
        coalesce(latest.status, tickets.status), coalesce(latest.stage, tickets.stage),
        tickets.vanished_at is not null,
        case when latest.previously_seen_at is not null then latest.seen_at end,
        greatest(latest.seen_at, coalesce(resolved.seen_at, latest.seen_at)),
        greatest(latest.seen_at, coalesce(resolved.seen_at, latest.seen_at))
            < tickets.last_seen_at
            and (
                latest.status <> tickets.status
                or latest.stage <> tickets.stage
                or resolution.outcome is distinct from resolved.outcome
                or resolution.amount is distinct from resolved.amount
                or resolution.currency is distinct from resolved.currency
                or resolution.solved_at is distinct from resolved.solved_at
            ),
        resolved.outcome, resolved.amount, resolved.currency, resolved.solved_at
    from {TICKETS} as tickets
    left join {RESOLUTION} as resolution on resolution.ticket_id = tickets.id
    left join (
        select
            ticket_id, status, stage, seen_at, previously_seen_at,
            row_number() over (partition by ticket_id order by seen_at desc) as newness
        from {STATUS_HISTORY}
    ) as latest on latest.ticket_id = tickets.id and latest.newness = 1
    left join (
        select
            ticket_id, outcome, amount, currency, solved_at, seen_at,
            row_number() over (partition by ticket_id order by seen_at desc) as newness
        from {RESOLUTION_HISTORY}
    ) as resolved on resolved.ticket_id = tickets.id and resolved.newness = 1
"""


def _held(
    created_at: datetime,
    updated_at: datetime | None,
    first_seen_at: datetime,
    last_seen_at: datetime,
    status: str,
    stage: str,
    is_vanished: bool,
    change_seen_at: datetime | None,
    state_seen_at: datetime | None,
    is_ahead: bool | None,
    *resolved: Any,
) -> Held:
    resolution = dict(zip(RESOLUTION_FIELDS, resolved, strict=True))
    return Held(
        created_at,
        updated_at,
        first_seen_at,
        last_seen_at,
        intern(status),
        intern(stage),
        resolution["outcome"] is not None or status in CLOSED,
        latest(
            created_at,
            updated_at,
            resolution["solved_at"],
            None if updated_at else change_seen_at,
        ),
        is_vanished,
        state_seen_at is not None,
        state_seen_at,
        bool(is_ahead),
        signature(resolution),
    )


def sighted(ticket: Ticket, seen_at: datetime, before: Held | None) -> Held:
    """What is held of a ticket once this sighting is loaded."""
    resolution = ticket["resolution"] or {}
    has_changed = before is not None and state_of(ticket) != (before.status, before.stage)
    return Held(
        ticket["created_at"],
        ticket["updated_at"],
        before.first_seen_at if before else seen_at,
        seen_at,
        ticket["status"],
        ticket["stage"],
        bool(resolution) or ticket["status"] in CLOSED,
        latest(
            ticket["created_at"],
            ticket["updated_at"],
            resolution.get("solved_at"),
            _change_seen_at(ticket, seen_at, before, has_changed),
        ),
        resolution=signature(ticket["resolution"]),
    )


def _change_seen_at(
    ticket: Ticket, seen_at: datetime, before: Held | None, has_changed: bool
) -> datetime | None:
    """Where the API dates no update, a change is as old as our sight of it."""
    if ticket["updated_at"] is not None or before is None:
        return None
    return seen_at if has_changed else before.quiet_since


def unheld(set_aside: SetAside, held: Mapping[int, Held]) -> set[int]:
    """Tickets that the API has, that are set aside, and of which nothing is held."""
    return {each for each in set_aside.there if each not in held or held[each].is_vanished}


def state_of(ticket: Ticket) -> tuple[str, str]:
    """What `ticket_status_history` follows."""
    return ticket["status"], ticket["stage"]


def signature(resolution: Mapping[str, Any] | None) -> int | None:
    """Tells two resolutions of a ticket apart, in this process; None is no resolution.

    Python's hash of them: two differing ones look alike once in about 2^60 times, and kept as they
    are they would take five times the memory. The amount as text, because -1 and -2 have one hash;
    the warehouse knows no negative zero.
    """
    if resolution is None or resolution["outcome"] is None:
        return None
    amount = resolution["amount"]
    told = None if amount is None else str(amount + 0)
    return hash((resolution["outcome"], told, resolution["currency"], resolution["solved_at"]))


def latest(*moments: datetime | None) -> datetime:
    """The latest of these times; at least one is known."""
    return max(moment for moment in moments if moment is not None)


def held_actions(pipeline: dlt.Pipeline) -> Actions:
    """All requests ever seen, by ticket."""
    rows = stream(
        pipeline,
        "select ticket_id, id, data_type, created_at, first_seen_at, last_seen_at, "
        f"first_missing_at from {ACTION_HISTORY}",
    )
    actions: Actions = defaultdict(dict)
    for ticket_id, action_id, data_type, *times in rows:
        actions[ticket_id][action_id] = HeldAction(intern(data_type), *map(in_utc, times))
    return dict(actions)


def count_held(pipeline: dlt.Pipeline) -> int:
    """Tickets held and not vanished."""
    [[count]] = query(pipeline, f"select count(*) from {TICKETS} where vanished_at is null")
    return int(count)


def last_ended_at(pipeline: dlt.Pipeline, modes: Iterable[str]) -> datetime | None:
    """When the last run of these modes ended that read as far as it meant to, proven or not."""
    rows = query(
        pipeline,
        f"select mode, max(finished_at) from {SYNC_RUNS} "
        "where held_total is not null group by mode",
    )
    return max((in_utc(moment) for mode, moment in rows if mode in modes), default=None)


def last_sweep_at(pipeline: dlt.Pipeline) -> datetime | None:
    """When the last run began that completed a sweep, but for tickets set aside.

    One before a doubt does not count.
    """
    with connected(pipeline):
        rows = query(
            pipeline,
            f"select max(started_at) from {SYNC_RUNS} "
            "where mode = 'full' and (is_complete or note like %s)",
            f"%{ALL_OTHERS}%",
        )
        last, doubted_at = in_utc(rows[0][0]) if rows else None, read_standing(pipeline).doubted_at
    return None if last and doubted_at and last < doubted_at else last


def mark_gone(pipeline: dlt.Pipeline, ticket_ids: Iterable[int], now: datetime) -> int:
    """Mark tickets that the API no longer has; how many were not marked before."""
    count = 0
    for some, places in _in_chunks(ticket_ids):
        marked = f"from {TICKETS} where vanished_at is null and id in ({places})"
        [[found]] = query(pipeline, f"select count(*) {marked}", *some)
        count += int(found)
        _set_moment(pipeline, "vanished_at", f"vanished_at is null and id in ({places})", now, some)
    return count


def mark_seen(pipeline: dlt.Pipeline, ticket_ids: Iterable[int], seen_at: datetime) -> None:
    """Note of tickets that were shown to be unchanged when that was."""
    for some, places in _in_chunks(ticket_ids):
        _set_moment(pipeline, "last_seen_at", f"id in ({places})", seen_at, some)


def _set_moment(
    pipeline: dlt.Pipeline, column: str, where: str, moment: datetime, ids: Sequence[int]
) -> None:
    execute(pipeline, f"update {TICKETS} set {column} = %s where {where}", moment, *ids)


def _in_chunks(ticket_ids: Iterable[int]) -> Iterator[tuple[Sequence[int], str]]:
    """So many ids as fit into a statement, and the places for them."""
    ids = sorted(set(ticket_ids))
    for start in range(0, len(ids), ROWS_IN_STATEMENT):
        some = ids[start : start + ROWS_IN_STATEMENT]
        yield some, ", ".join(["%s"] * len(some))
