"""Figures that once misled, each with the right value worked out by hand."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.transform.conftest import Once, compile_project
from tests.transform.project import Project
from tests.transform.test_scenarios import CREATED, NOON, exposed, fetch, resolution, ticket
from tests.transform.test_statistics import AS_OF, MOMENTS, Ticket, as_row, claims


def asked(number: int, first: float, last: float, missing: float | None) -> dict[str, Any]:
    """A request of midnight; moments in minutes after it."""
    return {
        "ticket_id": 1,
        "id": number,
        "data_type": "sales_invoice",
        "created_at": CREATED,
        "first_seen_at": CREATED + timedelta(minutes=first),
        "last_seen_at": CREATED + timedelta(minutes=last),
        "first_missing_at": None if missing is None else CREATED + timedelta(minutes=missing),
    }


def test_one_invoice_of_21_within_the_hour_is_no_median(project: Project) -> None:
    """Asked at midnight, seen at 0:55; one was there at 1:15, twenty are not two days later.
    One of 21 at risk was met: neither half nor nine tenths are reached."""
    days = 2 * 24 * 60
    requests = [asked(0, 55, 55, 75), *[asked(n, 55, days, None) for n in range(1, 21)]]
    marts = project.build({"tickets": [ticket(1)], "requested_action_history": requests})

    assert fetch(
        marts,
        "select data_type, requests, met, outstanding, median_hours, p90_hours "
        "from mart_request_summary order by 1",
    ) == [("all", 21, 1, 20, None, None), ("sales_invoice", 21, 1, 20, None, None)]


def test_requests_are_timed_to_the_second(project: Project) -> None:
    """Watched from the start, met between 30 and 40 minutes after they were asked for."""
    requests = [asked(number, 0, 30, 40) for number in range(5)]
    marts = project.build({"tickets": [ticket(1)], "requested_action_history": requests})

    assert fetch(
        marts, "select median_hours from mart_request_summary where data_type = 'all'"
    ) == [(pytest.approx(35 / 60),)]


def test_a_median_of_requests_may_be_lower_by_what_syncs_lie_apart(project: Project) -> None:
    """Half of ten are met, each between 30 and 40 minutes: the upper bound of their share reaches
    a half at the middle, 35 minutes, the lower never. Ten minutes lie between the two sights."""
    met = [asked(number, 0, 30, 40) for number in range(5)]
    waiting = [asked(number, 0, 60, None) for number in range(5, 10)]
    marts = project.build({"tickets": [ticket(1)], "requested_action_history": met + waiting})

    assert fetch(
        marts,
        "select median_hours, median_hours_lo, median_hours_hi, hours_between_sights "
        "from mart_request_summary where data_type = 'all'",
    ) == [(pytest.approx(35 / 60), pytest.approx(25 / 60), None, pytest.approx(10 / 60))]


def test_a_ticket_moves_only_where_it_waits_for_another(project: Project) -> None:
    """From 2 March at noon it has another status and waits for the carrier as before: no move. On
    the 3rd the customer is to answer, for whom the merchant stands, on the 4th the carrier again.
    """

    def seen(day: int, status: str) -> dict[str, Any]:
        at = datetime(2026, 3, day, 12, tzinfo=UTC)
        before = None if day == 1 else at - timedelta(hours=1)
        return {
            "ticket_id": 1,
            "status": status,
            "stage": "in_progress",
            "changed_at": None,
            "seen_at": at,
            "previously_seen_at": before,
        }

    words = [
        "waiting_for_carrier",
        "waiting_for_scan",
        "waiting_for_customer",
        "waiting_for_carrier",
    ]
    marts = project.build(
        {
            "tickets": [ticket(1, created_at=datetime(2026, 3, 1, 12, tzinfo=UTC))],
            "ticket_status_history": [seen(day, word) for day, word in enumerate(words, 1)],
        }
    )

    assert fetch(
        marts,
        "select date_day, waiting_on, opened, moved_in, moved_out, open_at_end "
        "from fct_daily_backlog where opened + moved_in + moved_out > 0 order by 1, 2",
    ) == [
        (date(2026, 3, 1), "carrier", 1, 0, 0, 1),
        (date(2026, 3, 3), "carrier", 0, 0, 1, 0),
        (date(2026, 3, 3), "merchant", 0, 1, 0, 1),
        (date(2026, 3, 4), "carrier", 0, 1, 0, 1),
        (date(2026, 3, 4), "merchant", 0, 0, 1, 0),
    ]


def test_a_claim_approved_without_a_date_counts_once(project: Project) -> None:
    """Ticket 1 is approved with 500 EUR, without a date, and its status still waits. It is in what
    was approved, in the month of its first sight, and not in what is to come; ticket 9 is."""
    day = CREATED + timedelta(days=1)
    marts = project.build(
        {
            "tickets": [
                ticket(1),
                *[ticket(number, status="solved") for number in range(2, 9)],
                ticket(9, created_at=NOON - timedelta(hours=3), first_seen_at=NOON),
            ],
            "tickets__resolution": [
                resolution(1, amount=Decimal(500), currency="EUR", solved_at=None),
                *[
                    resolution(number, amount=Decimal(100), currency="EUR", solved_at=day)
                    for number in range(2, 9)
                ],
            ],
        }
    )

    assert fetch(
        marts,
        "select amount_status, amount, payout_month, solved_at from fct_claim_payouts "
        "where ticket_id = 1",
    ) == [("paid", Decimal(500), date(2026, 3, 1), NOON.replace(tzinfo=None))]
    assert fetch(marts, "select distinct ticket_id from fct_open_claim_exposure") == [(9,)]
    assert fetch(marts, "select is_open from fct_ticket_resolution where ticket_id = 1") == [
        (True,)
    ]


def test_status_claim_paid_without_a_resolution_is_a_claim_whose_amount_is_missing(
    project: Project,
) -> None:
    marts = project.build({"tickets": [ticket(1, status="claim_paid")]})

    assert fetch(
        marts,
        "select outcome, outcome_group, is_decided, is_approved, amount_status, currency, "
        "is_claim_paid_status from fct_claim_payouts",
    ) == [(None, "claim_approved", True, True, "missing", "(none)", True)]
    assert fetch(marts, "select sum(approved_without_amount) from mart_claims_monthly") == [(1,)]


def lives(number: int, days: int, created: int, group: str | None = "claim_approved") -> Any:
    """Tickets created so many days ago that were resolved, or last seen open, at that age."""
    row = as_row(Ticket("dpd", "lost", 24 * days, group))
    return [row | {"created_at": AS_OF - timedelta(days=created)}] * number


def figures_of_ages(
    project: Project,
    *tickets: Any,
    columns: str = "resolved_within_7d, resolved_within_14d, resolved_within_30d, rmst_30d, "
    "rmst_60d, followed_days",
) -> tuple[Any, ...]:
    """What the summary tells of all of them."""
    rows = [row for group in tickets for row in group]
    marts = project.build(
        given={"fct_ticket_resolution": rows, "stg_as_of": [MOMENTS]},
    )
    [found] = fetch(
        marts, f"select {columns} from mart_resolution_summary where segment_type = 'all'"
    )
    return found


def test_figures_of_an_age_need_thirty_tickets_that_could_be_followed_so_long(
    project: Project,
) -> None:
    """67 tickets of the last 29 days: 65 were resolved on day 5, one on day 29, and one is open
    since ten days. The curve ends at 0 on day 29; it is not 100 % within 30 days."""
    found = figures_of_ages(project, lives(65, 5, 29), lives(1, 29, 29), lives(1, 10, 10, None))

    assert found == (pytest.approx(65 / 67), pytest.approx(65 / 67), None, None, None, 29.0)


def test_a_segment_whose_tickets_were_all_resolved_early_is_told_as_a_slow_one_is(
    project: Project,
) -> None:
    """Forty tickets of 100 days ago. On day 60 of the quick ones none is at risk, of the slow ones
    ten: that is what became of them, and both could be followed."""
    quick = figures_of_ages(project, lives(36, 5, 100), lives(3, 20, 100), lives(1, 40, 100))
    slow = figures_of_ages(project, lives(26, 5, 100), lives(4, 20, 100), lives(10, 100, 100, None))

    assert quick == pytest.approx(
        (0.9, 0.9, 39 / 40, (36 * 5 + 3 * 20 + 30) / 40, (36 * 5 + 3 * 20 + 40) / 40, 100)
    )
    assert slow == pytest.approx(
        (0.65, 0.65, 0.75, (26 * 5 + 4 * 20 + 300) / 40, (26 * 5 + 4 * 20 + 600) / 40, 100)
    )


def test_a_mean_of_a_segment_without_long_ones_is_not_certain_that_there_are_none(
    project: Project,
) -> None:
    """The root of (36 * 2^2 + 3 * 13^2 + 33^2) / 40^2 is 1.04. With two more open and two more
    resolved 2 of 44 are open on day 60, 53 days longer than the mean of 7: 1.66."""
    columns = "rmst_60d, rmst_60d_se"
    tickets = lives(36, 5, 100), lives(3, 20, 100), lives(1, 40, 100)

    found = figures_of_ages(project, *tickets, columns=columns)

    assert found == pytest.approx((7, 53 * math.sqrt(2 * 42 / 44**3)))


def test_beyond_the_last_ticket_a_curve_tells_nothing_unless_that_was_resolved(
    project: Project,
) -> None:
    """Thirty could be followed for 100 days and were resolved on day 5. One more is ten days old
    and open: how long those 3 % take nobody knows yet."""
    found = figures_of_ages(project, lives(30, 5, 100), lives(1, 10, 10, None))

    assert found == (pytest.approx(30 / 31), None, None, None, None, 100.0)


def test_what_vanished_could_be_followed_until_then(project: Project) -> None:
    """Thirty of 100 days ago, of which one was last seen on day 20 and is gone since day 40."""
    gone = [row | {"vanished_at": AS_OF - timedelta(days=60)} for row in lives(1, 20, 100, None)]
    found = figures_of_ages(project, lives(29, 50, 100), gone)

    assert found == (0.0, 0.0, 0.0, 30.0, None, 40.0)


def test_an_adjusted_rate_has_the_intervals_of_its_cells(project: Project) -> None:
    """MOVER: the rate of DPD is .6 * 9/10 + .4 * 4/20; its bounds are as far away as the root of
    the squares of how far away Wilson's are in each cell, by weight. statsmodels computes those."""
    rows = [
        *claims(9, 1, "dpd", "lost"),
        *claims(4, 16, "dpd", "damaged"),
        *claims(40, 10, "ups", "lost"),
        *claims(2, 18, "ups", "damaged"),
    ]
    marts = project.build(given={"fct_claim_payouts": rows})

    [(rate, lo, hi)] = fetch(
        marts,
        "select mix_adjusted_rate, mix_adjusted_rate_lo, mix_adjusted_rate_hi "
        "from mart_approval_rates where segment_type = 'carrier' and segment = 'dpd'",
    )
    cells = [(0.6, 9, 10), (0.4, 4, 20)]
    wilson = [(w, k / n, *proportion_confint(k, n, method="wilson")) for w, k, n in cells]
    below = math.sqrt(sum((w * (p - lower)) ** 2 for w, p, lower, _ in wilson))
    above = math.sqrt(sum((w * (upper - p)) ** 2 for w, p, _, upper in wilson))
    assert (rate, lo, hi) == pytest.approx((0.62, 0.62 - below, 0.62 + above), abs=1e-9)


