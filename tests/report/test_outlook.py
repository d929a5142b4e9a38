"""When money comes, what a ticket brings and targets, in words and tables, of hand-worked marts."""

from __future__ import annotations

import pytest

from answers import Desk, listings, sentences
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
    frame = listings.forecast(desk)
    assert frame[["Currency", "Within days", "Expected"]].to_dict("split")["data"] == [
        ["EUR", 30, 237],
        ["EUR", 60, 296],
        ["GBP", 30, 24],
    ]
    assert listings.is_few(frame) == [False, False, True]


def test_what_a_ticket_brings_is_chance_times_amount_with_its_interval(desk) -> None:
    assert sentences.value_answer(desk)[0] == "A ticket brings EUR 16.50 (95 %: 14.00 to 19.25)."


def test_a_carrier_with_few_tickets_comes_last_whatever_it_brings(desk) -> None:
    frame = listings.ticket_values(desk, "carrier")

    assert list(frame["Carrier"]) == ["DPD", "UPS"]
    assert listings.is_few(frame) == [False, True]


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
