"""What to act on and periods side by side, in words and tables, of hand-worked marts.

The marts are tables in memory: the sentences and tables have to say what stands in them.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from answers import Desk, listings, sentences
from answers.pictures import periods
from tests.report.test_sentences import Handmade

TABLES = """
    create table dim_carrier as select * from (values
        ('dpd', 'DPD'), ('postnl', 'PostNL'), ('ups', 'UPS')) as names (carrier, carrier_name);
    create table mart_since_yesterday as
        select *, timestamp '2026-10-01' as last_day_until
        from (values
            (4, 'approved', 'GBP', 1, 0, 80.82, 0.00, 0, 0),
            (4, 'approved', '(none)', 1, 0, 0.00, 0.00, 1, 0),
            (4, 'approved', '(all)', 2, 1, null, null, 1, 0),
            (4, 'approved', 'EUR', 0, 1, 0.00, 273.42, 0, 0),
            (1, 'opened', '(all)', 1, 9, null, null, 0, 0)
        ) as told (
            kind_no, kind, currency, last_day, day_before, last_day_amount, day_before_amount,
            last_day_missing_amounts, day_before_missing_amounts
        );
    create table mart_unpaid_approvals as select * from (values
        (1, '0-30', 'dpd', 'EUR', 1, 20.00, 0), (4, '90+', 'dpd', 'EUR', 2, 110.50, 0),
        (4, '90+', 'ups', 'GBP', 1, 40.00, 0), (2, '31-60', 'ups', '(none)', 1, 0.00, 1)
    ) as told (age_band_no, age_band, carrier, currency, tickets, amount, missing_amounts);
    create table fct_unpaid_approvals as select * from (values
        (1, 'A1', 'dpd', 'lost', timestamp '2026-09-20', 11, 'EUR', 20.00, 'wait'),
        (2, 'A2', 'dpd', 'damaged', timestamp '2026-03-01', 214, 'EUR', 30.50, 'ask_for_payment'),
        (3, null, 'dpd', 'lost', timestamp '2026-04-01', 183, 'EUR', 80.00, 'ask_for_payment'),
        (4, 'A4', 'ups', 'lost', timestamp '2026-01-01', 273, 'GBP', 40.00, 'look_up'),
        (5, 'A5', 'ups', 'lost', timestamp '2026-08-15', 47, '(none)', null, 'ask_for_amount')
    ) as told (
        ticket_id, order_number, carrier, ticket_type, approved_at, age_days, currency, amount,
        next_step
    );
    create table mart_standing_still as select * from (values
        ('carrier', 40, 12, 12, 7, 8, 3, 3, 57600, 10.55, 4),
        ('merchant', 9, 5, 6, 2, 2, 1, 2, 44640, 3.0, 0)
    ) as told (
        waiting_on, open_tickets, unchanged_7d, unchanged_7d_at_most, unchanged_14d,
        unchanged_14d_at_most, unchanged_30d, unchanged_30d_at_most, longest_unchanged_minutes,
        median_status_days, status_not_watched
    );
"""


@pytest.fixture
def desk() -> Desk:
    dataset = Handmade()
    dataset.change(TABLES)
    return Desk(dataset)


def test_the_last_day_and_the_one_before_are_told_with_what_claims_came_to(desk) -> None:
    assert sentences.yesterday_answer(desk) == [
        (
            "In the 24 hours up to 1 October 2026, 00:00 UTC: 1 ticket opened and 2 claims "
            "approved (GBP 80.82 and 1 without an amount)."
        ),
        "In the 24 hours before: 9 tickets opened and 1 claim approved (EUR 273).",
    ]


def test_each_event_is_a_row_and_its_money_a_row_per_currency(desk) -> None:
    frame = listings.since_yesterday(desk)

    assert frame.to_dict("split")["data"] == [
        ["Tickets opened", 1, None, 9, None],
        ["Claims approved", 2, None, 1, None],
        ["Claims approved, EUR", 0, Decimal("0.00"), 1, Decimal("273.42")],
        ["Claims approved, GBP", 1, Decimal("80.82"), 0, Decimal("0.00")],
        ["Claims approved, currency not known", 1, Decimal("0.00"), 0, Decimal("0.00")],
    ]


def test_what_is_approved_and_not_paid_is_told_by_age_and_by_what_to_do(desk) -> None:
    assert sentences.unpaid_answer(desk) == [
        ("On 1 October 2026 5 approved claims are not marked as paid, EUR 130 and GBP 40.00."),
        "3 of them were approved more than 90 days ago, EUR 110 and GBP 40.00.",
        "1 of them is without an amount and in no sum.",
        (
            "Of all 5: 2 to ask the carrier for payment, 1 to ask for the amount, 1 to look up, as "
            "the API has them no longer and 1 to wait for, approved within 30 days."
        ),
        (
            "Status claim_paid is the API's only word on payment: a carrier may have paid without "
            "anybody moving the ticket."
        ),
    ]


def test_the_list_to_ask_about_leaves_out_what_is_to_be_waited_for(desk) -> None:
    frame = listings.unpaid_approvals(desk)

    assert frame[["Ticket", "Carrier", "Days ago", "Currency", "Approved amount"]].to_dict("split")[
        "data"
    ] == [
        [3, "DPD", 183, "EUR", Decimal("80.00")],
        [2, "DPD", 214, "EUR", Decimal("30.50")],
        [4, "UPS", 273, "GBP", Decimal("40.00")],
        [5, "UPS", 47, "–", None],  # noqa: RUF001 (a dash is meant)
    ]
    assert list(frame["To do"]) == [
        "Ask for payment",
        "Ask for payment",
        "Look it up: the API has it no longer",
        "Ask for the amount",
    ]


def test_nothing_unpaid_is_said_so(desk) -> None:
    desk.dataset.change("delete from mart_unpaid_approvals")

    assert sentences.unpaid_answer(desk) == ["Every approved claim is marked as paid."]


def test_what_stands_still_is_told_with_its_bound(desk) -> None:
    assert sentences.standing_answer(desk) == [
        "Of 49 open tickets 17 have stood still for 7 days or more, 9 for 14 and 4 for 30.",
        (
            "Unchanged up to the last sight of each: same status, same stage, nothing asked for or "
            "met. A change between two syncs has no exact moment: at most 18 for 7 days and 5 for "
            "30. 1 October 2026, 00:00 UTC."
        ),
    ]
    assert listings.is_few(listings.standing_still(desk)) == [False, True]


PERIODS = """
    create table mart_period_comparison as
        select *, '{zone}' as time_zone, 'all' as segment_type, 'all' as segment,
            timestamp '2026-10-14 22:00:00' as until_moment
        from (values
            ('month', 'this', date '2026-10-01', {is_complete}, 40, 1, 30, 0, 11, 0.7317,
                12, 10, 5, 4, 0.5, 0.2366, 0.7634, null, null, null),
            ('month', 'before', date '2026-09-01', {is_complete}, 60, 0, 66, 1, -7, 1.1,
                20, 0, 0, 0, null, null, null, 212, 190, 260)
        ) as told (
            period_type, period, period_start, is_complete, opened, reopened, closed, vanished, net,
            closing_ratio, claims, decided, approved, approved_marked_paid, approval_rate,
            approval_rate_lo, approval_rate_hi, median_hours, median_hours_lo, median_hours_hi
        );
    create table mart_period_payouts as select * from (values
        ('month', 'this', 'EUR', 4, 1, 120.00, 90.00, 30.00),
        ('month', 'this', '(none)', 2, 1, 7.5, 0, 7.5)
    ) as told (
        period_type, period, currency, approved, missing_amounts, approved_amount,
        marked_paid_amount, not_marked_paid_amount
    );
