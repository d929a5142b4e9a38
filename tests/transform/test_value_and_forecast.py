"""What a ticket brings, when the money comes, and which targets are met: worked out by hand."""

from __future__ import annotations

import math
from copy import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.transform.conftest import open_marts
from tests.transform.project import Project
from tests.transform.test_scenarios import NOON, fetch, resolution, ticket

Z = 1.959963984540054


def only(project: Project, mart: str) -> Project:
    """The project with this mart alone: whatever else the rows given lead to is of no interest."""
    alone = copy(project)
    wanted = {mart} | {
        project.nodes[node]["name"]
        for node in project.models[mart]["depends_on"]["nodes"]
        if node.startswith("model.")
    }
    alone.models = {name: node for name, node in project.models.items() if name in wanted}
    return alone


HERE = NOON.replace(tzinfo=None)
LONG_AGO = HERE - timedelta(days=400)


def cell(carrier: str, kind: str, amounts: list[int], others: int) -> tuple[list[Any], list[Any]]:
    """Tickets of a carrier and type, the first of them approved with these amounts in EUR."""
    plain = {"carrier": carrier, "ticket_type": kind, "created_at": LONG_AGO, "duration_seconds": 0}
    tickets = [
        plain | {"ticket_id": hash((carrier, kind, n))} for n in range(len(amounts) + others)
    ]
    money = {"is_approved": True, "is_mature": True, "currency": "EUR"}
    return tickets, [
        row | money | {"amount": amount} for row, amount in zip(tickets, amounts, strict=False)
    ]


@pytest.fixture(scope="module")
def valued(project: Project) -> duckdb.DuckDBPyConnection:
    """Lost parcels bring 100 EUR in the mean (50 or 150), damaged ones 20."""
    cells = [
        cell("dpd", "lost", [50, 150] * 10, 20),
        cell("dpd", "damaged", [20] * 6, 54),
        cell("ups", "lost", [50, 150] * 15, 10),
        cell("ups", "damaged", [20] * 24, 36),
    ]
    return only(project, "mart_ticket_value").build(
        given={
            "fct_ticket_resolution": [row for tickets, _ in cells for row in tickets],
            "fct_claim_payouts": [row for _, claims in cells for row in claims],
            "int_maturity": [{"maturity_days": 60, "created_until": HERE - timedelta(days=60)}],
        }
    )


ALIKE = 3062.5 / 4900
"""The variance of all amounts of `valued` by the square of their mean."""


def bounds(approved: int, tickets: int, mean: float, error: float) -> tuple[float, float]:
    """How far chance times mean may lie below and above, by MOVER."""
    chance = approved / tickets
    low, high = proportion_confint(approved, tickets, method="wilson")
    below = math.hypot(mean * (chance - low), chance * mean * (1 - math.exp(-Z * error / mean)))
    above = math.hypot(mean * (high - chance), chance * mean * (math.exp(Z * error / mean) - 1))
    return below, above


def test_a_ticket_brings_chance_times_amount(valued: Any) -> None:
    """20 of 40 lost parcels at 100 EUR: 50; 6 of 60 damaged ones at 20 EUR: 2. No range takes
    amounts to be more alike than all 80 are: 70 EUR in the mean, a variance of 3,062.50."""
    rows = fetch(
        valued,
        "select segment, tickets, approved, amount_claims, mean_amount, value_amount, "
        "value_amount_lo, value_amount_hi from mart_ticket_value "
        "where segment_type = 'carrier_and_type' and carrier = 'dpd' order by 1",
    )
    (below, above), (lost_below, lost_above) = (
        bounds(6, 60, 20, 20 * (ALIKE / 30) ** 0.5),
        bounds(20, 40, 100, 100 * (ALIKE / 50) ** 0.5),
    )
    assert rows == [
        ("dpd / damaged", 60, 6, 30, 20, 2, pytest.approx(2 - below), pytest.approx(2 + above)),
        (
            *("dpd / lost", 40, 20, 50, 100, 50),
            *(pytest.approx(50 - lost_below), pytest.approx(50 + lost_above)),
        ),
    ]


def test_carriers_are_compared_with_the_mix_of_the_account(valued: Any) -> None:
    """80 of 200 tickets are lost parcels: DPD would bring .4 * 50 + .6 * 2 = 21.20 EUR, UPS
    .4 * 75 + .6 * 8 = 34.80. DPD has 26 approvals of its own, too few for a mean of its own."""
    rows = fetch(
        valued,
        "select segment, value_amount, mix_adjusted_amount, mix_adjusted_amount_lo, mix_coverage, "
        "is_small from mart_ticket_value where segment_type = 'carrier' order by 1",
    )
    below = math.hypot(
        0.4 * bounds(30, 40, 100, 100 * (ALIKE / 50) ** 0.5)[0],
        0.6 * bounds(24, 60, 20, 20 * (ALIKE / 30) ** 0.5)[0],
    )
    assert rows == [
        ("dpd", None, None, None, 1, True),
        ("ups", pytest.approx(34.8), pytest.approx(34.8), pytest.approx(34.8 - below), 1, False),
    ]


CURVE = {100: 0.1, 480: 0.3, 1200: 0.5, 4800: 0.6}
OPEN = {
    "ticket_id": 1,
    "currency": "EUR",
    "carrier": "dpd",
    "ticket_type": "lost",
    "estimated_from": "lost",
    "age_minutes": 240 * 60,
    "p_approval": 0.5,
    "p_approval_se": 0.1,
    "p_carrier_se": 0.0,
    "expected_amount_if_approved": 100.0,
    "expected_amount_if_approved_se": 5.0,
    "expected_payout_amount": 50.0,
    "payout_variance": 2500.0,
    "payout_third_moment": 0.0,
}


