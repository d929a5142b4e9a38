"""ClickHouse: the engine holds what DuckDB holds, and a killed run is made good by the next."""

from __future__ import annotations

import pytest

from tests.engines.clickhouse import MakeHouse
from tests.engines.steps import account, kill, steps
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Warehouse, truth

ADDRESS = "DESTINATION__WAREHOUSE__CREDENTIALS"


KEYS_OF = {
    "tickets": "id",
    "tickets__requested_actions": "ticket_id, id",
    "tickets__resolution": "ticket_id",
    "ticket_status_history": "ticket_id, seen_at",
    "requested_action_history": "ticket_id, id",
    "resolution_history": "ticket_id, seen_at",
}
LATEST = (
    "select ticket_id, argMax((status, stage), seen_at) from ticket_status_history "
    "group by ticket_id order by ticket_id"
)
OUTSTANDING = (
    "select ticket_id, id from requested_action_history where first_missing_at is null "
    "and ticket_id in (select id from tickets where vanished_at is null) order by ticket_id, id"
)


def test_a_clickhouse_holds_what_duckdb_holds_after_every_step(
    make: Make, make_house: MakeHouse
) -> None:
    expected = dict(steps(make(account())))

    for step, found in steps(make_house()):
        assert (step, found) == (step, expected[step])


def check_whole(house: Warehouse) -> None:
    """Tickets as the API has them, each row once, every history up to its ticket."""
    assert house.held() == truth(house.account.tickets())
    for table, key in KEYS_OF.items():
        doubles = house.rows(f"select {key} from {table} group by {key} having count(*) > 1")
        assert (table, doubles) == (table, [])
    assert house.rows(LATEST) == house.rows("select id, (status, stage) from tickets order by id")
    assert house.rows(OUTSTANDING) == house.rows(
        "select ticket_id, id from tickets__requested_actions order by ticket_id, id"
    )


def test_a_process_that_is_killed_is_made_good_by_the_next(make_house: MakeHouse) -> None:
    house = make_house()
    kill(house, "dlt.destinations.job_client_impl:SqlLoadJob.run", 1, True)

    done = house.cli("sync")

    assert done.code == 0, done.err
    check_whole(house)


def test_a_database_that_is_not_there_is_no_empty_warehouse(
    make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = make_house()
    house.ask(f"drop database {house.database}", "default")

    done = house.cli("status")

    assert (done.code, done.out, done.err) == (
        2,
        "",
        (
            "ClickHouse has no database of the name in destination.warehouse.credentials. Check "
            "it, or create the database.\n"
        ),
    )


def test_check_tries_the_warehouse_and_says_what_is_no_address(
    make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = make_house()
    assert house.cli("check").out.splitlines()[3] == (
        "ok      Warehouse: clickhouse is writable, dataset sendcloud has its tables."
    )
    monkeypatch.setenv(ADDRESS, "clickhouse://user:hush@host:1/tickets?secure=yes")

    done = house.cli("sync")

    assert (done.code, done.err) == (
        2,
        (
            "destination.warehouse.credentials is no address of ClickHouse. It should be such as "
            "clickhouse://user:password@host:9440/database?http_port=8443&secure=1, with %40 for "
            "an @ in the password.\n"
        ),
    )
