"""One measured process: what it cost, and killing it at a chosen moment.

Depends on `launch`. Promises CPU seconds and peak memory of that process alone, by `wait4`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LAUNCHER = Path(__file__).with_name("launch.py")
LOOK_EVERY = 0.001  # seconds between two looks at the server's log


@dataclass(frozen=True)
class Cost:
    """What a process used: user and system CPU, peak resident memory, time on the wall."""

    code: int
    cpu_seconds: float
    megabytes: float
    seconds: float


class CommandFailedError(Exception):
    """A measured command did not do its work, so there is nothing to measure."""


def measure(
    command: list[str], environment: Mapping[str, str], kill_when: Callable[[], bool] | None = None
) -> Cost:
    """Run the command to its end, or until `kill_when` and a kill -9."""
    began = time.monotonic()
    launcher = subprocess.Popen(
        [sys.executable, "-S", str(LAUNCHER), *command],
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert launcher.stdout is not None
    process = int(launcher.stdout.readline())
    if kill_when is not None:
        _kill_when(kill_when, process, launcher)
    out, errors = launcher.communicate()
    cost = _cost(out, time.monotonic() - began)
    if kill_when is None and cost.code != 0:
        raise CommandFailedError(f"{' '.join(command[1:])} ended with {cost.code}:\n{errors}")
    return cost


def _kill_when(
    condition: Callable[[], bool], process: int, launcher: subprocess.Popen[str]
) -> None:
    while not condition() and launcher.poll() is None:
        time.sleep(LOOK_EVERY)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _cost(line: str, seconds: float) -> Cost:
    code, cpu, kibibytes = line.split()
    # macOS counts bytes where Linux counts KiB
    megabytes = int(kibibytes) / (1_000_000 if sys.platform == "darwin" else 1_000_000 / 1024)
    return Cost(int(code), float(cpu), megabytes, seconds)
