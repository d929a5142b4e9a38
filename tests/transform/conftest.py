"""What is dear is made once for all workers: the compiled project, and worlds with their marts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from filelock import FileLock

from pipelines.marts.marts import run_dbt
from pipelines.warehouse.warehouse import open_pipeline
from simulator import World
from tests.postgres import postgres_server, postgres_url  # noqa: F401 (fixtures)
from tests.transform.project import Project
from tests.transform.raw import every, fill_duckdb, replay

WORLD = World(tickets=3_000, vanishing=0.02)
SYNCS = every(12, WORLD.start, WORLD.end)
LARGE = World(tickets=20_000)

Once = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """A folder that is filled by whoever asks first, whichever worker that is."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if worker else base

    def make(name: str, fill: Callable[[Path], object]) -> Path:
        folder = shared / f"once-{name}"
        with FileLock(shared / f"once-{name}.lock"):
            if not (folder / "done").exists():
                folder.mkdir(exist_ok=True)
                fill(folder)
                (folder / "done").touch()
        return folder

    return make


@pytest.fixture(scope="session")
def project(once: Once) -> Project:
    """The project as it is."""
    return Project(once("compiled", compile_project) / "dbt" / "target")


@pytest.fixture(scope="session")
def world_rows() -> dict[str, list[dict[str, Any]]]:
    """Raw tables of a desk that was watched from its first day, some of whose tickets vanish."""
    return replay(WORLD, SYNCS)


@pytest.fixture(scope="session")
def built_world(once: Once, world_rows: dict[str, list[dict[str, Any]]]) -> Path:
    """Folder with `world.duckdb`, its marts built by dbt, and dbt's results."""

    def build(folder: Path) -> None:
        file = folder / "world.duckdb"
        with duckdb.connect(str(file)) as connection:
            fill_duckdb(connection, world_rows)
        (folder / "code").write_text(str(build_marts(str(file), folder)), encoding="utf-8")

    return once("world", build)


@pytest.fixture
def world(built_world: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of that desk."""
    with open_marts(built_world / "world.duckdb") as connection:
        yield connection


@pytest.fixture(scope="session")
def large_world(once: Once, project: Project) -> Path:
    """20,000 tickets watched every 12 hours from the first day, with their marts."""

    def build(folder: Path) -> None:
        with duckdb.connect(str(folder / "large.duckdb")) as connection:
            connection.execute("set timezone = 'UTC'")
            fill_duckdb(connection, replay(LARGE, every(12, LARGE.start, LARGE.end)))
            project.build_in(connection, {}, {})

    return once("large", build) / "large.duckdb"


@contextmanager
def open_marts(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts in a file, for reading."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'; use sendcloud_marts")
        yield connection


def compile_project(folder: Path, *options: str) -> None:
    """Let dbt compile the project, for a DuckDB file of no interest."""
    pipeline = warehouse_of(f"{folder}/compiled.duckdb", folder)
    code = run_dbt(["compile", *options], pipeline, folder / "dbt")
    assert code == 0, (folder / "dbt" / "logs" / "dbt.log").read_text(encoding="utf-8")[-3000:]


def build_marts(credentials: str, folder: Path, *options: str) -> int:
    """`dbt build` with unit tests and data tests, as a user of dbt would run it."""
    return run_dbt(["build", *options], warehouse_of(credentials, folder), folder / "dbt")


def warehouse_of(credentials: str, folder: Path) -> dlt.Pipeline:
    """A pipeline on the DuckDB file or the PostgreSQL of that name."""
    kind = "postgres" if credentials.startswith("postgresql:") else "duckdb"
    destination = dlt.destination("warehouse", destination_type=kind, credentials=credentials)
    return open_pipeline(destination, folder / "dlt")


def syncs_of_the_last(days: float, hours: float, end: Any) -> list[Any]:
    """Moments of syncs that began only then."""
    return every(hours, end - timedelta(days=days), end)
