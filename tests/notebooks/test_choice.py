"""Chosen tickets: the marts made again for them are what the warehouse would hold of them alone."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd
import pytest

from answers.desk import Choice, ChosenDesk, Desk
from answers.models import NoModelError, model_sql
from pipelines.dataset import Marts

MARTS = (
    "mart_resolution_survival",
    "mart_resolution_summary",
    "mart_outcome_incidence",
    "mart_approval_rates",
    "mart_claims_monthly",
    "mart_claims_to_come",
    "mart_changes_since",
    "mart_period_comparison",
    "mart_period_payouts",
    "mart_since_yesterday",
    "mart_standing_still",
    "mart_unpaid_approvals",
    "mart_payouts_monthly",
    "mart_claim_development",
    "mart_claim_exposure",
    "mart_payout_lag",
    "mart_payout_sizes",
    "mart_request_summary",
    "mart_waiting_shares",
    "mart_reopen_rates",
)
EVERYTHING_THE_LONG_WAY = Choice(since=date(2000, 1, 1))


@pytest.fixture(scope="module")
def long_way(warehouse) -> Desk:
    from tests.notebooks.desks import pipeline_on

    return Desk(Marts(pipeline_on(warehouse))).choose(EVERYTHING_THE_LONG_WAY)


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_made_again_for_all_tickets_is_the_mart_that_dbt_built(mart, desk, long_way) -> None:
    assert isinstance(long_way, ChosenDesk)
    pd.testing.assert_frame_equal(long_way.mart(mart), desk.mart(mart), rtol=1e-9, atol=1e-9)


def test_the_backlog_made_again_for_all_tickets_is_the_mart_too(desk, long_way) -> None:
    sql = """
        select date_day, waiting_on, cast(sum(open_at_end) as bigint) as open_at_end
        from fct_daily_backlog group by 1, 2 order by 1, 2
    """
    reads = ("fct_daily_backlog",)

    pd.testing.assert_frame_equal(long_way.query(sql, reads), desk.query(sql, reads))


def test_the_tickets_of_one_carrier_have_the_summary_that_the_carrier_has(desk) -> None:
    chosen = desk.choose(Choice(carriers=("colissimo",)))
    columns = ["tickets", "not_resolved", "median_hours", "p90_hours", "rmst_60d"]
    whole, carrier = (
        frame.set_index(["segment_type", "segment"]).loc[key, columns]
        for frame, key in (
            (chosen.mart("mart_resolution_summary"), ("all", "all")),
            (desk.mart("mart_resolution_summary"), ("carrier", "colissimo")),
        )
    )

    assert whole.to_dict() == pytest.approx(carrier.to_dict(), rel=1e-9)


@pytest.mark.parametrize(
    ("choice", "where"),
    [
        (Choice(carriers=("dpd", "ups")), "carrier in ('dpd', 'ups')"),
        (Choice(types=("(none)",)), "type is null"),
        (
            Choice(since=date(2026, 3, 1), until=date(2026, 3, 31)),
            "created_at >= '2026-03-01 00:00:00+00' and created_at < '2026-04-01 00:00:00+00'",
        ),
        (Choice(carriers=("dpd",), types=("lost",)), "carrier = 'dpd' and type = 'lost'"),
    ],
    ids=["carriers", "no type", "period", "both"],
)
def test_a_choice_chooses_exactly_its_tickets(choice, where, desk, warehouse) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.sql(f"select id from sendcloud.tickets where {where} order by 1")
        expected = [ticket for (ticket,) in rows.fetchall()]

    chosen = desk.choose(choice).mart("fct_ticket_resolution")["ticket_id"]
    assert sorted(chosen) == expected


def test_a_brand_chooses_its_tickets(desk, warehouse) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        brand, tickets = connection.sql(
            "select brand_id, count(*) from sendcloud.tickets where brand_id is not null "
            "group by 1 order by 2 desc limit 1"
        ).fetchone()

    assert desk.choose(Choice(brands=(brand,))).tickets == tickets


def test_choosing_nothing_in_particular_is_everything(desk) -> None:
    assert desk.choose(Choice()) is desk


def test_a_model_that_does_not_exist_is_named() -> None:
    with pytest.raises(NoModelError, match="no model mart_of_nothing"):
        model_sql("mart_of_nothing")
