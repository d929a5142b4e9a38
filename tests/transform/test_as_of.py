"""Looking back: the marts as of an earlier moment are those that would have been built then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pytest

from simulator import World
from tests.transform.conftest import Once, compile_project
from tests.transform.project import Project
from tests.transform.raw import every, replay

DESK = World(seed=5, tickets=1_200, months=10)
SYNCS = every(12, DESK.start, DESK.end)
THEN = SYNCS[len(SYNCS) * 3 // 4]

TICKETS = (
    "ticket_id, status, stage, waiting_on, is_resolved, resolved_at, first_resolved_at, outcome, "
    "outcome_group, duration_seconds, count_reopens, carrier_wait_minutes, merchant_wait_minutes, "
    "sendcloud_work_minutes, unsolved_ticket_age_minutes, last_seen_at, is_claim"
)
REQUESTS = "request_id, first_missing_at, last_seen_at, is_outstanding, age_minutes"


@pytest.fixture(scope="module")
def looking_back(once: Once) -> Project:
    moment = THEN.replace(tzinfo=None).isoformat(sep=" ")
    folder = once(
        "compiled-as-of",
        lambda folder: compile_project(folder, "--vars", f"{{as_of: '{moment}'}}"),
    )
    return Project(folder / "dbt" / "target")


@pytest.fixture(scope="module")
def then(project: Project) -> duckdb.DuckDBPyConnection:
    return project.build(replay(DESK, [sync for sync in SYNCS if sync <= THEN]))


@pytest.fixture(scope="module")
def back(looking_back: Project) -> duckdb.DuckDBPyConnection:
    return looking_back.build(replay(DESK, SYNCS))


def plain_tickets() -> set[int]:
    """Those never reopened: of the others the API forgets the first resolution, and so do we."""
    end = int(DESK.end.timestamp())
    ids = DESK.ids(DESK.end)
    stories = {number: DESK.story(number, end) for number in ids}
    return {number for number, story in stories.items() if story and len(story.spells) < 2}


def by_id(marts: duckdb.DuckDBPyConnection, columns: str, table: str) -> dict[int, Any]:
    rows = marts.execute(f"select {columns} from {table}").fetchall()
    return {row[0]: row for row in rows}


def test_tickets_are_told_as_they_were(then: Any, back: Any) -> None:
    plain = plain_tickets()
    was, told = (by_id(marts, TICKETS, "fct_ticket_resolution") for marts in (then, back))

    assert was.keys() == told.keys()
    assert 800 < len(was) < 1_200
    assert {n: row for n, row in told.items() if n in plain} == {
        n: row for n, row in was.items() if n in plain
    }


def test_spans_backlog_and_requests_are_told_as_they_were(then: Any, back: Any) -> None:
    plain = plain_tickets()
    spans = (
        "select ticket_id, span_no, status, valid_from, valid_to, observed_until, business_minutes"
    )
    was, told = (
        {
            row
            for row in marts.execute(f"{spans} from fct_status_spans").fetchall()
            if row[0] in plain
        }
        for marts in (then, back)
    )
    assert told == was
    assert by_id(back, REQUESTS, "fct_requested_actions") == by_id(
        then, REQUESTS, "fct_requested_actions"
    )
    last = "select max(date_day), sum(opened) from fct_daily_backlog"
    assert back.execute(last).fetchall() == then.execute(last).fetchall()
    assert back.execute(last).fetchone()[0] == THEN.date()


def test_a_moment_to_come_counts_as_the_last_sight(project: Project) -> None:
    """The project's own statement, with a moment after everything in the data."""
    sql = project.statement(project.models["stg_as_of"]).replace(
        "cast(null as timestamp)", "cast('2999-01-01' as timestamp)"
    )
    assert "2999" in sql
    marts = project.build(replay(DESK, SYNCS[:40]))

    assert marts.execute(f"select as_of from ({sql}) as looked").fetchall() == [
        (datetime.fromtimestamp(SYNCS[39].timestamp(), SYNCS[39].tzinfo).replace(tzinfo=None),)
    ]
