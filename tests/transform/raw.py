"""Raw tables as the connector leaves them, made without it: from rows by hand or from a world.

Depends on the simulator's world and pyarrow. Promises the columns and types of the design's tables
and a second, independent reading of what syncs at given moments would have recorded.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from simulator import World

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

INT, TEXT, MONEY, MOMENT = "bigint", "varchar", "decimal(18,4)", "timestamptz"
TABLES: dict[str, dict[str, str]] = {
    "tickets": {
        "id": INT,
        "status": TEXT,
        "stage": TEXT,
        "type": TEXT,
        "parcel_id": INT,
        "carrier": TEXT,
        "order_number": TEXT,
        "brand_id": INT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "first_seen_at": MOMENT,
        "last_seen_at": MOMENT,
        "vanished_at": MOMENT,
    },
    "tickets__requested_actions": {
        "ticket_id": INT,
        "id": INT,
        "data_type": TEXT,
        "created_at": MOMENT,
    },
    "tickets__resolution": {
        "ticket_id": INT,
        "outcome": TEXT,
        "amount": MONEY,
        "currency": TEXT,
        "solved_at": MOMENT,
    },
    "ticket_status_history": {
        "ticket_id": INT,
        "status": TEXT,
        "stage": TEXT,
        "changed_at": MOMENT,
        "seen_at": MOMENT,
        "previously_seen_at": MOMENT,
    },
    "requested_action_history": {
        "ticket_id": INT,
        "id": INT,
        "data_type": TEXT,
        "created_at": MOMENT,
        "first_seen_at": MOMENT,
        "last_seen_at": MOMENT,
        "first_missing_at": MOMENT,
    },
    "resolution_history": {
        "ticket_id": INT,
        "outcome": TEXT,
        "amount": MONEY,
        "currency": TEXT,
        "solved_at": MOMENT,
        "seen_at": MOMENT,
        "previously_seen_at": MOMENT,
    },
}
ARROW = {
    INT: pa.int64(),
    TEXT: pa.string(),
    MONEY: pa.decimal128(18, 4),
    MOMENT: pa.timestamp("us", tz="UTC"),
}


def create_statements(types: Mapping[str, str] | None = None) -> Iterator[str]:
    """Statements that create the empty tables; `types` translates column types."""
    yield "create schema if not exists sendcloud"
    for table, columns in TABLES.items():
        listed = ", ".join(
            f"{name} {(types or {}).get(kind, kind)}" for name, kind in columns.items()
        )
        yield f"drop table if exists sendcloud.{table}"
        yield f"create table sendcloud.{table} ({listed})"


def fill_duckdb(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """The raw tables with these rows; what a row leaves out is null."""
    for statement in create_statements():
        connection.execute(statement)
    for table, columns in TABLES.items():
        batch = as_arrow(columns, rows.get(table, ()))
        connection.register("batch", batch)
        connection.execute(f"insert into sendcloud.{table} select * from batch")
        connection.unregister("batch")


def fill_postgres(connection: Any, rows: Rows) -> None:
    """The same in PostgreSQL."""
    with connection.cursor() as cursor:
        for statement in create_statements({"varchar": "text"}):
            cursor.execute(statement)
        for table, columns in TABLES.items():
            lines = (
                ",".join(_csv(row.get(name)) for name in columns) for row in rows.get(table, ())
            )
            cursor.copy_expert(
                f"copy sendcloud.{table} from stdin with (format csv)",
                io.StringIO("\n".join(lines)),
            )


def _csv(value: Any) -> str:
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return '"' + text.replace('"', '""') + '"'


def as_arrow(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The rows as an Arrow table with the columns' types."""
    return pa.table(
        {
            name: pa.array([row.get(name) for row in rows], type=ARROW[kind])
            for name, kind in columns.items()
        }
    )


def every(hours: float, since: datetime, until: datetime) -> list[datetime]:
    """Moments of syncs, the last one at `until`."""
    step = timedelta(hours=hours)
    count = int((until - since) / step)
    return [until - step * (count - number) for number in range(count + 1)]


def replay(world: World, syncs: Sequence[datetime]) -> dict[str, list[dict[str, Any]]]:
    """What complete sweeps at these moments record of the world."""
    tables: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
    moments = [int(sync.timestamp()) for sync in syncs]
    world.arrived(moments[-1])
    for index in range(world.arrived(moments[-1])):
        _replay_ticket(world, world.id_of(index), moments, tables)
    return tables


