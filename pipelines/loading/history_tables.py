"""The three history tables in the warehouse: how they are written, and how they begin.

Depends on `warehouse`. Promises that rows go in whole or not at all, in the place of rows with the
same key, so that the same rows may be written again; and that a ticket has either a beginning in
each history or in none: `ticket_status_history` has a row of every ticket, so its rows tell which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dlt
from dlt.common.utils import uniq_id

from sources.sendcloud_support.holdings import Actions, action_row, connected, qualified
from sources.sendcloud_support.records import (
    ACTION_HISTORY,
    HISTORY_KEYS,
    REQUESTED_ACTIONS,
    RESOLUTION,
    RESOLUTION_HISTORY,
    STATUS_HISTORY,
    TICKETS,
)

from .bulk_rows import replace_rows

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]
"""Rows of the histories, by table."""


def write_histories(pipeline: dlt.Pipeline, rows: Rows) -> None:
    """Put rows into the histories, in the place of rows with the same key.

    A package of dlt would do it too, for a second of CPU time and in several transactions.
    """
    if any(rows.values()):
        with connected(pipeline) as client, client.begin_transaction():
            _replace_all(pipeline, client, rows)


def withdraw_histories(pipeline: dlt.Pipeline, rows: Rows, actions: Actions) -> None:
    """Take back rows that were written for tickets which then were not loaded.

    `actions` are the requests as they were before: their rows come back.
    """
    if not any(rows.values()):
        return
    tickets = {row["ticket_id"] for row in rows.get(ACTION_HISTORY, ())}
    before = [
        action_row(ticket_id, action_id, action)
        for ticket_id in tickets
        for action_id, action in actions.get(ticket_id, {}).items()
    ]
    with connected(pipeline) as client, client.begin_transaction():
        for table, some in rows.items():
            for row in some:
                _delete(client, table, row)
        _replace_all(pipeline, client, {ACTION_HISTORY: before})


def _delete(client: Any, table: str, row: Row) -> None:
    key = HISTORY_KEYS[table]
    client.execute_sql(
        f"delete from {client.make_qualified_table_name(table)} "
        f"where {' and '.join(f'{column} = %s' for column in key)}",
        *(row[column] for column in key),
    )


def complete_histories(pipeline: dlt.Pipeline, rows: Rows) -> None:
    """After the load of new tickets: rows of those seen more than once, and how the others begin.

    Both in one transaction: half of it would count as a whole.
    """
    with connected(pipeline) as client, client.begin_transaction():
        _replace_all(pipeline, client, rows)
        _begin(client, "first_seen_at")


def begin_left_over(pipeline: dlt.Pipeline, is_journalled: bool) -> None:
    """Begin what has no history, as it was when last seen.

    These are tickets of a run that was killed before it came so far, unless the journal has them
    and tells more; and resolutions of a warehouse that is older than their history.
    """
    with connected(pipeline) as client, client.begin_transaction():
        if not is_journalled:
            _begin(client, "last_seen_at")
        _run(client, _first_resolutions("last_seen_at", f"exists {HAS_STATUS}"))


HAS_STATUS = f"(select 1 from {STATUS_HISTORY} as status where status.ticket_id = tickets.id)"


def _begin(client: Any, seen_at: str) -> None:
    """The first rows of tickets without any, from what is held of them.

    `seen_at` names the column that tells when it was so. Statuses come last: they tell the others
    which tickets have none.
    """
    is_unbegun = f"not exists {HAS_STATUS}"
    _run(client, _first_actions(seen_at, is_unbegun))
    _run(client, _first_resolutions(seen_at, is_unbegun))
    _run(client, _first_statuses(seen_at, is_unbegun))


def _run(client: Any, sql: str) -> None:
    client.execute_sql(qualified(client, sql))


def _first_statuses(seen_at: str, condition: str) -> str:
    return f"""
        insert into {STATUS_HISTORY} (ticket_id, status, stage, seen_at, _dlt_id, _dlt_load_id)
        select
            id, status, stage, {seen_at}, md5('status/' || cast(id as varchar(20))), _dlt_load_id
        from {TICKETS} as tickets
        where {condition}
    """


def _first_resolutions(seen_at: str, condition: str) -> str:
    return f"""
        insert into {RESOLUTION_HISTORY} (
            ticket_id, outcome, amount, currency, solved_at, seen_at, _dlt_id, _dlt_load_id
        )
        select
            tickets.id, resolution.outcome, resolution.amount, resolution.currency,
            resolution.solved_at, tickets.{seen_at},
            md5('resolution/' || cast(tickets.id as varchar(20))), tickets._dlt_load_id
        from {TICKETS} as tickets
        join {RESOLUTION} as resolution on resolution.ticket_id = tickets.id
        where {condition} and not exists (
            select 1 from {RESOLUTION_HISTORY} as history where history.ticket_id = tickets.id
        )
    """


def _first_actions(seen_at: str, condition: str) -> str:
    """Of a request that stands in its ticket twice the last counts, as everywhere."""
    return f"""
        insert into {ACTION_HISTORY} (
            ticket_id, id, data_type, created_at, first_seen_at, last_seen_at, _dlt_id, _dlt_load_id
        )
        select
            tickets.id, action.id, action.data_type, action.created_at,
            tickets.{seen_at}, tickets.last_seen_at,
            md5(
                'request/' || cast(tickets.id as varchar(20))
                || '/' || cast(action.id as varchar(20))
            ),
            tickets._dlt_load_id
        from {TICKETS} as tickets
        join (
            select
                ticket_id, id, data_type, created_at,
                row_number() over (partition by ticket_id, id order by _dlt_list_idx desc) as place
            from {REQUESTED_ACTIONS}
        ) as action on action.ticket_id = tickets.id and action.place = 1
        where {condition} and not exists (
            select 1 from {ACTION_HISTORY} as history
            where history.ticket_id = tickets.id and history.id = action.id
        )
    """


def _replace_all(pipeline: dlt.Pipeline, client: Any, rows: Rows) -> None:
    load_id = uniq_id()
    for table, some in rows.items():
        of_dlt = [row | {"_dlt_id": uniq_id(), "_dlt_load_id": load_id} for row in some]
        replace_rows(pipeline, client, table, of_dlt, HISTORY_KEYS[table])
