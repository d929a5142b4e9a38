"""Clocks that are wrong: tables equal the truth afterwards, and nothing claims to be newer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.pipelines.conftest import Make
from tests.pipelines.runs.test_kills import ALL_LIVE, account, change
from tests.pipelines.warehouse.test_places import KILL
from tests.pipelines.warehouses import Warehouse, truth

DAY = timedelta(days=1)
MOVED = (
    "ahead of this machine's clock; they were moved to just before this run, and everything is "
    "read again."
)


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, make: Make) -> Warehouse:
    """An account that only hands move, in a warehouse of either kind."""
    postgres = "" if request.param == "duckdb" else request.getfixturevalue("postgres_url")
    return make(account(), postgres=postgres, window_tickets=100, **ALL_LIVE)


def moments(warehouse: Warehouse) -> list[datetime]:
    """Every time of our own clocks in the warehouse."""
    columns = {
        "tickets": "first_seen_at last_seen_at vanished_at",
        "ticket_status_history": "seen_at previously_seen_at",
        "requested_action_history": "first_seen_at last_seen_at first_missing_at",
        "resolution_history": "seen_at previously_seen_at",
        "sync_runs": "started_at finished_at",
    }
    return [
        moment
        for table, names in columns.items()
        for row in warehouse.rows(f"select {', '.join(names.split())} from {table}")
        for moment in row
        if moment is not None
    ]


def assert_exact(warehouse: Warehouse, gone: set[int]) -> None:
    """The truth, keys that hold, and histories in order."""
    assert warehouse.held() == truth(warehouse.account.tickets(), sorted(gone))
    assert max(moments(warehouse)) <= warehouse.account.clock.now()
    statuses = warehouse.statuses()
    assert len({row[:3] + row[4:5] for row in statuses}) == len(statuses)
    assert [row for row in statuses if row[5] is not None and row[5] >= row[4]] == []
    dated = [row for row in statuses if row[3] is not None]
    assert [row for row in dated if not (row[5] is not None and row[5] < row[3] <= row[4])] == []
    latest = {row[0]: row[1] for row in statuses}
    there = {ticket["id"]: ticket["status"] for ticket in warehouse.account.tickets()}
    assert {number: latest[number] for number in there} == there


def dropped(warehouse: Warehouse, before: set[int]) -> set[int]:
    """Tickets that the account had before and has not now."""
    return before - {ticket["id"] for ticket in warehouse.account.tickets()}


@pytest.mark.parametrize("full", [(), ("--full",)])
def test_a_machine_that_was_a_day_ahead_and_then_right_leaves_no_ticket_stale(
    warehouse: Warehouse, full: tuple[str, ...]
) -> None:
    before = {ticket["id"] for ticket in warehouse.account.tickets()}
    assert warehouse.cli("sync").code == 0
    change(warehouse)
    assert warehouse.cli("sync", ahead=DAY).code == 0
    change(warehouse)

    done = warehouse.cli("sync", *full)

    assert (done.code, MOVED in done.out) == (0, True), done.out + done.err
    assert_exact(warehouse, dropped(warehouse, before))
    change(warehouse)
    later = warehouse.cli("sync")
    assert (later.code, MOVED in later.out) == (0, False), later
    assert warehouse.held().tickets == truth(warehouse.account.tickets()).tickets


def test_a_clock_that_was_years_ahead_once_makes_nothing_wait_for_years(
    warehouse: Warehouse,
) -> None:
    before = {ticket["id"] for ticket in warehouse.account.tickets()}
    assert warehouse.cli("sync", ahead=2_000 * DAY).code == 0
    change(warehouse)

    done = warehouse.cli("sync", SOURCES__SENDCLOUD_SUPPORT__LIVE_MAX_AGE_MINUTES="600")

    assert (done.code, "up to 2000 days ahead" in done.out) == (0, True), done
    assert_exact(warehouse, dropped(warehouse, before))


def test_two_machines_whose_clocks_are_three_minutes_apart_load_one_warehouse(
    warehouse: Warehouse,
) -> None:
    before = {ticket["id"] for ticket in warehouse.account.tickets()}
    assert warehouse.cli("sync", ahead=timedelta(minutes=3)).code == 0
    warehouse.account.clock.advance(-timedelta(minutes=4))
    change(warehouse)
    warehouse.account.clock.advance(-timedelta(minutes=59))

    done = warehouse.cli("sync", "--full")

    assert (done.code, MOVED in done.out) == (0, False), done
    assert_exact(warehouse, dropped(warehouse, before))


@pytest.mark.parametrize("ahead", [timedelta(days=-2), datetime(1970, 1, 2, tzinfo=UTC)])
@pytest.mark.parametrize("command", ["sync", "sync --full"])
def test_a_clock_that_is_behind_ends_the_run_and_changes_nothing(
    warehouse: Warehouse, command: str, ahead: timedelta | datetime
) -> None:
    assert warehouse.cli("sync").code == 0
    change(warehouse)
    assert warehouse.cli("sync").code == 0
    before, runs = warehouse.everything(), warehouse.runs("run_id")
    change(warehouse)
    span = ahead if isinstance(ahead, timedelta) else ahead - warehouse.account.clock.now()
    said = warehouse.account.clock.now() + span

    done = warehouse.cli(*command.split(), ahead=span)

    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"This machine's clock is wrong: it says {said:%Y-%m-%d %H:%M} UTC, and the API has "
        "tickets of a later time. Tables are as they were. Set the clock, then run it again.\n"
    )
    assert (warehouse.everything(), warehouse.runs("run_id")) == (before, runs)
    assert warehouse.cli("sync").code == 0
    assert warehouse.held().tickets == truth(warehouse.account.tickets()).tickets


def test_a_first_load_by_a_clock_of_1970_loads_nothing(warehouse: Warehouse) -> None:
    span = datetime(1970, 1, 2, tzinfo=UTC) - warehouse.account.clock.now()

    done = warehouse.cli("sync", ahead=span)

    assert (done.code, "This machine's clock is wrong: it says 1970-01-02" in done.err) == (1, True)
    assert warehouse.rows("select count(*) from tickets") == [(0,)]
    right = warehouse.cli("sync")
    assert right.code == 0, right
    assert_exact(warehouse, set())


def test_what_waits_in_the_journal_of_a_clock_ahead_is_loaded_and_not_believed_to_be_new(
    warehouse: Warehouse,
) -> None:
    before = {ticket["id"] for ticket in warehouse.account.tickets()}
    assert warehouse.cli("sync", ahead=DAY, script=KILL).code == -9
    change(warehouse)

    done = warehouse.cli("sync")

    assert done.code == 0, done
    seen = {row[0] for row in warehouse.rows("select id from tickets")}
    assert_exact(warehouse, dropped(warehouse, before) & seen)
