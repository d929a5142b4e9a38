"""Tables of the user's own: never read, never counted, never loaded into."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import duckdb
import pytest
from dlt.common.destination import DestinationCapabilitiesContext

from sources.sendcloud_support.holdings.qualified import qualified
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Warehouse, truth
from tests.postgres import connect

OURS = (
    "tickets",
    "tickets__requested_actions",
    "tickets__resolution",
    "ticket_status_history",
    "requested_action_history",
    "sync_runs",
)


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, make: Make) -> Warehouse:
    """An account and an empty database of either kind."""
    if request.param == "duckdb":
        return make()
    return make(postgres=request.getfixturevalue("postgres_url"))


def execute(warehouse: Warehouse, *statements: str) -> list[tuple[Any, ...]]:
    """Statements of the user's own; the rows of the last."""
    warehouse.release()
    if warehouse.postgres:
        with closing(connect(warehouse.postgres)) as opened, opened.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    with duckdb.connect(str(warehouse.file)) as opened:
        for statement in statements:
            opened.execute(statement)
        return opened.fetchall() if opened.description else []


def home(warehouse: Warehouse) -> str:
    """The schema in which a user's tables are by default."""
    return "public" if warehouse.postgres else "main"


def own_tables(warehouse: Warehouse) -> list[str]:
    """Tables of all our names, with a row, where the user keeps their own."""
    return [
        f"create table {home(warehouse)}.{name} as select 7 as id, 7 as ticket_id, "
        "cast(null as timestamp) as vanished_at, 'mine' as status"
        for name in OURS
    ]


class Client:
    """Writes names as dlt's clients do."""

    capabilities = DestinationCapabilitiesContext.generic_capabilities()

    @staticmethod
    def make_qualified_table_name(name: str) -> str:
        return f'"s"."{name}"'


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            "select count(*) from tickets where id = %s",
            'select count(*) from "s"."tickets" where id = %s',
        ),
        (
            "insert into h (a) select md5('from t' || x) from t where t.b is distinct from c",
            (
                """insert into "s"."h" (a) select md5('from t' || x) from "s"."t" where t.b"""
                " is distinct from c"
            ),
        ),
        (
            "select 1 from t where not exists (select 1 from h where a = t.id)",
            'select 1 from "s"."t" where not exists (select 1 from "s"."h" where a = t.id)',
        ),
        (
            "update tickets set a = %s where b < %s",
            'update "s"."tickets" set a = %s where b < %s',
        ),
        (
            "delete from h where (a, b) in ((%s, %s), (%s, %s))",
            'delete from "s"."h" where (a, b) in ((%s, %s), (%s, %s))',
        ),
        (
            "with c as (select x from t) select * from c left join other.t as o on o.x = c.x",
            'with c as (select x from "s"."t") select * from c left join other.t as o on o.x = c.x',
        ),
    ],
)
def test_a_statement_names_the_dataset_of_each_table(written: str, meant: str) -> None:
    assert qualified(Client, written) == meant


def test_status_counts_no_table_of_the_users_own(warehouse: Warehouse) -> None:
    execute(warehouse, *own_tables(warehouse))

    done = warehouse.cli("status")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Nothing is loaded yet.")


def test_marts_reads_no_table_of_the_users_own(warehouse: Warehouse) -> None:
    execute(warehouse, *own_tables(warehouse))

    done = warehouse.cli("marts")

    assert done.code == 1
    assert "Nothing is loaded in this warehouse yet." in done.out


def test_a_mart_is_never_read_from_a_table_of_the_users_own(warehouse: Warehouse) -> None:
    execute(warehouse, f"create table {home(warehouse)}.mart_payouts_monthly as select 1 as month")

    done = warehouse.cli("report")

    assert done.code == 1, done.out


def test_syncs_are_exact_beside_tables_of_the_users_own(warehouse: Warehouse) -> None:
    execute(warehouse, *own_tables(warehouse))
    mine = f"select * from {home(warehouse)}.tickets"
    before = execute(warehouse, mine)

    first = warehouse.sync()
    warehouse.later(hours=1)
    gone = warehouse.account.tickets()[5]["id"]
    warehouse.account.drop(gone)
    second = warehouse.sync(full=True)

    assert (first.is_complete, second.is_complete) == (True, True)
    assert warehouse.held() == truth(warehouse.account.tickets(), [gone])
    facts = json.loads(warehouse.cli("status", "--json").out)
    assert facts["tables"]["tickets"] == len(warehouse.account.tickets()) + 1
    assert execute(warehouse, mine) == before


def test_a_table_of_the_users_own_inside_the_dataset_disturbs_nothing(
    warehouse: Warehouse,
) -> None:
    execute(
        warehouse,
        "create schema sendcloud",
        "create table sendcloud.notes as select 1 as id, 'call them' as note",
        "create view sendcloud.two as select 2 as two",
    )

    assert warehouse.sync().is_complete
    assert warehouse.sync(full=True).is_complete

    assert warehouse.held() == truth(warehouse.account.tickets())
    assert warehouse.rows("select * from notes") == [(1, "call them")]


@pytest.mark.parametrize(
    ("table", "columns", "wrong"),
    [
        ("tickets", "7 as id, 'mine' as subject", "_dlt_id"),
        ("tickets", "'7' as id, 'x' as _dlt_id, 'y' as _dlt_load_id", "created_at"),
        ("sync_runs", "'x' as run_id, 'y' as _dlt_id, 'z' as _dlt_load_id", "finished_at"),
    ],
)
@pytest.mark.parametrize("command", ["sync", "check"])
def test_a_table_of_another_shape_inside_the_dataset_is_refused(
    warehouse: Warehouse, command: str, table: str, columns: str, wrong: str
) -> None:
    execute(
        warehouse, "create schema sendcloud", f"create table sendcloud.{table} as select {columns}"
    )
    before = tables_of(warehouse)

    done = warehouse.cli(command)

    sentence = (
        f"The warehouse has a table sendcloud.{table} that is not ours: {wrong} is missing or of "
        "another type. Nothing was changed. Rename that table, or name another database in "
        "[destination.warehouse].\n"
    )
    assert (done.code, (done.out + done.err).endswith(sentence)) == (2, True), done
    assert tables_of(warehouse) == before
    if command == "sync":
        assert warehouse.service.requests == []


def tables_of(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Every column of every table of the database."""
    return execute(
        warehouse,
        "select table_schema, table_name, column_name from information_schema.columns "
        "where table_schema not in ('information_schema', 'pg_catalog') order by 1, 2, 3",
    )
