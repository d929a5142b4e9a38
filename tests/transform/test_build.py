"""dbt itself, on both engines: `python -m pipelines marts` and plain `dbt build`."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.dbt_process import PROJECT
from pipelines.marts.as_of import read_as_of
from pipelines.marts.marts import run_dbt, run_marts
from pipelines.reading import NoMartError, read_mart, read_query
from pipelines.warehouse.warehouse import open_pipeline, read_only
from tests.postgres import connect, own_database
from tests.transform.conftest import Once, build_marts, open_marts, warehouse_of
from tests.transform.project import Project
from tests.transform.raw import fill_duckdb, fill_postgres

Tables = dict[str, list[tuple[Any, ...]]]


def results(folder: Path) -> dict[str, str]:
    found = json.loads((folder / "dbt/target/run_results.json").read_text(encoding="utf-8"))
    return {result["unique_id"]: result["status"] for result in found["results"]}


def contents(marts: duckdb.DuckDBPyConnection, project: Project) -> Tables:
    return {
        name: sorted(marts.execute(f"select {columns(node)} from {name}").fetchall(), key=repr)
        for name, node in project.marts.items()
    }


def columns(node: Any) -> str:
    return ", ".join(node["columns"])


def test_everything_builds_and_every_test_passes(built_world: Path) -> None:
    """Models, seeds, data tests and unit tests, none of them even a warning."""
    assert (built_world / "code").read_text(encoding="utf-8") == "0"
    ended = results(built_world)
    kinds = {name.split(".")[0] for name in ended}
    assert kinds >= {"model", "seed", "test", "unit_test"}
    assert {name: status for name, status in ended.items() if status not in GOOD} == {}


GOOD = {"success", "pass", "no-op"}


def test_a_rebuild_on_the_same_data_is_identical_to_the_last_bit(
    built_world: Path, project: Project, tmp_path: Path
) -> None:
    """And it says in one line what was built, nothing of the tickets."""
    copied = tmp_path / "copied.duckdb"
    shutil.copy(built_world / "world.duckdb", copied)
    with open_marts(copied) as marts:
        before = contents(marts, project)
    said: list[str] = []

    assert run_marts(warehouse_of(str(copied), tmp_path), said.append) == 0
    with open_marts(copied) as marts:
        assert contents(marts, project) == before
    [line] = said
    marts_and_steps = sum(".stg_" not in name for name in results(built_world) if is_model(name))
    assert line.startswith(f"Marts: {marts_and_steps} of {marts_and_steps} tables built, ")


def is_model(name: str) -> bool:
    return name.startswith("model.")


def test_postgres_holds_the_same_tables_as_duckdb(
    postgres_server: str,
    world_rows: Any,
    built_world: Path,
    project: Project,
    tmp_path: Path,
) -> None:
    """Whole numbers, decimals, text and times equal; doubles to 1e-9. All data tests pass.

    First the same database is an empty account's, and builds too.
    """
    with own_database(postgres_server) as url, closing(connect(url)) as opened:
        fill_postgres(opened, {})
        assert build_marts(url, tmp_path, "--exclude-resource-type", "unit_test") == 0
        fill_postgres(opened, world_rows)
        assert build_marts(url, tmp_path, "--exclude-resource-type", "unit_test") == 0
        assert {n: s for n, s in results(tmp_path).items() if s not in GOOD} == {}
        with opened.cursor() as cursor, open_marts(built_world / "world.duckdb") as marts:
            for name, node in project.marts.items():
                cursor.execute(f"select {columns(node)} from sendcloud_marts.{name}")
                here = marts.execute(f"select {columns(node)} from {name}").fetchall()
                assert_same(name, in_key_order(cursor.fetchall()), in_key_order(here))
            cursor.execute(
                "select count(*) from pg_description join pg_class on objoid = pg_class.oid "
                "join pg_namespace n on n.oid = relnamespace where nspname = 'sendcloud_marts'"
            )
            described = {**project.marts, **project.seeds}
            assert cursor.fetchone() == (sum(1 + len(n["columns"]) for n in described.values()),)


def in_key_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """By everything but doubles, which may differ in their last digit."""
    return sorted(rows, key=lambda row: [str(v) for v in row if not isinstance(v, float)])


def assert_same(name: str, one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]) -> None:
    assert len(one) == len(other), name
    different = [
        (name, a, b)
        for first, second in zip(one, other, strict=True)
        for a, b in zip(first, second, strict=True)
        if a != b and not is_close(a, b)
    ]
    assert different == []


def is_close(a: Any, b: Any) -> bool:
    both = isinstance(a, float) and isinstance(b, float)
    return both and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    file = tmp_path / "empty.duckdb"
    with duckdb.connect(str(file)) as connection:
        fill_duckdb(connection, {})
    return file


def test_an_empty_account_builds_and_passes_every_test(empty: Path, project: Project) -> None:
    said: list[str] = []
    pipeline = warehouse_of(str(empty), empty.parent)

    assert run_marts(pipeline, said.append) == 0, said
    assert said[0] == "The account has no tickets yet: the marts are built, and empty."
    with open_marts(empty) as marts:
        assert contents(marts, project) == {name: [] for name in project.marts}
    assert read_mart("fct_ticket_resolution", pipeline).empty
    moment = read_as_of("2026-10-01")
    assert run_marts(pipeline, said.append, moment) == 0, said
    compared = read_mart("mart_period_comparison", pipeline, moment.beside("sendcloud_marts"))
    assert set(compared["is_watched"]) == {False}


def test_before_the_first_load_marts_say_what_to_run(tmp_path: Path) -> None:
    said: list[str] = []

    assert run_marts(warehouse_of(str(tmp_path / "new.duckdb"), tmp_path), said.append) == 1
    assert said == [
        "Nothing is loaded in this warehouse yet. Run `python -m pipelines sync` first."
    ]


@pytest.fixture
def spoilt(built_world: Path, tmp_path: Path) -> Path:
    """A status nobody knows, and a ticket that is there twice."""
    copied = tmp_path / "copied.duckdb"
    shutil.copy(built_world / "world.duckdb", copied)
    with duckdb.connect(str(copied)) as connection:
        connection.execute("use sendcloud")
        connection.execute(
            "update ticket_status_history set status = 'hush' where status = 'hold'; "
            "insert into tickets from tickets where id = (select max(id) from tickets)"
        )
    return copied


def test_a_failed_check_is_named_and_the_code_says_so(spoilt: Path) -> None:
    said: list[str] = []

    assert run_marts(warehouse_of(str(spoilt), spoilt.parent), said.append) == 1
    assert "source_unique_sendcloud_tickets_id: fail" in said
    assert "dbt.log" in said[-1]
    assert "hush" not in "".join(said)


def test_nothing_secret_is_written_by_a_build_on_postgres(
    postgres_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password of our own, and a key of the API in the environment; every file is searched."""
    password, key = "pw-5ec1a17c0ffee", "sk-77d00d1e"
    monkeypatch.setenv("SOURCES__SENDCLOUD_SUPPORT__CREDENTIALS__SECRET_KEY", key)
    with own_database(postgres_server) as url, closing(connect(url)) as opened:
        with opened.cursor() as cursor:
            cursor.execute("create role keeper login superuser password %s", (password,))
        try:
            fill_postgres(opened, {})
            host = url.rsplit("@", 1)[1]
            keeper = f"postgresql://keeper:{password}@{host}"
            assert (
                run_dbt(
                    ["run", "--select", "stg_as_of"],
                    warehouse_of(keeper, tmp_path),
                    tmp_path / "dbt",
                )
                == 0
            )
            wrong = f"postgresql://keeper:wrong-{password}@{host.replace('test_', 'gone_')}"
            assert (
                run_dbt(
                    ["run", "--select", "stg_as_of"],
                    warehouse_of(wrong, tmp_path),
                    tmp_path / "dbt",
                )
                != 0
            )
        finally:
            with opened.cursor() as cursor:
                cursor.execute("drop owned by keeper cascade; drop role keeper")
    written = [path for path in (tmp_path / "dbt").rglob("*") if path.is_file()]
    assert any(path.name == "dbt.log" for path in written)
    found = {
        path.name
        for path in written
        if any(secret in path.read_bytes() for secret in (password.encode(), key.encode()))
    }
    assert found == set()