def on_curve(hours: int, incidence: float) -> dict[str, Any]:
    segment = {"segment_type": "ticket_type", "segment": "lost", "outcome_group": "claim_approved"}
    return segment | {"hours": hours, "incidence": incidence}


def test_money_comes_as_fast_as_the_curve_rises_after_the_age(project: Project) -> None:
    """Ten days old, the curve is at .1 and ends at .6. It reaches .3 by day 40, .5 by day 70: four
    and eight tenths of a chance of .5 to be approved with 100 EUR, so 20 and 40 EUR."""
    given = {
        "stg_as_of": [{"as_of": HERE}],
        "mart_claim_exposure": [
            {
                "segment_type": "all",
                "segment": "all",
                "currency": "EUR",
                "is_followed_enough": True,
                "amount_claims": 10,
            }
        ],
        "int_incidence": [on_curve(*step) for step in CURVE.items()],
        "fct_open_claim_exposure": [OPEN],
    }
    marts = only(project, "mart_payout_forecast").build(given=given)

    assert fetch(
        marts,
        "select currency, horizon_days, open_tickets, expected_approved, expected_payout_amount, "
        "expected_payout_amount_lo, share_of_all, is_small from mart_payout_forecast order by 2",
    ) == [
        ("EUR", 30, 1, pytest.approx(0.2), pytest.approx(20), 0, pytest.approx(0.4), True),
        ("EUR", 60, 1, pytest.approx(0.4), pytest.approx(40), 0, pytest.approx(0.8), True),
        ("EUR", 90, 1, pytest.approx(0.4), pytest.approx(40), 0, pytest.approx(0.8), True),
    ]


def test_the_forecast_is_what_numpy_reads_off_the_curves(built_world: Any) -> None:
    """For every currency and horizon of a whole desk, never more than what comes at any time."""
    with open_marts(built_world / "world.duckdb") as marts:
        exposure = marts.sql("from fct_open_claim_exposure").df()
        incidence = marts.sql(
            "from sendcloud_marts_staging.int_incidence where outcome_group = 'claim_approved'"
        ).df()
        told = marts.sql("from mart_payout_forecast").df()
        totals = dict(
            fetch(
                marts,
                "select currency, expected_payout_amount from mart_claim_exposure "
                "where segment_type = 'all'",
            )
        )
    curves = {
        segment: (rows.hours.to_numpy(), np.maximum.accumulate(rows.incidence.to_numpy()))
        for (_, segment), rows in incidence.sort_values("hours").groupby(
            ["segment_type", "segment"]
        )
    }

    def reached(segment: str, hours: float) -> float:
        at, values = curves[segment]
        place = int(np.searchsorted(at, hours, side="right"))
        return float(values[place - 1]) if place else 0.0

    for row in told.itertuples():
        expected = 0.0
        for each in exposure[exposure.currency == row.currency].itertuples():
            age, curve = math.floor(each.age_minutes / 60 + 0.5), each.estimated_from
            rest = reached(curve, math.inf) - reached(curve, age)
            gained = reached(curve, age + 24 * row.horizon_days) - reached(curve, age)
            expected += each.expected_payout_amount * (gained / rest if rest > 1e-9 else 1)
        assert row.expected_payout_amount == pytest.approx(expected)
        assert row.expected_payout_amount_lo <= row.expected_payout_amount
        assert row.expected_payout_amount <= row.expected_payout_amount_hi
        assert row.expected_payout_amount <= totals[row.currency] * (1 + 1e-9)
    assert len(told) == 3 * len(totals) >= 6


def test_targets_are_met_missed_or_not_decided_yet(project: Project) -> None:
    """Lost parcels of DPD within 5 days, seen on 10 March at noon: 1 was resolved on the 5th day, 2
    on the 6th, 3 is open past its target, 4 open and due on the 11th, 5 vanished before it was due.
    UPS has no target."""
    march = datetime(2026, 3, 1, tzinfo=UTC)
    gone = {"created_at": march, "last_seen_at": march + timedelta(days=2)}
    marts = project.build(
        {
            "tickets": [
                ticket(1, status="solved"),
                ticket(2, status="solved"),
                ticket(3),
                ticket(4, created_at=datetime(2026, 3, 6, tzinfo=UTC)),
                ticket(5, vanished_at=march + timedelta(days=3), **gone),
                ticket(6, carrier="ups"),
            ],
            "tickets__resolution": [
                resolution(1, solved_at=march + timedelta(days=5)),
                resolution(2, solved_at=march + timedelta(days=5, seconds=1)),
            ],
        },
        seeds={"sla_targets": [{"carrier": "dpd", "ticket_type": "lost", "days": 5}]},
    )

    assert fetch(
        marts,
        "select created_month, carrier, tickets, met, missed, not_due, lost_sight, attainment, "
        "attainment_at_least, attainment_at_most, is_complete, is_small "
        "from mart_target_attainment",
    ) == [
        (
            *(date(2026, 3, 1), "dpd", 5, 1, 2, 1, 1),
            *(pytest.approx(1 / 3), 1 / 4, 2 / 4, False, True),
        )
    ]
    assert fetch(
        marts,
        "select ticket_id, minutes_to_breach, breaches_within_7d from fct_open_tickets order by 1",
    ) == [(3, -4.5 * 1440, False), (4, 0.5 * 1440, True), (6, None, False)]
