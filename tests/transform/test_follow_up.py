"""What is to be followed up: each mart over an account made by hand, with the rows worked out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.transform.project import Project
from tests.transform.test_scenarios import CREATED, NOON, fetch, resolution, ticket

LONG_AGO = datetime(2025, 11, 1, tzinfo=UTC)
HERE = NOON.replace(tzinfo=None)


def days_ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def old(number: int, **fields: Any) -> dict[str, Any]:
    return ticket(number, created_at=LONG_AGO, first_seen_at=LONG_AGO, **fields)


def approved(number: int, days: float, amount: int | None, currency: str | None) -> dict[str, Any]:
    money = None if amount is None else Decimal(amount)
    return resolution(number, solved_at=days_ago(days), amount=money, currency=currency)


@pytest.fixture(scope="module")
def unpaid(project: Project) -> duckdb.DuckDBPyConnection:
    """Eight approvals, 1 to 8, and of 9 and 10 one is paid and one was declined. The approval of 8
    was taken back once; what stands is the second."""
    seen = {"ticket_id": 8, "currency": "EUR"}
    yes = {"outcome": "claim_approved", "amount": Decimal(70)}
    return project.build(
        {
            "tickets": [
                *[old(number, status="solved") for number in range(1, 6)],
                old(6, status="solved", last_seen_at=days_ago(2), vanished_at=days_ago(1)),
                old(7, carrier="ups"),
                old(8, status="solved"),
                old(9, status="claim_paid"),
                old(10, status="solved"),
            ],
            "tickets__resolution": [
                approved(1, 30.9, 100, "EUR"),
                approved(2, 31, 50, "EUR"),
                approved(3, 60, None, None),
                approved(4, 90, 20, None),
                approved(5, 91, 0, "EUR"),
                approved(6, 100, 10, "GBP"),
                approved(7, 40, 40, "EUR"),
                approved(8, 6, 70, "EUR"),
                approved(9, 40, 40, "EUR"),
                approved(10, 40, None, None) | {"outcome": "claim_declined"},
            ],
            "resolution_history": [
                seen | yes | {"seen_at": days_ago(60), "solved_at": days_ago(61)},
                seen | {"currency": None, "seen_at": days_ago(30)},
                seen | yes | {"seen_at": days_ago(5), "solved_at": days_ago(6)},
            ],
        }
    )


def test_an_approval_not_marked_as_paid_has_its_age_and_a_next_step(unpaid: Any) -> None:
    rows = fetch(
        unpaid,
        "select ticket_id, age_days, age_band, amount, currency, next_step "
        "from fct_unpaid_approvals order by ticket_id",
    )
    assert rows == [
        (1, 30, "0-30", 100, "EUR", "wait"),
        (2, 31, "31-60", 50, "EUR", "ask_for_payment"),
        (3, 60, "31-60", None, "(none)", "ask_for_amount"),
        (4, 90, "61-90", 20, "(none)", "ask_for_currency"),
        (5, 91, "90+", 0, "EUR", "none"),
        (6, 100, "90+", 10, "GBP", "look_up"),
        (7, 40, "31-60", 40, "EUR", "ask_for_payment"),
        (8, 6, "0-30", 70, "EUR", "wait"),
    ]
    assert fetch(
        unpaid, "select approved_at, known_at from fct_unpaid_approvals where ticket_id = 8"
    ) == [(HERE - timedelta(days=6), HERE - timedelta(days=5))]


def test_what_has_no_amount_or_no_currency_is_a_row_of_the_sums(unpaid: Any) -> None:
    rows = fetch(
        unpaid,
        "select age_band, carrier, currency, tickets, amount, missing_amounts, zero_amounts, "
        "vanished from mart_unpaid_approvals order by age_band_no, carrier, currency",
    )
    assert rows == [
        ("0-30", "dpd", "EUR", 2, 170, 0, 0, 0),
        ("31-60", "dpd", "(none)", 1, 0, 1, 0, 0),
        ("31-60", "dpd", "EUR", 1, 50, 0, 0, 0),
        ("31-60", "ups", "EUR", 1, 40, 0, 0, 0),
        ("61-90", "dpd", "(none)", 1, 20, 0, 0, 0),
        ("90+", "dpd", "EUR", 1, 0, 0, 1, 0),
        ("90+", "dpd", "GBP", 1, 10, 0, 0, 1),
    ]


def sighting(number: int, status: str, days: float, before: float | None, **fields: Any) -> Any:
    """A status that was seen so many days ago, and the sight before."""
    return {
        "ticket_id": number,
        "status": status,
        "stage": "in_progress",
        "seen_at": days_ago(days),
        "previously_seen_at": None if before is None else days_ago(before),
    } | fields


def test_since_yesterday_counts_a_day_and_the_day_before_by_the_moment(project: Project) -> None:
    """Syncs of every half day until noon. A moment exactly a day ago belongs to the day before, and
    one of two days ago to neither."""
    new = {"first_seen_at": NOON}
    marts = project.build(
        {
            "tickets": [
                old(1, status="claim_paid"),
                old(2, status="solved"),
                old(3),
                old(4, last_seen_at=days_ago(1.5), vanished_at=days_ago(1.2)),
                ticket(5, created_at=days_ago(0.5), **new),
                ticket(6, created_at=days_ago(1), **new),
                ticket(7, created_at=days_ago(2), **new),
            ],
            "tickets__resolution": [
                approved(1, 0.7, 500, "EUR"),
                approved(2, 1.7, None, None),
            ],
            "ticket_status_history": [
                sighting(1, "pending", 120, None),
                sighting(1, "claim_paid", 0.5, 1),
                sighting(2, "pending", 120, None),
                sighting(2, "solved", 1.5, 2),
                sighting(3, "pending", 120, None),
                sighting(3, "solved", 50, 51),
                sighting(3, "pending", 0.5, 1),
            ],
            "requested_action_history": [
                {
                    "ticket_id": 3,
                    "id": number,
                    "data_type": "sales_invoice",
                    "created_at": days_ago(days),
                    "first_seen_at": NOON,
                    "last_seen_at": NOON,
                }
                for number, days in enumerate([0.1, 0.2, 1.4])
            ],
        }
    )

    rows = fetch(
        marts,
        "select kind, currency, last_day, day_before, last_day_amount, day_before_amount, "
        "last_day_missing_amounts, day_before_missing_amounts "
        "from mart_since_yesterday order by kind_no, currency",
    )
    assert rows == [
        ("opened", "(all)", 1, 1, None, None, 0, 0),
        ("closed", "(all)", 1, 1, None, None, 0, 0),
        ("reopened", "(all)", 1, 0, None, None, 0, 0),
        ("approved", "(all)", 1, 1, None, None, 0, 1),
        ("approved", "(none)", 0, 1, 0, 0, 0, 1),
        ("approved", "EUR", 1, 0, 500, 0, 0, 0),
        ("paid", "(all)", 1, 0, None, None, 0, 0),
        ("paid", "EUR", 1, 0, 500, 0, 0, 0),
        ("vanished", "(all)", 0, 1, None, None, 0, 0),
        ("asked", "(all)", 2, 1, None, None, 0, 0),
    ]


def test_the_first_load_brings_no_news_of_what_is_paid(project: Project) -> None:
    """A claim that was paid at its first sight, nobody tells when, and one paid 0.3 days ago."""
    first = {"status": "claim_paid", "first_seen_at": NOON, "created_at": LONG_AGO}
    marts = project.build(
        {"tickets": [ticket(1, **first), ticket(2, **first, updated_at=days_ago(0.3))]}
    )

    assert fetch(
        marts,
        "select currency, last_day, last_day_amount, last_day_missing_amounts "
        "from mart_since_yesterday where kind = 'paid' order by 1",
    ) == [("(all)", 1, None, 1), ("(none)", 1, 0, 1)]


@pytest.fixture(scope="module")
def standing(project: Project) -> duckdb.DuckDBPyConnection:
    """1 began to wait for the carrier between 8.5 and 7.5 days ago. 2 too, and changed its stage 2
    days ago. 3 was first seen now, updated 6.5 days ago. 4 was asked for an invoice a day ago."""
    return project.build(
        {
            "tickets": [
                ticket(1),
                ticket(2),
                ticket(3, first_seen_at=NOON, updated_at=days_ago(6.5)),
                ticket(4, status="customer_documents_requested"),
                ticket(5, status="solved"),
            ],
            "tickets__resolution": [resolution(5, outcome="delivered")],
            "ticket_status_history": [
                sighting(1, "pending", 9, None, changed_at=None),
                sighting(1, "waiting_for_carrier", 7.5, 8.5),
                sighting(2, "pending", 9, None),
                sighting(2, "waiting_for_carrier", 7.5, 8.5),
                sighting(2, "waiting_for_carrier", 2, 3, stage="communicated"),
                sighting(4, "customer_documents_requested", 9, None),
            ],
            "requested_action_history": [
                {
                    "ticket_id": 4,
                    "id": 1,
                    "data_type": "sales_invoice",
                    "created_at": days_ago(1),
                    "first_seen_at": NOON,
                    "last_seen_at": NOON,
                }
            ],
        }
    )


def test_an_open_ticket_has_bounds_of_its_status_and_of_its_standstill(standing: Any) -> None:
    """In days. 3 may have had its status since its creation, 9.5 days ago."""
    rows = fetch(
        standing,
        "select ticket_id, waiting_on, status_minutes / 1440, status_minutes_min / 1440, "
        "status_minutes_max / 1440, is_status_watched, unchanged_minutes_min / 1440, "
        "unchanged_minutes_max / 1440, outstanding_requests from fct_open_tickets order by 1",
    )
    assert (NOON - CREATED).total_seconds() / 86_400 == 9.5
    assert rows == [
        (1, "carrier", 7.5, 7.5, 8.5, True, 7.5, 8.5, 0),
        (2, "carrier", 7.5, 7.5, 8.5, True, 2, 3, 0),
        (3, "carrier", 6.5, 6.5, 9.5, False, 6.5, 6.5, 0),
        (4, "merchant", 9.5, 9.5, 9.5, True, 1, 1, 1),
    ]


def test_what_stands_still_is_counted_by_who_it_waits_for(standing: Any) -> None:
    rows = fetch(
        standing,
        "select waiting_on, open_tickets, unchanged_7d, unchanged_14d, longest_unchanged_minutes, "
        "median_status_days, status_not_watched, is_small from mart_standing_still order by 1",
    )
    assert rows == [
        ("carrier", 3, 1, 0, 7.5 * 1440, 7.5, 1, True),
        ("merchant", 1, 0, 0, 1440, 9.5, 0, True),
    ]
