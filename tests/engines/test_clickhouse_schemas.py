"""Schemas of a ClickHouse are beginnings of names: put together by them, and forgotten by them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pipelines.accounts import Account as Kept
from pipelines.marts import build_together
from pipelines.privacy.forgetting import forget_account
from simulator import Account, Clock, World
from tests.engines.clickhouse import ClickHouse, MakeHouse
from tests.pipelines.warehouses import truth

WORLD = World(seed=3, tickets=60, months=4)
TOGETHER = "sendcloud_accounts_marts"
PAYOUTS = f"select account, ticket_id, amount, day from {TOGETHER}___fct order by account"
MART = """
    create table {} (ticket_id Int64, amount Nullable(Decimal(18, 4)), day Nullable(Date32))
    order by () as select {}
"""


def fill(house: ClickHouse, *tables: str) -> None:
    house.command(*(MART.format(f"{table}___fct", "1, 12.5, null") for table in tables))


def test_the_marts_of_all_accounts_stand_together_and_one_can_be_forgotten(
    make_house: MakeHouse,
) -> None:
    house, said = make_house(), list[str]()
    house.command(
        MART.format("sendcloud_berlin_marts___fct", "7, 12.5, toDate32('1969-07-20')"),
        MART.format("sendcloud_berlin_marts___fct__next", "8, null, null"),
        MART.format("sendcloud_koeln_marts___fct", "7, null, null"),
        MART.format(f"{TOGETHER}___fct", "1, null, null"),
        MART.format(f"{TOGETHER}___of_an_older_version", "1, null, null"),
    )
    berlin, koeln, bonn = (
        Kept(name, dataset=f"sendcloud_{name}") for name in ("berlin", "koeln", "bonn")
    )

    build_together([berlin, koeln, bonn], said.append)

    assert said == [
        "Not among the marts of all accounts: bonn, as they have none yet.",
        "sendcloud_accounts_marts holds the marts of berlin, koeln, by account.",
    ]
    assert house.tables(TOGETHER) == [f"{TOGETHER}___fct"]
    assert house.ask(PAYOUTS) == [
        ("berlin", 7, Decimal("12.5"), date(1969, 7, 20)),
        ("koeln", 7, None, None),
    ]
    told = list(forget_account(berlin, TOGETHER))
    assert told[:2] == [
        "Dropped 2 tables and views of sendcloud_berlin_marts.",
        f"Deleted its rows from 1 table of {TOGETHER}.",
    ]
    assert house.ask(PAYOUTS) == [("koeln", 7, None, None)]
    assert house.tables("sendcloud_berlin_marts") == []
    assert len(house.tables("sendcloud_koeln_marts")) == 1


def test_a_ticket_is_forgotten_and_then_all_and_another_account_may_begin(
    make_house: MakeHouse,
) -> None:
    house = make_house(Account(WORLD, Clock(WORLD.end)))
    house.sync()
    fill(house, "sendcloud_marts", "sendcloud_marts_as_of_20261001_staging", "sendcloud_marts_mine")
    house.command("create table sendcloud___notes_of_mine (one Int8) order by () as select 1")
    [ticket_id] = house.account.newest(1)

    one = house.cli("forget", str(ticket_id), "--yes")

    assert (one.code, one.out.startswith("Forgot 1 ticket in sendcloud: rows of ")) == (0, True)
    assert "sendcloud_marts and sendcloud_marts_as_of_20261001_staging hold them" in one.out
    counts = [
        house.rows(f"select count(*) from {table} where {key} = {ticket_id}")
        for table, key in (("tickets", "id"), ("ticket_status_history", "ticket_id"))
    ]
    assert counts == [[(0,)], [(0,)]]

    done = house.cli("forget", "--all", "--yes")

    assert (done.code, done.err) == (0, "")
    assert house.ask(
        "select name from system.tables where database = currentDatabase() order by 1"
    ) == [
        ("sendcloud___notes_of_mine",),
        ("sendcloud_marts_mine___fct",),
    ]
    house.later(hours=1)
    assert house.sync().is_complete
    assert house.held() == truth(house.account.tickets())