def _replay_ticket(
    world: World, ticket_id: int, syncs: list[int], tables: dict[str, list[dict[str, Any]]]
) -> None:
    created = world.created(ticket_id)
    assert created is not None
    story = world.tell(ticket_id, created)
    first = bisect_left(syncs, created)
    end = len(syncs)
    if story.vanished is not None:
        end = bisect_left(syncs, story.vanished)
    if first >= end:
        return
    first_seen, last_seen = syncs[first], syncs[end - 1]
    ticket = story.ticket(last_seen)
    tables["tickets"].append(
        {
            **{name: ticket.get(name) for name in TABLES["tickets"] if not name.endswith("_at")},
            "created_at": utc(created),
            "updated_at": parse(ticket["updated_at"]),
            "first_seen_at": utc(first_seen),
            "last_seen_at": utc(last_seen),
            "vanished_at": utc(syncs[end]) if end < len(syncs) else None,
        }
    )
    if ticket["resolution"] is not None:
        tables["tickets__resolution"].append(_resolution(ticket_id, ticket["resolution"]))
    for action in ticket["requested_actions"]:
        tables["tickets__requested_actions"].append(
            {**action, "ticket_id": ticket_id, "created_at": parse(action["created_at"])}
        )
    tables["ticket_status_history"] += _statuses(story, syncs, first, end)
    tables["requested_action_history"] += _requests(story, syncs, first, end)
    tables["resolution_history"] += _resolutions(story, syncs, first, end)


def _resolution(ticket_id: int, resolution: Mapping[str, Any]) -> dict[str, Any]:
    amount = resolution["amount"]
    return {
        "ticket_id": ticket_id,
        "outcome": resolution["outcome"],
        "amount": None if amount is None else Decimal(str(amount)),
        "currency": resolution["currency"],
        "solved_at": parse(resolution["solved_at"]),
    }


def _statuses(story: Any, syncs: list[int], first: int, end: int) -> Iterator[dict[str, Any]]:
    """A row at the first sight, and at every sync that finds another status."""
    looks = [first] + [bisect_left(syncs, moment) for moment in story.moments]
    seen = None
    for look in sorted({look for look in looks if first <= look < end}):
        at = syncs[look]
        ticket = story.ticket(at)
        if (ticket["status"], ticket["stage"]) == seen:
            continue
        seen = (ticket["status"], ticket["stage"])
        before = syncs[look - 1] if look > first else None
        updated = parse(ticket["updated_at"])
        dated = before is not None and updated is not None and utc(before) < updated <= utc(at)
        yield {
            "ticket_id": story.id,
            "status": ticket["status"],
            "stage": ticket["stage"],
            "changed_at": updated if dated else None,
            "seen_at": utc(at),
            "previously_seen_at": None if before is None else utc(before),
        }


def _resolutions(story: Any, syncs: list[int], first: int, end: int) -> Iterator[dict[str, Any]]:
    """A row at every sync that finds another resolution than before, or none any more."""
    looks = [first] + [bisect_left(syncs, moment) for moment in story.moments]
    seen = None
    for look in sorted({look for look in looks if first <= look < end}):
        found = story.ticket(syncs[look])["resolution"]
        if found == seen:
            continue
        seen = found
        row = {"ticket_id": story.id} if found is None else _resolution(story.id, found)
        yield row | {
            "seen_at": utc(syncs[look]),
            "previously_seen_at": None if look == first else utc(syncs[look - 1]),
        }


def _requests(story: Any, syncs: list[int], first: int, end: int) -> Iterator[dict[str, Any]]:
    """A row for every request that was outstanding at some sync."""
    for request in story.requests:
        since = max(bisect_left(syncs, request.opened), first)
        until = end if request.gone is None else min(bisect_left(syncs, request.gone), end)
        if since >= until:
            continue
        yield {
            "ticket_id": story.id,
            "id": request.id,
            "data_type": request.data_type,
            "created_at": utc(request.opened),
            "first_seen_at": utc(syncs[since]),
            "last_seen_at": utc(syncs[until - 1]),
            "first_missing_at": utc(syncs[until]) if until < end else None,
        }


def utc(moment: int) -> datetime:
    """Seconds since 1970 as a moment."""
    return datetime.fromtimestamp(moment, UTC)


def parse(text: str | None) -> datetime | None:
    """The API's way to write a moment."""
    return None if text is None else datetime.fromisoformat(text)
