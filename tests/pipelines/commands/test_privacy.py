"""Pseudonyms and forgetting: what is not to be known is nowhere, all else is as it was."""

from __future__ import annotations

import hashlib
import hmac
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dlt.common.configuration.exceptions import ConfigurationValueError

from pipelines.command_line import main
from pipelines.dbt_environment import PROJECT
from pipelines.marts import AsOf, run_marts
from pipelines.warehouse import open_pipeline
from simulator import Account, Clock, World
from tests.pipelines.conftest import Make
from tests.pipelines.loading.test_history import Killed, kill_at
from tests.pipelines.warehouses import Done, Warehouse, truth

KEY, OTHER_KEY = "a key of the test alone", "another key of the test"
SOURCE = "SOURCES__SENDCLOUD_SUPPORT"
ENGINES = pytest.mark.parametrize("engine", ["duckdb", "postgres"])
WORLD = World(seed=3, tickets=60, months=4)


@pytest.fixture
def warehouse(make: Make, request: pytest.FixtureRequest) -> Warehouse:
    """Of the engine that the test names, DuckDB if it names none."""
    engine = getattr(request.node, "callspec", None)
    is_postgres = engine is not None and engine.params.get("engine") == "postgres"
    url = request.getfixturevalue("postgres_url") if is_postgres else ""
    return make(Account(WORLD, Clock(WORLD.end)), postgres=url)


def pseudonym(number: str | None, key: str = KEY) -> str | None:
    """By the standard library: HMAC-SHA256, hexadecimal."""
    if number is None:
        return None
    return hmac.new(key.encode(), number.encode(), hashlib.sha256).hexdigest()


def numbers(warehouse: Warehouse) -> dict[int, str | None]:
    return dict(warehouse.rows("select id, order_number from sendcloud.tickets"))


def of_api(warehouse: Warehouse, key: str | None = None) -> dict[int, str | None]:
    """The order numbers that the API has, or their pseudonyms."""
    found = {each["id"]: each["order_number"] for each in warehouse.account.tickets()}
    return {number: pseudonym(text, key) if key else text for number, text in found.items()}


CONCEALED: dict[str, Any] = {"pseudonymise": ["order_number"], "pseudonym_key": KEY}


# --- pseudonyms ----------------------------------------------------------------------------------


@ENGINES
def test_an_order_number_is_loaded_as_its_keyed_hash_and_all_else_as_it_is(
    warehouse: Warehouse, engine: str
) -> None:
    assert warehouse.sync(**CONCEALED).is_complete

    assert numbers(warehouse) == of_api(warehouse, KEY)
    expected = truth(
        each | {"order_number": pseudonym(each["order_number"])}
        for each in warehouse.account.tickets()
    )
    assert warehouse.held() == expected


@ENGINES
def test_switched_on_later_it_replaces_what_is_held_at_once_also_of_vanished_tickets(
    warehouse: Warehouse, engine: str
) -> None:
    warehouse.sync()
    gone = max(number for number, text in numbers(warehouse).items() if text)
    text = numbers(warehouse)[gone]
    warehouse.account.drop(gone)
    warehouse.later(days=1)
    warehouse.sync(full=True)

    warehouse.later(hours=1)
    record = warehouse.sync(**CONCEALED)

    assert "what was held of order_number was replaced" in str(record.note)
    assert numbers(warehouse) == of_api(warehouse, KEY) | {gone: pseudonym(text)}
    warehouse.later(hours=1)
    assert "Pseudonyms" not in str(warehouse.sync(**CONCEALED).note)
    assert numbers(warehouse) == of_api(warehouse, KEY) | {gone: pseudonym(text)}


