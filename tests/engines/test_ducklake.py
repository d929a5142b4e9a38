"""DuckLake: the lake holds what DuckDB holds, is locked, and can be read while it is loaded.

Runs in an environment of its own, see `test_environments`: DuckDB's extensions are on the package
index for one of its versions.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

if os.environ.get("TEST_INSIDE") != "ducklake":
    pytest.skip("This runs where DuckDB has its extensions.", allow_module_level=True)

from duckdb_extensions import import_extension  # type: ignore[import-not-found]

from pipelines.marts import publish as publish_marts
from pipelines.marts import run_marts
from pipelines.marts.publishing import discard
from pipelines.warehouse import only_run, open_pipeline
from pipelines.warehouse.engines.ducklake import detach
from simulator import serve
from tests.engines.environments import packages_of
from tests.engines.lake import ADDRESS, KIND, Lake
from tests.engines.steps import account, kill, steps
from tests.pipelines.conftest import KEYS, Make
from tests.pipelines.marts.test_publish import by_its_driver, by_sail, publish
from tests.pipelines.warehouses import Warehouse, truth

MakeLake = Callable[..., Lake]
CATALOGS = pytest.mark.parametrize("catalog", ["file", "postgres"])
MARTS = """
    select table_name from information_schema.tables
    where table_schema = 'sendcloud_marts' order by table_name
"""


OURS = """
    select table_schema, table_name from information_schema.tables
    where table_catalog = 'lake' and table_schema like 'sendcloud%'
