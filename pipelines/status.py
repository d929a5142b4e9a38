"""Status: what the last runs did, how much is held, how fresh it is.

Depends on the warehouse; asks the API nothing. Promises the same facts as text and as JSON.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import dlt

from sources.sendcloud_support import (
    ACTION_HISTORY,
    PAGE_SIZE,
    REQUESTED_ACTIONS,
    RESOLUTION,
    RESOLUTION_HISTORY,
    SOURCE_NAME,
    STATUS_HISTORY,
    SYNC_RUNS,
    TICKETS,
    SupportConfiguration,
)

from .holdings import last_sweep_at
from .progress import duration
from .warehouse import query

LAST_RUNS = 10
RUN_COLUMNS = (
    "started_at",
    "finished_at",
    "mode",
    "requests",
    "throttled",
    "pages_read",
    "details_read",
    "tickets_seen",
    "tickets_new",
    "tickets_changed",
    "tickets_vanished",
    "api_total",
    "held_total",
    "is_complete",
    "note",
)


def read_status(pipeline: dlt.Pipeline, now: datetime) -> dict[str, Any]:
    """The facts, as plain values; `runs` newest first."""
    columns = ", ".join(RUN_COLUMNS)
    runs = query(
        pipeline,
        f"select {columns} from {SYNC_RUNS} order by started_at desc limit {LAST_RUNS}",
    )
    newest = _one(pipeline, f"select max(last_seen_at) from {TICKETS}")
    return {
        "tables": {table: _count(pipeline, table) for table in TABLES},
        "tickets_held": _one(pipeline, HELD) or 0,
        "tickets_vanished": _one(pipeline, VANISHED) or 0,
        "last_seen_at": _plain(newest),
        "seconds_since_last_seen": _age(newest, now),
        "last_complete_at": _plain(_one(pipeline, LAST_COMPLETE)),
        "full_sweep": full_sweep(pipeline, _one(pipeline, HELD) or 0),
        "runs": [dict(zip(RUN_COLUMNS, map(_plain, row), strict=True)) for row in runs],
    }


def full_sweep(pipeline: dlt.Pipeline, held: int) -> dict[str, Any]:
    """When the next complete sweep is due, and what it costs at the configured pace."""
    days = _setting("full_sweep_days", float, SupportConfiguration.full_sweep_days)
    pace = _setting("requests_per_minute", int, SupportConfiguration.requests_per_minute)
    last, pages = last_sweep_at(pipeline), -(-held // PAGE_SIZE) + 1
    return {
        "last_at": _plain(last),
        "due_at": _plain(last + timedelta(days=days)) if last and days else None,
        "requests": pages,
        "minutes": round(pages / pace, 1) if pace else 0.0,
    }


def _setting(name: str, kind: type[Any], default: Any) -> Any:
    """A setting of the source, read alone: status needs no credentials."""
    value: Any = dlt.config.get(f"sources.{SOURCE_NAME}.{name}", kind)
    return default if value is None else value


HELD = f"select count(*) from {TICKETS} where vanished_at is null"
VANISHED = f"select count(*) from {TICKETS} where vanished_at is not null"
LAST_COMPLETE = f"select max(finished_at) from {SYNC_RUNS} where is_complete and mode <> 'refresh'"
TABLES = (
    TICKETS,
    REQUESTED_ACTIONS,
    RESOLUTION,
    STATUS_HISTORY,
    ACTION_HISTORY,
    RESOLUTION_HISTORY,
    SYNC_RUNS,
)


def describe_status(status: dict[str, Any]) -> str:
    """The facts as text."""
    if not status["runs"] and not any(status["tables"].values()):
        return "Nothing is loaded yet. Run: python -m pipelines sync"
    lines = [f"{table}: {count} rows" for table, count in status["tables"].items()]
    lines += ["", *_freshness(status), _sweep_line(status["full_sweep"])]
    return "\n".join([*lines, "", "last runs, newest first:", *map(_run_line, status["runs"])])


def _freshness(status: dict[str, Any]) -> list[str]:
    lines = [f"{status['tickets_held']} tickets held, {status['tickets_vanished']} vanished"]
    if status["seconds_since_last_seen"] is not None:
        age = duration(timedelta(seconds=status["seconds_since_last_seen"]))
        lines.append(f"newest sighting: {status['last_seen_at']}, {age} ago")
    complete = status["last_complete_at"] or "never"
    return [*lines, f"last proven complete: {complete}"]


def _sweep_line(sweep: dict[str, Any]) -> str:
    due = sweep["due_at"] or ("never" if sweep["last_at"] else "at the next sync")
    cost = f"{sweep['requests']} requests"
    if sweep["minutes"]:
        cost += f", about {duration(timedelta(minutes=sweep['minutes']))} at the configured pace"
    return f"next complete sweep due: {due}; it takes {cost}"


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


def _age(moment: Any, now: datetime) -> float | None:
    return None if moment is None else round((now - moment).total_seconds(), 1)
