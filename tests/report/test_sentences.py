"""Sentences and figures of a hand-worked account: nine tickets, in a dataset of few tables.

The dataset is handed in as anybody may: tables in memory, no pipeline, no dbt.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from answers import Desk, Figure, sentences

TABLES = """
    create table fct_claim_payouts (
        ticket_id bigint, is_approved boolean, is_decided boolean, is_mature boolean,
        is_claim_paid_status boolean, amount numeric(18, 4), currency text, amount_status text,
        payout_month timestamp
    );
    insert into fct_claim_payouts values
        (1, true, true, true, true, 100.00, 'EUR', 'paid', '2026-07-01'),
        (2, true, true, true, false, 25.50, 'EUR', 'paid', '2026-09-01'),
        (3, true, true, true, true, 40.00, 'GBP', 'paid', '2026-08-01'),
        (4, true, true, true, false, null, '(none)', 'missing', '2026-08-01'),
        (5, true, true, true, false, 12.00, '(none)', 'paid', '2026-08-01'),
        (6, false, true, true, false, null, '(none)', 'not_due', null),
        (7, false, false, true, false, null, '(none)', 'not_due', null);
    create table mart_approval_rates as
        select 'all' as segment_type, 6 as decided, 5 / 6.0 as approval_rate,
            0.4365 as approval_rate_lo, 0.9699 as approval_rate_hi;
    create table mart_payout_lag as
        select 'all' as segment_type, 5 as approvals, 427.2 as half_hours,
            1200.0 as ninety_percent_hours;
    create table mart_claim_exposure (
        segment_type text, currency text, open_tickets bigint, expected_payout_amount double,
        expected_payout_amount_lo double, expected_payout_amount_hi double,
        is_followed_enough boolean
    );
    create table mart_claims_to_come (
        currency text, open_tickets_amount double, ladder_amount double,
        ladder_amount_lo double, ladder_amount_hi double, ladder_months bigint,
        ladder_months_not_projected bigint, do_ranges_meet boolean
    );
    create table mart_changes_since (
        payout_month date, known_month date, currency text, tickets bigint,
        change_amount numeric(38, 4)
    );
    create table fct_ticket_resolution as
        select range as ticket_id, timestamp '2026-06-01 10:00:00' as created_at,
            case when range > 7 then timestamp '2026-09-20' end as vanished_at
        from range(1, 10);
    create table stg_as_of as
        select timestamp '2026-10-01' as as_of, timestamp '2026-05-04 03:00:00' as data_seen_since;
    create table mart_payouts_monthly as select 'Europe/Amsterdam' as time_zone;
    create table int_maturity as select 46 as maturity_days;
