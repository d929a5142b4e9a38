"""Engines are tested with the warehouses of `tests.pipelines`, and with a ClickHouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from simulator import Account, serve
from tests.engines.clickhouse import ClickHouse, MakeHouse, served, use_clients
from tests.engines.environments import packages_of
from tests.engines.steps import account
from tests.pipelines.conftest import KEYS, make
from tests.postgres import postgres_server, postgres_url

__all__ = ["make", "postgres_server", "postgres_url"]

SOURCE = "SOURCES__SENDCLOUD_SUPPORT"


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
            world = world or account()
            clock = world.clock
            service = stack.enter_context(
                serve(world, None, keys=KEYS, time=lambda: clock.now().timestamp())
            )
            house = ClickHouse(service, tmp_path, port, packages, **settings)
            house.configure(monkeypatch)
            monkeypatch.setenv(f"{SOURCE}__BASE_URL", service.base_url)
            for name, value in zip(("PUBLIC_KEY", "SECRET_KEY"), KEYS, strict=True):
                monkeypatch.setenv(f"{SOURCE}__CREDENTIALS__{name}", value)
            return house

        yield make
