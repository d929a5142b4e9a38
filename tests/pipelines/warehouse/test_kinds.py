"""Which kinds of warehouses are loaded into, and that every command refuses all others alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.destinations import impl

from pipelines.command_line import main
from pipelines.warehouse import rights
from pipelines.warehouse.engines import kinds
from simulator import Account, Clock, World
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Warehouse

FEW = World(tickets=30, months=2)
KIND, ADDRESS = "DESTINATION__WAREHOUSE__DESTINATION_TYPE", "DESTINATION__WAREHOUSE__CREDENTIALS"
KEY = "destination.warehouse.destination_type"
HUSH = "hush-hush"
COMMANDS = ("sync", "check", "status", "marts", "report", "publish --to lake")
USE = (
    'Use "duckdb", "postgres", "ducklake", "clickhouse", "bigquery", "motherduck", "redshift" or '
    '"snowflake".'
)


@pytest.fixture
def warehouse(make: Make) -> Warehouse:
    return make(Account(FEW, Clock(FEW.end)))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (
            "snowflake",
            (
                f'{KEY} is "snowflake", whose packages are not installed. Install them: '
                '.venv/bin/python -m pip install "dlt[snowflake]"'
            ),
        ),
        ("mssql", f'{KEY} is "mssql", into which this program cannot load. {USE}'),
        ("athena", f'{KEY} is "athena", into which this program cannot load. {USE}'),
        (
            "filesystem",
            (
                f'{KEY} is "filesystem", which cannot hold these tables: a child row that is gone '
                f"would stay. {USE}"
            ),
        ),
        (
            "lancedb",
            (
                f'{KEY} is "lancedb", which cannot hold these tables: a child row that is gone '
                f"would stay. {USE}"
            ),
        ),
        ("posgres", f'{KEY} names no destination of dlt. Did you mean "postgres"? {USE}'),
        ("7", f"{KEY} names no destination of dlt. {USE}"),
    ],
)
def test_every_command_refuses_a_kind_that_cannot_be_used_before_anything_is_read(
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    kind: str,
    sentence: str,
) -> None:
    monkeypatch.setenv(KIND, kind)
    monkeypatch.setenv(ADDRESS, f"{kind}://user:{HUSH}@127.0.0.1:1/x")
    monkeypatch.chdir(tmp_path)

    for command in COMMANDS:
        code = main(command.split())
        said = capsys.readouterr()
        expected = f"FAILED  {sentence}\n" if command == "check" else f"{sentence}\n"
        assert (command, code, said.out + said.err) == (command, 2, expected)

    assert warehouse.service.requests == []
    assert list(tmp_path.glob("*.duckdb")) == []


def test_the_list_knows_every_destination_of_dlt() -> None:
    assert impl.__file__ is not None
    folders = [each.name for each in Path(impl.__file__).parent.iterdir() if each.is_dir()]

    known = {*kinds.KINDS, *kinds.DATABASES, *kinds.NO_DATABASES}
    assert {name for name in folders if not name.startswith("_")} - known == set()
    assert {name for name in known if not hasattr(dlt.destinations, name)} <= {"huggingface"}


@pytest.mark.parametrize("lost", ["insert", "delete"])
def test_check_says_that_a_warehouse_does_not_keep_what_it_takes(
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lost: str,
) -> None:
    def forgetful(pipeline: dlt.Pipeline, sql: str, *values: Any) -> None:
        if not sql.startswith(lost):
            execute(pipeline, sql, *values)

    execute = rights.execute
    monkeypatch.setattr(rights, "execute", forgetful)

    assert main(["check"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == (
        "FAILED  The warehouse does not keep what it takes: a row was written and not found, or "
        "deleted and still there. Look whether a replica answers, or whether it delays deletions."
    )
