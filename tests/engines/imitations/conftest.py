"""Imitations of services that cannot be reached here, each with a simulated account to load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.engines.environments import packages_of
from tests.engines.imitations.bigquery_warehouse import BigQuery
from tests.engines.imitations.imitated import (
    account,
    clients,
    limited,
    served,
)
from tests.engines.imitations.snowflake_warehouse import Snowflake
from tests.engines.outside import begun

MakeBigQuery = Callable[..., BigQuery]
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
            return begun(stack, monkeypatch, Snowflake, account(), tmp_path, *snowflake, **settings)

        yield make


@pytest.fixture(scope="module")
def bigquery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of an imitation of BigQuery, and its environment."""
    packages, folder = packages_of("bigquery"), str(tmp_path_factory.mktemp("bigquery"))
    own = "dlt.destinations.impl.bigquery", "pipelines.warehouse.engines.bigquery"
    with clients(packages, *own), served("bigquery_server.py", packages, folder) as port:
        yield port, packages


@pytest.fixture
def make_bigquery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bigquery: tuple[int, Path]
) -> Iterator[MakeBigQuery]:
    """Serve the world and give a project for it."""
    with ExitStack() as stack:

        def make(**settings: Any) -> BigQuery:
            return begun(stack, monkeypatch, BigQuery, account(), tmp_path, *bigquery, **settings)

        yield make