def test_less_than_nine_tenths_of_the_mix_is_no_adjusted_rate(project: Project) -> None:
    """UPS has lost parcels only, 6 in 10 of the account's decided claims."""
    rows = [*claims(9, 1, "dpd", "lost"), *claims(4, 16, "dpd", "damaged")]
    rows += claims(10, 10, "ups", "lost")
    marts = project.build(given={"fct_claim_payouts": rows})

    assert fetch(
        marts,
        "select segment, mix_adjusted_rate is null, mix_adjusted_rate_lo is null, mix_coverage, "
        "is_small from mart_approval_rates where segment_type = 'carrier' order by 1",
    ) == [("dpd", False, False, 1.0, False), ("ups", True, True, 0.6, True)]


def test_a_close_that_was_seen_is_dated_by_history(project: Project) -> None:
    """Open at 9:00, closed at 10:00 with an update of 9:40 and no resolution: seen, not guessed."""
    nine = CREATED + timedelta(hours=9)
    marts = project.build(
        {
            "tickets": [
                ticket(1, status="closed", first_seen_at=nine, updated_at=nine.replace(minute=40))
            ],
            "ticket_status_history": [
                {"ticket_id": 1, "status": "pending", "stage": "s", "seen_at": nine},
                {
                    "ticket_id": 1,
                    "status": "closed",
                    "stage": "in_progress",
                    "changed_at": nine.replace(minute=40),
                    "seen_at": nine.replace(hour=10),
                    "previously_seen_at": nine,
                },
            ],
        }
    )

    assert fetch(marts, "select resolved_at, resolved_at_source from fct_ticket_resolution") == [
        (datetime(2026, 3, 1, 9, 40), "history")
    ]