"""


@pytest.fixture(scope="session", autouse=True)
def extensions() -> None:
    for name in ("ducklake", "sqlite_scanner", "postgres_scanner"):
        import_extension(name)


@pytest.fixture
def make_lake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[MakeLake]:
    """Serve the world and give a lake for it."""
    with ExitStack() as stack:

        def make(catalog: str = "file", **settings: Any) -> Lake:
            served = account()
            clock = served.clock
            service = stack.enter_context(
                serve(served, None, keys=KEYS, time=lambda: clock.now().timestamp())
            )
            url = request.getfixturevalue("postgres_url") if catalog == "postgres" else ""
            lake = Lake(service, tmp_path, url, **settings)
            lake.configure(monkeypatch)
            source = "SOURCES__SENDCLOUD_SUPPORT"
            monkeypatch.setenv(f"{source}__BASE_URL", service.base_url)
            for name, value in zip(("PUBLIC_KEY", "SECRET_KEY"), KEYS, strict=True):
                monkeypatch.setenv(f"{source}__CREDENTIALS__{name}", value)
            return lake

        yield make


@CATALOGS
def test_a_lake_holds_what_duckdb_holds_after_every_step(
    make: Make, make_lake: MakeLake, catalog: str
) -> None:
    expected = dict(steps(make(account())))

    for step, found in steps(make_lake(catalog)):
        assert (step, found) == (step, expected[step])


@pytest.mark.parametrize(
    ("catalog", "place", "turn", "is_after"),
    [
        ("file", "dlt.destinations.job_client_impl:SqlLoadJob.run", 1, True),
        ("postgres", "pipelines.loading.history_tables:_begin", 1, False),
    ],
    ids=["amid the merge", "before the histories"],
)
def test_a_killed_run_is_made_good_by_the_next(
    make_lake: MakeLake, catalog: str, place: str, turn: int, is_after: bool
) -> None:
    lake = make_lake(catalog)
    kill(lake, place, turn, is_after)

    done = lake.cli("sync")

    assert (done.code, lake.held()) == (0, truth(lake.account.tickets())), done.err
    assert len(lake.statuses()) == len(lake.account.tickets())


def test_the_marts_of_a_lake_are_those_of_duckdb_and_are_reported_and_published(
    make: Make, make_lake: MakeLake
) -> None:
    def marts(warehouse: Warehouse) -> dict[str, list[str]]:
        warehouse.sync()
        warehouse.later(days=3)
        warehouse.sync()
        warehouse.release()
        said: list[str] = []
        assert run_marts(open_pipeline(), said.append) == 0, said
        return {
            name: sorted(map(repr, warehouse.rows(f"select * from sendcloud_marts.{name}")))
            for (name,) in warehouse.rows(MARTS)
        }

    expected = marts(make(account()))
    lake = make_lake()
    found = marts(lake)
    report = lake.cli("report", "--out", "report.html")
    published = publish(lake, packages_of("delta"))

    assert len(found) >= 30
    assert found == expected
    assert (report.code, report.out.startswith("Read the configured ducklake warehouse")) == (
        0,
        True,
    )
    assert (published.code, published.err) == (0, "")
    assert by_sail(lake, packages_of("delta")) == by_its_driver(lake)
    check_replaced_and_forgotten(lake)


def check_replaced_and_forgotten(lake: Lake) -> None:
    """Marts take the places of older ones, what a killed build left goes, and so does all."""
    mart = "lake.sendcloud_marts.fct_ticket_resolution"
    for build, step in enumerate((publish_marts, discard)):
        with closing(lake.attach()) as opened:
            opened.execute(f"create table {mart}__next as select {build} as build")
        step(open_pipeline(), "sendcloud_marts")
        detach()
        assert lake.rows(f"select * from {mart}") == [(0,)]
    assert all("__next" not in name for (name,) in lake.rows(MARTS))

    done = lake.cli("forget", "--all", "--yes")

    assert (done.code, done.err) == (0, "")
    assert lake.rows(OURS) == []


def test_who_reads_while_a_sync_loads_sees_no_error(make_lake: MakeLake) -> None:
    lake = make_lake(window_tickets=40)
    lake.sync()
    lake.later(days=3)
    counts = []

    loading = lake.start("sync", "--full")
    while loading.poll() is None:
        with closing(lake.attach()) as opened:
            counts += opened.execute("select count(*) from lake.sendcloud.tickets").fetchall()
    lake.end(loading)

    assert loading.returncode == 0
    assert len(counts) > 3
    assert [count for (count,) in counts if count < 240] == []
    assert lake.held() == truth(lake.account.tickets())


@CATALOGS
def test_a_lake_keeps_rows_in_files_unless_somebody_decided_otherwise(
    make_lake: MakeLake, catalog: str
) -> None:
    told = "select value from lake.options() where option_name = 'data_inlining_row_limit'"
    lake = make_lake(catalog)
    lake.sync()
    with closing(lake.attach()) as opened:
        assert opened.execute(told).fetchall() == [("0",)]
        opened.execute("call lake.set_option('data_inlining_row_limit', 7)")
    detach()

    lake.later(days=1)
    lake.sync()

    with closing(lake.attach()) as opened:
        assert opened.execute(told).fetchall() == [("7",)]
    assert lake.held() == truth(lake.account.tickets())


@CATALOGS
def test_a_second_run_from_another_folder_is_kept_from_the_lake(
    make_lake: MakeLake, tmp_path: Path, catalog: str
) -> None:
    lake = make_lake(catalog)
    with only_run(open_pipeline(folder=tmp_path / "elsewhere")):
        done = lake.cli("sync")

    held = "file lake.sqlite.lock" if catalog == "file" else "advisory lock of the lake's catalog"
    assert (done.code, held in done.err) == (5, True), done.err
    assert lake.service.requests == []


def test_small_files_are_merged(make_lake: MakeLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.warehouse.engines.ducklake.FILES_OF_A_TABLE", 5)
    lake = make_lake(live_max_age_minutes=0)
    for _ in range(4):
        lake.later(days=1)
        lake.sync(full=True)

    with closing(lake.attach()) as opened:
        [(most,)] = opened.execute(
            "select max(file_count) from ducklake_table_info('lake')"
        ).fetchall()
    assert most < 5
    assert lake.held() == truth(lake.account.tickets())


def test_status_and_check_work_on_a_lake_named_by_its_table(
    make_lake: MakeLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = make_lake()
    for name in ("CATALOG", "STORAGE__BUCKET_URL"):
        monkeypatch.delenv(f"{ADDRESS}__{name}")
    monkeypatch.delenv(KIND)
    (lake.folder / "dlt" / ".dlt" / "secrets.toml").write_text(
        '[destination.warehouse]\ndestination_type = "ducklake"\n'
        "[destination.warehouse.credentials]\n"
        'catalog = "sqlite:///lake.sqlite"\nstorage = "lake.files"\n'
    )

    assert lake.cli("check").out.splitlines()[-1] == (
        "ok      Warehouse: ducklake is writable, dataset sendcloud has its tables."
    )
    assert lake.cli("sync").code == 0
    facts = json.loads(lake.cli("status", "--json").out)

    assert facts["tables"]["tickets"] == len(lake.account.tickets())


def test_what_is_no_lake_is_told_how_one_looks(
    make_lake: MakeLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = make_lake()
    lake.sync()
    monkeypatch.setenv(f"{ADDRESS}__STORAGE__BUCKET_URL", str(lake.folder / "other"))
    elsewhere = lake.cli("status")
    monkeypatch.setenv(f"{ADDRESS}__CATALOG", "mysql://user:hush@127.0.0.1/x")

    done = lake.cli("sync")

    assert (done.code, done.err) == (
        2,
        (
            "destination.warehouse.credentials is no lake. It should be a table with catalog, such "
            "as sqlite:///tickets.sqlite or postgresql://user:password@host:5432/database, and "
            "storage, the folder or bucket of its files.\n"
        ),
    )
    assert (elsewhere.code, elsewhere.err) == (
        2,
        (
            "The storage in destination.warehouse.credentials is another than the one that the "
            "lake's catalog knows. Name that one, or an empty catalog.\n"
        ),
    )
