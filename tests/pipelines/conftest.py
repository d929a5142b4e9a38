"""Warehouses for tests: a simulated account, served, and a database of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from simulator import Account, Clock, Switches, World, serve
from tests.pipelines.loading.sightings import Sighting, Watch
from tests.pipelines.warehouses import Warehouse
from tests.postgres import postgres_server, postgres_url  # noqa: F401 (fixtures)

KEYS = ("pk-3f9a1c77d2", "sk-8be04415c9a6")
CLIENT = ("id-77c0ffee41", "cs-5d1e99b20347")

SMALL = World(tickets=200, months=6)
"""Enough for ten pages, with tickets of every age."""

DESK = World(tickets=3_000)
"""A desk of two years, with 150 pages; few tickets are still on their way."""

Make = Callable[..., Warehouse]
LoadFirst = Callable[[str, Warehouse], None]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Serve an account and give a warehouse for it; keyword arguments are settings of the sync."""
    with ExitStack() as stack:

        def make_warehouse(
            account: Account | None = None,
            switches: Switches | None = None,
            order: Any = "newest_first",
            postgres: str = "",
            oauth: bool = False,
            **settings: Any,
        ) -> Warehouse:
            account = account or Account(SMALL, Clock(SMALL.end), order)
            clock = account.clock
            service = stack.enter_context(
                serve(
                    account,
                    switches,
                    keys=KEYS,
                    client=CLIENT,
                    time=lambda: clock.now().timestamp(),
                )
            )
            warehouse = Warehouse(service, tmp_path, postgres, **settings)
            stack.callback(warehouse.release)
            for name, value in configuration(warehouse, oauth).items():
                monkeypatch.setenv(name, value)
            return warehouse

        yield make_warehouse


@dataclass
class Loaded:
    """A warehouse after its first load, to be copied."""

    folder: Path
    seen: dict[int, list[Sighting]]
    moment: datetime


@pytest.fixture(scope="session")
def first_loads() -> dict[str, Loaded]:
    """First loads of `DESK` that were made once, by order."""
    return {}


@pytest.fixture
def desk(
    make: Make,
    first_loads: dict[str, Loaded],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Watch]:
    """A watched warehouse that has loaded `DESK` in this order; settings are those of the sync."""

    def give(order: str = "newest_first", **settings: Any) -> Watch:
        warehouse = make(Account(DESK, Clock(DESK.end), order), **settings)
        watch = Watch(warehouse)
        if order not in first_loads:
            warehouse.sync()
            warehouse.release()
            kept = tmp_path_factory.mktemp(order)
            shutil.copytree(tmp_path, kept, dirs_exist_ok=True)
            first_loads[order] = Loaded(kept, deepcopy(watch.seen), warehouse.account.clock.now())
        else:
            loaded = first_loads[order]
            shutil.copytree(loaded.folder, tmp_path, dirs_exist_ok=True)
            warehouse.belongs_to_this_account()
            watch.seen.update(deepcopy(loaded.seen))
            warehouse.account.clock.move(loaded.moment)
        warehouse.service.reset_log()
        return watch

    return give


@pytest.fixture
def load_first(
    first_loads: dict[str, Loaded], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Warehouse], None]:
    """Give a warehouse its first load; later ones of the same name and account are copies."""

    def load(name: str, warehouse: Warehouse) -> None:
        if name not in first_loads:
            warehouse.sync()
            warehouse.release()
            kept = tmp_path_factory.mktemp(name)
            shutil.copytree(tmp_path, kept, dirs_exist_ok=True)
            first_loads[name] = Loaded(kept, {}, warehouse.account.clock.now())
        else:
            shutil.copytree(first_loads[name].folder, tmp_path, dirs_exist_ok=True)
            warehouse.belongs_to_this_account()
            warehouse.account.clock.move(first_loads[name].moment)

    return load


def configuration(warehouse: Warehouse, oauth: bool) -> dict[str, str]:
    """Where the account and the warehouse are, and the credentials, as environment variables."""
    names = ("CLIENT_ID", "CLIENT_SECRET") if oauth else ("PUBLIC_KEY", "SECRET_KEY")
    source = "SOURCES__SENDCLOUD_SUPPORT"
    found = {f"{source}__BASE_URL": warehouse.service.base_url}
    for name, value in zip(names, CLIENT if oauth else KEYS, strict=True):
        found[f"{source}__CREDENTIALS__{name}"] = value
    if oauth:
        found[f"{source}__CREDENTIALS__TOKEN_URL"] = warehouse.service.token_url
    kind = "postgres" if warehouse.postgres else "duckdb"
    found["DESTINATION__WAREHOUSE__DESTINATION_TYPE"] = kind
    found["DESTINATION__WAREHOUSE__CREDENTIALS"] = warehouse.postgres or str(warehouse.file)
    return found
