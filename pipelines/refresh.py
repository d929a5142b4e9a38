"""Refresh: some tickets, by the detail endpoint, now.

Depends on `run`. Promises that each id is either loaded as the API has it, or
marked as vanished because the API answered 404, or named in the error that ended the run.
"""

from __future__ import annotations

from collections.abc import Iterable

from .records import RunRecord
from .run import Run
from .sweeping import read_tickets


def run_refresh(run: Run, ticket_ids: Iterable[int]) -> RunRecord:
    """Read each ticket, load those that are there, mark those that are gone."""
    asked = dict.fromkeys(ticket_ids)
    gone = run.drive(read_tickets(run, asked))
    run.loader.load()
    record = run.record
    record.tickets_vanished = run.store.mark_gone(gone, run.now())
    record.held_total = run.store.count_held()
    record.is_complete = True
    if gone:
        record.add_note(f"The API has no ticket {', '.join(map(str, gone))}.")
    return record
