"""The warehouses that these tests and the report's share."""

from __future__ import annotations

import shutil
from pathlib import Path

import dlt
import pytest

from answers import Desk
from pipelines.dataset import Marts
from pipelines.marts.marts import run_marts
from tests.notebooks.desks import (
    SUMMER,
    WORLD,
    build,
    hostile_tables,
    pipeline_on,
    shared,
    tables_of,
)


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """5,000 tickets of the simulator's world, synced every day for 22 months."""
    return shared(tmp_path_factory, worker_id, "world", lambda file: build(file, tables_of(WORLD)))


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """An account without a ticket, its last sync complete."""
    return shared(tmp_path_factory, worker_id, "empty", lambda file: build(file, {"tickets": []}))


@pytest.fixture(scope="session")
def hostile_warehouse(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Tickets that attack whoever shows them, from a sync that was not proven complete."""
    return shared(
        tmp_path_factory,
        worker_id,
        "hostile",
        lambda file: build(file, hostile_tables(), is_complete=False),
    )


@pytest.fixture(scope="session")
def both_moments(warehouse: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The same world with the marts of its last night, 1 November 2026, and as of `SUMMER`."""

    def make(file: Path) -> Path:
        shutil.copytree(warehouse.parent, file.parent, dirs_exist_ok=True)
        assert run_marts(pipeline_on(file), print, SUMMER) == 0
        return file

    return shared(tmp_path_factory, worker_id, "both", make)


@pytest.fixture
def pipeline(warehouse: Path) -> dlt.Pipeline:
    return pipeline_on(warehouse)


@pytest.fixture
def desk(pipeline: dlt.Pipeline) -> Desk:
    return Desk(Marts(pipeline))


@pytest.fixture
def empty_desk(empty_warehouse: Path) -> Desk:
    return Desk(Marts(pipeline_on(empty_warehouse)))