def test_how_a_resolution_is_dated_is_said_and_nothing_of_what_is_open(project: Project) -> None:
    """Solved by the API's own word; closed when first seen, with an update; open."""
    closed = {"status": "closed", "updated_at": CREATED + timedelta(minutes=30)}
    tickets = [ticket(1, status="solved"), ticket(2, **closed), ticket(3)]
    marts = project.build({"tickets": tickets, "tickets__resolution": [resolution(1)]})

    assert fetch(
        marts,
        "select ticket_id, resolved_at, resolved_at_source from fct_ticket_resolution order by 1",
    ) == [
        (1, datetime(2026, 3, 6), "api"),
        (2, datetime(2026, 3, 1, 0, 30), "updated_at"),
        (3, None, None),
    ]


def test_the_backlog_is_as_old_as_its_tickets(project: Project) -> None:
    """Last seen at noon of the 10th: created at 11 on the 3rd it is seven days old, at 13 it is
    not, though the date is seven days back."""
    third = CREATED + timedelta(days=2)
    created = [third + timedelta(hours=hour) for hour in (11, 13)]
    tickets = [
        ticket(number, created_at=at, first_seen_at=at) for number, at in enumerate(created, 1)
    ]
    marts = project.build({"tickets": tickets})

    assert fetch(
        marts, "select unsolved_ticket_age_minutes from fct_ticket_resolution order by ticket_id"
    ) == [(7 * 1440 + 60,), (7 * 1440 - 60,)]
    assert fetch(
        marts,
        "select date_day, open_at_end, open_over_7d from fct_daily_backlog "
        "order by date_day desc limit 1",
    ) == [(date(2026, 3, 10), 2, 1)]


