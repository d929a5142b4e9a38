"""What an analyst should find: the law's own figures, in closed form.

Depends on the law alone; no ticket is drawn here. Promises, for every segment (all tickets, each
carrier, each type, any of them crossed), figures with these meanings:

- *resolution time*: calendar days from `created_at` to the **first** resolution. Tickets that are
  never resolved (2 %) count with an infinite time, so a median is one over all tickets that were
  ever created, not over the resolved ones.
- *incidence*: the share of all tickets created that were resolved in that way within so many days.
- *approval rate*: approved / (approved + declined), once every claim is decided.
- *expected payout*: what a ticket just created will bring on average by its approval, per
  currency; an approval whose amount is missing brings 0. Amounts on other outcomes are not in it.

A carrier or type that the API leaves null is left out by chance alone (`story.py`), so a segment's
figures are those of the tickets whose carrier or type is known, and the nulls' are those of all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from . import law
from .vocabulary import GROUPS, OUTCOME_GROUPS

_ROOT_OF_TWO = math.sqrt(2)


@dataclass(frozen=True)
class Part:
    """Tickets of one carrier, type and outcome: a log-normal time, a share of the whole."""

    carrier: str
    type: str
    outcome: str | None
    share: float
    log_median: float

    def resolved(self, days: float) -> float:
        """The chance that such a ticket is resolved within so many days."""
        if days <= 0:
            return 0.0
        return _normal((math.log(days) - self.log_median) / law.SPREAD)

    def mean_up_to(self, days: float) -> float:
        """The mean time, longer ones counted as `days`."""
        return _mean_of_capped_log_normal(self.log_median, law.SPREAD, days)


class Segment:
    """The figures of the tickets of one carrier, one type, or all."""

    def __init__(self, carrier: str | None = None, type_: str | None = None) -> None:
        self.carrier, self.type = carrier, type_
        self.parts = list(_parts(carrier, type_))

    def survival(self, days: float) -> float:
        """The share not yet resolved after so many days."""
        return 1 - sum(part.share * part.resolved(days) for part in self.parts)

    def incidence(self, group: str, days: float) -> float:
        """The share resolved within so many days in a way that counts to the outcome group."""
        return sum(
            part.share * part.resolved(days)
            for part in self.parts
            if OUTCOME_GROUPS[part.outcome] == group
        )

    def quantile(self, share: float) -> float:
        """Days after which that share of all tickets is resolved; infinite if it never is."""
        if 1 - share <= self.never_resolved:
            return math.inf
        return _root(lambda days: 1 - self.survival(days) - share, 1e-6, 1e6)

    def mean_days_up_to(self, days: float) -> float:
        """The restricted mean: what is still open after `days` counts as `days`."""
        resolved = sum(part.share * part.mean_up_to(days) for part in self.parts)
        return resolved + self.never_resolved * days

    def open_payout(self, age_days: float, within_days: float = math.inf) -> dict[str, float]:
        """What a ticket still open at this age brings until it is `within_days` old."""
        to_come = self._payout(lambda part: part.resolved(within_days) - part.resolved(age_days))
        still_open = self.survival(age_days)
        return {currency: money / still_open for currency, money in to_come.items()}

    @cached_property
    def never_resolved(self) -> float:
        """The share that is never resolved."""
        return 1 - sum(part.share for part in self.parts)

    @cached_property
    def median_days(self) -> float:
        """Half of all tickets are resolved by then."""
        return self.quantile(0.5)

    @cached_property
    def p75_days(self) -> float:
        """Three quarters of all tickets are resolved by then."""
        return self.quantile(0.75)

    @cached_property
    def p90_days(self) -> float:
        """Nine tenths of all tickets are resolved by then."""
        return self.quantile(0.9)

    @cached_property
    def incidence_at_90_days(self) -> dict[str, float]:
        """By outcome group; their sum and the survival at 90 days make 1."""
        return {group: self.incidence(group, 90) for group in GROUPS}

    @cached_property
    def approval_rate(self) -> float | None:
        """None where no claim is ever decided."""
        approved, declined = self._share("claim_approved"), self._share("claim_declined")
        return approved / (approved + declined) if approved + declined else None

    @cached_property
    def expected_payout(self) -> dict[str, float]:
        """Per ticket created and currency, missing amounts as 0."""
        return self._payout(lambda _: 1.0)

    @cached_property
    def mean_amount(self) -> dict[str, float]:
        """Per approved claim with an amount, by currency."""
        shares = dict.fromkeys(self.expected_payout, 0.0)
        for part in self._approved():
            shares[law.currency(part.carrier)] += part.share * (1 - law.APPROVED_WITHOUT_AMOUNT)
        return {name: money / shares[name] for name, money in self.expected_payout.items()}

    def _share(self, outcome: str) -> float:
        return sum(part.share for part in self.parts if part.outcome == outcome)

    def _approved(self) -> Iterator[Part]:
        return (part for part in self.parts if part.outcome == "claim_approved")

    def _payout(self, chance: Callable[[Part], float]) -> dict[str, float]:
        money: dict[str, float] = {}
        for part in self._approved():
            name = law.currency(part.carrier)
            paid = part.share * chance(part) * (1 - law.APPROVED_WITHOUT_AMOUNT)
            money[name] = money.get(name, 0.0) + paid * mean_amount(part.carrier, part.type)
        return money


class Truth:
    """All segments, by name: `truth.all`, `truth.carriers["dpd"]`, `truth.types["lost"]`."""

    @cached_property
    def all(self) -> Segment:
        """Every ticket."""
        return Segment()

    @cached_property
    def carriers(self) -> Mapping[str, Segment]:
        """One segment per carrier."""
        return {carrier: Segment(carrier=carrier) for carrier in law.CARRIERS}

    @cached_property
    def carrier_shares(self) -> Mapping[str, float]:
        """How many of all tickets are each carrier's, the ones that the API leaves null too."""
        shares = dict.fromkeys(law.CARRIERS, 0.0)
        for (carrier, _), share in law.kinds().items():
            shares[carrier] += share
        return shares

    @cached_property
    def types(self) -> Mapping[str, Segment]:
        """One segment per ticket type."""
        return {type_: Segment(type_=type_) for type_ in law.TYPE_SHARES}

    @cached_property
    def segments(self) -> Mapping[tuple[str, str], Segment]:
        """All of them by (segment_type, segment): ("all", "all"), ("carrier", "dpd"), ..."""
        return {
            ("all", "all"): self.all,
            **{("carrier", name): segment for name, segment in self.carriers.items()},
            **{("type", name): segment for name, segment in self.types.items()},
        }

    def reopened(self, within_days: float, looks_every_days: float = 0.0) -> float:
        """The share of resolved tickets reopened within so many days of it.

        Args:
            within_days: Since the first resolution.
            looks_every_days: Who looks so often sees what lasts so long with that chance only: a
                resolution that was looked at before it ended, and an opening likewise.
        """
        least, more = law.RESOLVED_DAYS
        if within_days <= least:
            return 0.0
        ended = 1 - math.exp(-(within_days - least) / more)
        if not looks_every_days:
            return law.REOPENED * ended
        unseen = 1 - _seen(law.RESOLVED_DAYS, looks_every_days)
        return law.REOPENED * (ended - unseen) * _seen(law.OPEN_AGAIN_DAYS, looks_every_days)

    def segment(self, carrier: str | None = None, type_: str | None = None) -> Segment:
        """Any crossing, e.g. DPD's lost parcels."""
        return Segment(carrier, type_)


