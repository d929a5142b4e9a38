"""The marts against the law of the simulated desk, which no estimate has seen.

For every segment (all tickets, each carrier, each type) the law's own figure must lie in the
99.9 % interval of the mart's. Seeds are fixed, so a test that passes passes always.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from statsmodels.stats.proportion import proportion_confint

from pipelines.marts.marts import run_marts
from pipelines.warehouse.warehouse import open_pipeline
from simulator import Account, Clock, Segment, World
from tests.pipelines.conftest import make  # noqa: F401 (fixture)
from tests.transform.conftest import LARGE, open_marts

Z95, Z999 = 1.959963984540054, 3.290526731491926
SEGMENTS = LARGE.truth.segments
NAMES = {"type": "ticket_type"}
BY_NAME = [pytest.param(kind, name, id=name) for kind, name in SEGMENTS]
DAY = 24


@pytest.fixture(scope="module")
def large(large_world: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_marts(large_world) as connection:
        yield connection


def one(marts: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> Any:
    [row] = marts.execute(sql, values).fetchall()
    return row


def check_median(marts: duckdb.DuckDBPyConnection, kind: str, name: str, truth: Segment) -> None:
    """At the true median, one half lies within the curve's interval: the median is in its own."""
    survival, lo = one(
        marts,
        "select survival, survival_lo from mart_resolution_survival "
        "where segment_type = ? and segment = ? and hours <= ? order by hours desc limit 1",
        NAMES.get(kind, kind),
        name,
        round(truth.median_days * DAY),
    )
    scale = [math.log(-math.log(share)) for share in (survival, lo, 0.5)]
    se = (scale[1] - scale[0]) / Z95
    assert abs(scale[2] - scale[0]) <= Z999 * se


def check_incidence(marts: duckdb.DuckDBPyConnection, kind: str, name: str, truth: Segment) -> None:
    for group, share in truth.incidence_at_90_days.items():
        incidence, se = one(
            marts,
            "select incidence, incidence_se from mart_outcome_incidence where segment_type = ? "
            "and segment = ? and outcome_group = ? and hours <= 90 * 24 "
            "order by hours desc limit 1",
            NAMES.get(kind, kind),
            name,
            group,
        )
        if incidence == 0:  # never seen: three in n is the largest share that goes unseen so often
            [tickets] = one(
                marts,
                "select tickets from mart_resolution_summary where segment_type = ? "
                "and segment = ?",
                NAMES.get(kind, kind),
                name,
            )
            assert share <= 7 / tickets, group
            continue
        width = Z999 * se / (incidence * -math.log(incidence))
        assert incidence ** math.exp(width) <= share <= incidence ** math.exp(-width), group


def check_approval_rate(
    marts: duckdb.DuckDBPyConnection, kind: str, name: str, truth: Segment
) -> None:
    rows = marts.execute(
        "select approved, decided from mart_approval_rates where segment_type = ? and segment = ?",
        (NAMES.get(kind, kind), name),
    ).fetchall()
    if truth.approval_rate is None:
        assert rows == []
        return
    lo, hi = proportion_confint(*rows[0], alpha=0.001, method="wilson")
    assert lo <= truth.approval_rate <= hi


@pytest.mark.parametrize(("kind", "name"), BY_NAME)
def test_the_true_median_lies_in_its_interval(large: Any, kind: str, name: str) -> None:
    check_median(large, kind, name, SEGMENTS[kind, name])


@pytest.mark.parametrize(("kind", "name"), BY_NAME)
def test_the_true_incidences_at_90_days_lie_in_their_intervals(
    large: Any, kind: str, name: str
) -> None:
    check_incidence(large, kind, name, SEGMENTS[kind, name])


@pytest.mark.parametrize(("kind", "name"), BY_NAME)
def test_the_true_approval_rate_lies_in_its_interval(large: Any, kind: str, name: str) -> None:
    check_approval_rate(large, kind, name, SEGMENTS[kind, name])


def test_a_rate_over_young_tickets_would_miss_the_truth(large: Any) -> None:
    """What the maturity filter is for: of the claims of three weeks, refusals come first."""
    approved, decided = one(
        large,
        "select sum(case when is_approved then 1 else 0 end), count(*) from fct_claim_payouts "
        "where is_decided and not is_mature and created_at >= timestamp '2026-10-08'",
    )
    _, hi = proportion_confint(approved, decided, alpha=0.05, method="wilson")
    assert hi < LARGE.truth.all.approval_rate


def test_the_usual_median_of_the_last_month_would_miss_the_truth(large: Any) -> None:
    naive, lo, median, hi = one(
        large,
        "select naive_median_hours, median_hours_lo, median_hours, median_hours_hi "
        "from mart_resolution_summary where segment_type = 'created_month' and segment = '2026-10'",
    )
    truth = LARGE.truth.all.median_days * DAY
    assert naive < 0.75 * truth
    assert lo <= truth <= hi
    assert median == pytest.approx(truth, rel=0.1)


