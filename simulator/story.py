"""One ticket's whole life, drawn at once: what it is, what happens to it and when.

Depends on the law, the paths and the keyed draws. Promises that a story is a pure function of
(seed, id, creation), and that its ticket at a moment is exactly the contract's JSON.
`updated_at` moves when the status moves, and only then: answered requests vanish silently.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from . import law
from .draws import eight, many, normal, shares
from .paths import ANSWERING, ASKING, LAST, Step, papers, way
from .vocabulary import CLOSED, OUTCOMES, STAGES

DAY = 86_400
SHORTEST = 600  # seconds from creation to resolution, so that every step keeps its own second

REOPENED = 0.03
NO_CARRIER, NO_TYPE, NO_ORDER, NO_PARCEL, NO_BRAND = 0.01, 0.01, 0.02, 0.04, 0.05
NO_SOLVED_AT = 0.02
NO_UPDATE_YET = 0.30  # share whose updated_at stays null until the first change
PAID_LATER = 0.35  # approved, and the money comes after days
NEVER_PAID = 0.10  # approved, and no status ever says that it was paid
RARER = 0.20  # share that ends in the second status of its outcome
CLOSED_LATER = 0.20  # solved tickets that are tidied away after a fortnight


class Change(NamedTuple):
    """A status from a moment on."""

    at: int
    status: str


class Request(NamedTuple):
    """A document asked for, outstanding from `opened` until `gone` (None: for good)."""

    id: int
    data_type: str
    opened: int
    gone: int | None

    @property
    def action(self) -> dict[str, Any]:
        """The contract's JSON."""
        return {"id": self.id, "data_type": self.data_type, "created_at": iso(self.opened)}


class Spell(NamedTuple):
    """A time of being resolved, until the ticket was reopened (None: for good)."""

    solved: int
    reopened: int | None


@dataclass(frozen=True, slots=True)
class Story:
    """What will be said of one ticket, from creation to the end of days."""

    id: int
    created: int
    facts: dict[str, Any]  # type, parcel_id, carrier, order_number, brand_id
    changes: tuple[Change, ...]
    requests: tuple[Request, ...]
    spells: tuple[Spell, ...]
    resolution: dict[str, Any] | None
    tells_solved_at: bool
    silent_at_first: bool
    vanished: int | None

    def holds(self, at: int) -> bool:
        """Whether the API has the ticket at that moment."""
        return self.created <= at and (self.vanished is None or at < self.vanished)

    def changed(self, at: int) -> int:
        """When the status last moved."""
        return self.changes[self._step(at)].at

    def is_closed(self, at: int) -> bool:
        """Whether the status then is one of the closed ones."""
        return self.changes[self._step(at)].status in CLOSED

    def next_event(self, at: int) -> int | None:
        """When anything about the ticket will differ from what it is at that moment."""
        return min((moment for moment in self._events() if moment > at), default=None)

    def next_move(self, at: int) -> int | None:
        """When its status moves or it vanishes: what the orders of the list can see."""
        if at < self.created:
            return self.created
        following = self._step(at) + 1
        moves = [change.at for change in self.changes[following : following + 1]]
        gone = [self.vanished] if self.vanished is not None and self.vanished > at else []
        return min(moves + gone, default=None)

    def ticket(self, at: int) -> dict[str, Any]:
        """The contract's JSON at that moment."""
        step = self._step(at)
        status = self.changes[step].status
        silent = step == 0 and self.silent_at_first
        return {
            "id": self.id,
            "status": status,
            "stage": STAGES[status],
            "type": self.facts["type"],
            "parcel_id": self.facts["parcel_id"],
            "carrier": self.facts["carrier"],
            "order_number": self.facts["order_number"],
            "brand_id": self.facts["brand_id"],
            "created_at": iso(self.created),
            "updated_at": None if silent else iso(self.changes[step].at),
            "requested_actions": [
                request.action
                for request in self.requests
                if request.opened <= at and (request.gone is None or at < request.gone)
            ],
            "resolution": self._resolution(at),
        }

    def _step(self, at: int) -> int:
        return max(bisect_right(self.changes, at, key=lambda change: change.at) - 1, 0)

    def _resolution(self, at: int) -> dict[str, Any] | None:
        if self.resolution is None:
            return None
        for spell in self.spells:
            if spell.solved <= at and (spell.reopened is None or at < spell.reopened):
                return self.resolution | {
                    "solved_at": iso(spell.solved) if self.tells_solved_at else None
                }
        return None

    def _events(self) -> Iterator[int]:
        yield self.created
        yield from (change.at for change in self.changes)
        for request in self.requests:
            yield request.opened
            if request.gone is not None:
                yield request.gone
        if self.vanished is not None:
            yield self.vanished


