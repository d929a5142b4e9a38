"""When money comes, what a ticket brings and targets, in words and tables, of hand-worked marts."""

from __future__ import annotations

import pytest

from answers import Desk, listings, sentences
from answers.pictures.decisions import approval_rates
from tests.report.test_sentences import Handmade

TABLES = """
    create table dim_carrier as select * from (values
        ('dpd', 'DPD'), ('ups', 'UPS')) as names (carrier, carrier_name);
    create table mart_payout_forecast as select * from (values
        ('EUR', 60, 40, 296.4, 151, 452, 0.92, false),
        ('EUR', 30, 40, 237.3, 102, 383, 0.74, false),
        ('GBP', 30, 3, 24.0, 0, 72, 0.74, true)
    ) as told (
        currency, horizon_days, open_tickets, expected_payout_amount, expected_payout_amount_lo,
        expected_payout_amount_hi, share_of_all, is_small
    );
    create table mart_ticket_value as select * from (values
        ('all', 'all', 'EUR', 400, 80, 0.2, 82.5, 16.5, 14.0, 19.25, null, false),
        ('all', 'all', '(none)', 400, 2, 0.005, null, null, null, null, null, true),
        ('carrier', 'dpd', 'EUR', 300, 30, 0.1, 80.0, 8.0, 5.0, 11.0, 9.0, false),
        ('carrier', 'ups', 'EUR', 20, 10, 0.5, 90.0, null, null, null, null, true)
    ) as told (
        segment_type, segment, currency, tickets, approved, approval_chance, mean_amount,
        value_amount, value_amount_lo, value_amount_hi, mix_adjusted_amount, is_small
    );
    create table mart_target_attainment (
        created_month date, carrier text, tickets bigint, met bigint, missed bigint,
        not_due bigint, lost_sight bigint, attainment double, attainment_lo double,
        attainment_hi double, is_small boolean
    );
"""


@pytest.fixture
def desk() -> Desk:
    dataset = Handmade()
    dataset.change(TABLES)
    return Desk(dataset)


def test_when_the_money_comes_is_told_by_horizon_and_in_the_main_currency(desk) -> None:
    assert sentences.forecast_answer(desk) == [
        (
            "By when: EUR 237 (95 %: 102 to 383) within 30 days and EUR 296 (95 %: 151 to 452) "
            "within 60 days."
        )
    ]

    desk.dataset.change(
        "update mart_payout_forecast "
        "set expected_payout_amount_lo = null, expected_payout_amount_hi = null"
    )
    assert sentences.forecast_answer(Desk(desk.dataset)) == [
        (
            "By when: EUR 237 (no range: fewer than 10 claims tell the amounts) within 30 days and "
            "EUR 296 (no range: fewer than 10 claims tell the amounts) within 60 days."
        )
    ]
    frame = listings.forecast(desk)
    assert frame[["Currency", "Within days", "Expected"]].to_dict("split")["data"] == [
        ["EUR", 30, 237],
        ["EUR", 60, 296],
        ["GBP", 30, 24],
    ]
    assert listings.is_few(frame) == [False, False, True]


def test_what_a_ticket_brings_is_chance_times_amount_with_its_interval(desk) -> None:
    assert sentences.value_answer(desk) == [
        "A ticket brings EUR 16.50 (95 %: 14.00 to 19.25).",
        (
            "Of 400 tickets at least 46 days old, whatever became of them: the chance to be "
            "approved in the currency, times the mean amount then, a missing one as 0."
        ),
    ]


def test_a_carrier_with_few_tickets_comes_last_whatever_it_brings(desk) -> None:
    frame = listings.ticket_values(desk, "carrier")

    assert list(frame["Carrier"]) == ["DPD", "UPS"]
    assert listings.is_few(frame) == [False, True]


def test_one_approval_of_one_is_drawn_pale_and_last_and_has_no_rank(desk) -> None:
    """UPS 40 of 80, DPD 70 of 100, and a carrier with 1 of 1, which is 100 %."""
    desk.dataset.change(
        "create or replace table mart_approval_rates as select 'carrier' as segment_type, told.*, "
        "null as mix_adjusted_rate, null as mix_adjusted_rate_lo, null as mix_adjusted_rate_hi "
        "from (values ('one', 1, 1.0, 0.21, 1.0), ('ups', 80, 0.5, 0.39, 0.61), "
        "('dpd', 100, 0.7, 0.6, 0.78)) as told "
        "(segment, decided, approval_rate, approval_rate_lo, approval_rate_hi)"
    )
    frame = listings.approvals(desk)
    spec = approval_rates(desk, "carrier").to_dict()

    assert list(frame["Carrier"]) == ["DPD", "UPS", "one"]
    assert listings.is_few(frame) == [False, False, True]
    layers = [layer["encoding"] for layer in spec["layer"]]
    assert {tuple(each["y"]["sort"]) for each in layers} == {("DPD", "UPS", "one")}
    assert {str(each["opacity"]) for each in layers if "opacity" in each} == {
        "{'condition': {'test': 'datum.is_few', 'value': 0.35}, 'value': 1}"
    }
    drawn = {
        row["row"]: row["is_few"]
        for rows in spec["datasets"].values()
        for row in rows
        if "is_few" in row
    }
    assert drawn == {"DPD": False, "UPS": False, "one": True}


def test_targets_are_told_with_what_is_not_decided(desk) -> None:
    desk.dataset.change(
        "insert into mart_target_attainment values "
        "('2026-08-01', 'dpd', 40, 30, 9, 0, 1, 0.769, 0.617, 0.874, false), "
        "('2026-09-01', 'dpd', 12, 2, 1, 9, 0, 0.667, 0.208, 0.939, true)"
    )

    assert sentences.targets_answer(desk) == [
        ("Of 42 tickets created from Aug 2026 to Sep 2026 whose target is decided 32 met it."),
        "9 more are open and not due yet.",
        "1 vanished before their target was over.",
    ]
    assert listings.is_few(listings.targets(desk)) == [True, False]


def test_without_targets_it_is_said_where_to_set_them(desk) -> None:
    assert sentences.targets_answer(desk) == [
        "No target is set: fill transform/seeds/sla_targets.csv and build the marts."
    ]
