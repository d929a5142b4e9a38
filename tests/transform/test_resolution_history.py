"""What the API forgets: first resolutions, the ledger of payouts, changes of closed months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.transform.conftest import LARGE, WORLD
from tests.transform.project import Project
from tests.transform.raw import every, replay
from tests.transform.test_scenarios import fetch, resolution, ticket

JAN = datetime(2026, 1, 1, tzinfo=UTC)


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


def sight(status: str, seen_at: datetime, before: datetime | None) -> dict[str, Any]:
    return {
        "ticket_id": 1,
        "status": status,
        "stage": "in_progress",
        "seen_at": seen_at,
        "previously_seen_at": before,
    }


def seen(seen_at: datetime, before: datetime | None, **fields: Any) -> dict[str, Any]:
    return {"ticket_id": 1, "seen_at": seen_at, "previously_seen_at": before} | fields


def approved(amount: int, solved_at: datetime, currency: str = "EUR") -> dict[str, Any]:
    return {
        "outcome": "claim_approved",
        "amount": Decimal(amount),
        "currency": currency,
        "solved_at": solved_at,
    }


@pytest.fixture
def reopened(project: Project) -> duckdb.DuckDBPyConnection:
    """Approved on 5 January with 500 EUR, seen on the 6th; reopened by 1 March; approved that day
    with 600 EUR, seen on the 2nd. Ticket 2 has been there unresolved since December."""
    return project.build(
        {
            "tickets": [
                ticket(
                    1,
                    status="solved",
                    created_at=JAN,
                    first_seen_at=JAN + timedelta(hours=2),
                    last_seen_at=day(3, 2),
                ),
                ticket(
                    2,
                    created_at=JAN - timedelta(days=20),
                    first_seen_at=JAN - timedelta(days=20),
                    last_seen_at=day(3, 2),
                ),
            ],
            "tickets__resolution": [{"ticket_id": 1, **approved(600, day(3, 1))}],
            "ticket_status_history": [
                sight("pending", JAN + timedelta(hours=2), None),
                sight("solved", day(1, 6), JAN + timedelta(hours=2)),
                sight("waiting_for_carrier", day(3, 1), day(2, 28)),
                sight("solved", day(3, 2), day(3, 1)),
            ],
            "resolution_history": [
                seen(day(1, 6), JAN + timedelta(hours=2), **approved(500, day(1, 5))),
                seen(day(3, 1), day(2, 28)),
                seen(day(3, 2), day(3, 1), **approved(600, day(3, 1))),
            ],
        }
    )


def test_the_first_resolution_is_the_first_that_was_seen(reopened: Any) -> None:
    """Four days, not the 59 that the API tells after the second approval."""
    assert fetch(
        reopened,
        "select first_resolved_at, duration_seconds, first_approved_at, last_resolved_at, "
        "count_resolutions, count_reopens, is_watched, first_reopened_at "
        "from fct_ticket_resolution where ticket_id = 1",
    ) == [
        (
            datetime(2026, 1, 5),
            4 * 86_400,
            datetime(2026, 1, 5),
            datetime(2026, 3, 1),
            2,
            1,
            True,
            datetime(2026, 3, 1),
        )
    ]
    assert fetch(reopened, "select half_hours from mart_payout_lag where segment_type = 'all'") == [
        (96,)
    ]


def test_the_ledger_keeps_what_was_told_and_dates_what_changed(reopened: Any) -> None:
    assert fetch(
        reopened,
        "select entry_no, entry_type, known_at, payout_month, currency, amount, is_opening "
        "from fct_payout_ledger order by 1",
    ) == [
        (1, "payout", datetime(2026, 1, 6), date(2026, 1, 1), "EUR", Decimal(500), False),
        (2, "reversal", datetime(2026, 3, 1), date(2026, 1, 1), "EUR", Decimal(-500), False),
        (3, "payout", datetime(2026, 3, 2), date(2026, 3, 1), "EUR", Decimal(600), False),
    ]
    assert fetch(
        reopened,
        "select payout_month, known_month, currency, entries, tickets, payout_amount, "
        "correction_amount, reversal_amount, change_amount from mart_changes_since",
    ) == [
        (
            date(2026, 1, 1),
            date(2026, 3, 1),
            "EUR",
            1,
            1,
            Decimal(0),
            Decimal(0),
            Decimal(-500),
            Decimal(-500),
        )
    ]


@pytest.mark.parametrize(
    ("history", "entries"),
    [
        pytest.param(
            [seen(day(1, 6), JAN, **approved(500, day(1, 5)))],
            [("payout", "EUR", 500)],
            id="once",
        ),
        pytest.param(
            [
                seen(day(1, 6), JAN, **approved(500, day(1, 5))),
                seen(day(1, 7), day(1, 6), **approved(450, day(1, 5))),
            ],
            [("payout", "EUR", 500), ("correction", "EUR", -50)],
            id="another amount",
        ),
        pytest.param(
            [
                seen(day(1, 6), JAN, **approved(500, day(1, 5))),
                seen(day(1, 7), day(1, 6), **approved(500, day(1, 5), "GBP")),
            ],
            [("payout", "EUR", 500), ("reversal", "EUR", -500), ("payout", "GBP", 500)],
            id="another currency",
        ),
        pytest.param(
            [
                seen(day(1, 6), JAN, **approved(500, day(1, 5))),
                seen(day(2, 7), day(1, 6), **approved(500, day(2, 5))),
            ],
            [("payout", "EUR", 500), ("reversal", "EUR", -500), ("payout", "EUR", 500)],
            id="another month",
        ),
        pytest.param(
            [
                seen(day(1, 6), JAN, **approved(500, day(1, 5))),
                seen(
                    day(1, 7), day(1, 6), **approved(500, day(1, 5)) | {"outcome": "claim_declined"}
                ),
            ],
            [("payout", "EUR", 500), ("reversal", "EUR", -500)],
            id="declined after all",
        ),
        pytest.param(
            [
                seen(day(1, 6), JAN, outcome="claim_approved", solved_at=day(1, 5)),
                seen(day(1, 7), day(1, 6), **approved(70, day(1, 5))),
            ],
            [("payout", "EUR", 70)],
            id="the amount came later",
        ),
        pytest.param([], [("payout", "EUR", 600)], id="no history yet"),
    ],
)
def test_each_kind_of_change_has_its_entry(
    project: Project, history: list[dict[str, Any]], entries: list[tuple[str, str, int]]
) -> None:
    last = dict(history[-1]) if history else {"ticket_id": 1, **approved(600, day(1, 5))}
    held = {name: last.get(name) for name in ("outcome", "amount", "currency", "solved_at")}
    marts = project.build(
        {
            "tickets": [ticket(1, status="solved", created_at=JAN, last_seen_at=day(3, 1))],
            "tickets__resolution": [{"ticket_id": 1, **held}],
            "resolution_history": history,
        }
    )

    assert fetch(
        marts, "select entry_type, currency, amount from fct_payout_ledger order by entry_no"
    ) == [(kind, currency, Decimal(amount)) for kind, currency, amount in entries]
    name = "ledger_is_what_is_approved"
    assert fetch(marts, project.statement(project.tests[name])) == []


def test_the_watched_curve_misses_no_truth_that_old_closings_blur(project: Project) -> None:
    """A desk of 22 months that was watched for its last 60 days, twice a day: what closed before
    is dated by the API, late where it had been reopened. The watched median holds the law's."""
    since = LARGE.end - timedelta(days=60)
    marts = project.build(replay(LARGE, every(12, since, LARGE.end)))
    truth = LARGE.truth.all.median_days * 24

    [(watched, lo, hi, tickets)] = fetch(
        marts,
        "select watched_median_hours, watched_median_hours_lo, watched_median_hours_hi, "
        "watched_tickets from mart_resolution_summary where segment_type = 'all'",
    )
    assert lo <= truth <= hi
    assert abs(watched - truth) < 0.1 * truth
    assert 1_000 < tickets < 4_000


