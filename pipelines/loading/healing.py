"""Healing: what a killed run left behind in a warehouse that has no transactions.

Depends on the statements of `holdings`. There each statement comes into force by itself, so rows go
in before those that they replace go out, and a history is written before its tickets are. Promises
that of rows with one key the newest stays, and that a sighting of which the histories have a half
is written anew from the journal, whole.
"""

from __future__ import annotations

from typing import Any

import dlt

from sources.sendcloud_support.holdings import (
    connected,
    execute,
    is_clickhouse,
    is_transactional,
    query,
)
from sources.sendcloud_support.records import (
    ACTION_HISTORY,
    HISTORY_KEYS,
    RESOLUTION_HISTORY,
    STATUS_HISTORY,
    TICKETS,
    TICKETS_SET_ASIDE,
)

NEWEST = {
    STATUS_HISTORY: ("seen_at",),
    RESOLUTION_HISTORY: ("seen_at",),
    ACTION_HISTORY: ("last_seen_at", "first_missing_at"),
    TICKETS_SET_ASIDE: ("last_seen_at", "mended_at"),
}
"""The times that tell which of two rows of a table is newer; one that is there beats none."""


def heal(pipeline: dlt.Pipeline, is_journalled: bool) -> None:
    """Before anything is read of the histories; nothing to do where there are transactions."""
    if is_transactional(pipeline):
        return
    with connected(pipeline):
        for table, times in NEWEST.items():
            _drop_doubles(pipeline, table, HISTORY_KEYS.get(table, ("_dlt_id",)), times)
        if is_journalled:
            for table in (STATUS_HISTORY, RESOLUTION_HISTORY):
                execute(pipeline, _ahead(pipeline).format(table=table))


AHEAD = f"""
    delete from {{table}} where (ticket_id, seen_at) in (
        select history.ticket_id, history.seen_at
        from {{table}} as history
        inner join {TICKETS} as tickets on tickets.id = history.ticket_id
        where history.seen_at > tickets.last_seen_at
    )
"""
"""Sightings whose tickets were not loaded any more: the journal has them."""


AHEAD_BY_ROW = f"""
    delete from {{table}} where exists (
        select 1 from {TICKETS} as tickets
        where tickets.id = {{table}}.ticket_id and {{table}}.seen_at > tickets.last_seen_at
    )
"""
"""The same where a pair of values is compared with no query's."""


def _ahead(pipeline: dlt.Pipeline) -> str:
    with connected(pipeline) as client:
        return AHEAD if is_clickhouse(client) else AHEAD_BY_ROW


def _drop_doubles(
    pipeline: dlt.Pipeline, table: str, key: tuple[str, ...], times: tuple[str, ...]
) -> None:
    """Of rows with one key, which a replacement that was killed left, keep the newest."""
    keys = ", ".join(key)
    doubles = query(pipeline, f"select {keys} from {table} group by {keys} having count(*) > 1")
    is_it = " and ".join(f"{column} = %s" for column in key)
    for double in doubles:
        columns = f"_dlt_load_id, {', '.join(times)}"
        rows = query(pipeline, f"select {columns} from {table} where {is_it}", *double)
        kept, *_ = max(rows, key=_age)
        others = f"delete from {table} where {is_it} and _dlt_load_id <> %s"
        execute(pipeline, others, *double, kept)


def _age(row: tuple[Any, ...]) -> tuple[tuple[bool, Any], ...]:
    return tuple((moment is not None, moment or 0) for moment in row[1:])
