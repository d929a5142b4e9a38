"""A table that is there and cannot be read is an error, and never an empty warehouse."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import urlsplit

import duckdb
import pytest

from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Warehouse, truth
from tests.postgres import connect

HIDDEN = "alter table sendcloud.{name} rename to hidden"
VIEW_OF_NOTHING = (
    "create view sendcloud.{name} as select * from sendcloud.hidden; "
    "alter table sendcloud.hidden rename to elsewhere"
)
VIEW_OF_NO_FILE = (
    "copy sendcloud.hidden to '{folder}/rows.parquet'; "
    "create view sendcloud.{name} as select * from '{folder}/rows.parquet'"
)
SENTENCE = (
    "The warehouse has a table {name}, but it cannot be read. Nothing was read from the API or "
    "changed."
)


def change(warehouse: Warehouse, *statements: str, name: str) -> None:
    warehouse.release()
    with duckdb.connect(str(warehouse.file)) as connection:
        for statement in statements:
            connection.execute(statement.format(name=name, folder=warehouse.folder))


@pytest.mark.parametrize("name", ["tickets", "sync_runs", "_sendcloud_account"])
def test_a_view_of_a_table_that_is_gone_is_no_empty_table(make: Make, name: str) -> None:
    warehouse = make()
    warehouse.sync()
    change(warehouse, HIDDEN, VIEW_OF_NOTHING, name=name)
    warehouse.service.reset_log()

    done = warehouse.cli("sync")

    assert (done.code, done.out) == (1, "")
    assert SENTENCE.format(name=name) in done.err
    assert warehouse.service.requests == []


@pytest.mark.parametrize("name", ["_dlt_version", "_dlt_pipeline_state", "_dlt_loads"])
def test_bookkeeping_of_dlt_that_cannot_be_read_is_an_error(make: Make, name: str) -> None:
    warehouse = make()
    warehouse.sync()
    change(warehouse, HIDDEN, VIEW_OF_NOTHING, name=name)
    warehouse.service.reset_log()

    done = warehouse.cli("sync")

    assert (done.code, done.out) == (1, "")
    assert warehouse.service.requests == []


def test_a_view_of_a_file_that_is_gone_is_no_empty_table(make: Make) -> None:
    warehouse = make()
    warehouse.sync()
    change(warehouse, HIDDEN, VIEW_OF_NO_FILE, name="tickets")
    (warehouse.folder / "rows.parquet").unlink()

    done, seen = warehouse.cli("sync"), warehouse.cli("status")

    assert (done.code, seen.code) == (1, 1)
    assert SENTENCE.format(name="tickets") in done.err
    assert SENTENCE.format(name="tickets") in seen.err


def test_a_file_that_was_cut_is_no_empty_warehouse(make: Make) -> None:
    warehouse = make()
    warehouse.sync()
    warehouse.release()
    whole = warehouse.file.read_bytes()
    warehouse.file.write_bytes(whole[: len(whole) // 3])
    warehouse.service.reset_log()

    done = warehouse.cli("sync")

    assert (done.code, done.out) == (1, "")
    assert warehouse.service.requests == []


def test_once_mended_the_run_goes_on_as_if_nothing_had_been(make: Make) -> None:
    warehouse = make()
    warehouse.sync()
    change(warehouse, HIDDEN, VIEW_OF_NOTHING, name="tickets")
    assert warehouse.cli("sync").code == 1

    change(
        warehouse,
        "drop view sendcloud.{name}",
        "alter table sendcloud.elsewhere rename to {name}",
        name="tickets",
    )
    record = warehouse.sync()

    assert (record.tickets_new, record.is_complete) == (0, True)
    assert warehouse.held() == truth(warehouse.account.tickets())


def administer(url: str, *statements: str) -> None:
    with closing(connect(url)) as opened, opened.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_a_foreign_table_of_nothing_is_no_empty_table(make: Make, postgres_url: str) -> None:
    """The other server's "does not exist" comes through as if it were this one's."""
    warehouse = make(postgres=postgres_url)
    warehouse.sync()
    parts = urlsplit(postgres_url)
    administer(
        postgres_url,
        "create extension postgres_fdw",
        "create server other foreign data wrapper postgres_fdw options "
        f"(host '{parts.hostname}', port '{parts.port}', dbname '{parts.path[1:]}')",
        "create user mapping for current_user server other options "
        f"(user '{parts.username}', password '{parts.password or ''}')",
        "create foreign table sendcloud.shown (id bigint) server other "
        "options (schema_name 'nowhere', table_name 'tickets')",
        "alter table sendcloud.tickets rename to hidden",
        "alter foreign table sendcloud.shown rename to tickets",
    )
    warehouse.service.reset_log()

    done = warehouse.cli("sync")

    assert (done.code, done.out) == (1, "")
    assert SENTENCE.format(name="tickets") in done.err
    assert warehouse.service.requests == []


def test_a_table_that_may_not_be_read_is_no_empty_table(make: Make, postgres_url: str) -> None:
    """A missing right is for somebody to change: code 2, as with every other."""
    warehouse = make(postgres=postgres_url)
    warehouse.sync()
    name = f"reader_{urlsplit(postgres_url).path[1:]}"
    administer(
        postgres_url,
        f"create role {name} login password 'pw-{name}'",
        f"grant all on all tables in schema sendcloud, sendcloud_staging to {name}",
        f"grant all on schema sendcloud, sendcloud_staging to {name}",
        f"revoke all on sendcloud.tickets from {name}",
    )
    warehouse.service.reset_log()
    parts = urlsplit(postgres_url)
    address = f"postgresql://{name}:pw-{name}@{parts.hostname}:{parts.port}{parts.path}"

    try:
        done = warehouse.cli("sync", DESTINATION__WAREHOUSE__CREDENTIALS=address)
    finally:
        administer(postgres_url, f"drop owned by {name}", f"drop role {name}")

    assert (done.code, done.out) == (2, "")
    assert "may not read and write all that is needed" in done.err
    assert warehouse.service.requests == []
    assert warehouse.held() == truth(warehouse.account.tickets())