def test_of_a_ticket_closed_before_the_first_sync_first_is_what_the_api_still_says(
    project: Project,
) -> None:
    closed = ticket(1, status="solved", first_seen_at=day(3, 9), last_seen_at=day(3, 10))
    marts = project.build({"tickets": [closed], "tickets__resolution": [resolution(1)]})

    assert fetch(marts, "select first_resolved_at, is_watched from fct_ticket_resolution") == [
        (datetime(2026, 3, 6), False)
    ]
    assert fetch(marts, "select is_opening from fct_payout_ledger") == []
    assert fetch(marts, "from mart_watched_survival") == []


def test_reopening_is_told_from_the_closings_that_a_sync_saw(project: Project) -> None:
    """Watched from the start, twice a day: the law's share lies in the interval."""
    marts = project.build(replay(WORLD, every(12, WORLD.start, WORLD.end)))
    [(resolved, watched, reopened, rate, lo, hi)] = fetch(
        marts,
        "select resolved, watched, reopened, reopen_rate, reopen_rate_lo, reopen_rate_hi "
        "from mart_reopen_rates where segment_type = 'all'",
    )
    end = int(WORLD.end.timestamp())
    stories = [WORLD.story(number, end) for number in WORLD.ids(WORLD.end)]
    truth = sum(len(story.spells) > 1 for story in stories if story and story.spells) / len(
        [story for story in stories if story and story.spells]
    )
    assert resolved >= watched > 0.9 * resolved
    assert reopened > 20
    assert lo < rate < hi
    assert lo < truth < hi
