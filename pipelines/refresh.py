"""Refresh: some tickets, by the detail endpoint, now.

Depends on `sync` for an open run. Promises that each id is either loaded as the API has it, or
marked as vanished because the API answered 404, or named in the error that ended the run.
"""

from __future__ import annotations

from collections.abc import Iterable

from sources.sendcloud_support import TicketNotFoundError

from .journal import TICKET, Entry
from .records import RunRecord
from .sync import Run
from .warehouse import count_held, mark_gone


def run_refresh(run: Run, ticket_ids: Iterable[int]) -> RunRecord:
    """Read each ticket, load those that are there, mark those that are gone."""
    gone = [ticket_id for ticket_id in dict.fromkeys(ticket_ids) if not keep_ticket(run, ticket_id)]
    run.loader.load()
    record = run.record
    record.tickets_vanished = sum(mark_gone(run.pipeline, each, run.now()) for each in gone)
    record.held_total = count_held(run.pipeline)
    record.is_complete = True
    if gone:
        record.add_note(f"The API has no ticket {', '.join(map(str, gone))}.")
    return record


def keep_ticket(run: Run, ticket_id: int) -> bool:
    """Journal one ticket; False if the API does not have it."""
    try:
        _, body = run.client.ticket(ticket_id)
    except TicketNotFoundError:
        return False
    run.record.details_read += 1
    run.loader.keep(Entry(TICKET, ticket_id, run.now(), body), tickets=1)
    return True