def iso(moment: int) -> str:
    """The contract's way to write a time: whole seconds, UTC with its offset."""
    return datetime.fromtimestamp(moment, UTC).isoformat()


def tell(seed: int, number: int, created: int, vanishing: float = 0.0) -> Story:
    """Draw the story of ticket `number`, created at that moment."""
    kind = eight(seed, b"kind", number)
    fate = eight(seed, b"fate", number)
    carrier, type_ = _choose_kind(kind[0])
    outcome = _choose_outcome(carrier, type_, fate[1])
    days = law.median_days(carrier, type_, outcome) * math.exp(law.SPREAD * normal(fate[2]))
    solved = created + max(int(days * DAY), SHORTEST)
    changes, spells = _life(seed, number, created, solved, type_, outcome, fate[0] < law.NEVER)
    return Story(
        id=number,
        created=created,
        facts=_facts(number, carrier, type_, kind),
        changes=tuple(changes),
        requests=tuple(_requests(seed, number, type_, changes)),
        spells=spells,
        resolution=_money(carrier, type_, outcome, fate) if spells else None,
        tells_solved_at=fate[5] >= NO_SOLVED_AT,
        silent_at_first=fate[6] < NO_UPDATE_YET,
        vanished=_vanishing(created, fate[7], vanishing),
    )


@lru_cache(maxsize=1)
def _kind_shares() -> tuple[list[tuple[str, str]], list[float]]:
    kinds = law.kinds()
    return list(kinds), shares(list(kinds.values()))


@cache
def _end_shares(carrier: str, type_: str) -> list[float]:
    return shares(list(law.ends(carrier, type_).values()))


def _choose_kind(draw: float) -> tuple[str, str]:
    kinds, until = _kind_shares()
    return kinds[bisect_right(until, draw)]


def _choose_outcome(carrier: str, type_: str, draw: float) -> str | None:
    return OUTCOMES[bisect_right(_end_shares(carrier, type_), draw)]


def _facts(number: int, carrier: str, type_: str, kind: Sequence[float]) -> dict[str, Any]:
    parcel = 90_000_000 + number * 7 % 900_000_000
    return {
        "type": None if kind[2] < NO_TYPE else type_,
        "parcel_id": None if kind[3] < NO_PARCEL else parcel,
        "carrier": None if kind[1] < NO_CARRIER else carrier,
        "order_number": None if kind[4] < NO_ORDER else f"ORD-{parcel:09d}",
        "brand_id": None if kind[5] < NO_BRAND else 1 + int(kind[6] * 4),
    }


def _life(
    seed: int, number: int, created: int, solved: int, type_: str, outcome: str | None, never: bool
) -> tuple[list[Change], tuple[Spell, ...]]:
    """Statuses and resolved spells; a ticket that is never resolved stays on its way."""
    steps = way(type_, many(seed, b"way", number))
    pace = many(seed, b"pace", number)
    changes = _walk(steps, created, solved, pace)
    after = eight(seed, b"after", number)
    if never:
        return changes[: 1 + int(after[0] * len(changes))], ()
    last = LAST[outcome]
    if after[1] >= REOPENED:
        return changes + _close(last, solved, outcome, after), (Spell(solved, None),)
    again = solved + DAY // 4 + int(6 * DAY * -math.log(after[2]))
    final = again + DAY // 4 + int(5 * DAY * -math.log(after[3]))
    middle = again + int((final - again) * after[4])
    reopened = [
        Change(solved, last[0]),
        Change(again, "processing"),
        Change(max(middle, again + 1), "waiting_for_carrier"),
    ]
    changes += reopened + _close(last, final, outcome, after)
    return changes, (Spell(solved, again), Spell(final, None))


