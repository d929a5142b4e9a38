"""Imitations of services that cannot be reached here, each with a simulated account to load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest

from simulator import serve
from tests.engines.environments import packages_of
from tests.engines.imitations.imitated import Imitated, clients, limited, served
from tests.engines.imitations.snowflake_warehouse import Snowflake
from tests.engines.steps import account
from tests.pipelines.conftest import KEYS

SOURCE = "SOURCES__SENDCLOUD_SUPPORT"
House = TypeVar("House", bound=Imitated)
MakeSnowflake = Callable[..., Snowflake]


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    """A hard limit for each test."""
    with limited():
        yield


@pytest.fixture(scope="module")
def snowflake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of an imitation of Snowflake, and its environment."""
    packages = packages_of("snowflake")
    own = "snowflake", "dlt.destinations.impl.snowflake", "pipelines.warehouse.engines.snowflake"
    with clients(packages, *own), served("snowflake_server.py", packages) as port:
        yield port, packages


@pytest.fixture
def make_snowflake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snowflake: tuple[int, Path]
) -> Iterator[MakeSnowflake]:
    """Serve the world and give a database for it."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Snowflake:
            return begun(stack, monkeypatch, Snowflake, tmp_path, *snowflake, **settings)

        yield make


def begun(
    stack: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[House],
    folder: Path,
    port: int,
    packages: Path,
    **settings: Any,
) -> House:
    """A warehouse of this kind, configured, and an account that is served."""
    world = account()
    clock = world.clock
    service = stack.enter_context(
        serve(world, None, keys=KEYS, time=lambda: clock.now().timestamp())
    )
    house = kind(service, folder, port, packages, **settings)
    house.configure(monkeypatch)
    monkeypatch.setenv(f"{SOURCE}__BASE_URL", service.base_url)
    for name, value in zip(("PUBLIC_KEY", "SECRET_KEY"), KEYS, strict=True):
        monkeypatch.setenv(f"{SOURCE}__CREDENTIALS__{name}", value)
    return house