"""
RUN = {
    "finished_at": pd.Timestamp("2026-10-01 00:05"),
    "held_total": 7,
    "api_total": 7,
    "is_complete": True,
}


class Handmade:
    """Tables in memory, asked as `answers.Dataset` says."""

    name = "tables by hand"

    def __init__(self) -> None:
        self._memory = duckdb.connect()
        self._memory.execute(TABLES)

    def change(self, sql: str) -> None:
        self._memory.execute(sql)

    def mart(self, name: str) -> pd.DataFrame:
        return self._memory.sql(f"select * from {name}").df()

    def types(self, name: str) -> dict[str, str]:
        return dict(
            self._memory.sql(f"select column_name, column_type from (describe {name})").fetchall()
        )

    def query(self, sql: str, *values: Any) -> pd.DataFrame:
        return self._memory.execute(sql.replace("%s", "?"), list(values)).df()

    def last_run(self) -> dict[str, Any] | None:
        return RUN


@pytest.fixture
def dataset() -> Handmade:
    return Handmade()


def test_approved_marked_as_paid_and_not_marked_are_told_apart_with_their_period(dataset) -> None:
    assert sentences.claims_answer(Desk(dataset)) == [
        "Carriers approved EUR 126 and GBP 40.00 on 3 claims from Jul 2026 to Sep 2026.",
        "Of that EUR 100 and GBP 40.00 is marked as paid, EUR 25.50 is not.",
        "One more amount, 12.00, is in no sum: its currency is not known.",
        (
            "Of the 7 claims old enough to be decided 6 were decided, and of these 83 % approved "
            "(95 %: 44 to 97 %)."
        ),
    ]


def test_each_figure_of_claims_says_its_unit_its_period_and_what_it_rests_on(dataset) -> None:
    assert sentences.claims_figures(Desk(dataset)) == [
        Figure("Approved, EUR", "EUR 126", "2 claims, from Jul 2026 to Sep 2026, Europe/Amsterdam"),
        Figure("Of it marked as paid, EUR", "EUR 100", "1 claim"),
        Figure(
            "Approved, not marked as paid, EUR",
            "EUR 25.50",
            "1 claim, 20 % of the approved amount",
        ),
        Figure("Approved, GBP", "GBP 40.00", "1 claim, in Aug 2026, Europe/Amsterdam"),
        Figure("Of it marked as paid, GBP", "GBP 40.00", "1 claim"),
        Figure(
            "Approved, not marked as paid, GBP", "GBP 0.00", "0 claims, 0 % of the approved amount"
        ),
        Figure(
            "Approval rate",
            "83 %",
            "95 %: 44 to 97 %; of 6 decided, at least 46 days old; few, so it may be far off",
        ),
        Figure(
            "Half of the approvals come within",
            "17.8 days",
            "of creation; nine tenths within 50.0 days; 5 approvals; few, so it may be far off",
        ),
        Figure("Approved without an amount", "1", "of 5 approved claims; in no sum"),
    ]


def test_all_that_is_marked_as_paid_is_said_in_one_sentence(dataset) -> None:
    dataset.change("delete from fct_claim_payouts where not is_claim_paid_status")

    assert sentences.claims_answer(Desk(dataset))[:2] == [
        "Carriers approved EUR 100 and GBP 40.00 on 2 claims from Jul 2026 to Aug 2026.",
        "All of it is marked as paid.",
    ]


def test_tickets_that_vanished_are_said_where_two_counts_differ(dataset) -> None:
    assert sentences.freshness(Desk(dataset)) == [
        "Data as of 1 October 2026, 00:00 UTC, 9 tickets, 2 of them vanished from the API.",
        "Last sync 1 October 2026, 00:05 UTC: complete (7 tickets held, 7 counted by the API).",
    ]


def test_money_of_which_no_currency_is_known_alone_is_no_answer_but_is_said(dataset) -> None:
    dataset.change("update fct_claim_payouts set currency = '(none)'")

    assert sentences.claims_answer(Desk(dataset))[:2] == [
        "No claim has been approved with an amount yet.",
        (
            "The amounts of 4 more approved claims, 177.50 in all, are in no sum: "
            "their currency is not known."
        ),
    ]


def test_both_totals_of_what_is_to_come_stand_side_by_side_and_a_difference_is_explained(
    dataset,
) -> None:
    dataset.change("insert into mart_claim_exposure values ('all', 'EUR', 40, 375, 200, 510, true)")
    dataset.change("insert into mart_claim_exposure values ('all', 'GBP', 3, 26.5, 0, 90, true)")
    dataset.change(
        "insert into mart_claims_to_come values "
        "('EUR', 375, 1311, 902, 1840, 9, 0, false), ('GBP', 26.5, null, null, null, 0, 9, null)"
    )

    assert sentences.to_come_answer(Desk(dataset)) == [
        (
            "Tickets still open are expected to bring another EUR 375 (95 %: 200 to 510) and "
            "GBP 26 (95 %: 0 to 90)."
        ),
        (
            "By how earlier months grew (chain ladder) it is EUR 1,310 (95 %: 902 to 1,840), from "
            "tickets of months that are over."
        ),
        "In GBP earlier months tell nothing: fewer than 30 claims stand behind how they grew.",
        (
            "The two are not the same thing: earlier months tell nothing of tickets created in the "
            "month in progress, open tickets nothing of those that will be reopened."
        ),
        (
            "In EUR their ranges do not meet: one of the two does not fit this account: few "
            "claims, another pace than before, or months that are not alike."
        ),
    ]
    assert [each.value for each in sentences.to_come_figures(Desk(dataset))] == [
        "EUR 375",
        "GBP 26",
        "EUR 1,310",
    ]


def test_a_young_account_is_told_that_more_will_come(dataset) -> None:
    dataset.change(
        "insert into mart_claim_exposure values ('all', 'EUR', 40, 375, 200, 510, false)"
    )

    assert sentences.to_come_answer(Desk(dataset))[-1] == (
        "The account is young, so open tickets will bring more than this: late yeses are missing."
    )


def test_what_changed_in_months_already_over_is_told_by_currency_and_when_it_became_known(
    dataset,
) -> None:
    """500 EUR of January are gone in March, and April brings 40 for each of two earlier months."""
    dataset.change(
        "insert into mart_changes_since values "
        "('2026-01-01', '2026-03-01', 'EUR', 1, -500), ('2026-01-01', '2026-04-01', 'EUR', 1, 40), "
        "('2026-02-01', '2026-04-01', 'EUR', 2, 40), ('2026-03-01', '2026-04-01', 'GBP', 1, 7.5)"
    )

    assert sentences.changes_answer(Desk(dataset)) == [
        (
            "In Apr 2026 it became known of earlier months: EUR +80.00 (3 claims) and "
            "GBP +7.50 (1 claim)."
        ),
        (
            "In all since tickets are followed, 4 May 2026: EUR -420.00 (4 claims) and "
            "GBP +7.50 (1 claim). A claim that changed in two months counts in both."
        ),
        "Months by Europe/Amsterdam; each change is dated by the sync that saw it.",
    ]


def test_where_nothing_changed_the_sentence_says_since_when(dataset) -> None:
    assert sentences.changes_answer(Desk(dataset)) == [
        "No approved amount of a month that was over has changed since 4 May 2026."
    ]


def test_of_one_ticket_no_interval_is_told_and_nothing_compared(dataset: Handmade) -> None:
    """One ticket, resolved after 14.1 days: no interval, and the usual median is the same."""
    dataset.change(
        """
        delete from fct_ticket_resolution where ticket_id > 1;
        create table mart_resolution_summary as
            select segment_type, segment, 1 as tickets, 1 as resolved, 338 as median_hours,
                null::integer as median_hours_lo, null::integer as median_hours_hi,
                338 as p90_hours, 338 as naive_median_hours, 1 as watched_tickets
            from (values ('all', 'all'), ('created_month', '2026-06')) as of (segment_type, segment)
        """
    )

    assert sentences.resolution_answer(Desk(dataset)) == [
        "Half of all tickets are resolved within 14.1 days, nine in ten within 14.1 days.",
        "1 ticket created on 1 June 2026, those still open counted in.",
    ]