def _walk(steps: list[Step], created: int, solved: int, pace: Sequence[float]) -> list[Change]:
    """The steps, spread over the time there is; what would not get its own second is left out."""
    lengths = [step.weight * -math.log(draw) for step, draw in zip(steps, pace, strict=False)]
    scale = (solved - created) / sum(lengths)
    changes: list[Change] = []
    passed = 0.0
    for step, length in zip(steps, lengths, strict=False):
        at = created + int(passed * scale)
        if not changes or changes[-1].at < at < solved:
            changes.append(Change(at, step.status))
        passed += length
    return changes


def _close(
    last: tuple[str, str], solved: int, outcome: str | None, after: Sequence[float]
) -> list[Change]:
    """The closed statuses: money may come later, and some tickets are tidied away."""
    if outcome == "claim_approved" and after[5] < PAID_LATER:
        lag = DAY // 2 + int(4 * DAY * -math.log(after[6]))
        return [Change(solved, "solved"), Change(solved + lag, "claim_paid")]
    if outcome == "claim_approved":
        return [Change(solved, last[1] if after[5] < PAID_LATER + NEVER_PAID else last[0])]
    status = last[1] if after[5] < RARER else last[0]
    if status != "closed" and after[7] < CLOSED_LATER:
        return [Change(solved, status), Change(solved + 14 * DAY, "closed")]
    return [Change(solved, status)]


def _requests(seed: int, number: int, type_: str, changes: list[Change]) -> Iterator[Request]:
    """Documents asked for at some statuses, answered one by one before the work goes on."""
    draws = many(seed, b"papers", number)
    asked = 0
    for step, change in enumerate(changes):
        if change.status not in ASKING or (step and changes[step - 1].status in ANSWERING):
            continue
        until = next((c.at for c in changes[step + 1 :] if c.status not in ANSWERING), None)
        base = asked * 4
        for data_type in papers(type_, draws[base], draws[base + 1]):
            yield Request(
                id=number * 8 + asked,
                data_type=data_type,
                opened=change.at,
                gone=_answered(change.at, until, draws[(asked * 4 + 2) % len(draws)]),
            )
            asked += 1


def _answered(opened: int, until: int | None, draw: float) -> int | None:
    if until is None:
        return None
    # most come late: the square root of an even draw
    return min(opened + 1 + int((until - opened) * math.sqrt(draw)), until)


def _money(
    carrier: str, type_: str, outcome: str | None, fate: Sequence[float]
) -> dict[str, Any] | None:
    """The resolution but for its time; an amount that is not told has no currency either."""
    if outcome is None:
        return None
    pays = {
        "claim_approved": fate[4] >= law.APPROVED_WITHOUT_AMOUNT,
        "claim_closed_in_carrier_portal": fate[4] < law.PORTAL_WITH_AMOUNT,
    }.get(outcome, False)
    if pays:
        return _resolution(outcome, _amount(carrier, type_, fate[3]), law.currency(carrier))
    if outcome == "claim_declined" and fate[4] < law.DECLINED_WITH_ZERO:
        return _resolution(outcome, 0, law.currency(carrier))
    return _resolution(outcome, None, None)


def _resolution(outcome: str, amount: float | None, currency: str | None) -> dict[str, Any]:
    return {"outcome": outcome, "amount": amount, "currency": currency, "solved_at": None}


def _amount(carrier: str, type_: str, draw: float) -> float:
    euro = law.MEDIAN_EURO[type_] * math.exp(law.AMOUNT_SPREAD * normal(draw))
    return round(min(euro, law.COVER_EURO) * law.PER_EURO[law.currency(carrier)], 2)


def _vanishing(created: int, draw: float, share: float) -> int | None:
    """Some tickets are deleted, around a month after they came."""
    if draw >= share:
        return None
    return created + int(30 * DAY * math.exp(1.2 * normal(draw / share)))
