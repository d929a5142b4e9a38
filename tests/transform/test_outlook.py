"""Periods compared: bounds worked out by hand, figures computed a second time by pandas."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from simulator import World
from tests.transform.conftest import Once, compile_project
from tests.transform.project import Project
from tests.transform.raw import every, replay
from tests.transform.test_scenarios import NOON, fetch, resolution, ticket

DESK = World(seed=5, tickets=2_400, months=10)
SYNCS = every(12, DESK.start, DESK.end)
UNTIL = datetime(2026, 9, 17, 12, tzinfo=UTC)


def created_at(*moments: str) -> dict[str, Any]:
    """An account of tickets created then, all first seen at noon of 10 March."""
    at = [datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in moments]
    return {
        "tickets": [
            ticket(number, created_at=moment, first_seen_at=NOON)
            for number, moment in enumerate(at)
        ]
    }


BOUNDS = (
    "select period_type, period, period_start, from_moment, until_moment, is_complete, opened "
    "from mart_period_comparison where segment_type = 'all' order by 1, 2 desc"
)


def test_a_period_is_compared_with_the_one_before_up_to_the_same_moment(project: Project) -> None:
    """Until 10 March, 12:00. February counts until the 10th, 12:00, which is not in it any more."""
    marts = project.build(
        created_at(
            "2025-10-01T00:00",
            "2025-12-08T12:00",
            "2026-01-31T23:59:59",
            "2026-02-01T00:00",
            "2026-02-10T11:59:59",
            "2026-02-10T12:00",
            "2026-03-01T00:00",
            "2026-03-10T12:00",
        )
    )

    noon = datetime(2026, 3, 10, 12)
    assert fetch(marts, BOUNDS) == [
        ("month", "this", date(2026, 3, 1), datetime(2026, 3, 1), noon, False, 2),
        (
            *("month", "before", date(2026, 2, 1), datetime(2026, 2, 1)),
            *(datetime(2026, 2, 10, 12), False, 2),
        ),
        ("quarter", "this", date(2026, 1, 1), datetime(2026, 1, 1), noon, False, 6),
        (
            *("quarter", "before", date(2025, 10, 1), datetime(2025, 10, 1)),
            *(datetime(2025, 12, 8, 12), False, 1),
        ),
    ]


def test_on_the_first_day_of_a_month_the_one_just_over_is_told_whole(project: Project) -> None:
    """Last seen on 1 April at 2:00: March and the first quarter, whole, whatever their lengths."""
    seen = datetime(2026, 4, 1, 2, tzinfo=UTC)
    rows = created_at("2026-02-28T23:00", "2026-03-31T23:00", "2026-04-01T01:00")
    marts = project.build(
        {
            "tickets": [
                row | {"first_seen_at": seen, "last_seen_at": seen} for row in rows["tickets"]
            ]
        }
    )

    end = datetime(2026, 4, 1)
    assert fetch(marts, BOUNDS) == [
        ("month", "this", date(2026, 3, 1), datetime(2026, 3, 1), end, True, 1),
        ("month", "before", date(2026, 2, 1), datetime(2026, 2, 1), datetime(2026, 3, 1), True, 1),
        ("quarter", "this", date(2026, 1, 1), datetime(2026, 1, 1), end, True, 2),
        (
            "quarter",
            "before",
            date(2025, 10, 1),
            datetime(2025, 10, 1),
            datetime(2026, 1, 1),
            True,
            0,
        ),
    ]


def test_periods_begin_at_midnight_in_the_time_zone_of_finance(once: Once) -> None:
    """In Amsterdam March begins at 23:00 UTC. At 12:00 UTC of the 10th it is 13:00 there."""
    zone = "{finance_timezone: Europe/Amsterdam}"
    folder = once("compiled-amsterdam-periods", lambda f: compile_project(f, "--vars", zone))
    marts = Project(folder / "dbt" / "target").build(
        created_at("2026-02-28T23:00", "2026-02-28T22:59", "2026-02-10T11:59", "2026-02-10T12:01")
    )

    assert fetch(marts, BOUNDS)[:2] == [
        (
            *("month", "this", date(2026, 3, 1), datetime(2026, 2, 28, 23)),
            *(datetime(2026, 3, 10, 12), False, 1),
        ),
        (
            *("month", "before", date(2026, 2, 1), datetime(2026, 1, 31, 23)),
            *(datetime(2026, 2, 10, 12), False, 1),
        ),
    ]
    assert fetch(marts, "select distinct time_zone from mart_period_comparison") == [
        ("Europe/Amsterdam",)
    ]


def test_what_was_approved_is_told_by_currency_in_both_periods(project: Project) -> None:
    """March: 100 EUR marked as paid, 40 EUR not, one without amount. February: 7 GBP."""
    old = {"created_at": datetime(2026, 1, 2, tzinfo=UTC)}
    march, february = datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 2, 4, tzinfo=UTC)
    marts = project.build(
        {
            "tickets": [
                ticket(1, status="claim_paid", **old),
                *[ticket(number, status="solved", **old) for number in (2, 3, 4)],
            ],
            "tickets__resolution": [
                resolution(1, solved_at=march, amount=Decimal(100), currency="EUR"),
                resolution(2, solved_at=march, amount=Decimal(40), currency="EUR"),
                resolution(3, solved_at=march),
                resolution(4, solved_at=february, amount=Decimal(7), currency="GBP"),
            ],
        }
    )

    rows = fetch(
        marts,
        "select period, currency, approved, marked_paid, not_marked_paid, missing_amounts, "
        "approved_amount, marked_paid_amount, not_marked_paid_amount, is_small "
        "from mart_period_payouts where period_type = 'month' order by 1 desc, 2",
    )
    assert rows == [
        ("this", "(none)", 1, 0, 1, 1, 0, 0, 0, True),
        ("this", "EUR", 2, 1, 1, 0, 140, 100, 40, True),
        ("this", "GBP", 0, 0, 0, 0, 0, 0, 0, True),
        ("before", "(none)", 0, 0, 0, 0, 0, 0, 0, True),
        ("before", "EUR", 0, 0, 0, 0, 0, 0, 0, True),
        ("before", "GBP", 1, 0, 1, 0, 7, 0, 7, True),
    ]


@pytest.fixture(scope="module")
def desk(project: Project) -> duckdb.DuckDBPyConnection:
    return project.build(replay(DESK, [sync for sync in SYNCS if sync <= UNTIL]))


def spans_of(desk: duckdb.DuckDBPyConnection) -> list[tuple[str, str, pd.Timestamp, pd.Timestamp]]:
    """Periods of 17 September at noon, computed without the marts."""
    until = pd.Timestamp(UNTIL).tz_localize(None)
    starts = {"month": pd.Timestamp("2026-09-01"), "quarter": pd.Timestamp("2026-07-01")}
    befores = {"month": pd.Timestamp("2026-08-01"), "quarter": pd.Timestamp("2026-04-01")}
    return [
        *[(kind, "this", start, until) for kind, start in starts.items()],
        *[
            (kind, "before", befores[kind], befores[kind] + (until - start))
            for kind, start in starts.items()
        ],
    ]


def within(moments: pd.Series, start: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    """Half open, but for the as-of moment itself."""
    last = pd.Timestamp(UNTIL).tz_localize(None)
    return (moments >= start) & ((moments < until) | ((until == last) & (moments == last)))


COUNTS = ["opened", "reopened", "closed", "vanished", "claims", "decided", "approved"]


def test_counts_are_those_that_pandas_finds_in_the_facts(desk: Any) -> None:
    """For the account and each carrier and type, in all four periods."""
    tickets = desk.sql("from fct_ticket_resolution").df()
    claims = desk.sql("from fct_claim_payouts").df()
    backlog = desk.sql(
        "select s.*, carrier, ticket_type from sendcloud_marts_staging.int_open_spans s "
        "join fct_ticket_resolution using (ticket_id)"
    ).df()
    expected = {}
    for kind, period, start, until in spans_of(desk):
        for segment_type in ("all", "carrier", "ticket_type"):
            pieces = {
                "opened": tickets[within(tickets.created_at, start, until)],
                "reopened": backlog[
                    backlog.starts_run
                    & (backlog.run_no > 1)
                    & within(backlog.starts_at, start, until)
                ],
                "closed": backlog[backlog.ends_run & within(backlog.ends_at, start, until)],
                "vanished": tickets[
                    ~tickets.is_resolved & within(tickets.vanished_at, start, until)
                ],
                "claims": claims[within(claims.solved_at, start, until)],
                "decided": claims[claims.is_decided & within(claims.solved_at, start, until)],
                "approved": claims[claims.is_approved & within(claims.solved_at, start, until)],
            }
            for column, rows in pieces.items():
                by = ["all"] * len(rows) if segment_type == "all" else rows[segment_type]
                for segment, count in pd.Series(by).value_counts().items():
                    expected[kind, period, segment_type, segment, column] = count
    told = {
        (*row[:4], column): count
        for row in fetch(
            desk,
            f"select period_type, period, segment_type, segment, {', '.join(COUNTS)} "
            "from mart_period_comparison",
        )
        for column, count in zip(COUNTS, row[4:], strict=True)
        if count
    }
    assert told == expected
    assert sum(1 for key in told if key[2] == "carrier") > 100


def test_medians_are_those_of_statsmodels(desk: Any) -> None:
    """Kaplan-Meier over tickets created in the period, as far as ten are at risk."""
    tickets = desk.sql("from fct_ticket_resolution").df()
    told = {
        (kind, period): median
        for kind, period, median in fetch(
            desk,
            "select period_type, period, median_hours from mart_period_comparison "
            "where segment_type = 'all'",
        )
    }
    expected: dict[tuple[str, str], int | None] = {}
    for kind, period, start, until in spans_of(desk):
        cohort = tickets[within(tickets.created_at, start, until)]
        hours = (cohort.duration_seconds / 3600 + 0.5).astype(int)
        curve = SurvfuncRight(hours, cohort.first_resolved_at.notna().astype(int))
        reached = [
            time
            for time, survival, at_risk in zip(
                curve.surv_times, curve.surv_prob, curve.n_risk, strict=True
            )
            if survival <= 0.5 + 1e-9 and at_risk >= 10
        ]
        expected[kind, period] = int(reached[0]) if reached else None
    assert told == expected
    assert sum(median is not None for median in told.values()) >= 3


def test_the_backlog_grows_by_what_is_told(desk: Any) -> None:
    """The net of the month is the difference of the open tickets at its ends."""
    [(net,)] = fetch(
        desk,
        "select net from mart_period_comparison "
        "where period_type = 'month' and period = 'this' and segment_type = 'all'",
    )
    [(before, after)] = fetch(
        desk,
        "select sum(case when date_day = '2026-08-31' then open_at_end end), "
        "sum(case when date_day = '2026-09-17' then open_at_end end) from fct_daily_backlog",
    )
    assert net == after - before
