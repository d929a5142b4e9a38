"""The table `tickets_set_aside` in the warehouse: read when a run begins, written as it goes.

Depends on `warehouse`. Promises that a row goes in whole or not at all and in the place of the row
it comes from, so that the same rows may be written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dlt
from dlt.common.utils import uniq_id

from ..records import TICKETS_SET_ASIDE, WHOLE, SetAside
from .clock import in_utc
from .dialects import has_transactions
from .statements import connected, query

Row = dict[str, Any]

COLUMNS = (
    "ticket_id",
    "field",
    "expected",
    "found",
    "first_seen_at",
    "last_seen_at",
    "mended_at",
    "_dlt_id",
)
ROWS_IN_STATEMENT = 100


def read_set_aside(pipeline: dlt.Pipeline) -> SetAside:
    """What the warehouse says is set aside."""
    rows = query(pipeline, f"select {', '.join(COLUMNS)} from {TICKETS_SET_ASIDE}")
    return SetAside(dict(zip(COLUMNS, map(in_utc, row), strict=True)) for row in rows)


def write_set_aside(pipeline: dlt.Pipeline, rows: Sequence[Row]) -> None:
    """Put rows into the table, in the place of what they were."""
    if not rows:
        return
    load_id = uniq_id()
    with connected(pipeline) as client, client.begin_transaction():
        for start in range(0, len(rows), ROWS_IN_STATEMENT):
            some = [row | {"_dlt_load_id": load_id} for row in rows[start:][:ROWS_IN_STATEMENT]]
            _replace(client, some)


def count_set_aside(pipeline: dlt.Pipeline) -> int:
    """How many tickets stand set aside."""
    rows = query(
        pipeline,
        "select count(distinct ticket_id), "
        f"sum(case when ticket_id is null and field in ('id', '{WHOLE}') then 1 else 0 end) "
        f"from {TICKETS_SET_ASIDE} where mended_at is null",
    )
    return sum(int(count or 0) for row in rows for count in row)


def _replace(client: Any, rows: Sequence[Row]) -> None:
    """Without transactions a row is there twice for a moment, rather than not at all."""
    names, table = list(rows[0]), client.make_qualified_table_name(TICKETS_SET_ASIDE)
    is_first = has_transactions(client)
    delete = f"delete from {table} where _dlt_id in ({_places(len(rows))})"
    ids = [row["_dlt_id"] for row in rows]
    if is_first:
        client.execute_sql(delete, *ids)
    client.execute_sql(
        f"insert into {table} ({', '.join(names)}) values "
        + ", ".join([f"({_places(len(names))})"] * len(rows)),
        *(row[name] for row in rows for name in names),
    )
    if not is_first:
        load_id = rows[0]["_dlt_load_id"]
        client.execute_sql(f"{delete} and _dlt_load_id <> %s", *ids, load_id)


def _places(count: int) -> str:
    return ", ".join(["%s"] * count)
