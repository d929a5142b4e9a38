"""The closed-form truth agrees with hand-worked figures, with integration, and with the tickets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from statistics import NormalDist, fmean, stdev
from typing import Any, NamedTuple

import pytest

from simulator import Segment, Truth, World
from simulator.world import GROUPS, OUTCOME_GROUPS, OUTCOMES, TYPES

# 22 months, and so much later that only what is never resolved is still open
WORLD = World(tickets=24_000)
LATE = datetime(2030, 1, 1, tzinfo=UTC)
TRUTH = WORLD.truth
SIGMAS = NormalDist().inv_cdf(1 - 0.001 / 2)
SEGMENTS = list(TRUTH.segments)


class Life(NamedTuple):
    carrier: str | None
    type: str | None
    days: float
    resolution: dict[str, Any] | None


@cache
def lives() -> list[Life]:
    return list(_lives())


def _lives() -> Iterator[Life]:
    for number in WORLD.ids(WORLD.end):
        ticket = WORLD.ticket(number, LATE) or {}
        resolved = WORLD.resolved_at(number, LATE)
        age = resolved - datetime.fromisoformat(ticket["created_at"]) if resolved else None
        days = age / timedelta(days=1) if age else math.inf
        yield Life(ticket["carrier"], ticket["type"], days, ticket["resolution"])


def lives_of(segment_type: str, segment: str) -> list[Life]:
    if segment_type == "all":
        return lives()
    return [life for life in lives() if getattr(life, segment_type) == segment]


def outcome_of(life: Life) -> str | None:
    return life.resolution["outcome"] if life.resolution else None


def assert_share(hits: int, of: int, truth: float) -> None:
    """The number of hits is one that the true share gives in 99.9 % of all worlds."""
    assert abs(hits - of * truth) <= SIGMAS * math.sqrt(of * truth * (1 - truth)) + 0.5


every_segment = pytest.mark.parametrize("name", SEGMENTS, ids="-".join)


def test_there_is_a_segment_for_all_for_every_carrier_and_for_every_type() -> None:
    assert len(SEGMENTS) == 1 + 7 + 8
    assert [name for kind, name in SEGMENTS if kind == "type"] == list(TYPES)


def test_the_desk_is_as_slow_as_it_was_ordered() -> None:
    assert 8 < TRUTH.all.median_days < 10
    assert 33 < TRUTH.all.p90_days < 39
    assert 0.01 < TRUTH.all.never_resolved < 0.03


def test_one_kind_worked_by_hand() -> None:
    # postnl's address changes: no claims; every outcome takes 0.9 d x 0.80 x 0.70 = 0.504 d at the
    # median of the 98 % that are resolved; sigma 0.8
    segment = Segment(carrier="postnl", type_="address_change")
    resolved = 0.98
    half = NormalDist(math.log(0.504), 0.8)
    assert segment.approval_rate is None
    assert segment.expected_payout == {}
    assert segment.never_resolved == pytest.approx(0.02)
    assert segment.median_days == pytest.approx(math.exp(half.inv_cdf(0.5 / resolved)))
    assert segment.survival(0.504) == pytest.approx(1 - resolved / 2)
    assert segment.survival(0) == pytest.approx(1)
    assert segment.quantile(0.98) == math.inf
    # confirmed 52 %, requested 18 %, declined 14 % of the 99.4 % whose end is told
    told = (0.52 + 0.18 + 0.14) * 0.994 * resolved
    assert segment.incidence("address_change", 1e6) == pytest.approx(told)


def test_lost_parcels_of_dpd_are_paid_as_worked_by_hand() -> None:
    # 72 % of them are decided, yes by a logit of 0.95 - 0.10; 94 % of the yeses have an amount:
    # log-normal with median 78 and sigma 0.8, cut at 500: its mean by summing over a fine grid
    segment = Segment(carrier="dpd", type_="lost")
    yes = 1 / (1 + math.exp(-0.85))
    grid = [
        math.exp(NormalDist(math.log(78), 0.8).inv_cdf((k + 0.5) / 20_000)) for k in range(20_000)
    ]
    mean = fmean(min(euro, 500) for euro in grid)
    paid = 0.98 * 0.994 * 0.72 * yes * 0.94 * mean
    assert segment.approval_rate == pytest.approx(yes)
    assert segment.mean_amount["EUR"] == pytest.approx(mean, rel=1e-4)
    assert segment.expected_payout == {"EUR": pytest.approx(paid, rel=1e-4)}


@every_segment
def test_incidences_and_survival_make_one(name: tuple[str, str]) -> None:
    segment = TRUTH.segments[name]
    for days in (0.5, 7, 90, 4_000):
        shares = [segment.incidence(group, days) for group in GROUPS]
        assert sum(shares) + segment.survival(days) == pytest.approx(1, abs=1e-12)
    at_90 = {group: segment.incidence(group, 90) for group in GROUPS}
    assert segment.incidence_at_90_days == at_90


@every_segment
def test_quantiles_are_where_the_survival_says(name: tuple[str, str]) -> None:
    segment = TRUTH.segments[name]
    figures = (segment.median_days, segment.p75_days, segment.p90_days)
    assert [segment.survival(days) for days in figures] == pytest.approx([0.5, 0.25, 0.1])


@every_segment
def test_the_restricted_mean_is_the_area_under_the_survival(name: tuple[str, str]) -> None:
    segment = TRUTH.segments[name]
    area = sum(segment.survival((k + 0.5) * 60 / 400) for k in range(400)) * 60 / 400
    assert segment.mean_days_up_to(60) == pytest.approx(area, rel=1e-3)


def test_carriers_add_up_to_all() -> None:
    carriers = TRUTH.carriers.values()
    shares = {c: sum(life.carrier == c for life in lives()) for c in TRUTH.carriers}
    assert sum(shares.values()) / len(lives()) == pytest.approx(0.99, abs=0.003)
    mixed = sum(TRUTH.carrier_shares[s.carrier or ""] * s.survival(30) for s in carriers)
    assert mixed == pytest.approx(TRUTH.all.survival(30))


def test_an_open_claim_is_worth_what_is_still_to_come() -> None:
    lost = TRUTH.types["lost"]
    fresh, old = lost.open_payout(0), lost.open_payout(200)
    assert fresh == {name: pytest.approx(money) for name, money in lost.expected_payout.items()}
    assert all(old[name] < fresh[name] / 4 for name in fresh)
    until_90 = lost.open_payout(0, within_days=90)
    beyond = lost.open_payout(90)
    for name, money in lost.expected_payout.items():
        assert until_90[name] + lost.survival(90) * beyond[name] == pytest.approx(money)


# --- the law against the tickets of a world ------------------------------------------------


@every_segment
def test_quantiles_agree_with_the_tickets(name: tuple[str, str]) -> None:
    segment, sample = TRUTH.segments[name], lives_of(*name)
    for share in (0.5, 0.75, 0.9):
        within = segment.quantile(share)
        faster = sum(life.days <= within for life in sample)
        assert_share(faster, len(sample), share)


@every_segment
def test_incidence_at_90_days_agrees_with_the_tickets(name: tuple[str, str]) -> None:
    sample = lives_of(*name)
    for group, truth in TRUTH.segments[name].incidence_at_90_days.items():
        hits = sum(life.days <= 90 and OUTCOME_GROUPS[outcome_of(life)] == group for life in sample)
        assert_share(hits, len(sample), truth)


@every_segment
def test_the_approval_rate_agrees_with_the_tickets(name: tuple[str, str]) -> None:
    outcomes = [outcome_of(life) for life in lives_of(*name)]
    yes, no = outcomes.count("claim_approved"), outcomes.count("claim_declined")
    truth = TRUTH.segments[name].approval_rate
    if truth is None:
        assert (yes, no) == (0, 0)
    else:
        assert_share(yes, yes + no, truth)


@every_segment
def test_the_expected_payout_agrees_with_the_tickets(name: tuple[str, str]) -> None:
    sample = lives_of(*name)
    for currency, truth in TRUTH.segments[name].expected_payout.items():
        paid = [paid_in(currency, life) for life in sample]
        assert abs(fmean(paid) - truth) <= SIGMAS * stdev(paid) / math.sqrt(len(paid))


def paid_in(currency: str, life: Life) -> float:
    end = life.resolution
    counts = end and end["outcome"] == "claim_approved" and end["currency"] == currency
    return end["amount"] if end and counts else 0.0


def test_a_wrong_law_would_be_noticed() -> None:
    # the power of the checks above: six percent slower, and the median of all is out of bounds
    sample = lives_of("all", "all")
    slower = sum(life.days <= TRUTH.all.median_days * 1.06 for life in sample)
    with pytest.raises(AssertionError):
        assert_share(slower, len(sample), 0.5)


def test_every_outcome_group_is_known_to_the_truth() -> None:
    assert set(Truth().all.incidence_at_90_days) == {OUTCOME_GROUPS[name] for name in OUTCOMES}
