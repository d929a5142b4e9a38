"""Publishing: Delta tables of a warehouse, read back by Sail, an engine that is not ours.

Sail speaks Spark Connect and is asked by Spark's own client, in an environment of its own, whose
site-packages `TEST_DELTA_PACKAGES` names: `deltalake`, `pysail` and `pyspark-client`. Without it
these tests skip; where CI is true they fail.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.command_line import main
from pipelines.warehouse.locks import only_run
from pipelines.warehouse.warehouse import open_pipeline
from simulator import Account, Clock, World
from tests.engines.environments import packages_of
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Done, Warehouse

FEW = World(tickets=60, months=3)
HUSH = "hush-hush"
TABLES = """
    select table_schema, table_name
    from information_schema.tables
    where table_schema in ('sendcloud', 'sendcloud_marts')
    order by table_schema, table_name
"""
SAIL = """
import json, sys
from datetime import datetime
from pathlib import Path
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

server = SparkConnectServer(ip="127.0.0.1", port=0)
server.start(background=True)
host, port = server.listening_address
spark = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
spark.conf.set("spark.sql.session.timeZone", "UTC")

def plain(value):
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)

found = {
    f"{log.parent.parent.name}.{log.parent.name}": [
        [plain(value) for value in row]
        for row in spark.read.format("delta").load(str(log.parent)).collect()
    ]
    for log in sorted(Path(sys.argv[1]).glob("*/*/_delta_log"))
}
Path(sys.argv[2]).write_text(json.dumps(found))
"""

Tables = dict[str, list[list[str | None]]]


@pytest.fixture(scope="session")
def packages() -> Path:
    """The site-packages of the environment of Delta."""
    return packages_of("delta")


@pytest.fixture
def warehouse(make: Make) -> Warehouse:
    return make(Account(FEW, Clock(FEW.end)))


def publish(
    warehouse: Warehouse, packages: Path, script: str = "", arguments: Sequence[str] = ()
) -> Done:
    """`python -m pipelines publish --to lake`, where deltalake is installed too."""
    installed = f"sys.path.append({str(packages)!r})\n{script}"
    return warehouse.cli("publish", "--to", "lake", *arguments, script=installed)


def by_sail(warehouse: Warehouse, packages: Path) -> Tables:
    """Every Delta table in the folder, as Spark's client gets it from Sail."""
    script, answer = warehouse.folder / "by_sail.py", warehouse.folder / "answer.json"
    script.write_text(SAIL)  # Spark's client looks for a whole Spark where there is no file
    subprocess.run(
        [packages.parents[2] / "bin" / "python", script, warehouse.folder / "lake", answer],
        env={"PATH": os.environ["PATH"], "TZ": "UTC", "HOME": str(warehouse.folder)},
        check=True,
        capture_output=True,
        timeout=180,
    )
    return ordered(json.loads(answer.read_text()))


def by_its_driver(warehouse: Warehouse) -> Tables:
    """Every table of the warehouse, as its own driver gives it."""
    names = [f"{schema}.{table}" for schema, table in warehouse.rows(TABLES)]
    found = {name: warehouse.rows(f"select * from {name}") for name in names}
    warehouse.release()
    return ordered({name: [list(map(plain, row)) for row in rows] for name, rows in found.items()})


def plain(value: Any) -> str | None:
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat()
    return None if value is None else str(value)


def ordered(tables: Tables) -> Tables:
    return {name: sorted(rows, key=repr) for name, rows in tables.items()}


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_another_engine_reads_every_row_of_every_table_and_mart(
    make: Make, request: pytest.FixtureRequest, packages: Path, kind: str
) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    warehouse = make(Account(FEW, Clock(FEW.end)), postgres=url)
    assert warehouse.cli("sync", "--marts").code == 0

    done = publish(warehouse, packages)

    held = by_its_driver(warehouse)
    raw = sum(name.startswith("sendcloud.") for name in held)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"Published {raw} tables of sendcloud to {warehouse.folder}/lake/sendcloud.",
        (
            f"Published {len(held) - raw} tables of sendcloud_marts to "
            f"{warehouse.folder}/lake/sendcloud_marts."
        ),
    ]
    assert len(held["sendcloud.tickets"]) == len(list(warehouse.account.tickets()))
    assert by_sail(warehouse, packages) == held


def test_what_is_published_again_takes_the_place_of_what_was(
    warehouse: Warehouse, packages: Path
) -> None:
    warehouse.sync()
    assert publish(warehouse, packages).code == 0
    before = by_sail(warehouse, packages)
    warehouse.later(days=20)
    warehouse.sync(full=True)

    done = publish(warehouse, packages)

    now = by_sail(warehouse, packages)
    assert (done.code, now) == (0, by_its_driver(warehouse))
    assert now["sendcloud.tickets"] != before["sendcloud.tickets"]
    assert done.out.splitlines()[-1] == (
        "There are no marts yet. Build them: python -m pipelines marts"
    )


def test_a_table_that_cannot_be_written_is_as_it_was(warehouse: Warehouse, packages: Path) -> None:
    warehouse.sync()
    assert publish(warehouse, packages).code == 0
    before = by_sail(warehouse, packages)
    warehouse.sync(full=True)

    done = publish(
        warehouse,
        packages,
        "from pipelines.delta import tables\n"
        "def fail(*_): raise OSError(28, 'full')\n"
        "tables._arrays = fail",
    )

    assert done.code == 1
    assert done.err.startswith(f"{warehouse.folder}/lake/sendcloud/")
    assert "could not be written (" in done.err
    assert by_sail(warehouse, packages) == before


@pytest.mark.parametrize(
    "address",
    [f"s3://key:{HUSH}@bucket/tickets", f"az://container/tickets?sig={HUSH}"],
)
def test_an_address_with_a_secret_in_it_is_refused_and_not_repeated(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert main(["publish", "--to", address]) == 2

    said = capsys.readouterr()
    assert (said.out, HUSH in said.err) == ("", False)
    assert said.err.startswith("The address of --to holds a password or a token. Take it out,")


def test_without_its_package_publish_names_the_line_that_installs_it(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.sync()
    warehouse.release()
    monkeypatch.setitem(sys.modules, "deltalake", None)

    assert main(["publish", "--to", str(warehouse.folder / "lake")]) == 2

    assert capsys.readouterr().err == (
        "The package that writes Delta tables is not installed. Install it: "
        '.venv/bin/python -m pip install "deltalake>=1.6,<2"\n'
    )
    assert not (warehouse.folder / "lake").exists()


def test_nothing_is_published_where_nothing_is_loaded_or_a_run_is_loading(
    warehouse: Warehouse, packages: Path
) -> None:
    nothing = publish(warehouse, packages)
    warehouse.sync()
    warehouse.release()
    with only_run(open_pipeline()):
        busy = publish(warehouse, packages)

    assert (nothing.code, nothing.out) == (
        1,
        "The configured file tickets.duckdb does not exist. Load it: python -m pipelines sync\n",
    )
    assert (busy.code, busy.out) == (5, "")
    assert not (warehouse.folder / "lake").exists()
