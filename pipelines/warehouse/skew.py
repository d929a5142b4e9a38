"""Skew: what the warehouse holds was dated by other clocks than this machine's.

Depends on `soundness`. A little skew is the way of two machines: the run's time begins behind
what is held. More than that means that one clock was, or is, wrong. The times that the API gave
tell which: where they too lie ahead, it is this machine's, and nothing is read or changed. If not,
whatever was dated ahead is moved to just before this run, in its order, and everything is read
again. Promises that no row looks fresher than what is read now.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta

import dlt

from sources.sendcloud_support import WrongClockError
from sources.sendcloud_support.holdings import (
    A_MOMENT,
    ROWS_IN_STATEMENT,
    Answer,
    SteadyClock,
    connected,
    execute,
    in_utc,
    is_transactional,
    make_own_table,
    query,
)
from sources.sendcloud_support.records import (
    ACTION_HISTORY,
    RESOLUTION_HISTORY,
    STATUS_HISTORY,
    SYNC_RUNS,
    TICKETS,
    Ticket,
)

from .soundness import doubt

A_LITTLE = timedelta(minutes=5)
FAR_AHEAD = timedelta(days=366)
"""A time of the API so far ahead of all that is held is a mistake in a ticket, no evidence."""

MOMENTS = {
    TICKETS: ("first_seen_at", "last_seen_at", "vanished_at"),
    STATUS_HISTORY: ("seen_at", "previously_seen_at"),
    ACTION_HISTORY: ("first_seen_at", "last_seen_at", "first_missing_at"),
    RESOLUTION_HISTORY: ("seen_at", "previously_seen_at"),
    "tickets_set_aside": ("first_seen_at", "last_seen_at", "mended_at"),
    SYNC_RUNS: ("started_at", "finished_at"),
}
"""The columns that hold times of our own clocks."""

VERSIONS = {"_dlt_version": ("inserted_at",)}
"""dlt takes the schema with the latest of these; it has a clock of its own."""

MOVED = "_sendcloud_moved"


UNMOVABLE = (
    "Times in the warehouse are up to {} ahead of this machine's clock, and in this kind of "
    "warehouse they cannot be moved. Tables are as they were. Wait so long, or load another "
    "database from the beginning."
)
MOVED_BACK = (
    "Times in the warehouse were up to {} ahead of this machine's clock; they were moved to just "
    "before this run, and everything is read again."
)


def set_right(
    pipeline: dlt.Pipeline,
    clock: SteadyClock,
    waiting: datetime | None,
    first_page: Callable[[], list[Ticket]],
) -> list[str]:
    """Let the run's time come after all times that are held; sentences on what was amiss.

    Args:
        pipeline: Started up.
        clock: The run's.
        waiting: The latest time in the journal.
        first_page: Asks the API; called only where the warehouse alone cannot tell which clock is
            wrong.

    Raises:
        WrongClockError: It is this machine's.
    """
    with connected(pipeline):
        now = clock()
        latest = max([now, *_latest(pipeline), *filter(None, [waiting])])
        if latest - now <= A_LITTLE:
            clock.begin_after(latest)
            return []
        _refuse_behind(pipeline, now, latest, first_page)
        if not is_transactional(pipeline):
            raise WrongClockError(UNMOVABLE.format(_span(latest - now)))
        _move(pipeline, clock, now)
        doubt(pipeline, clock(), "times ahead")
        return [MOVED_BACK.format(_span(latest - now))]


def dated(answers: Iterable[Answer], clock: SteadyClock) -> Iterator[Answer]:
    """Answers that a clock ahead of this one has dated come before all that is read from now on."""
    until = clock()
    for answer in answers:
        if answer.seen_at > until:
            now = clock()
            yield answer._replace(asked_at=now, seen_at=now)
        else:
            yield answer


def refuse_impossible(answers: Collection[Answer]) -> None:
    """Tickets that were seen before they were created, if most of them are, show a wrong clock."""
    early = [
        answer.seen_at
        for answer in answers
        for ticket in answer.tickets
        if ticket["created_at"] > answer.seen_at + A_LITTLE
    ]
    if len(early) * 2 > sum(len(answer.tickets) for answer in answers):
        raise WrongClockError(_behind(max(early)))


def _refuse_behind(
    pipeline: dlt.Pipeline,
    now: datetime,
    latest: datetime,
    first_page: Callable[[], list[Ticket]],
) -> None:
    """Times of the API that lie ahead of our clock, and not of the clock that saw them."""
    since = now + A_LITTLE
    [(known,)] = query(
        pipeline,
        f"select count(*) from {TICKETS} where (created_at > %s and created_at <= last_seen_at) "
        "or (updated_at > %s and updated_at <= last_seen_at)",
        since,
        since,
    ) or [(0,)]
    if known or any(
        since < moment <= latest + FAR_AHEAD
        for ticket in first_page()
        for moment in (ticket["created_at"], ticket["updated_at"])
        if moment is not None
    ):
        raise WrongClockError(_behind(now))


def _behind(now: datetime) -> str:
    return (
        f"This machine's clock is wrong: it says {now:%Y-%m-%d %H:%M} UTC, and the API has tickets "
        "of a later time. Tables are as they were. Set the clock, then run it again."
    )


def _move(pipeline: dlt.Pipeline, clock: SteadyClock, now: datetime) -> None:
    """Date what lies ahead to the last moments before the run, in its order."""
    tables = list(_tables(pipeline))  # a table that is not there would end the transaction
    ahead = sorted(_ahead(pipeline, tables, now))
    start = max([now - (len(ahead) + 1) * A_MOMENT, *_latest(pipeline, now)])
    clock.begin_after(start + (len(ahead) + 1) * A_MOMENT)
    make_own_table(pipeline, MOVED, {"was": "timestamp", "is_now": "timestamp"})
    with connected(pipeline) as client, client.begin_transaction():
        execute(pipeline, f"delete from {MOVED} where 1 = 1")
        for some in _in_chunks(ahead, start):
            places = ", ".join(["(%s, %s)"] * (len(some) // 2))
            execute(pipeline, f"insert into {MOVED} (was, is_now) values {places}", *some)
        for table, column in tables:
            execute(pipeline, MOVE.format(table=table, column=column))
        execute(pipeline, UNDATE, start)
        execute(pipeline, f"drop table {MOVED}")


MOVE = f"""
    update {{table}} set {{column}} = {MOVED}.is_now
    from {MOVED} where {MOVED}.was = {{table}}.{{column}}
