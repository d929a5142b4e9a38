"""How a story is drawn: what the ticket is, its fate, its way, what is asked and what is paid.

Depends on the law, the paths and the keyed draws. Promises a pure function of (seed, id, creation):
the same ticket, created at another time, has the same life from there on.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from . import law
from .draws import eight, many, normal, running, share, wait
from .paths import ANSWERING, ASKING, LAST, papers, way
from .story import Ending, Facts, Request, Spell, Story
from .vocabulary import OUTCOMES

DAY = 86_400
SHORTEST = 600  # seconds from creation to resolution, so that every step can have its own second

NO_CARRIER, NO_TYPE, NO_ORDER, NO_PARCEL, NO_BRAND = 0.01, 0.01, 0.02, 0.04, 0.05
NO_SOLVED_AT = 0.02
NO_UPDATE_YET = 0.30  # share whose updated_at stays null until the first change
PAID_LATER = 0.35  # approved, and the money comes after days
NEVER_PAID = 0.10  # approved, and no status ever says that it was paid
RARER = 0.20  # share that ends in the second status of its outcome
CLOSED_LATER = 0.20  # solved tickets that are tidied away after a fortnight

Change = tuple[int, str]


class Fate(NamedTuple):
    """What decides the rest: the true carrier and type, which the API may keep back."""

    carrier: str
    type: str
    outcome: str | None
    solved: int
    never: bool


def tell(seed: int, number: int, created: int, vanishing: float = 0.0) -> Story:
    """Draw the story of ticket `number`, created at that moment."""
    kind = eight(seed, b"kind", number)
    draws = eight(seed, b"fate", number)
    fate = _fate(created, kind[0], draws)
    changes, spells = _life(seed, number, created, fate)
    moments, statuses = zip(*changes, strict=True)
    return Story(
        id=number,
        facts=_facts(number, fate, kind),
        moments=moments,
        statuses=statuses,
        requests=tuple(_requests(seed, number, fate.type, changes)),
        spells=spells,
        ending=_ending(fate, draws) if spells else None,
        silent_at_first=draws[6] < NO_UPDATE_YET,
        vanished=_vanishing(created, draws[7], vanishing),
    )


def _fate(created: int, kind: float, draws: Sequence[float]) -> Fate:
    kinds, until = _kind_shares()
    carrier, type_ = kinds[bisect_right(until, kind)]
    outcome = OUTCOMES[bisect_right(_end_shares(carrier, type_), draws[1])]
    days = law.median_days(carrier, type_, outcome) * math.exp(law.SPREAD * normal(draws[2]))
    solved = created + max(int(days * DAY), SHORTEST)
    return Fate(carrier, type_, outcome, solved, draws[0] < law.NEVER)


@lru_cache(maxsize=1)
def _kind_shares() -> tuple[list[tuple[str, str]], list[float]]:
    kinds = law.kinds()
    return list(kinds), running(list(kinds.values()))


@cache
def _end_shares(carrier: str, type_: str) -> list[float]:
    return running(list(law.ends(carrier, type_).values()))


def _facts(number: int, fate: Fate, kind: Sequence[float]) -> Facts:
    parcel = 90_000_000 + number * 7 % 900_000_000
    return Facts(
        type=None if kind[2] < NO_TYPE else fate.type,
        parcel_id=None if kind[3] < NO_PARCEL else parcel,
        carrier=None if kind[1] < NO_CARRIER else fate.carrier,
        order_number=None if kind[4] < NO_ORDER else f"ORD-{parcel:09d}",
        brand_id=None if kind[5] < NO_BRAND else 1 + int(kind[6] * 4),
    )


def _life(
    seed: int, number: int, created: int, fate: Fate
) -> tuple[list[Change], tuple[Spell, ...]]:
    """Statuses and resolved spells; a ticket that is never resolved stays on its way."""
    changes = _walk(seed, number, created, fate)
    after = eight(seed, b"after", number)
    if fate.never:
        return changes[: 1 + int(after[0] * len(changes))], ()
    if after[1] >= law.REOPENED:
        return changes + _close(fate.outcome, fate.solved, after), (Spell(fate.solved, None),)
    again = fate.solved + _lasting(law.RESOLVED_DAYS, after[2])
    final = again + _lasting(law.OPEN_AGAIN_DAYS, after[3])
    middle = again + 1 + int((final - again - 2) * after[4])
    return [
        *changes,
        (fate.solved, LAST[fate.outcome][0]),
        (again, "processing"),
        (middle, "waiting_for_carrier"),
        *_close(fate.outcome, final, after),
    ], (Spell(fate.solved, again), Spell(final, None))


def _lasting(days: tuple[float, float], lot: float) -> int:
    """At least so many days, and so many more in the mean."""
    least, more = days
    return int(least * DAY) + int(more * DAY * -math.log(lot))


def _walk(seed: int, number: int, created: int, fate: Fate) -> list[Change]:
    """The steps, spread over the time there is; what gets no second of its own is left out."""
    steps = way(fate.type, many(seed, b"way", number))
    pace = many(seed, b"pace", number)
    lengths = [step.weight * wait(lot) for step, lot in zip(steps, pace, strict=False)]
    scale = (fate.solved - created) / sum(lengths)
    changes: list[Change] = [(created, steps[0].status)]
    last, passed = created, lengths[0]
    for step, length in zip(steps[1:], lengths[1:], strict=True):
        at = created + int(passed * scale)
        if last < at < fate.solved:
            changes.append((at, step.status))
            last = at
        passed += length
    return changes


def _close(outcome: str | None, solved: int, after: Sequence[float]) -> list[Change]:
    """The closed statuses: money may come later, and some tickets are tidied away."""
    usual, rarer = LAST[outcome]
    if outcome == "claim_approved":
        if after[5] >= PAID_LATER:
            return [(solved, rarer if after[5] < PAID_LATER + NEVER_PAID else usual)]
        lag = DAY // 2 + int(4 * DAY * -math.log(after[6]))
        return [(solved, rarer), (solved + lag, usual)]
    status = rarer if after[5] < RARER else usual
    if status != "closed" and after[7] < CLOSED_LATER:
        return [(solved, status), (solved + 14 * DAY, "closed")]
    return [(solved, status)]


def _requests(seed: int, number: int, type_: str, changes: list[Change]) -> Iterator[Request]:
    """Documents asked for at some statuses, answered one by one before the work goes on."""
    rounds = [step for step, change in enumerate(changes) if change[1] in ASKING]
    if not rounds:
        return
    lots = many(seed, b"papers", number)
    asked = 0
    for turn, step in enumerate(rounds):
        opened = changes[step][0]
        until = next((at for at, status in changes[step + 1 :] if status not in ANSWERING), None)
        count, choice, *answers = (share(lot) for lot in lots[turn * 5 : turn * 5 + 5])
        for data_type, answer in zip(papers(type_, count, choice), answers, strict=False):
            yield Request(number * 16 + asked, data_type, opened, _answered(opened, until, answer))
            asked += 1


def _answered(opened: int, until: int | None, draw: float) -> int | None:
    if until is None:
        return None
    # most come late: the square root of an even draw
    return min(opened + 1 + int((until - opened) * math.sqrt(draw)), until)


def _ending(fate: Fate, draws: Sequence[float]) -> Ending | None:
    """The resolution; an amount that is not told has no currency either."""
    outcome, draw = fate.outcome, draws[4]
    if outcome is None:
        return None
    amount: float | None = None
    if _is_paid(outcome, draw):
        amount = _amount(fate, draws[3])
    elif outcome == "claim_declined" and draw < law.DECLINED_WITH_ZERO:
        amount = 0
    currency = None if amount is None else law.currency(fate.carrier)
    return Ending(outcome, amount, currency, tells_time=draws[5] >= NO_SOLVED_AT)


def _is_paid(outcome: str, draw: float) -> bool:
    if outcome == "claim_approved":
        return draw >= law.APPROVED_WITHOUT_AMOUNT
    return outcome == "claim_closed_in_carrier_portal" and draw < law.PORTAL_WITH_AMOUNT


def _amount(fate: Fate, draw: float) -> float:
    euro = law.MEDIAN_EURO[fate.type] * math.exp(law.AMOUNT_SPREAD * normal(draw))
    return round(min(euro, law.COVER_EURO) * law.PER_EURO[law.currency(fate.carrier)], 2)


def _vanishing(created: int, draw: float, vanishing: float) -> int | None:
    """Some tickets are deleted, around a month after they came."""
    if draw >= vanishing:
        return None
    return created + 1 + int(30 * DAY * math.exp(1.2 * normal(draw / vanishing)))
