"""A ticket that the warehouse can never take is set aside, alone; a warehouse that fails is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import psycopg2
import pytest

from simulator import Account, Clock
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Rows, Warehouse, truth
from tests.postgres import connect

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
ASKED = {"id": 1, "data_type": "other", "created_at": "2026-11-02T08:00:00Z"}


def desk(tickets: int = 12) -> Account:
    account = Account(clock=Clock(NINE))
    for _ in range(tickets):
        account.clock.advance(timedelta(minutes=1))
        account.insert(1)
    account.hold(tickets, requested_actions=[ASKED])
    account.clock.advance(timedelta(hours=1))
    return account


def others(account: Account, *ids: int) -> list[dict[str, Any]]:
    return [ticket for ticket in account.tickets() if ticket["id"] not in ids]


def standing(warehouse: Warehouse) -> Rows:
    return warehouse.rows(
        "select ticket_id, field from tickets_set_aside where mended_at is null order by ticket_id"
    )


def refuses(warehouse: Warehouse) -> None:
    """From now on the warehouse takes no ticket whose order number is `poison`.

    A constraint of its own: dlt cannot know of it, as of anything else that nobody thought of.
    """
    warehouse.rows("alter table tickets add constraint no_poison check (order_number <> 'poison')")


@pytest.fixture
def latin(postgres_server: str) -> Iterator[str]:
    """A database that lacks most characters."""
    with closing(connect(postgres_server)) as opened, opened.cursor() as cursor:
        cursor.execute("drop database if exists latin")
        cursor.execute("create database latin encoding 'LATIN1' template template0")
        yield f"{postgres_server.rsplit('/', 1)[0]}/latin"
        cursor.execute("drop database latin with (force)")


@pytest.fixture
def bytes_only(postgres_server: str) -> Iterator[str]:
    """A database that knows no characters at all."""
    with closing(connect(postgres_server)) as opened, opened.cursor() as cursor:
        cursor.execute("drop database if exists bytes_only")
        cursor.execute("create database bytes_only encoding 'SQL_ASCII' template template0")
        yield f"{postgres_server.rsplit('/', 1)[0]}/bytes_only"
        cursor.execute("drop database bytes_only with (force)")


def test_a_character_that_a_database_lacks_costs_its_own_ticket_only(
    make: Make, latin: str
) -> None:
    warehouse = make(desk(), postgres=latin)
    warehouse.account.hold(3, order_number="Größe")
    warehouse.account.hold(7, order_number="日本")

    for full in (False, True, False):
        done = warehouse.attempt(full)
        warehouse.later(hours=1)

        assert done.code == 4, done
        assert "1 ticket is set aside, all others are loaded" in done.err
        assert standing(warehouse) == [(7, "load")]
        assert warehouse.held() == truth(others(warehouse.account, 7))

    warehouse.account.hold(7, order_number="Nippon")
    assert warehouse.attempt().code == 0
    assert standing(warehouse) == []
    assert warehouse.held() == truth(warehouse.account.tickets())


def test_a_database_that_knows_no_characters_takes_them_all(make: Make, bytes_only: str) -> None:
    warehouse = make(desk(), postgres=bytes_only)
    warehouse.account.hold(7, order_number="日本")

    assert warehouse.attempt().code == 0

    with closing(psycopg2.connect(bytes_only)) as opened, opened.cursor() as cursor:
        opened.set_client_encoding("UTF8")
        cursor.execute("select order_number from sendcloud.tickets where id = 7")
        assert cursor.fetchall() == [("日本",)]


def test_a_held_ticket_that_cannot_be_loaded_any_more_stays_as_it_was(
    make: Make, postgres_url: str
) -> None:
    warehouse = make(desk(), postgres=postgres_url)
    warehouse.account.hold(7, requested_actions=[ASKED | {"id": 2}])
    warehouse.sync()
    refuses(warehouse)
    tables = warehouse.everything()
    before = {name: of_ticket(rows, 7) for name, rows in tables.items()}
    warehouse.later(hours=1)
    warehouse.account.hold(7, order_number="poison", status="escalated", requested_actions=[])
    warehouse.account.hold(8, status="escalated")

    for _ in range(2):
        done = warehouse.attempt()
        warehouse.later(hours=1)

        assert done.code == 4, done
        assert standing(warehouse) == [(7, "load")]
        after = warehouse.everything()
        assert {name: of_ticket(rows, 7) for name, rows in after.items()} == before
        assert warehouse.rows("select status from tickets where id = 8") == [("escalated",)]
        assert len(of_ticket(after["statuses"], 8)) == 2

    warehouse.account.hold(7, order_number="cured")
    assert warehouse.attempt().code == 0
    assert warehouse.held() == truth(warehouse.account.tickets())
    assert len(of_ticket(warehouse.statuses(), 7)) == 2


def of_ticket(rows: Rows, ticket_id: int) -> Rows:
    return [row for row in rows if row[0] == ticket_id]


def test_a_journal_that_can_never_be_loaded_blocks_no_run(make: Make, postgres_url: str) -> None:
    warehouse = make(desk(), postgres=postgres_url)
    warehouse.sync()
    refuses(warehouse)
    warehouse.later(hours=1)
    warehouse.account.hold(7, order_number="poison")
    killed = warehouse.cli("sync", script=KILLED_BEFORE_THE_LOAD)
    assert killed.code == 9
    warehouse.service.reset_log()

    assert warehouse.attempt().code == 4

    assert standing(warehouse) == [(7, "load")]
    assert list((warehouse.folder / "dlt").rglob("answers")) == []


KILLED_BEFORE_THE_LOAD = """
import os
from dlt.pipeline.pipeline import Pipeline
Pipeline.load = lambda *_, **__: os._exit(9)
"""


def test_a_warehouse_that_takes_nothing_is_told_and_nothing_is_set_aside(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = make(desk())
    warehouse.sync()
    before = warehouse.held()
    warehouse.later(hours=1)
    warehouse.account.insert(1)
    loads: list[int] = []

    def fail(*_: Any, **__: Any) -> None:
        loads.append(1)
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(dlt.Pipeline, "load", fail)
    done = warehouse.attempt(full=True)
    monkeypatch.undo()

    assert done.code == 1, done
    assert len(loads) < 20
    assert warehouse.held() == before
    assert warehouse.rows("select count(*) from tickets_set_aside") == [(0,)]


@pytest.mark.parametrize("postgres", [False, True], ids=["duckdb", "postgres"])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_the_first_and_the_last_moment_that_there_is_block_no_later_run(
    make: Make, request: pytest.FixtureRequest, zone: str, postgres: bool
) -> None:
    """Written in another time zone they lie on days that Python does not know."""
    warehouse = make(desk(), postgres=request.getfixturevalue("postgres_url") if postgres else "")
    warehouse.account.hold(7, requested_actions=[ASKED | {"created_at": "0001-01-01T00:00:00Z"}])
    warehouse.account.hold(8, updated_at="9999-12-31T23:59:59Z")

    for full in ([], [], ["--full"]):
        done = warehouse.cli("sync", *full, TZ=zone, PGTZ=zone)

        assert done.code == 0, done
    assert warehouse.held() == truth(warehouse.account.tickets())
