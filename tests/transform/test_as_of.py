"""Looking back: the marts as of an earlier moment are those that would have been built then."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.marts.as_of import read_as_of
from pipelines.marts.marts import run_marts
from simulator import World
from tests.transform.conftest import Once, compile_project, open_marts, warehouse_of
from tests.transform.project import Project
from tests.transform.raw import every, fill_duckdb, replay
from tests.transform.test_scenarios import CREATED, NOON, resolution, ticket

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


class LookingBack(Project):
    """The project compiled as of one moment, told as of another."""

    def __init__(self, project: Project, moment: datetime) -> None:
        self.__dict__.update(project.__dict__)
        self.moment = moment

    def statement(self, node: Any) -> str:
        then, moment = (
            each.replace(tzinfo=None).isoformat(sep=" ") for each in (THEN, self.moment)
        )
        return super().statement(node).replace(f"'{then}'", f"'{moment}'")


def solved_by(rows: Any, moment: datetime) -> set[int]:
    """Tickets that the API says were solved by then."""
    return {
        row["ticket_id"]
        for row in rows["tickets__resolution"]
        if row["solved_at"] and row["solved_at"] <= moment
    }


def test_between_two_syncs_what_was_created_meanwhile_counts_with_status_unknown(
    project: Project, looking_back: Project
) -> None:
    """Eleven hours after a sync: tickets that it saw are as it saw them, the others are there."""
    rows = replay(DESK, SYNCS)
    sync = next(
        sync
        for sync in SYNCS[len(SYNCS) // 2 :]
        if sum(sync < row["created_at"] <= sync + timedelta(hours=11) for row in rows["tickets"])
        > 3
    )
    moment = sync + timedelta(hours=11)
    then = project.build(replay(DESK, [each for each in SYNCS if each <= sync]))
    back = LookingBack(looking_back, moment).build(rows)

    plain = plain_tickets()
    told = by_id(back, "ticket_id, status, stage, waiting_on, outcome", "fct_ticket_resolution")
    was = by_id(then, "ticket_id, status, stage, waiting_on, outcome", "fct_ticket_resolution")
    assert told.keys() == {row["id"] for row in rows["tickets"] if row["created_at"] <= moment}
    new = {number: row for number, row in told.items() if number not in was}
    solved = solved_by(rows, moment)
    assert len(new) > 3
    assert {row[1:4] for number, row in new.items() if number not in solved} == {
        ("unknown", "unknown", "unknown")
    }
    same = (was.keys() & plain) - solved
    assert {n: told[n] for n in same} == {n: was[n] for n in same}


def test_before_the_first_sync_every_ticket_created_by_then_is_there(
    looking_back: Project,
) -> None:
    """Nobody had seen a status; what the API dates before the moment had been resolved."""
    late = every(12, DESK.end - timedelta(days=30), DESK.end)
    moment = late[0] - timedelta(days=20)
    rows = replay(DESK, late)
    back = LookingBack(looking_back, moment).build(rows)

    created = {row["id"] for row in rows["tickets"] if row["created_at"] <= moment}
    solved = solved_by(rows, moment)
    told = by_id(back, "ticket_id, is_resolved, status", "fct_ticket_resolution")
    assert len(created) > 900
    assert told == {number: (number, number in solved, "unknown") for number in created}
    assert back.execute("select sum(opened) from fct_daily_backlog").fetchall() == [(len(created),)]


def test_marts_as_of_a_moment_stand_beside_the_nightly_ones(tmp_path: Path) -> None:
    """Ticket 1 was solved on the 6th and ticket 2 created on the 8th; as of the 5th at noon one is
    open and the other is not there. The nightly marts are not touched."""
    file = tmp_path / "desk.duckdb"
    created = CREATED + timedelta(days=7)
    with duckdb.connect(str(file)) as connection:
        fill_duckdb(
            connection,
            {
                "tickets": [
                    ticket(1, status="solved"),
                    ticket(2, created_at=created, first_seen_at=created, last_seen_at=NOON),
                ],
                "tickets__resolution": [resolution(1)],
            },
        )
    pipeline, said = warehouse_of(str(file), tmp_path), list[str]()
    assert run_marts(pipeline, said.append) == 0, said
    assert run_marts(pipeline, said.append, read_as_of("2026-03-05T12:00")) == 0, said

    told = "select ticket_id, is_resolved from {}.fct_ticket_resolution order by 1"
    with open_marts(file) as marts:
        assert marts.execute(told.format("sendcloud_marts")).fetchall() == [(1, True), (2, False)]
        assert marts.execute(told.format("sendcloud_marts_as_of_20260305_120000")).fetchall() == [
            (1, False)
        ]


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("2026-10-01", "sendcloud_marts_as_of_20261001"),
        ("2026-10-01T18:30", "sendcloud_marts_as_of_20261001_183000"),
        ("2026-10-01T00:30:00+02:00", "sendcloud_marts_as_of_20260930_223000"),
    ],
)
def test_a_moment_is_utc_unless_it_says_otherwise(text: str, schema: str) -> None:
    assert read_as_of(text).schema == schema


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a moment such as 2026-10-01"):
        read_as_of(text)