def mean_amount(carrier: str, type_: str) -> float:
    """The mean of an approved claim's amount, in the carrier's currency."""
    euro = _mean_of_capped_log_normal(
        math.log(law.MEDIAN_EURO[type_]), law.AMOUNT_SPREAD, law.COVER_EURO
    )
    return euro * law.PER_EURO[law.currency(carrier)]


def _parts(carrier: str | None, type_: str | None) -> Iterator[Part]:
    chosen = {
        kind: share
        for kind, share in law.kinds().items()
        if carrier in {None, kind[0]} and type_ in {None, kind[1]}
    }
    whole = sum(chosen.values())
    for kind, share in chosen.items():
        for outcome, of_kind in law.ends(*kind).items():
            weight = share / whole * of_kind * (1 - law.NEVER)
            if weight:
                yield Part(*kind, outcome, weight, math.log(law.median_days(*kind, outcome)))


def _seen(lasting: tuple[float, float], every: float) -> float:
    """The chance that something with an exponential length is looked at before it ends."""
    least, more = lasting
    if every <= least:
        return 1.0
    return (least + more * (1 - math.exp(-(every - least) / more))) / every


def _normal(distance: float) -> float:
    return math.erfc(-distance / _ROOT_OF_TWO) / 2


def _mean_of_capped_log_normal(log_median: float, spread: float, cap: float) -> float:
    distance = (math.log(cap) - log_median) / spread
    below = math.exp(log_median + spread**2 / 2) * _normal(distance - spread)
    return below + cap * (1 - _normal(distance))


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(80):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return low
