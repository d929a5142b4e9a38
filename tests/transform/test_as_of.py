"""Looking back: the marts as of an earlier moment are those that would have been built then."""

from __future__ import annotations

import argparse
from bisect import bisect_right
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipelines.marts.as_of import read_as_of
from pipelines.marts.marts import run_marts
from simulator import World
from tests.transform.conftest import Once, compile_project, open_marts, warehouse_of
from tests.transform.project import Project
from tests.transform.raw import every, fill_duckdb, replay
from tests.transform.test_odd_tickets import EXAMPLES, LIVES, raw_tables
from tests.transform.test_odd_tickets import MOMENTS as ANY_MOMENT
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


def by_id(marts: duckdb.DuckDBPyConnection, columns: str, table: str) -> dict[int, Any]:
    rows = marts.execute(f"select {columns} from {table}").fetchall()
    return {row[0]: row for row in rows}


def test_tickets_are_told_as_they_were(then: Any, back: Any) -> None:
    was, told = (by_id(marts, TICKETS, "fct_ticket_resolution") for marts in (then, back))

    assert 800 < len(was) < 1_200
    assert told == was


def test_spans_backlog_and_requests_are_told_as_they_were(then: Any, back: Any) -> None:
    spans = (
        "select ticket_id, span_no, status, valid_from, valid_to, observed_until, business_minutes"
    )
    was, told = (
        set(marts.execute(f"{spans} from fct_status_spans").fetchall()) for marts in (then, back)
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

    columns = "ticket_id, status, stage, waiting_on, outcome, resolved_at, first_outcome_group"
    told = by_id(back, columns, "fct_ticket_resolution")
    was = by_id(then, columns, "fct_ticket_resolution")
    assert told.keys() == {row["id"] for row in rows["tickets"] if row["created_at"] <= moment}
    new = {number: row for number, row in told.items() if number not in was}
    solved = solved_by(rows, moment)
    assert len(new) > 3
    assert {row[1:4] for number, row in new.items() if number not in solved} == {
        ("unknown", "unknown", "unknown")
    }
    assert {number: told[number] for number in was} == was


LATE = every(48, DESK.end - timedelta(days=30), DESK.end)
MOMENTS = {
    "before the first sync": LATE[0] - timedelta(days=20),
    "just before the first sync": LATE[0] - timedelta(microseconds=1),
    "at the first sync": LATE[0],
    "between two syncs": LATE[7] + timedelta(hours=24),
    "at a sync": LATE[8],
    "at the last sync": LATE[-1],
    "after the last sync": LATE[-1] + timedelta(days=9),
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_every_check_passes_at_every_moment(looking_back: Project, moment: datetime) -> None:
    """A desk ten months old, looked at every other day of its last month."""
    looking = LookingBack(looking_back, moment)
    rows = replay(DESK, LATE)
    marts = looking.build(rows)

    found = {
        name: marts.execute(looking.statement(test)).fetchall()
        for name, test in looking.tests.items()
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    told = marts.execute("select ticket_id from fct_ticket_resolution").fetchall()
    assert {row[0] for row in told} == {
        row["id"] for row in rows["tickets"] if row["created_at"] <= moment
    }


@pytest.mark.parametrize(
    "when", ["before the first sync", "at the first sync", "between two syncs"]
)
def test_what_is_told_as_of_a_moment_is_not_rewritten_by_later_syncs(
    looking_back: Project, when: str
) -> None:
    """Last quarter's report can be made again: the next sync after the moment has told all, but of
    tickets that end without a date at their first sight. Their `updated_at` is not kept."""
    moment = MOMENTS[when]
    looking = LookingBack(looking_back, moment)
    soon = LATE[: bisect_right(LATE, moment) + 1]
    rows = replay(DESK, soon)
    once, again = looking.build(rows), looking.build(replay(DESK, LATE))

    undated = {row["ticket_id"] for row in rows["tickets__resolution"] if not row["solved_at"]}
    kept = {row["id"] for row in rows["tickets"]} - undated
    for columns, table in ((TICKETS, "fct_ticket_resolution"), ("*", "fct_payout_ledger")):
        was, told = (by_id(marts, columns, table) for marts in (once, again))
        assert len(was) > 100
        assert {number: row for number, row in told.items() if number in kept} == {
            number: row for number, row in was.items() if number in kept
        }


@given(
    lives=LIVES,
    sights=st.lists(ANY_MOMENT, min_size=3, max_size=3, unique=True).map(sorted),
    moment=ANY_MOMENT.filter(lambda moment: moment.year > 1),
)
@settings(EXAMPLES, max_examples=8, phases=[Phase.generate])
def test_every_check_passes_at_any_moment_of_whatever_the_contract_allows(
    looking_back: Project, lives: Any, sights: list[datetime], moment: datetime
) -> None:
    looking = LookingBack(looking_back, moment)
    marts = looking.build(raw_tables(lives, sights))

    found = {
        name: marts.execute(looking.statement(test)).fetchall()
        for name, test in looking.tests.items()
        if test["config"]["severity"].lower() == "error"
    }
    assert {name: rows for name, rows in found.items() if rows} == {}


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
    assert read_as_of(text).beside("sendcloud_marts") == schema


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a moment such as 2026-10-01"):
        read_as_of(text)
