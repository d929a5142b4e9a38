"""A warehouse that is an imitation of a service, for tests: what both imitations have in common.

Depends on the environment of the imitation: its interpreter runs the server, the service's clients
in it are added to the packages of this process, behind its own. Promises that a test ends: a
client tries again for many minutes what the imitation cannot do.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pipelines import dbt_process
from simulator import Account, Clock, Service, World
from tests.engines.environments import interpreter_of
from tests.pipelines.warehouses import Done, Warehouse

OF_A_COMMAND = """
import sys
from pipelines import dbt_process
sys.path.append({packages!r})
dbt_process.PYTHON = {python!r}
"""
SECONDS = 500
"""What a test may take; on an idle machine it takes a fifth of it."""


FEW = World(tickets=90, months=4)
"""An imitation takes a tenth of a second for a statement, and parses each value of it."""


def account() -> Account:
    """The world of the imitations."""
    return Account(FEW, Clock(FEW.end))


@contextmanager
def served(server: str, packages: Path, *arguments: str) -> Iterator[int]:
    """The port of an imitation that is gone afterwards."""
    script = Path(__file__).with_name(server)
    with subprocess.Popen(
        [interpreter_of(packages), "-P", script, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@contextmanager
def clients(packages: Path, *modules: str) -> Iterator[None]:
    """In the block this process has the clients of the service, behind its own packages."""
    sys.path.append(str(packages))
    try:
        yield
    finally:
        sys.path.remove(str(packages))
        for name in [name for name in sys.modules if name.startswith(modules)]:
            del sys.modules[name]


@contextmanager
def limited(seconds: int = SECONDS) -> Iterator[None]:
    """Fail what takes longer, wherever it waits."""

    def fail(_: int, __: FrameType | None) -> None:
        pytest.fail(f"It took more than {seconds} seconds.")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Imitated(Warehouse):
    """One database of an imitation, and the account that it is loaded from."""

    def __init__(
        self, service: Service, folder: Path, port: int, packages: Path, **settings: Any
    ) -> None:
        super().__init__(service, folder, **settings)
        self.port, self.packages = port, packages
        self.python = interpreter_of(packages)

    def _hold(self) -> None:
        """Nothing is to be held open."""

    def cli(self, *arguments: str, script: str = "", **options: Any) -> Done:
        """As elsewhere, with the service's clients and its adapter for dbt."""
        used = OF_A_COMMAND.format(packages=str(self.packages), python=str(self.python))
        return super().cli(*arguments, script=f"{used}\n{script}", **options)

    def configure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """To dbt the Python that has the adapter."""
        monkeypatch.setattr(dbt_process, "PYTHON", str(self.python))
