"""Engines are tested with the warehouses of `tests.pipelines`, and with a ClickHouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from simulator import Account
from tests.engines.clickhouse import ClickHouse, MakeHouse, served, use_clients
from tests.engines.environments import packages_of
from tests.engines.outside import begun
from tests.engines.steps import account
from tests.pipelines.conftest import make
from tests.postgres import postgres_server, postgres_url

__all__ = ["make", "postgres_server", "postgres_url"]


@pytest.fixture(scope="session")
def packages() -> Path:
    """ClickHouse's environment, whose clients this process has from now on."""
    found = packages_of("clickhouse")
    use_clients(found)
    return found


@pytest.fixture(scope="session")
def port(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where the engine answers."""
    with served(packages, tmp_path_factory.mktemp("clickhouse")) as found:
        yield found


@pytest.fixture
def make_house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int, packages: Path
) -> Iterator[MakeHouse]:
    """Serve the world and give a database for it."""
    with ExitStack() as stack:

        def make(world: Account | None = None, **settings: Any) -> ClickHouse:
            served_world = world or account()
            return begun(
                stack, monkeypatch, ClickHouse, served_world, tmp_path, port, packages, **settings
            )

        yield make
