"""Status: what the last runs did, how much is held, how fresh it is.

Depends on the warehouse; asks the API nothing. Promises the same facts for people (`page`) and
for machines; that looking changes nothing; and that a file which another process writes, or that
is not there, is a fact like others.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import dlt

from sources.sendcloud_support import PAGE_SIZE
from sources.sendcloud_support.holdings import count_set_aside, last_sweep_at, query
from sources.sendcloud_support.reading import sweep_due_at
from sources.sendcloud_support.records import SYNC_RUNS, TABLES, TICKETS

from ..accounts import Account
from ..warehouse import HeldError, NoFileError, one_look

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


def look_at_status(account: Account, now: datetime) -> dict[str, Any]:
    """The facts of an account's warehouse, as far as they can be had without waiting."""
    try:
        pipeline = account.look()
        with one_look(pipeline):
            return read_status(pipeline, account, now)
    except NoFileError:
        return NOTHING
    except HeldError as held:
        return NOTHING | {"is_held": True, "held_by_process": held.process, "note": str(held)}


def read_status(pipeline: dlt.Pipeline, account: Account, now: datetime) -> dict[str, Any]:
    """The facts, as plain values; `runs` newest first."""
    columns = ", ".join(RUN_COLUMNS)
    runs = query(
        pipeline,
        f"select {columns} from {SYNC_RUNS} order by started_at desc limit {LAST_RUNS}",
    )
    newest = _one(pipeline, f"select max(last_seen_at) from {TICKETS}")
    return NOTHING | {
        "tables": {table: _count(pipeline, table) for table in TABLES},
        "tickets_held": _one(pipeline, HELD) or 0,
        "tickets_vanished": _one(pipeline, VANISHED) or 0,
        "tickets_set_aside": count_set_aside(pipeline),
        "last_seen_at": _plain(newest),
        "seconds_since_last_seen": _age(newest, now),
        "last_complete_at": _plain(_one(pipeline, LAST_COMPLETE)),
        "full_sweep": full_sweep(pipeline, account, _one(pipeline, HELD) or 0),
        "runs": [dict(zip(RUN_COLUMNS, map(_plain, row), strict=True)) for row in runs],
    }


def full_sweep(pipeline: dlt.Pipeline, account: Account, held: int) -> dict[str, Any]:
    """When the next complete sweep is due, and what it costs at the account's pace."""
    days, pace = account.setting("full_sweep_days"), account.setting("requests_per_minute")
    last, pages = last_sweep_at(pipeline), -(-held // PAGE_SIZE) + 1
    return {
        "last_at": _plain(last),
        "due_at": _plain(sweep_due_at(last, days)),
        "requests": pages,
        "minutes": round(pages / pace, 1) if pace else 0.0,
    }


HELD = f"select count(*) from {TICKETS} where vanished_at is null"
VANISHED = f"select count(*) from {TICKETS} where vanished_at is not null"
LAST_COMPLETE = f"select max(finished_at) from {SYNC_RUNS} where is_complete and mode <> 'refresh'"


def _count(pipeline: dlt.Pipeline, table: str) -> int:
    return int(_one(pipeline, f"select count(*) from {table}") or 0)


def _one(pipeline: dlt.Pipeline, sql: str) -> Any:
    rows = query(pipeline, sql)
    return rows[0][0] if rows else None


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _age(moment: Any, now: datetime) -> float | None:
    """A sighting dated ahead of this clock is new, and no younger than that."""
    return None if moment is None else max(0.0, round((now - moment).total_seconds(), 1))


NOTHING: dict[str, Any] = {
    "is_held": False,
    "held_by_process": None,
    "note": None,
    "tables": dict.fromkeys(TABLES, 0),
    "tickets_held": 0,
    "tickets_vanished": 0,
    "tickets_set_aside": 0,
    "last_seen_at": None,
    "seconds_since_last_seen": None,
    "last_complete_at": None,
    "full_sweep": {"last_at": None, "due_at": None, "requests": 1, "minutes": 0.0},
    "runs": [],
}
"""What is known of a warehouse that cannot be read."""