"""


def test_a_month_that_is_not_over_is_compared_up_to_the_same_moment_and_says_so(desk) -> None:
    desk.dataset.change(PERIODS.format(zone="Europe/Amsterdam", is_complete="false"))

    assert sentences.periods_answer(desk) == [
        (
            "Oct 2026 so far: 40 tickets opened, 30 closed, net +11; Sep 2026 up to then: "
            "60 tickets opened, 66 closed, net -7."
        ),
        (
            "10 claims decided, 50 % approved (95 %: 24 to 76 %; few, so it may be far off) in "
            "Oct 2026 so far, none was decided in Sep 2026 up to then."
        ),
        "Approved EUR 120 (of it EUR 30.00 not marked as paid); before nothing.",
        (
            "Half of the tickets created in Oct 2026 so far are resolved within a time not reached "
            "yet, of those of Sep 2026 up to then within 8.8 days (95 %: 7.9 to 10.8 days), open "
            "ones counted in."
        ),
        (
            "Counted up to 14 October 2026, 22:00 UTC, and in the month before up to the same "
            "moment in it, by Europe/Amsterdam."
        ),
    ]


@pytest.mark.parametrize(
    ("is_complete", "said"),
    [
        (True, "In Oct 2026 (blue), and in Sep 2026 (grey)."),
        (
            False,
            (
                "In Oct 2026 so far (blue), and in Sep 2026 up to then (grey). Both up to the same "
                "moment in the month."
            ),
        ),
    ],
)
def test_a_picture_of_volumes_names_both_months(desk, is_complete: bool, said: str) -> None:
    desk.dataset.change(PERIODS.format(zone="UTC", is_complete=is_complete))
    desk.dataset.change(
        "update mart_period_comparison set segment_type = 'carrier', segment = 'dpd'"
    )

    heading = periods.volume(desk, "carrier").to_dict()["title"]
    assert " ".join(heading["subtitle"]) == said


def test_what_waits_for_the_merchant_leaves_out_what_is_answered_and_counts_it(desk) -> None:
    """Ticket 3 was never asked for anything: it waits all the same. Ticket 2 was, and answered."""
    desk.dataset.change("""
        create table fct_open_claim_exposure as
        select *, 'A' || ticket_id as order_number, 'dpd' as carrier, 'lost' as ticket_type,
            'pending' as status, 'merchant' as waiting_on, 'EUR' as currency,
            1440 as age_minutes, 0.5 as p_approval, 80 as expected_amount_if_approved
        from (values (1, 2880, false, 40), (2, null, true, 30), (3, null, false, 20)) as told (
            ticket_id, oldest_request_minutes, is_nothing_outstanding, expected_payout_amount
        )
    """)

    assert list(listings.money_at_risk(desk, "EUR")["Ticket"]) == [1, 3]
    assert listings.nothing_asked(desk, "EUR") == 1


def test_whole_months_stand_beside_each_other_under_their_names(desk) -> None:
    desk.dataset.change(PERIODS.format(zone="UTC", is_complete="true"))
    frame = listings.periods(desk).set_index("What")

    assert list(frame.columns) == ["Oct 2026", "Sep 2026"]
    assert frame.loc["Approved of decided"].tolist() == ["50 % (24 to 76 %)", "–"]  # noqa: RUF001
    assert frame.loc["Half resolved within"].tolist() == [
        "not reached",
        "8.8 days (7.9 to 10.8 days)",
    ]
    assert frame.loc["Approved, EUR"].tolist() == ["120.00", "–"]  # noqa: RUF001
    assert frame.loc["Approved, currency not known"].tolist() == ["7.50", "–"]  # noqa: RUF001
    assert frame.loc["Approved without an amount"].tolist() == ["2", "–"]  # noqa: RUF001
