"""Three simulated accounts and their configuration, for the schedulers' tests.

Depends on the simulator and on dlt's folders. The worlds end now, since a scheduler's runs have the
machine's time; the accounts' clocks stand still, so that they can be compared with what is held.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs import PluggableRunContext

from simulator import Account, Clock, Service, Switches, World, serve
from tests.pipelines.conftest import KEYS
from tests.pipelines.warehouses import Held, Warehouse, truth

TICKETS = {"shop_a": 45, "shop_b": 30, "shop_c": 20}
WRONG = "sk-of-somebody-else"
ROOT = Path(__file__).parents[2]


@dataclass
class Shops:
    """The accounts by name, each served, and the folder that they are configured in."""

    folder: Path
    services: dict[str, Service]

    def held(self, name: str) -> Held:
        """What the warehouse of this account holds."""
        warehouse = Warehouse(self.services[name], self.folder)
        warehouse.file, warehouse.dataset = self.file, f"sendcloud_{name}"
        held = warehouse.held()
        warehouse.release()
        return held

    def truth(self, name: str) -> Held:
        """What its API has."""
        return truth(self.services[name].account.tickets())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Of a query over the database."""
        with closing(duckdb.connect(str(self.file))) as opened:
            return opened.execute(sql).fetchall()

    @property
    def file(self) -> Path:
        """The database of all accounts."""
        return self.folder / "tickets.duckdb"


@contextmanager
def served(folder: Path, manifest: Path | None = None) -> Iterator[Shops]:
    """Serve three accounts and configure them; the last one by a wrong key.

    With `manifest`, a folder, dbt need not read its project again.
    """
    if manifest:
        shutil.copytree(manifest, folder / "sendcloud_support.dbt")
    now = datetime.now(UTC)
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        services = {
            name: stack.enter_context(
                serve(
                    Account(World(seed, tickets=tickets, months=6, end=now), Clock(now)),
                    Switches(requests_per_minute=None),
                    keys=KEYS,
                )
            )
            for seed, (name, tickets) in enumerate(TICKETS.items(), start=1)
        }
        _configure(folder, services)
        for variable in ("DLT_PROJECT_DIR", "DLT_DATA_DIR", "XDG_DATA_HOME"):
            patch.setenv(variable, str(folder))
        patch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", str(folder / "tickets.duckdb"))
        patch.chdir(folder)
        Container()[PluggableRunContext].reload_providers()
        yield Shops(folder, services)


def _configure(folder: Path, services: dict[str, Service]) -> None:
    secrets = [
        f'[sources.sendcloud_support.accounts.{name}]\nbase_url = "{service.base_url}"\n'
        f"requests_per_minute = 0\n"
        f"[sources.sendcloud_support.accounts.{name}.credentials]\n"
        f'public_key = "{KEYS[0]}"\nsecret_key = "{WRONG if name == "shop_c" else KEYS[1]}"\n'
        for name, service in services.items()
    ]
    (folder / ".dlt").mkdir(parents=True)
    config = (ROOT / ".dlt" / "config.toml").read_text(encoding="utf-8")
    (folder / ".dlt" / "config.toml").write_text(config)
    (folder / ".dlt" / "secrets.toml").write_text("\n".join(secrets))
