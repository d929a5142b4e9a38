"""Causes: what of a run is worth telling somebody who is not looking, and in which words.

Depends on the run's record alone. Promises sentences in which nothing of a ticket stands, neither
its number nor a word of it; the record's own note may name numbers, so none of it is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sources.sendcloud_support.holdings import ALL_OTHERS, RunRecord
from sources.sendcloud_support.planning import THIN

from ..failures import BUSY
from .memory import Memory

FAILING, INCOMPLETE, STALE = "failing", "incomplete", "stale"
UNKNOWN_WORDS, SET_ASIDE, THIN_LISTS = "unknown_words", "set_aside", "thin_lists"

SENTENCES = {
    FAILING: "The sync has failed twice in a row or more. The scheduler's log has the reason.",
    INCOMPLETE: "The last sync is not proven complete: see `python -m pipelines status`.",
    STALE: "No sync was proven complete for longer than alerts.stale_hours.",
    UNKNOWN_WORDS: "The API uses words that its contract does not list: see sync_runs.note.",
    SET_ASIDE: "Tickets that break the contract are set aside: see tickets_set_aside.",
    THIN_LISTS: "The API's lists leave out requested actions, so syncs need more requests.",
}
LASTING = frozenset({UNKNOWN_WORDS, SET_ASIDE, THIN_LISTS})
"""Causes that last until somebody else changes something: told once a week, others once a day."""

DAY, WEEK = timedelta(days=1), timedelta(days=7)
TWICE = 2


def pause(cause: str) -> timedelta:
    """How long nothing more is said of a cause that was told."""
    return WEEK if cause in LASTING else DAY


def find_causes(
    code: int, record: RunRecord | None, memory: Memory, now: datetime, stale: timedelta
) -> Iterator[str]:
    """What is worth telling after this run; `memory` knows of it already."""
    if code == BUSY:
        return
    if memory.failures >= TWICE:
        yield FAILING
    if stale and memory.complete_at is not None and now - memory.complete_at > stale:
        yield STALE
    if record is not None:
        yield from _of_record(record)


def _of_record(record: RunRecord) -> Iterator[str]:
    note = record.note or ""
    if not record.is_complete and ALL_OTHERS not in note:
        yield INCOMPLETE
    if "Unknown " in note or "unknown values, loaded" in note:
        yield UNKNOWN_WORDS
    if "set aside, all others are loaded" in note:
        yield SET_ASIDE
    if THIN in note:
        yield THIN_LISTS
