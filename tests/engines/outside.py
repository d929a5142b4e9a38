"""A warehouse outside of this process, for tests: whose clients are in an environment of their own.

Depends on the warehouses of `tests.pipelines`, and on the environment's site-packages.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest

from pipelines import dbt_process
from simulator import Account, Service, serve
from tests.engines.environments import interpreter_of
from tests.pipelines.conftest import KEYS
from tests.pipelines.warehouses import Done, Warehouse

SOURCE = "SOURCES__SENDCLOUD_SUPPORT"
OF_A_COMMAND = """
import sys
from pipelines import dbt_process
sys.path.append({packages!r})
dbt_process.PYTHON = {python!r}
"""


class Outside(Warehouse):
    """One database outside, and the account that it is loaded from."""

    of_a_command: ClassVar[str] = OF_A_COMMAND

    def __init__(
        self, service: Service, folder: Path, port: int, packages: Path, **settings: Any
    ) -> None:
        super().__init__(service, folder, **settings)
        self.port, self.packages = port, packages
        self.python = interpreter_of(packages)

    def _hold(self) -> None:
        """Nothing is to be held open."""

    def cli(self, *arguments: str, script: str = "", **options: Any) -> Done:
        """As elsewhere, with the clients of the environment and its adapter for dbt."""
        used = self.of_a_command.format(packages=str(self.packages), python=str(self.python))
        return super().cli(*arguments, script=f"{used}\n{script}", **options)

    def configure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """To dbt the Python that has the adapter."""
        monkeypatch.setattr(dbt_process, "PYTHON", str(self.python))


House = TypeVar("House", bound=Outside)


def begun(
    stack: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[House],
    world: Account,
    folder: Path,
    port: int,
    packages: Path,
    **settings: Any,
) -> House:
    """A warehouse of this kind, configured, and an account that is served."""
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
