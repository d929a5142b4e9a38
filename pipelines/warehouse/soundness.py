"""Whether the warehouse's tables are still what its runs have proven, and what follows if not.

Depends on `account`, `agreement` and `warehouse`. Somebody may have restored a copy, dropped a
table, or emptied one. Promises that what is gone is made again, that rows of tickets that are not
held do not stay in the way, and that a doubt is written into the warehouse before anything hides
its cause: from then on no earlier sweep counts, and no reading is gone on with, so that the next
one reads everything, whoever makes it.
"""

from __future__ import annotations

from datetime import datetime

import dlt

from sources.sendcloud_support import SOURCE_NAME, create_all_tables
from sources.sendcloud_support.holdings import (
    ROWS_IN_STATEMENT,
    connected,
    execute,
    query,
    read_standing,
    write_standing,
)
from sources.sendcloud_support.records import (
    ACTION_HISTORY,
    REQUESTED_ACTIONS,
    RESOLUTION,
    RESOLUTION_HISTORY,
    TICKETS,
    lost_tables,
)

from .agreement import STATE, agrees, restore_schema

MADE_AGAIN = "Tables of the warehouse were gone and were made again ({}): everything is read again."
APART = (
    "The tables of requests and resolutions did not fit their histories, as after one was emptied: "
    "everything is read again."
)


def start_up(pipeline: dlt.Pipeline, now: datetime) -> list[str]:
    """Bring the pipeline into a state from which loading is safe; sentences on what was amiss.

    What the warehouse holds decides. Whatever a killed run left in the working folder is dropped,
    not resumed, because a half-loaded package that is resumed can leave duplicates; so is what dlt
    remembers there of another state of the warehouse, be it older or newer.
    """
    if pipeline.has_pending_data or not agrees(pipeline):
        pipeline.drop()
    take_over(pipeline)
    lost = lost_tables(pipeline)
    if lost:
        doubt(pipeline, now, "lost tables")
    create_all_tables(pipeline)
    drop_orphans(pipeline)
    return [MADE_AGAIN.format(", ".join(lost))] if lost else []


def take_over(pipeline: dlt.Pipeline) -> None:
    """State and schema are those of the warehouse."""
    pipeline.sync_destination()
    restore_schema(pipeline)


def doubt(pipeline: dlt.Pipeline, now: datetime, why: str) -> None:
    """Let no earlier sweep count, and no reading be gone on with."""
    write_standing(pipeline, doubted_at=now, doubt=why)
    if query(pipeline, f"select count(*) from {STATE}"):
        execute(pipeline, f"delete from {STATE} where 1 = 1")
    if SOURCE_NAME in pipeline.schemas:
        pipeline.drop()
        take_over(pipeline)


def drop_orphans(pipeline: dlt.Pipeline) -> None:
    """Rows of a ticket that is not held: dlt would never replace them, and double them later."""
    for table in (REQUESTED_ACTIONS, RESOLUTION):
        lone = f"not exists (select 1 from {TICKETS} where {TICKETS}.id = {table}.ticket_id)"
        found = query(pipeline, f"select distinct ticket_id from {table} where {lone}")
        for start in range(0, len(found), ROWS_IN_STATEMENT):
            some = [ticket_id for (ticket_id,) in found[start:][:ROWS_IN_STATEMENT]]
            places = ", ".join(["%s"] * len(some))
            execute(pipeline, f"delete from {table} where ticket_id in ({places})", *some)


def find_apart(pipeline: dlt.Pipeline, now: datetime) -> str | None:
    """A sentence where children and histories do not fit; once for each such finding.

    Asked when nothing waits to be loaded: a run that was killed may leave one ahead of the other.
    """
    with connected(pipeline):
        found = " ".join(str(count) for _, count in sorted(query(pipeline, UNLIKE)))
        if set(found.split()) <= {"0"} or found == read_standing(pipeline).doubt:
            return None
        doubt(pipeline, now, found)
        return APART


UNLIKE = f"""
    select 1 as place, count(*) as rows_apart
    from {REQUESTED_ACTIONS} as child
    inner join {TICKETS} as tickets on tickets.id = child.ticket_id
    where tickets.vanished_at is null and not exists (
        select 1 from {ACTION_HISTORY} as history
        where history.ticket_id = child.ticket_id
            and history.id = child.id
            and history.first_missing_at is null
    )
    union all
    select 2 as place, count(*) as rows_apart
    from {ACTION_HISTORY} as history
    inner join {TICKETS} as tickets on tickets.id = history.ticket_id
    where history.first_missing_at is null
        and tickets.vanished_at is null
        and not exists (
            select 1 from {REQUESTED_ACTIONS} as child
            where child.ticket_id = history.ticket_id and child.id = history.id
        )
    union all
    select 3 as place, count(*) as rows_apart
    from (
        select
            ticket_id, outcome,
            row_number() over (partition by ticket_id order by seen_at desc) as newness
        from {RESOLUTION_HISTORY}
    ) as history
    inner join {TICKETS} as tickets on tickets.id = history.ticket_id
    where history.newness = 1
        and history.outcome is not null
        and tickets.vanished_at is null
        and not exists (
            select 1 from {RESOLUTION} as child where child.ticket_id = history.ticket_id
        )
"""
"""Three counts, each of them zero where nobody meddled; what vanished cannot be read again."""