def test_another_warehouse_is_refused_with_the_way_to_go_on(tmp_path: Path) -> None:
    import dlt
    from dlt.common.configuration.exceptions import ConfigurationValueError

    from pipelines.warehouse.warehouse import open_pipeline

    elsewhere = open_pipeline(
        dlt.destination("warehouse", destination_type="filesystem", bucket_url=str(tmp_path)),
        tmp_path,
    )
    with pytest.raises(ConfigurationValueError, match=r"transform/README\.md"):
        run_dbt(["build"], elsewhere, tmp_path)


def plain_dbt(
    folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """As a user of dbt would call it, in transform/, with what it writes kept out of there."""
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [str(Path(sys.executable).parent / "dbt"), *arguments],
        cwd=PROJECT,
        env=own
        | {
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def documented(once: Once, built_world: Path) -> Path:
    def write(folder: Path) -> None:
        file = folder / "world.duckdb"
        shutil.copy(built_world / "world.duckdb", file)
        done = plain_dbt(folder, "docs", "generate", "--static", SENDCLOUD_DUCKDB_FILE=str(file))
        assert done.returncode == 0, done.stdout

    return once("documented", write)


def test_the_docs_are_one_static_page(documented: Path, project: Project) -> None:
    page = (documented / "target" / "static_index.html").read_text(encoding="utf-8")

    assert {name for name in project.marts if name not in page} == set()
    assert "Sendcloud support tickets" in page
    assert "median_resolution_days" in page


def test_plain_dbt_leaves_nothing_behind_in_the_project(documented: Path) -> None:
    assert {path.name for path in PROJECT.iterdir()} & {"target", "logs", ".user.yml"} == set()


def test_the_source_is_as_fresh_as_the_last_complete_run(empty: Path, project: Project) -> None:
    """Forty hours ago a run was complete; the one of just now was not."""
    now = datetime.now(UTC)
    with duckdb.connect(str(empty)) as connection:
        connection.execute(
            "create table sendcloud.sync_runs (finished_at timestamptz, is_complete boolean)"
        )
        connection.execute(
            "insert into sendcloud.sync_runs values (?, true), (?, false)",
            [now - timedelta(hours=40), now],
        )
    plain_dbt(empty.parent, "source", "freshness", SENDCLOUD_DUCKDB_FILE=str(empty))

    [found] = json.loads((empty.parent / "target/sources.json").read_text("utf-8"))["results"]
    assert found["status"] == "warn"
    assert found["criteria"]["warn_after"] == {"count": 26, "period": "hour"}
    assert found["criteria"]["error_after"] == {"count": 72, "period": "hour"}


@pytest.fixture
def reading(built_world: Path, tmp_path: Path) -> Any:
    return open_pipeline(read_only(built_world / "world.duckdb"), tmp_path / "dlt")


def test_a_mart_is_read_as_a_frame_with_its_types(reading: Any, project: Project) -> None:
    kinds = {
        "bigint": "Int64",
        "integer": "Int64",
        "text": "str",
        "double precision": "float64",
        "boolean": "boolean",
        "timestamp": "datetime64[us]",
        "date": "datetime64[us]",
        "numeric(18,4)": "object",
        "numeric(38,4)": "object",
    }
    for name, node in project.marts.items():
        frame = read_mart(name, reading)
        assert {column: str(kind) for column, kind in frame.dtypes.items()} == {
            column: kinds[facts["data_type"]] for column, facts in node["columns"].items()
        }, name


def test_a_query_takes_values_and_keeps_money_exact(reading: Any) -> None:
    frame = read_query(
        "select currency, sum(amount) as paid from fct_claim_payouts "
        "where amount_status = 'paid' and carrier = %s group by currency",
        reading,
        "royal_mailv2",
    )
    with open_marts(Path(read_file(reading))) as marts:
        rows = marts.execute(
            "select currency, sum(amount) from fct_claim_payouts "
            "where amount_status = 'paid' and carrier = 'royal_mailv2' group by currency"
        ).fetchall()
    assert [tuple(row) for row in frame.itertuples(index=False)] == rows


def read_file(pipeline: Any) -> str:
    from pipelines.marts.marts import warehouse_variables

    return warehouse_variables(pipeline)["SENDCLOUD_DUCKDB_FILE"]


def test_a_mart_that_is_not_there_is_told_in_a_sentence(reading: Any) -> None:
    with pytest.raises(NoMartError, match="python -m pipelines marts"):
        read_mart("mart_of_nothing", reading)
    with pytest.raises(NoMartError, match="not the name"):
        read_mart("x; drop table y", reading)


def configure(monkeypatch: pytest.MonkeyPatch, file: Path, folder: Path) -> None:
    monkeypatch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", str(file))
    monkeypatch.setenv("DLT_DATA_DIR", str(folder))


def test_the_configured_file_is_read_while_others_read_it(
    monkeypatch: pytest.MonkeyPatch, built_world: Path, tmp_path: Path
) -> None:
    """DuckDB lets a process that might write have a file for itself alone."""
    file = built_world / "world.duckdb"
    configure(monkeypatch, file, tmp_path)
    look = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True); print(1); input()"
    with subprocess.Popen(
        [sys.executable, "-c", look, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"1\n"
        carriers = read_mart("dim_carrier")
        reader.communicate(b"\n")

    assert list(carriers.carrier) == sorted(carriers.carrier)
    assert len(carriers) > 1


def test_reading_a_file_that_is_not_there_does_not_create_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configure(monkeypatch, tmp_path / "absent.duckdb", tmp_path)
    with pytest.raises(NoMartError, match=r"absent\.duckdb does not exist.*pipelines sync"):
        read_mart("dim_carrier")
    assert not (tmp_path / "absent.duckdb").exists()