@ENGINES
def test_switched_off_or_with_another_key_everything_is_read_again(
    warehouse: Warehouse, engine: str
) -> None:
    warehouse.sync(**CONCEALED)
    warehouse.later(hours=1)
    record = warehouse.sync(**CONCEALED | {"pseudonym_key": OTHER_KEY})
    assert (record.is_complete, "have another key: everything" in str(record.note)) == (True, True)
    assert numbers(warehouse) == of_api(warehouse, OTHER_KEY)

    warehouse.later(hours=1)
    record = warehouse.sync()
    assert (record.is_complete, record.mode) == (True, "full")
    assert numbers(warehouse) == of_api(warehouse)


def test_what_a_killed_run_had_read_is_loaded_as_pseudonyms_too(warehouse: Warehouse) -> None:
    warehouse.prepare = kill_at("extract", 0)
    with pytest.raises(Killed):
        warehouse.sync(**CONCEALED)
    warehouse.prepare = lambda _: None
    warehouse.later(minutes=1)
    assert warehouse.sync(**CONCEALED).is_complete
    assert numbers(warehouse) == of_api(warehouse, KEY)


def test_a_new_field_can_be_a_pseudonym(warehouse: Warehouse) -> None:
    warehouse.service.switches.new_field = "customer"
    warehouse.sync(pseudonymise=["customer"], pseudonym_key=KEY)
    assert warehouse.rows("select distinct customer from sendcloud.tickets") == [
        (pseudonym("high"),)
    ]
    assert numbers(warehouse) == of_api(warehouse)


