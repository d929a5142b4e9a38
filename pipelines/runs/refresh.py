"""Refresh: some tickets, by the detail endpoint, now.

Depends on `run`. Promises that each id is either loaded as the API has it, or
marked as vanished because the API answered 404 or 410, or named because it is set aside: it breaks
the contract, or its detail is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from sources.sendcloud_support.holdings import RunRecord, named
from sources.sendcloud_support.reading import read_tickets
from sources.sendcloud_support.records import Sample

from .launching import LoadingRun, drive


def run_refresh(run: LoadingRun, ticket_ids: Iterable[int]) -> RunRecord:
    """Read each ticket, load those that are there, mark those that are gone."""
    asked = dict.fromkeys(ticket_ids)
    run.loader.sample = Sample(asked)  # few tickets, chosen by somebody: no sample of the contract
    gone = drive(run, read_tickets(run, asked))
    run.loader.load()
    record = run.record
    record.tickets_vanished = run.store.mark_gone(gone, run.now())
    record.held_total = run.store.count_held()
    run.loader.note_gone(gone, run.now())
    broken = sorted(run.loader.set_aside.tickets & asked.keys())
    record.is_complete = not broken and not run.refusals.unasked
    if gone:
        record.add_note(f"The API has no ticket {named(gone)}.")
    record.add_note(*run.refusals.sentences())
    if broken:
        record.add_note(f"Set aside, see tickets_set_aside: {named(broken)}.")
    return record
