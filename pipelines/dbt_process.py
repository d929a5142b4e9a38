"""dbt in a process of its own, which may be started before it is known what it shall do.

Depends on the standard library only, so that it can be started before anything else is imported:
dbt takes two seconds to import, in which the caller gets ready as well. Promises that where the
warehouse is, and its password, go to the process by a pipe and into its own environment, into no
argument and no file; that nothing of the configuration of dlt or of the API's keys is passed on;
and that a process that is told nothing ends by itself.

A process of its own, because dbt keeps global state, and because DuckDB must find its file closed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

PROJECT = Path(__file__).parents[1] / "transform"
PRIVATE = ("SOURCES__", "DESTINATION__")  # dbt has no business with the API's keys

# DuckDB imports pandas as soon as it is installed: 0.5 CPU seconds that the marts do not need.
# Looking for garbage among the objects of dbt's manifest, which all stay, costs as much, and at the
# end once more.
PROGRAM = """
import atexit, gc, json, os, sys
gc.set_threshold(200_000, 50, 50)
atexit.register(gc.freeze)
sys.modules["pandas"] = None
from dbt.cli.main import dbtRunner
order = sys.stdin.readline()
if order:
    order = json.loads(order)
    os.environ.update(order["environment"])
    done = dbtRunner().invoke(order["arguments"])
    if order["results"] and done.result is not None:
        done.result.write(order["results"])
    sys.exit(0 if done.success else 2 if done.exception else 1)
"""


class DbtProcess:
    """A process that has imported dbt, or is doing so, and waits to be told what to run."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", PROGRAM],
            cwd=PROJECT,
            env={name: text for name, text in os.environ.items() if not name.startswith(PRIVATE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the process if it was told nothing, or was left by an error."""
        self._process.kill()
        self._process.communicate()

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        results: Path | None = None,
    ) -> int:
        """Run one command to its end; the exit code that `dbt` would have. Can be called once.

        With `results` dbt's run results are written there, also where dbt itself writes no JSON.
        """
        order = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "results": str(results) if results else None,
        }
        self._process.communicate(json.dumps(order) + "\n")
        return self._process.returncode


_started: list[DbtProcess] = []


def start_early() -> None:
    """Start the process that the next `dbt_process()` gives."""
    _started.append(DbtProcess())


def dbt_process() -> DbtProcess:
    """The process that was started early, else a new one."""
    return _started.pop() if _started else DbtProcess()