@pytest.mark.parametrize(
    ("fields", "key", "sentence"),
    [
        ('["order_number"]', "", "pseudonym_key should be a secret of at least 16 characters"),
        ('["order_number"]', "short", "pseudonym_key should be a secret of at least 16"),
        ('["status", "id"]', KEY, "pseudonymise names id, status, which the tables need as it is"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_code_2(
    warehouse: Warehouse, fields: str, key: str, sentence: str
) -> None:
    settings = {f"{SOURCE}__PSEUDONYMISE": fields, f"{SOURCE}__PSEUDONYM_KEY": key}
    done = warehouse.cli("sync", **settings)
    assert (done.code, sentence in done.err) == (2, True), done.err
    assert warehouse.service.requests == []


def test_the_environment_can_say_it_and_the_key_is_told_nowhere(warehouse: Warehouse) -> None:
    settings = {f"{SOURCE}__PSEUDONYMISE": '["order_number"]', f"{SOURCE}__PSEUDONYM_KEY": KEY}
    done = warehouse.cli("sync", **settings)
    assert (done.code, done.err) == (0, "")
    assert numbers(warehouse) == of_api(warehouse, KEY)
    assert everywhere(warehouse, KEY.encode()) == []


@ENGINES
def test_a_value_of_an_order_in_clear_is_refused_where_pseudonyms_are_loaded(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    project = shutil.copytree(
        PROJECT, tmp_path / "transform", ignore=shutil.ignore_patterns("target")
    )
    monkeypatch.setattr("pipelines.marts.marts.PROJECT", project)
    values, head = project / "seeds" / "claim_values.csv", "order_number,parcel_id,value,currency\n"
    number = next(text for text in of_api(warehouse).values() if text)
    warehouse.sync(**CONCEALED)
    warehouse.release()

    values.write_text(f"{head},77,5,EUR\n{number},,120.50,EUR\n")
    with pytest.raises(ConfigurationValueError) as refused:
        run_marts(open_pipeline())

    assert str(refused.value) == (
        "transform/seeds/claim_values.csv, line 3: order_number should be the pseudonym that is "
        "loaded, or empty beside a parcel_id (SECURITY.md). Nothing was built: mend it and build "
        "again."
    )
    values.write_text(f"{head},77,5,EUR\n{pseudonym(number)},,120.50,EUR\n")
    assert run_marts(open_pipeline()) == 0


# --- forgetting ----------------------------------------------------------------------------------

MARK = "ORD-OF-SOMEBODY-4711"
"""Stands in the forgotten ticket and nowhere else."""


def everywhere(warehouse: Warehouse, text: bytes) -> list[Path]:
    """The files of the working folder that hold it."""
    warehouse.release()
    files = [each for each in (warehouse.folder / "dlt").rglob("*") if each.is_file()]
    return [each for each in files if text in each.read_bytes()]


def forget(warehouse: Warehouse, *arguments: str) -> Done:
    return warehouse.cli("forget", *arguments)


def somebody(warehouse: Warehouse) -> int:
    """A ticket with everything in it: requests, a resolution, a number that nobody else has."""
    [newest] = warehouse.account.newest(1)
    at = warehouse.account.clock.now() - timedelta(hours=3)
    request = {"id": 9001, "data_type": "sales_invoice", "created_at": at}
    warehouse.account.hold(
        newest,
        order_number=MARK,
        status="customer_documents_requested",
        requested_actions=[request],
        resolution={"outcome": "delivered", "amount": None, "currency": None, "solved_at": None},
    )
    return newest


def rows_of(warehouse: Warehouse, ticket_id: int) -> dict[str, int]:
    """How many rows of each table are the ticket's."""
    tables = ("tickets__requested_actions", "tickets__resolution", "ticket_status_history")
    tables += ("requested_action_history", "resolution_history", "tickets_set_aside")
    found = {
        table: f"select count(*) from sendcloud.{table} where ticket_id = ?" for table in tables
    } | {"tickets": "select count(*) from sendcloud.tickets where id = ?"}
    return {table: warehouse.rows(sql, ticket_id)[0][0] for table, sql in found.items()}


@ENGINES
def test_a_forgotten_ticket_is_in_no_table_and_the_others_are_as_they_were(
    warehouse: Warehouse, engine: str
) -> None:
    ticket_id = somebody(warehouse)
    warehouse.sync()
    warehouse.later(hours=1)
    warehouse.account.drop(ticket_id)
    warehouse.refresh(ticket_id)  # its note names the ticket
    before = warehouse.everything()
    assert sum(rows_of(warehouse, ticket_id).values()) >= 6
    assert warehouse.rows(
        "select note from sendcloud.sync_runs where note like ?", f"%{ticket_id}%"
    )

    done = forget(warehouse, str(ticket_id), "--yes")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Forgot 1 ticket in sendcloud: rows of ")
    assert "tickets 1." in done.out
    assert "Taken out of 1 note in sendcloud.sync_runs." in done.out
    assert set(rows_of(warehouse, ticket_id).values()) == {0}
    assert warehouse.everything() == {
        table: [row for row in rows if row[0] != ticket_id] for table, rows in before.items()
    }
    assert not warehouse.rows(
        "select note from sendcloud.sync_runs where note like ?", f"%{ticket_id}%"
    )
    assert everywhere(warehouse, MARK.encode()) == []
    warehouse.later(hours=1)
    assert warehouse.sync().is_complete
    assert warehouse.held() == truth(warehouse.account.tickets())


def test_what_waits_in_the_journal_and_in_packages_is_forgotten_too(warehouse: Warehouse) -> None:
    ticket_id = somebody(warehouse)
    warehouse.prepare = kill_at("load", 0)
    with pytest.raises(Killed):
        warehouse.sync()
    warehouse.prepare = lambda _: None
    assert len(everywhere(warehouse, MARK.encode())) >= 2

    done = forget(warehouse, str(ticket_id), "--yes")

    assert done.code == 0
    assert "Answers that waited to be loaded were deleted too" in done.out
    assert everywhere(warehouse, MARK.encode()) == []
    warehouse.account.drop(ticket_id)
    assert warehouse.sync().is_complete
    assert warehouse.held() == truth(warehouse.account.tickets())


def test_what_a_new_field_of_the_ticket_brought_goes_with_it(warehouse: Warehouse) -> None:
    ticket_id = somebody(warehouse)
    other = warehouse.account.newest(2)[1]
    warehouse.account.hold(ticket_id, parts=[{"name": MARK, "bits": [{"of": MARK}]}])
    warehouse.account.hold(other, parts=[{"name": "kept", "bits": [{"of": "kept"}]}])
    warehouse.sync()

    forget(warehouse, str(ticket_id), "--yes")

    assert warehouse.rows("select name from sendcloud.tickets__parts") == [("kept",)]
    assert warehouse.rows('select "of" from sendcloud.tickets__parts__bits') == [("kept",)]


def test_a_forgotten_ticket_that_the_api_still_has_comes_back_as_is_said(
    warehouse: Warehouse,
) -> None:
    ticket_id = somebody(warehouse)
    warehouse.sync()
    done = forget(warehouse, str(ticket_id), "--yes")
    assert "A ticket that the API still has comes back with the next sync" in done.out
    warehouse.later(hours=1)
    assert warehouse.sync().is_complete
    assert warehouse.held() == truth(warehouse.account.tickets())


@ENGINES
def test_all_is_forgotten_and_another_account_may_begin(warehouse: Warehouse, engine: str) -> None:
    somebody(warehouse)
    warehouse.sync()
    warehouse.rows("create schema if not exists sendcloud_marts")
    a_day, a_second = (
        AsOf(moment).beside("sendcloud_marts")
        for moment in (datetime(2026, 10, 1), datetime(2026, 10, 1, 9, 30, 5))
    )
    for schema in (a_day, a_second, f"{a_day}_staging", "sendcloud_marts_of_mine"):
        warehouse.rows(f"create schema {schema}")
        warehouse.rows(f"create table {schema}.fct as select 1 as one")
    warehouse.rows("create table sendcloud_marts.fct as select * from sendcloud.tickets")
    warehouse.rows("create view sendcloud_marts.old as select * from sendcloud_marts.fct")
    warehouse.rows("create table sendcloud.notes_of_mine as select 1 as one")

    done = forget(warehouse, "--all", "--yes")

    assert (done.code, done.err) == (0, "")
    left = warehouse.rows(
        "select table_schema, table_name from information_schema.tables where table_schema like ? "
        "order by table_schema",
        "sendcloud%",
    )
    assert left == [("sendcloud", "notes_of_mine"), ("sendcloud_marts_of_mine", "fct")]
    assert everywhere(warehouse, MARK.encode()) == []
    assert "Dropped 2 tables and views of sendcloud_marts." in done.out
    warehouse.later(hours=1)
    assert warehouse.sync().is_complete
    assert warehouse.held() == truth(warehouse.account.tickets())


def test_nothing_is_deleted_that_nobody_confirmed(warehouse: Warehouse) -> None:
    warehouse.sync()
    before = warehouse.everything()
    done = forget(warehouse, "--all")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "Nobody is here to confirm that everything of this account may be deleted. Say it with "
        "--yes.\n"
    )
    assert warehouse.everything() == before


@pytest.mark.parametrize(("answer", "code"), [("yes", 0), ("y", 1), ("", 1)])
def test_on_a_terminal_it_asks(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    warehouse.sync()
    warehouse.release()
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    assert main(["forget", "--all"]) == code
    assert bool(
        warehouse.rows("select 1 from information_schema.tables where table_name = 'tickets'")
    ) == (code == 1)


@pytest.mark.parametrize("arguments", [(), ("42", "--all")])
def test_tickets_or_all_have_to_be_named(warehouse: Warehouse, arguments: tuple[str, ...]) -> None:
    done = forget(warehouse, *arguments, "--yes")
    assert (done.code, "Name tickets by their ids, or --all" in done.err) == (2, True)


def test_where_nothing_is_loaded_nothing_is_made(warehouse: Warehouse) -> None:
    done = forget(warehouse, "42", "--yes")
    assert done.out == "Nothing is loaded here, so there is nothing to forget.\n"
    assert not warehouse.file.exists()
