"""What a bound of time goes by: creation or change.

Depends on `findings` and the source's probe. The proof: a ticket that was changed after it was
created. A bound between the two leaves it in if it goes by change; and a bound just after its
change gives fewer tickets than one just before. Where that is not told, it stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sources.sendcloud_support.api import Probe

from .findings import Bound, Goes

MOMENT = timedelta(seconds=1)
DAY = timedelta(days=1)

Ask = Callable[..., Probe]
Ticket = dict[str, Any]


def ask_bound(ask: Ask, name: str, sample: Iterable[Ticket], takes_days_only: bool) -> Bound:
    """What the filter goes by, as far as a ticket of the sample can tell."""
    width = DAY if takes_days_only else MOMENT
    witness = _last_changed(sample, width)
    if witness is None:
        return Bound(Goes.UNKNOWN, takes_days_only)
    bound = _floor(witness["updated_at"]) if takes_days_only else witness["updated_at"] - MOMENT
    answer = ask(about=name, size=20, **{name: _written(bound, takes_days_only)})
    goes = _told_by_tickets(answer, witness, bound)
    if goes is None and not takes_days_only:
        later = ask(about=name, size=20, **{name: _written(bound + 2 * MOMENT, False)})
        goes = _told_by_counts(answer, later)
    return Bound(goes or Goes.UNKNOWN, takes_days_only)


def _last_changed(sample: Iterable[Ticket], least: timedelta) -> Ticket | None:
    """The ticket whose change is the latest, of those changed well after their creation."""
    changed = [
        each
        for each in sample
        if each["updated_at"] and each["updated_at"] - each["created_at"] > 2 * least
    ]
    return max(changed, key=lambda each: (each["updated_at"], each["id"]), default=None)


def _told_by_tickets(answer: Probe, witness: Ticket, bound: datetime) -> Goes | None:
    """None where counts may tell; unknown where a ticket is there that neither way would give."""
    if not answer.is_ok or any(_changed(each) < bound for each in answer.items):
        return Goes.UNKNOWN
    if any(each["created_at"] < bound for each in answer.items):
        return Goes.BY_UPDATE
    is_whole = answer.total is not None and answer.total <= len(answer.items)
    is_there = any(each["id"] == witness["id"] for each in answer.items)
    return Goes.BY_CREATION if is_whole and not is_there else None


def _told_by_counts(before: Probe, after: Probe) -> Goes:
    """From just before the witness's change to just after it, only a change leaves."""
    if before.total is None or after.total is None:
        return Goes.UNKNOWN
    return Goes.BY_UPDATE if after.total < before.total else Goes.BY_CREATION


def _changed(ticket: Ticket) -> datetime:
    moment: datetime = ticket["updated_at"] or ticket["created_at"]
    return moment


def _floor(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)


def _written(bound: datetime, as_day: bool) -> str:
    day: date = bound.astimezone(UTC).date()
    return day.isoformat() if as_day else bound.isoformat()
