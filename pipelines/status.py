"""Status: what the last runs did, how much is held, how fresh it is.

Depends on the warehouse; asks the API nothing. Promises the same facts as text and as JSON.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import dlt

from sources.sendcloud_support import REQUESTED_ACTIONS, RESOLUTION, SYNC_RUNS, TICKETS

from .progress import duration
from .warehouse import query

LAST_RUNS = 10
RUN_COLUMNS = (
    "started_at",
    "finished_at",
    "mode",
    "requests",
    "throttled",
    "tickets_seen",
    "tickets_new",
    "tickets_changed",
    "tickets_vanished",
    "api_total",
    "held_total",
    "is_complete",
    "note",
)


def read_status(pipeline: dlt.Pipeline) -> dict[str, Any]:
    """The facts, as plain values; `runs` newest first."""
    columns = ", ".join(RUN_COLUMNS)
    runs = query(
        pipeline,
        f"select {columns} from {SYNC_RUNS} order by started_at desc limit {LAST_RUNS}",
    )
    return {
        "tables": {table: _count(pipeline, table) for table in TABLES},
        "last_seen_at": _plain(_one(pipeline, f"select max(last_seen_at) from {TICKETS}")),
        "runs": [dict(zip(RUN_COLUMNS, map(_plain, row), strict=True)) for row in runs],
    }


TABLES = (TICKETS, REQUESTED_ACTIONS, RESOLUTION)


def describe_status(status: dict[str, Any], now: datetime) -> str:
    """The facts as text."""
    if not status["runs"] and not any(status["tables"].values()):
        return "Nothing is loaded yet. Run: python -m pipelines sync"
    lines = [f"{table}: {count} rows" for table, count in status["tables"].items()]
    if status["last_seen_at"]:
        age = now - datetime.fromisoformat(status["last_seen_at"])
        lines.append(f"newest sighting: {status['last_seen_at']}, {duration(age)} ago")
    return "\n".join([*lines, "", "last runs, newest first:", *map(_run_line, status["runs"])])


def _run_line(run: dict[str, Any]) -> str:
    complete = "complete" if run["is_complete"] else "not proven complete"
    return (
        f"  {run['started_at']}  {run['mode']}: {run['tickets_seen']} seen, {run['tickets_new']} "
        f"new, {run['tickets_changed']} changed, {run['tickets_vanished']} vanished; "
        f"{run['requests']} requests, {run['throttled']} throttled; {run['held_total']} held, API "
        f"{run['api_total']}; {complete}. {run['note'] or ''}".rstrip()
    )


def _count(pipeline: dlt.Pipeline, table: str) -> int:
    return int(_one(pipeline, f"select count(*) from {table}") or 0)


def _one(pipeline: dlt.Pipeline, sql: str) -> Any:
    rows = query(pipeline, sql)
    return rows[0][0] if rows else None


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