@pytest.mark.parametrize(
    ("zone", "month"), [("UTC", date(2026, 1, 1)), ("Europe/Amsterdam", date(2026, 2, 1))]
)
def test_a_payout_belongs_to_the_month_of_the_finance_time_zone(
    project: Project, once: Once, zone: str, month: date
) -> None:
    """Half past eleven in the evening of 31 January, UTC, is February in Amsterdam."""
    if zone != "UTC":
        there = f"{{finance_timezone: {zone}}}"
        folder = once("compiled-zone", lambda where: compile_project(where, "--vars", there))
        project = Project(folder / "dbt" / "target")
    evening = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    solved = ticket(1, status="solved", created_at=datetime(2026, 1, 2, tzinfo=UTC))
    told = resolution(1, amount=Decimal(10), currency="EUR", solved_at=evening)
    marts = project.build({"tickets": [solved], "tickets__resolution": [told]})

    assert fetch(marts, "select payout_month, time_zone from mart_payouts_monthly") == [
        (month, zone)
    ]
    last = "select max(date_day) from fct_daily_backlog where resolved > 0"
    assert fetch(marts, last) == [(evening.date() if zone == "UTC" else month,)]


def test_a_ticket_named_by_order_and_by_parcel_counts_once(project: Project) -> None:
    """Parcel 5 is of order A5: the parcel's value holds. Francs, never approved, are a row more."""
    values = [
        {"order_number": "A5", "value": Decimal(700), "currency": "EUR"},
        {"parcel_id": 5, "value": Decimal(80), "currency": "EUR"},
        {"order_number": "A6", "value": Decimal(250), "currency": "chf"},
    ]
    marts = exposed(project, claim_values=values)

    assert fetch(
        marts,
        "select ticket_id, currency, expected_amount_if_approved from fct_open_claim_exposure "
        "where is_value_known order by 1",
    ) == [(5, "EUR", 80.0), (6, "CHF", 250.0)]
    assert fetch(
        marts,
        "select currency, open_tickets from mart_claim_exposure where segment = 'all' order by 1",
    ) == [("CHF", 1), ("EUR", 4)]


