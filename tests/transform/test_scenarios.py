"""Whole builds over small accounts, made by hand: empty where empty, nothing invented."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.transform.project import Project

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
CREATED = datetime(2026, 3, 1, tzinfo=UTC)


def ticket(number: int, **fields: Any) -> dict[str, Any]:
    """A ticket last seen at noon of the 10th; what is not told is ordinary."""
    return {
        "id": number,
        "status": "waiting_for_carrier",
        "stage": "in_progress",
        "type": "lost",
        "carrier": "dpd",
        "created_at": CREATED,
        "first_seen_at": CREATED + timedelta(hours=1),
        "last_seen_at": NOON,
    } | fields


def resolution(number: int, **fields: Any) -> dict[str, Any]:
    solved = CREATED + timedelta(days=5)
    return {"ticket_id": number, "outcome": "claim_approved", "solved_at": solved} | fields


def fetch(marts: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return marts.execute(sql, values).fetchall()


def filled(marts: duckdb.DuckDBPyConnection, project: Project) -> set[str]:
    return {name for name in project.marts if fetch(marts, f"from {name} limit 1")}


def test_an_empty_account_gives_every_mart_and_no_row(project: Project) -> None:
    marts = project.build()

    assert filled(marts, project) == set()


def test_a_single_open_ticket_is_told_and_nothing_else(project: Project) -> None:
    marts = project.build({"tickets": [ticket(1)]})

    assert filled(marts, project) == {
        "dim_calendar",
        "dim_carrier",
        "fct_daily_backlog",
        "fct_open_tickets",
        "fct_status_spans",
        "fct_ticket_resolution",
        "mart_period_comparison",
        "mart_resolution_summary",
        "mart_resolution_survival",
        *("mart_since_yesterday", "mart_standing_still"),
        "mart_watched_survival",
    }
    assert fetch(
        marts,
        "select segment_type, tickets, resolved, median_hours, naive_median_hours, rmst_30d, "
        "resolved_within_7d from mart_resolution_summary order by segment_type",
    ) == [
        (kind, 1, 0, None, None, None, None)
        for kind in ("all", "carrier", "carrier_and_type", "created_month", "ticket_type")
    ]
    assert fetch(
        marts,
        "select hours, n_risk, survival, survival_lo from mart_resolution_survival "
        "where segment_type = 'all'",
    ) == [(9 * 24 + 12, 1, 1.0, 1.0)]


def test_only_open_tickets_have_no_expected_payout(project: Project) -> None:
    """Nothing was ever approved: there is nothing to expect, and 0 would be a statement."""
    marts = project.build({"tickets": [ticket(1), ticket(2, carrier=None, type=None)]})

    assert fetch(marts, "from fct_open_claim_exposure") == []
    assert fetch(marts, "from mart_claim_exposure") == []
    assert fetch(marts, "from mart_approval_rates") == []
    assert fetch(marts, "select carrier, tickets from dim_carrier order by carrier") == [
        ("(none)", 1),
        ("dpd", 1),
    ]


def test_resolved_tickets_without_claims_leave_the_claim_marts_empty(project: Project) -> None:
    marts = project.build(
        {
            "tickets": [ticket(1, status="solved", type="delayed"), ticket(2)],
            "tickets__resolution": [resolution(1, outcome="delivered")],
        }
    )

    money = [
        "fct_claim_payouts",
        "fct_open_claim_exposure",
        "mart_approval_rates",
        "mart_claim_development",
        "mart_claim_exposure",
        "mart_claims_monthly",
        "mart_payout_lag",
        "mart_payouts_monthly",
    ]
    assert filled(marts, project) & set(money) == set()
    assert fetch(
        marts,
        "select ticket_id, first_resolved_at, outcome_group from fct_ticket_resolution order by 1",
    ) == [(1, datetime(2026, 3, 6), "delivered_or_returned"), (2, None, None)]


def test_a_resolution_without_a_date_is_dated_by_history_then_by_the_last_update(
    project: Project,
) -> None:
    """Ticket 1 has a date. 2 was seen to close. 3 was closed at first sight, updated on the 4th;
    4 too, and tells no update. 5 is closed without any resolution."""
    closed = {"status": "solved", "first_seen_at": NOON}
    marts = project.build(
        {
            "tickets": [
                ticket(1, **closed),
                ticket(2, status="solved"),
                ticket(3, updated_at=datetime(2026, 3, 4, tzinfo=UTC), **closed),
                ticket(4, **closed),
                ticket(5, updated_at=datetime(2026, 3, 4, tzinfo=UTC), **closed),
            ],
            "tickets__resolution": [
                resolution(1),
                *[resolution(number, solved_at=None) for number in (2, 3, 4)],
            ],
            "ticket_status_history": [
                {
                    "ticket_id": 2,
                    "status": "pending",
                    "stage": "in_progress",
                    "seen_at": CREATED + timedelta(hours=1),
                },
                {
                    "ticket_id": 2,
                    "status": "solved",
                    "stage": "in_progress",
                    "seen_at": datetime(2026, 3, 8, tzinfo=UTC),
                    "previously_seen_at": datetime(2026, 3, 7, tzinfo=UTC),
                },
            ],
        }
    )

    assert fetch(
        marts,
        "select ticket_id, resolved_at, resolved_at_source, outcome_group, history_is_complete "
        "from fct_ticket_resolution order by ticket_id",
    ) == [
        (1, datetime(2026, 3, 6), "api", "claim_approved", False),
        (2, datetime(2026, 3, 8), "history", "claim_approved", True),
        (3, datetime(2026, 3, 4), "updated_at", "claim_approved", False),
        (4, datetime(2026, 3, 10, 12), "history", "claim_approved", False),
        (5, datetime(2026, 3, 4), "updated_at", "unknown", False),
    ]


def test_a_vanished_ticket_leaves_the_backlog_when_it_was_missed(project: Project) -> None:
    """Last seen on the 5th, missed on the 7th: open until then, never resolved."""
    marts = project.build(
        {
            "tickets": [
                ticket(
                    1,
                    last_seen_at=datetime(2026, 3, 5, tzinfo=UTC),
                    vanished_at=datetime(2026, 3, 7, 6, tzinfo=UTC),
                ),
                ticket(2, status="solved"),
            ],
            "tickets__resolution": [resolution(2)],
        }
    )

    assert fetch(
        marts,
        "select date_day, sum(opened), sum(resolved), sum(vanished), sum(open_at_end) "
        "from fct_daily_backlog group by 1 order by 1",
    ) == [
        (date(2026, 3, 1), 2, 0, 0, 2),
        *[(date(2026, 3, day), 0, 0, 0, 2) for day in range(2, 6)],
        (date(2026, 3, 6), 0, 1, 0, 1),
        (date(2026, 3, 7), 0, 0, 1, 0),
        *[(date(2026, 3, day), 0, 0, 0, 0) for day in range(8, 11)],
    ]
    assert fetch(
        marts,
        "select is_open, is_resolved, duration_seconds from fct_ticket_resolution "
        "where ticket_id = 1",
    ) == [(False, False, 4 * 86_400)]


def test_money_in_two_currencies_is_never_added(project: Project) -> None:
    amounts = [("EUR", "149.99"), ("EUR", "0.01"), ("GBP", "50"), ("EUR", "0"), (None, None)]
    marts = project.build(
        {
            "tickets": [ticket(n, status="claim_paid") for n in range(len(amounts))],
            "tickets__resolution": [
                resolution(n, currency=currency, amount=amount and Decimal(amount))
                for n, (currency, amount) in enumerate(amounts)
            ],
        }
    )

    assert fetch(
        marts,
        "select payout_month, currency, approved, payouts, zero_amounts, missing_amounts, "
        "paid_amount, mean_amount, median_amount, paid_amount_reporting "
        "from mart_payouts_monthly order by currency",
    ) == [
        (date(2026, 3, 1), "(none)", 1, 0, 0, 1, Decimal(0), None, None, None),
        (date(2026, 3, 1), "EUR", 3, 2, 1, 0, Decimal(150), 75.0, 75.0, None),
        (date(2026, 3, 1), "GBP", 1, 1, 0, 0, Decimal(50), 50.0, 50.0, None),
    ]


def test_the_chain_ladder_of_a_hand_made_triangle(project: Project) -> None:
    """Created in January: 100 at once, 50 a month later, 30 after two; in February: 200, then 80;
    each 30 times.

    March is not over. From the first to the second month it grew from 300 to 450, by 1.5; from
    the second to the third from nothing observed but January's 150, whose third month is March.
    """
    created = {"jan": datetime(2026, 1, 10, tzinfo=UTC), "feb": datetime(2026, 2, 10, tzinfo=UTC)}
    paid = [("jan", 0, 100), ("jan", 1, 50), ("jan", 2, 30), ("feb", 0, 200), ("feb", 1, 80)] * 30
    marts = project.build(
        {
            "tickets": [
                ticket(n, status="claim_paid", created_at=created[month], first_seen_at=NOON)
                for n, (month, _, _) in enumerate(paid)
            ],
            "tickets__resolution": [
                resolution(
                    n,
                    amount=Decimal(amount),
                    currency="EUR",
                    solved_at=min(
                        datetime(2026, created[month].month + later, 20, tzinfo=UTC),
                        NOON - timedelta(days=1),
                    ),
                )
                for n, (month, later, amount) in enumerate(paid)
            ],
        }
    )

    rows = fetch(
        marts,
        "select origin_month, dev_month, is_observed, paid_amount / 30, "
        "cumulative_paid_amount / 30, development_factor, projected_amount / 30 "
        "from mart_claim_development order by 1, 2",
    )
    assert [(row[0].month, *row[1:]) for row in rows] == [
        (1, 0, True, Decimal(100), Decimal(100), None, 100.0),
        (1, 1, True, Decimal(50), Decimal(150), pytest.approx(1.5), 150.0),
        (1, 2, False, Decimal(30), Decimal(180), None, None),
        (2, 0, True, Decimal(200), Decimal(200), None, 200.0),
        (2, 1, False, Decimal(80), Decimal(280), pytest.approx(1.5), pytest.approx(300.0)),
        (2, 2, False, None, None, None, None),
        (3, 0, False, Decimal(0), Decimal(0), None, None),
        (3, 1, False, None, None, pytest.approx(1.5), None),
        (3, 2, False, None, None, None, None),
    ]


def exposed(project: Project, **seeds: Any) -> duckdb.DuckDBPyConnection:
    """Ten tickets of a day: after a day four were approved for 100 EUR each, one without amount,
    and one declined; five are open a day later."""
    day = CREATED + timedelta(days=1)
    done = [ticket(n, status="solved") for n in range(5)]
    still = [
        ticket(n, last_seen_at=CREATED + timedelta(days=2), order_number=f"A{n}", parcel_id=n)
        for n in range(5, 10)
    ]
    return project.build(
        {
            "tickets": done + still,
            "tickets__resolution": [
                *[
                    resolution(n, solved_at=day, amount=Decimal(100), currency="EUR")
                    for n in range(3)
                ],
                resolution(3, solved_at=day),
                resolution(4, solved_at=day, outcome="claim_declined"),
            ],
        },
        seeds=seeds,
    )


def test_an_open_ticket_older_than_every_resolution_is_expected_to_pay_nothing(
    project: Project,
) -> None:
    assert fetch(
        exposed(project),
        "select currency, open_tickets, expected_approved, expected_payout_amount "
        "from mart_claim_exposure where segment_type = 'all'",
    ) == [("EUR", 5, 0.0, 0.0)]


def test_the_chance_of_an_open_ticket_is_that_of_those_as_old(project: Project) -> None:
    """Of ten, two were declined on day 1 and two approved on day 3, for 90 EUR and without amount;
    one is open at 2 days, the others at 9 and more. Of the eight left on day 2 one had left unseen,
    so two of seven were approved on day 3: 2/7, times a mean of 45 EUR."""
    after = {n: CREATED + timedelta(days=1 if n < 2 else 3) for n in range(4)}
    marts = project.build(
        {
            "tickets": [
                *[ticket(n, status="solved") for n in range(4)],
                ticket(4, last_seen_at=CREATED + timedelta(days=2)),
                *[ticket(n) for n in range(5, 10)],
            ],
            "tickets__resolution": [
                *[resolution(n, solved_at=after[n], outcome="claim_declined") for n in (0, 1)],
                resolution(2, solved_at=after[2], amount=Decimal(90), currency="EUR"),
                resolution(3, solved_at=after[3], currency="EUR"),
            ],
        }
    )

    assert fetch(
        marts,
        "select ticket_id, p_approval, expected_amount_if_approved, expected_payout_amount "
        "from fct_open_claim_exposure where ticket_id in (4, 5) order by 1",
    ) == [
        (4, pytest.approx(2 / 7), 45.0, pytest.approx(90 / 7)),
        (5, 0.0, 45.0, 0.0),
    ]


@pytest.mark.parametrize("amount", ["33.10", "0.0001", "149.99", "1234567.8901"])
def test_equal_amounts_have_no_spread(project: Project, amount: str) -> None:
    marts = project.build(
        {
            "tickets": [*[ticket(n, status="solved") for n in range(3)], ticket(3), ticket(4)],
            "tickets__resolution": [
                resolution(n, amount=Decimal(amount), currency="EUR") for n in range(3)
            ],
        }
    )

    assert fetch(
        marts,
        "select ticket_id, expected_amount_if_approved, expected_amount_if_approved_se "
        "from fct_open_claim_exposure order by 1",
    ) == [
        (n, pytest.approx(float(amount)), pytest.approx(0, abs=1e-6 * float(amount)))
        for n in (3, 4)
    ]


def test_a_known_claim_value_replaces_the_mean(project: Project) -> None:
    values = [
        {"order_number": "A5", "value": Decimal(700), "currency": "gbp"},
        {"parcel_id": 6, "value": Decimal(80), "currency": "EUR"},
    ]
    assert fetch(
        exposed(project, claim_values=values),
        "select ticket_id, currency, is_value_known, expected_amount_if_approved "
        "from fct_open_claim_exposure order by 1",
    ) == [
        (5, "GBP", True, 700.0),
        (6, "EUR", True, 80.0),
        *[(n, "EUR", False, pytest.approx(0.75 * 100)) for n in (7, 8, 9)],
    ]


def test_requests_seen_late_count_only_from_then_on(project: Project) -> None:
    """Two requests of the 1st. The first was watched from the start and met after 10 hours. The
    second was 20 hours old when first seen and met after 30: nobody knows how many like it were
    met before, so at 10 hours one of one was met, and at 30 hours one of one."""
    marts = project.build(
        {
            "tickets": [ticket(1)],
            "requested_action_history": [
                {
                    "ticket_id": 1,
                    "id": number,
                    "data_type": "other",
                    "created_at": CREATED,
                    "first_seen_at": CREATED + timedelta(hours=first),
                    "last_seen_at": CREATED + timedelta(hours=last),
                    "first_missing_at": CREATED + timedelta(hours=last),
                }
                for number, first, last in ((11, 0, 10), (12, 20, 30), (13, 0, 40), (14, 0, 50))
            ],
        }
    )

    # at 10 h 1 of 3 watched, at 30 h 1 of 3, at 40 h 1 of 2, at 50 h the last one
    assert fetch(
        marts,
        "select requests, met, outstanding, median_hours, p75_hours, p90_hours "
        "from mart_request_summary where data_type = 'all'",
    ) == [(4, 4, 0, 30, 40, 50)]


def test_unknown_words_are_kept_and_counted_as_unknown(project: Project) -> None:
    marts = project.build(
        {
            "tickets": [ticket(1, status="teleported"), ticket(2, status="solved")],
            "tickets__resolution": [resolution(2, outcome="beamed_up")],
        }
    )

    assert fetch(
        marts,
        "select ticket_id, status, waiting_on, is_open, outcome, outcome_group "
        "from fct_ticket_resolution order by 1",
    ) == [
        (1, "teleported", "unknown", True, None, None),
        (2, "solved", "done", False, "beamed_up", "unknown"),
    ]


def test_impossible_moments_of_the_api_give_no_negative_times(project: Project) -> None:
    """Solved before it was created, and updated after it was last seen."""
    marts = project.build(
        {
            "tickets": [
                ticket(1, status="solved", updated_at=NOON + timedelta(days=3)),
                ticket(2, created_at=NOON + timedelta(hours=1), first_seen_at=NOON),
            ],
            "tickets__resolution": [resolution(1, solved_at=CREATED - timedelta(days=3))],
        }
    )

    assert fetch(
        marts,
        "select ticket_id, duration_seconds, first_resolution_calendar_minutes, "
        "unsolved_ticket_age_minutes from fct_ticket_resolution order by 1",
    ) == [(1, 0, 0, None), (2, 0, None, 0)]
    assert fetch(marts, "select min(calendar_seconds) from fct_status_spans") == [(0,)]
    assert not any(
        isinstance(value, float) and math.isnan(value)
        for row in fetch(marts, "from mart_resolution_summary")
        for value in row
    )
