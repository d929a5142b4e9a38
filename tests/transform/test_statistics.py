"""The statistics of the marts against statsmodels, which computes them in another way.

Every data set goes through the SQL that dbt would run, in whole hours; the oracle gets the same
hours. What the oracle does not offer is computed here from its definition.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight, survdiff
from statsmodels.stats.proportion import proportion_confint

from tests.transform.project import Project

SAME = 1e-9
Z95 = 1.959963984540054
GROUPS = ["claim_approved", "claim_declined", "delivered_or_returned"]
AS_OF = datetime(2026, 11, 1)
MOMENTS = {"as_of": AS_OF, "data_seen_since": AS_OF, "data_seen_until": AS_OF}


class Ticket(NamedTuple):
    carrier: str
    type: str
    hours: int
    group: str | None

    @property
    def followable(self) -> int:
        """Hours for which it could be followed: whoever was resolved, three times as long."""
        return self.hours * (3 if self.group else 1)


def random_desk(seed: int, tickets: int, longest: int, open_share: float) -> list[Ticket]:
    """Tickets of a seed; short `longest` makes many ties."""
    draw = random.Random(seed)
    return [
        Ticket(
            draw.choice(["dpd", "dpd", "ups"]),
            draw.choice(["damaged", "lost"]),
            min(int(draw.lognormvariate(math.log(longest / 5), 1)), longest),
            None if draw.random() < open_share else draw.choice(GROUPS),
        )
        for _ in range(tickets)
    ]


DESKS = {
    "many ties": random_desk(1, 300, 12, 0.2),
    "few ties": random_desk(2, 400, 4_000, 0.2),
    "mostly open": random_desk(3, 200, 500, 0.9),
    "nothing open": random_desk(4, 150, 300, 0.0),
    "large": random_desk(5, 5_000, 3_000, 0.1),
    "tiny": random_desk(6, 5, 100, 0.4),
    "last one open": [*random_desk(7, 60, 200, 0.3), Ticket("ups", "lost", 5_000, None)],
}


@pytest.fixture(scope="module", params=DESKS)
def desk(request: pytest.FixtureRequest, project: Project) -> Any:
    tickets = DESKS[request.param]
    return tickets, project.build(given=given(tickets))


def given(tickets: Sequence[Ticket]) -> dict[str, list[dict[str, Any]]]:
    """What the curves are made of."""
    return {
        "stg_as_of": [MOMENTS],
        "fct_ticket_resolution": [as_row(ticket) for ticket in tickets],
    }


def as_row(ticket: Ticket) -> dict[str, Any]:
    return {
        "carrier": ticket.carrier,
        "ticket_type": ticket.type,
        "created_at": AS_OF - timedelta(hours=ticket.followable),
        "created_month": date(2026, 1, 1),
        "duration_seconds": ticket.hours * 3600,
        "first_resolved_at": datetime(2026, 1, 1) if ticket.group else None,
        "outcome_group": ticket.group,
        "first_outcome_group": ticket.group,
        "is_watched": True,
        "watched_from_seconds": 0,
        "count_reopens": 0,
        "is_resolved": ticket.group is not None,
    }


def segments(tickets: Sequence[Ticket]) -> dict[tuple[str, str], list[Ticket]]:
    found = {("all", "all"): list(tickets)}
    for ticket in tickets:
        found.setdefault(("carrier", ticket.carrier), []).append(ticket)
        found.setdefault(("ticket_type", ticket.type), []).append(ticket)
        cell = f"{ticket.carrier} / {ticket.type}"
        found.setdefault(("carrier_and_type", cell), []).append(ticket)
    return found


def fit(tickets: Sequence[Ticket]) -> SurvfuncRight:
    return SurvfuncRight(
        np.array([t.hours for t in tickets], float),
        np.array([t.group is not None for t in tickets], int),
    )


def fetch(marts: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return marts.execute(sql, values).fetchall()


def test_kaplan_meier_with_its_bounds_is_that_of_statsmodels(desk: Any) -> None:
    tickets, marts = desk
    for segment, members in segments(tickets).items():
        if not any(t.group for t in members):
            continue
        oracle = fit(members)
        rows = fetch(
            marts,
            "select hours, n_risk, n_event, survival, survival_lo, survival_hi "
            "from mart_resolution_survival where segment_type = ? and segment = ? and n_event > 0 "
            "order by hours",
            *segment,
        )
        assert [row[:3] for row in rows] == [
            (time, at_risk, events)
            for time, at_risk, events in zip(
                oracle.surv_times, oracle.n_risk, oracle.n_events, strict=True
            )
            if events
        ]
        happened = oracle.n_events > 0
        np.testing.assert_allclose([r[3] for r in rows], oracle.surv_prob[happened], atol=SAME)
        expected = [
            log_log(s, se)
            for s, se in zip(oracle.surv_prob[happened], oracle.surv_prob_se[happened], strict=True)
        ]
        assert [r[4:6] for r in rows] == [
            (None, None) if bounds is None else pytest.approx(bounds, abs=SAME)
            for bounds in expected
        ]


def log_log(survival: float, se: float) -> tuple[float, float] | None:
    """The 95 % bounds on the scale log(-log S); none once nobody is left."""
    if survival == 0:
        return None
    width = Z95 * se / (survival * abs(math.log(survival)))
    return survival ** math.exp(width), survival ** math.exp(-width)


def test_cumulative_incidence_with_its_error_is_that_of_statsmodels(desk: Any) -> None:
    tickets, marts = desk
    groups = sorted({t.group for t in tickets if t.group})
    for segment, members in segments(tickets).items():
        if segment[0] == "carrier_and_type" or not any(t.group for t in members):
            continue
        codes = [0 if t.group is None else 1 + groups.index(t.group) for t in members]
        present = max(codes)
        with np.errstate(all="ignore"):
            oracle = CumIncidenceRight(np.array([t.hours for t in members], float), np.array(codes))
        last = survival_is_zero_from(members)
        for code, group in enumerate(groups[:present]):
            rows = fetch(
                marts,
                "select hours, incidence, incidence_se from mart_outcome_incidence "
                "where segment_type = ? and segment = ? and outcome_group = ? order by hours",
                *segment,
                group,
            )
            at = {float(time): number for number, time in enumerate(oracle.times)}
            numbers = [at[row[0]] for row in rows]
            np.testing.assert_allclose(
                [row[1] for row in rows], oracle.cinc[code][numbers], atol=SAME
            )
            known = [row for row in rows if row[0] < last]
            np.testing.assert_allclose(
                [row[2] for row in known],
                oracle.cinc_se[code][[at[row[0]] for row in known]],
                atol=SAME,
            )
            assert {row[2] for row in rows if row[0] >= last} <= {None}


def survival_is_zero_from(tickets: Sequence[Ticket]) -> float:
    last = longest(tickets)
    everybody_resolved = all(t.group for t in tickets if t.hours == last)
    return last if everybody_resolved else math.inf


def test_incidence_bounds_are_those_on_the_log_log_scale(desk: Any) -> None:
    _, marts = desk
    rows = fetch(
        marts,
        "select incidence, incidence_se, incidence_lo, incidence_hi from mart_outcome_incidence "
        "where incidence > 0 and incidence < 1 and incidence_se is not null",
    )
    assert all(
        (lo, hi)
        == pytest.approx(
            (
                math.exp(-math.exp(math.log(-math.log(f)) + Z95 * se / (f * -math.log(f)))),
                math.exp(-math.exp(math.log(-math.log(f)) - Z95 * se / (f * -math.log(f)))),
            ),
            abs=SAME,
        )
        for f, se, lo, hi in rows
    )


def test_quantiles_are_those_of_statsmodels_and_null_when_not_reached(desk: Any) -> None:
    tickets, marts = desk
    summary = {
        (row[0], row[1]): row[2:]
        for row in fetch(
            marts,
            "select segment_type, segment, median_hours, p75_hours, p90_hours, "
            "median_hours_lo, median_hours_hi from mart_resolution_summary",
        )
    }
    for segment, members in segments(tickets).items():
        if not any(t.group for t in members):
            assert summary[segment] == (None,) * 5
            continue
        oracle = fit(members)
        for found, share in zip(summary[segment], (0.5, 0.75, 0.9), strict=False):
            reached = oracle.surv_times[oracle.surv_prob <= 1 - share + SAME]
            assert found == (reached[0] if len(reached) else None)
        bounds = [
            (time, log_log(survival, se))
            for time, survival, se in zip(
                oracle.surv_times, oracle.surv_prob, oracle.surv_prob_se, strict=True
            )
            if survival < 1
        ]
        lower = [time for time, found in bounds if found and found[0] <= 0.5 + SAME]
        upper = [time for time, found in bounds if found and found[1] <= 0.5 + SAME]
        assert summary[segment][3:] == (
            lower[0] if lower else None,
            upper[0] if upper else None,
        )


def test_restricted_means_are_the_area_under_the_curve(desk: Any) -> None:
    tickets, marts = desk
    for segment, members in segments(tickets).items():
        [found] = fetch(
            marts,
            "select rmst_30d, rmst_30d_se, rmst_60d, rmst_60d_se, resolved_within_14d "
            "from mart_resolution_summary where segment_type = ? and segment = ?",
            *segment,
        )
        expected = (*restricted_mean(members, 30), *restricted_mean(members, 60))
        assert found[:4] == tuple(
            None if value is None else pytest.approx(value, abs=SAME) for value in expected
        )
        assert found[4] == (
            pytest.approx(1 - survival_at(members, 14 * 24), abs=SAME)
            if is_followed(members, 14)
            else None
        )


def is_followed(tickets: Sequence[Ticket], days: int) -> bool:
    """Whether thirty could be followed so long, and what became of them by then is known."""
    known_up_to = math.inf if survival_is_zero_from(tickets) < math.inf else longest(tickets)
    return sum(t.followable >= days * 24 for t in tickets) >= 30 and known_up_to >= days * 24


def longest(tickets: Sequence[Ticket]) -> int:
    return max(t.hours for t in tickets)


def survival_at(tickets: Sequence[Ticket], hours: float) -> float:
    """By its definition, a product over times."""
    survival = 1.0
    for time in sorted({t.hours for t in tickets if t.group and t.hours <= hours}):
        at_risk = sum(t.hours >= time for t in tickets)
        survival *= 1 - sum(t.hours == time and t.group is not None for t in tickets) / at_risk
    return survival


def restricted_mean(tickets: Sequence[Ticket], days: int) -> tuple[float | None, float | None]:
    """Mean and standard error in days, by an integral over every hour."""
    if not is_followed(tickets, days):
        return None, None
    end = days * 24
    times = np.array([t.hours for t in tickets])
    events = np.array([t.group is not None for t in tickets])
    grid = np.arange(end + 1)
    n = np.array([(times >= h).sum() for h in grid], float)
    d = np.array([(events & (times == h)).sum() for h in grid], float)
    survival = np.cumprod(np.where(n > 0, 1 - d / np.maximum(n, 1), 1))
    area_after = survival[:end][::-1].cumsum()[::-1]
    area_after = np.append(area_after, 0.0)
    terms = np.where((d > 0) & (d < n), area_after**2 * d / np.maximum(n * (n - d), 1), 0)
    mean = survival[:end].sum() / 24
    return mean, math.sqrt(max(terms.sum() / 576, variance_of_the_rest(tickets, days, mean)))


def variance_of_the_rest(tickets: Sequence[Ticket], days: int, mean: float) -> float:
    """That of the share still open then, two more on either side, times how much longer they take
    than the others."""
    number, still_open = len(tickets), survival_at(tickets, days * 24)
    share = (still_open * number + 2) / (number + 4)
    longer = (days - mean) / (1 - still_open) if still_open < 1 else days
    return share * (1 - share) / (number + 4) * longer**2


def test_log_rank_against_all_others_is_that_of_statsmodels(desk: Any) -> None:
    tickets, marts = desk
    hours = np.array([t.hours for t in tickets], float)
    events = np.array([t.group is not None for t in tickets], int)
    for segment, members in segments(tickets).items():
        if segment[0] not in {"carrier", "ticket_type"} or len(members) == len(tickets):
            continue
        inside = np.array(
            [segment[1] == (t.carrier if segment[0] == "carrier" else t.type) for t in tickets]
        )
        chi2, _ = survdiff(hours, events, inside.astype(int))
        [found] = fetch(
            marts,
            "select log_rank_observed, log_rank_chi2 from mart_resolution_summary "
            "where segment_type = ? and segment = ?",
            *segment,
        )
        assert found == (events[inside].sum(), pytest.approx(chi2, rel=SAME, abs=SAME))


@pytest.mark.parametrize(
    ("approved", "declined"), [(0, 7), (7, 0), (1, 1), (8, 2), (81, 263), (4_000, 3_001)]
)
def test_wilson_intervals_are_those_of_statsmodels(
    project: Project, approved: int, declined: int
) -> None:
    marts = project.build(given={"fct_claim_payouts": claims(approved, declined)})
    expected = (
        approved / (approved + declined),
        *proportion_confint(approved, approved + declined, method="wilson"),
    )
    [(rate, lo, hi)] = fetch(
        marts,
        "select approval_rate, approval_rate_lo, approval_rate_hi from mart_approval_rates "
        "where segment_type = 'all'",
    )
    assert (rate, lo, hi) == pytest.approx(expected, abs=SAME)
    assert 0 <= lo <= rate <= hi <= 1


def claims(
    approved: int, declined: int, carrier: str = "dpd", type_: str = "lost"
) -> list[dict[str, Any]]:
    shared = {
        "carrier": carrier,
        "ticket_type": type_,
        "currency": "EUR",
        "is_decided": True,
        "is_mature": True,
        "created_month": date(2026, 1, 1),
    }
    return [shared | {"is_approved": number < approved} for number in range(approved + declined)]


def test_a_rate_adjusted_for_mix_gives_every_carrier_the_same_types(project: Project) -> None:
    """By hand: of 100 decided claims 60 are lost, 40 damaged.

    DPD: lost 9 of 10 and damaged 4 of 20, raw 13/30; adjusted .9 * .6 + .2 * .4 = .62.
    UPS: lost 40 of 50 and damaged 2 of 20, raw 42/70; adjusted .8 * .6 + .1 * .4 = .52.
    Raw, UPS looks better; of each type, DPD approves more.
    """
    rows = [
        *claims(9, 1, "dpd", "lost"),
        *claims(4, 16, "dpd", "damaged"),
        *claims(40, 10, "ups", "lost"),
        *claims(2, 18, "ups", "damaged"),
    ]
    marts = project.build(given={"fct_claim_payouts": rows})

    assert fetch(
        marts,
        "select segment, approval_rate, mix_adjusted_rate, mix_coverage from mart_approval_rates "
        "where segment_type = 'carrier' order by segment",
    ) == [
        ("dpd", pytest.approx(13 / 30), pytest.approx(0.62), 1.0),
        ("ups", pytest.approx(0.6), pytest.approx(0.52), 1.0),
    ]


def test_a_restricted_mean_adjusted_for_mix_gives_every_carrier_the_same_types(
    project: Project,
) -> None:
    """By hand: 4 tickets lost and 4 damaged.

    DPD's three lost ones took 60 days, its damaged one 6: 46.5 raw, 33 at equal shares.
    UPS's lost one took 54 days, its three damaged ones 12: 22.5 raw, 33 at equal shares.
    """
    tickets = [
        *[Ticket("dpd", "lost", 60 * 24, "claim_approved")] * 3,
        Ticket("dpd", "damaged", 6 * 24, "claim_approved"),
        Ticket("ups", "lost", 54 * 24, "claim_approved"),
        *[Ticket("ups", "damaged", 12 * 24, "claim_approved")] * 3,
    ]
    marts = project.build(given=given(tickets))

    assert fetch(
        marts,
        "select segment, rmst_60d, mix_adjusted_rmst_60d, mix_coverage "
        "from mart_resolution_summary where segment_type = 'carrier' order by segment",
    ) == [
        ("dpd", None, pytest.approx(33), 1.0),
        ("ups", None, pytest.approx(33), 1.0),
    ]
