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

import pytest

from simulator import Account, Clock, World
from tests.engines.environments import interpreter_of

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
