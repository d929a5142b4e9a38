"""What is to come by two ways; the chain ladder and its error against Mack's published example."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from scipy.stats import gamma

from tests.transform.project import Project
from tests.transform.test_scenarios import fetch

TAYLOR_AND_ASHE = [
    "357848 1124788 1735330 2218270 2745596 3319994 3466336 3606286 3833515 3901463",
    "352118 1236139 2170033 3353322 3799067 4120063 4647867 4914039 5339085",
    "290507 1292306 2218525 3235179 3985995 4132918 4628910 4909315",
    "310608 1418858 2195047 3757447 4029929 4381982 4588268",
    "443160 1136350 2128333 2897821 3402672 3873311",
    "396132 1333217 2180715 2985752 3691712",
    "440832 1288463 2419861 3483130",
    "359480 1421128 2864498",
    "376686 1363294",
    "344014",
]
"""Cumulative payments that Mack (1993) works through: ten years, here as months."""


def claims_of(triangle: list[str], claims: int) -> list[dict[str, Any]]:
    """Each cell's payment in so many claims."""
    rows = []
    for origin, line in enumerate(triangle, start=1):
        cumulative = [Decimal(text) for text in line.split()]
        for later, (now, before) in enumerate(
            zip(cumulative, [Decimal(0), *cumulative], strict=False)
        ):
            paid = {
                "carrier": "dpd",
                "ticket_type": "lost",
                "currency": "EUR",
                "amount_status": "paid",
                "is_approved": True,
                "is_decided": True,
                "is_mature": False,
                "is_claim_paid_status": True,
                "created_at": datetime(2026, origin, 1),
                "solved_at": datetime(2026, origin + later, 1),
                "created_month": date(2026, origin, 1),
                "payout_month": date(2026, origin + later, 1),
            }
            part = ((now - before) / claims).quantize(Decimal("0.0001"))
            rows += [paid | {"ticket_id": len(rows) + n, "amount": part} for n in range(claims)]
    return rows


def build(project: Project, claims: int) -> Any:
    now = datetime(2026, 11, 1, 6)
    return project.build(
        given={
            "fct_claim_payouts": claims_of(TAYLOR_AND_ASHE, claims),
            "stg_as_of": [{"as_of": now, "data_seen_since": now, "data_seen_until": now}],
            "mart_claim_exposure": [
                {
                    "segment_type": "all",
                    "currency": "EUR",
                    "expected_payout_amount": 9e6,
                    "expected_payout_amount_lo": 7e6,
                    "expected_payout_amount_hi": 11e6,
                }
            ],
        }
    )


def to_come(project: Project, claims: int) -> Any:
    return fetch(
        build(project, claims),
        "select open_tickets_amount, ladder_amount, ladder_amount_se, ladder_months, "
        "ladder_months_not_projected, do_ranges_meet from mart_claims_to_come",
    )


def test_the_chain_ladder_and_its_error_are_macks(project: Project) -> None:
    """Published: 18,680,856 to come, with a standard error of 2,447,095. The ranges do not meet."""
    assert to_come(project, 30) == [
        (
            9e6,
            pytest.approx(18_680_856, abs=2),
            pytest.approx(2_447_095, abs=2),
            10,
            0,
            False,
        )
    ]


def test_the_ladders_range_is_that_of_a_gamma_distribution(project: Project) -> None:
    """Of Mack's mean and error, by scipy; the mart has Wilson and Hilferty's approximation."""
    shape = (18_680_856 / 2_447_095) ** 2
    low, high = gamma.ppf([0.025, 0.975], shape, scale=18_680_856 / shape)
    assert fetch(
        build(project, 30), "select ladder_amount_lo, ladder_amount_hi from mart_claims_to_come"
    ) == [(pytest.approx(low, rel=1e-3), pytest.approx(high, rel=1e-3))]


def test_nothing_is_projected_from_a_column_of_fewer_than_30_claims(project: Project) -> None:
    """Three claims a cell: 27 stand behind the first column, and no month can be told."""
    assert to_come(project, 3) == [(9e6, None, None, 0, 10, None)]