def test_a_value_of_two_tickets_is_used_for_neither_and_both_are_named(project: Project) -> None:
    values = [{"order_number": "A5", "value": Decimal(700), "currency": "EUR"}]
    marts = exposed(project, claim_values=values)
    marts.execute("update fct_ticket_resolution set order_number = 'A5' where ticket_id = 6")
    exposure = project.statement(project.models["fct_open_claim_exposure"])
    check = project.statement(project.tests["claim_values_name_one_ticket"])

    assert fetch(marts, f"select bool_or(is_value_known) from ({exposure})") == [(False,)]
    assert sorted(fetch(marts, check)) == [(5,), (6,)]


def test_no_chance_is_certain_where_all_left_in_one_hour(project: Project) -> None:
    """Five left on day 1, four of them approved; five are open a day later, older than any that
    left: nobody knows, and the error is not 0. Of those at risk beyond that age there is the ticket
    itself: 2 * 3 / 5^3."""
    marts = exposed(project)

    rows = fetch(marts, "select distinct p_approval, p_approval_se from fct_open_claim_exposure")
    assert rows == [(0.0, pytest.approx(math.sqrt(2 * 3 / 5**3)))]


def test_a_mean_of_one_claim_is_not_certain_and_ten_claims_make_a_range(project: Project) -> None:
    """Lost parcels brought 40 and 60 EUR: relative to 50 their variance is .08 (two claims, one
    degree of freedom). The damaged one brought 100, which alone has no spread, and so takes that
    of the others: 100 * sqrt(.08), where the two have 50 * sqrt(.08 / 2)."""
    amounts = {1: 40, 2: 60, 3: 100}
    types = {1: "lost", 2: "lost", 3: "damaged", 4: "lost", 5: "damaged"}
    closed = dict.fromkeys(amounts, "solved")
    tables = {
        "tickets": [
            ticket(number, type=kind, status=closed.get(number, "pending"))
            for number, kind in types.items()
        ],
        "tickets__resolution": [
            resolution(number, amount=Decimal(amount), currency="EUR")
            for number, amount in amounts.items()
        ],
    }
    marts = project.build(tables)

    assert fetch(
        marts,
        "select ticket_id, expected_amount_if_approved, expected_amount_if_approved_se "
        "from fct_open_claim_exposure order by 1",
    ) == [
        (4, pytest.approx(50), pytest.approx(50 * math.sqrt(0.08 / 2))),
        (5, pytest.approx(100), pytest.approx(100 * math.sqrt(0.08))),
    ]
    told = (
        "select distinct expected_payout_amount_lo, expected_payout_amount_hi from "
        "mart_claim_exposure union select expected_payout_amount_lo, expected_payout_amount_hi "
        "from mart_payout_forecast"
    )
    assert fetch(marts, told) == [(None, None)]
    assert fetch(marts, "select distinct amount_claims from mart_claim_exposure") == [(3,)]


def test_the_range_of_what_comes_is_skewed_and_young_accounts_are_flagged(project: Project) -> None:
    """Nine days of one desk, every value known: below 0 nothing comes, and more lies above than
    below."""
    values = [
        {"order_number": f"A{n}", "value": Decimal(100), "currency": "EUR"} for n in range(5, 10)
    ]
    marts = exposed(project, claim_values=values)
    [(expected, lo, hi, enough, small)] = fetch(
        marts,
        "select expected_payout_amount, expected_payout_amount_lo, expected_payout_amount_hi, "
        "is_followed_enough, is_small from mart_claim_exposure where segment_type = 'all'",
    )
    assert (lo, enough, small) == (0.0, False, True)
    assert hi - expected > expected - lo