"""
UNDATE = f"""
    update {STATUS_HISTORY} set changed_at = null
    where seen_at > %s and not (changed_at > previously_seen_at and changed_at <= seen_at)
"""
"""A change keeps its date only where it still lies between the two sightings."""


def _latest(pipeline: dlt.Pipeline, until: datetime | None = None) -> Iterator[datetime]:
    """The latest time of each column, or the latest until then."""
    for table, columns in MOMENTS.items():
        each = "max({0})" if until is None else "max(case when {0} <= %s then {0} end)"
        sql = f"select {', '.join(map(each.format, columns))} from {table}"
        rows = query(pipeline, sql, *[until for _ in columns if until is not None])
        yield from (in_utc(moment) for row in rows for moment in row if moment is not None)


def _ahead(
    pipeline: dlt.Pipeline, tables: Iterable[tuple[str, str]], now: datetime
) -> set[datetime]:
    return {
        in_utc(moment)
        for table, column in tables
        for (moment,) in query(
            pipeline, f"select distinct {column} from {table} where {column} > %s", now
        )
    }


def _tables(pipeline: dlt.Pipeline) -> Iterator[tuple[str, str]]:
    """The tables that there are, with each of their columns to be moved."""
    for table, columns in (MOMENTS | VERSIONS).items():
        if query(pipeline, f"select count(*) from {table}"):
            yield from ((table, column) for column in columns)


def _in_chunks(ahead: list[datetime], start: datetime) -> Iterator[list[datetime]]:
    """Pairs of what a time was and what it becomes, so many as fit into a statement."""
    moved = [(was, start + place * A_MOMENT) for place, was in enumerate(ahead, 1)]
    for first in range(0, len(moved), ROWS_IN_STATEMENT):
        yield [moment for pair in moved[first : first + ROWS_IN_STATEMENT] for moment in pair]


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes < 48 * 60:
        return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"  # noqa: PLR2004
    return f"{round(minutes / 1440)} days"