@cache
def law_of(carrier: str, ticket_type: str) -> Segment:
    named = [None if name == "(none)" else name for name in (carrier, ticket_type)]
    return LARGE.truth.segment(*named)


@pytest.fixture(scope="module")
def true_exposure(large: Any) -> dict[tuple[str, str], float]:
    """What the law expects of the tickets that are open, by segment and currency."""
    expected: dict[tuple[str, str], float] = {}
    for carrier, ticket_type, age in large.execute(
        "select distinct on (ticket_id) carrier, ticket_type, age_minutes "
        "from fct_open_claim_exposure"
    ).fetchall():
        for currency, amount in law_of(carrier, ticket_type).open_payout(age / 1440).items():
            for segment in ("all", f"carrier {carrier}", f"ticket_type {ticket_type}"):
                key = (segment, currency)
                expected[key] = expected.get(key, 0.0) + amount
    return expected


@pytest.mark.parametrize(("kind", "name"), BY_NAME)
def test_the_true_exposure_lies_in_its_range(
    large: Any, true_exposure: dict[tuple[str, str], float], kind: str, name: str
) -> None:
    segment = "all" if kind == "all" else f"{NAMES.get(kind, kind)} {name}"
    truth = {currency: sum_ for (key, currency), sum_ in true_exposure.items() if key == segment}
    rows = large.execute(
        "select currency, expected_payout_amount, expected_payout_amount_se "
        "from mart_claim_exposure where segment_type = ? and segment = ?",
        (NAMES.get(kind, kind), name),
    ).fetchall()
    assert rows
    for currency, expected, se in rows:
        assert abs(expected - truth.get(currency, 0.0)) <= Z999 * se, currency


def test_the_exposure_is_narrow_enough_to_be_of_use(
    large: Any, true_exposure: dict[tuple[str, str], float]
) -> None:
    expected, se = one(
        large,
        "select expected_payout_amount, expected_payout_amount_se from mart_claim_exposure "
        "where segment_type = 'all' and currency = 'EUR'",
    )
    assert expected == pytest.approx(true_exposure["all", "EUR"], rel=0.1)
    assert se < 0.15 * expected


def test_what_the_open_tickets_paid_in_the_end_lies_in_the_range(large: Any) -> None:
    paid = 0.0
    later = LARGE.end + timedelta(days=700)
    for (ticket_id,) in large.execute(
        "select distinct ticket_id from fct_open_claim_exposure"
    ).fetchall():
        resolution = (LARGE.ticket(ticket_id, later) or {}).get("resolution") or {}
        if resolution.get("outcome") == "claim_approved" and resolution["currency"] == "EUR":
            paid += resolution["amount"]
    expected, se = one(
        large,
        "select expected_payout_amount, expected_payout_amount_se from mart_claim_exposure "
        "where segment_type = 'all' and currency = 'EUR'",
    )
    assert abs(paid - expected) <= Z999 * se


SYNCED = World(seed=11, tickets=2_000, months=12)


def test_after_real_syncs_the_truth_lies_in_every_interval(
    make: Callable[..., Any],  # noqa: F811
) -> None:
    """A desk of a year over HTTP: a first load, then every two weeks of its last three months."""
    account = Account(SYNCED, Clock(SYNCED.end - timedelta(days=84)))
    warehouse = make(account)
    while warehouse.now() < SYNCED.end + timedelta(hours=1):
        warehouse.sync()
        warehouse.later(days=14)
    warehouse.release()
    said: list[str] = []

    assert run_marts(open_pipeline(), said.append) == 0, said
    with open_marts(warehouse.file) as synced:
        for (kind, name), truth in SYNCED.truth.segments.items():
            check_median(synced, kind, name, truth)
            check_incidence(synced, kind, name, truth)
            check_approval_rate(synced, kind, name, truth)
        check_times_against_the_world(synced)


def check_times_against_the_world(synced: duckdb.DuckDBPyConnection) -> None:
    """Whatever the API dated is exact, but for tickets that were reopened before we looked."""
    rows = synced.execute(
        "select ticket_id, first_resolved_at from fct_ticket_resolution "
        "where first_resolved_at is not null and count_reopens = 0 and resolved_at_source = 'api'"
    ).fetchall()
    stories = {row[0]: SYNCED.story(row[0], int(SYNCED.end.timestamp())) for row in rows}
    once = {number: story for number, story in stories.items() if story and len(story.spells) == 1}
    assert len(once) > 1_000
    assert {number: told for number, told in rows if number in once} == {
        number: datetime.fromtimestamp(story.spells[0].solved, UTC).replace(tzinfo=None)
        for number, story in once.items()
    }
