"""What a run leaves behind in `sync_runs`, and what it tells a person at its end.

Depends on `warehouse` for writing. Promises one row per run that ended while the warehouse could
be reached, failed runs included; the note is sentences without secrets and without tickets.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import uuid4

import dlt

from ..records import SYNC_RUNS
from .statements import execute
from .wording import counted

ALL_OTHERS = "Every other ticket is proven to be in."
"""In the note of a run that is not complete because of tickets set aside, and of nothing else."""

SYNC, FULL, REFRESH = "sync", "full", "refresh"
"""Modes, by what a run did: `full` is a complete sweep, asked for or due."""


@dataclass
class RunRecord:
    """The row of one run; see the columns of `sync_runs` for the meanings."""

    mode: str
    started_at: datetime
    run_id: str = field(default_factory=lambda: uuid4().hex)
    finished_at: datetime | None = None
    requests: int = 0
    throttled: int = 0
    pages_read: int = 0
    details_read: int = 0
    tickets_seen: int = 0
    tickets_new: int = 0
    tickets_changed: int = 0
    tickets_vanished: int = 0
    api_total: int | None = None
    held_total: int | None = None
    is_complete: bool = False
    note: str | None = None

    def add_note(self, *sentences: str) -> None:
        """Add sentences to the note, each once."""
        new = [sentence for sentence in sentences if sentence not in (self.note or "")]
        self.note = " ".join(filter(None, (self.note, *new))) or None

    def write(self, pipeline: dlt.Pipeline, finished_at: datetime) -> None:
        """Insert the row. dlt's own two columns get the run's id, which is as unique as theirs."""
        self.finished_at = finished_at
        row = asdict(self) | {"_dlt_id": self.run_id, "_dlt_load_id": self.run_id}
        columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
        statement = f"insert into {SYNC_RUNS} ({columns}) values ({places})"
        execute(pipeline, statement, *row.values())

    def summary(self) -> str:
        """The run in one line."""
        api = "no count from the API" if self.api_total is None else f"API counts {self.api_total}"
        return (
            f"{counted(self.tickets_seen, 'ticket')} seen ({self.tickets_new} new, "
            f"{self.tickets_changed} changed, {self.tickets_vanished} vanished) with "
            f"{counted(self.requests, 'request')}, "
            f"{self.throttled} throttled; {self.held_total} held, {api}."
        )
