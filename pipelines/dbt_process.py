"""dbt in a process of its own, which may be started before it is known what it shall do.

Depends on the standard library only, so that it can be started before anything else is imported:
dbt takes two seconds to import, in which the caller gets ready as well. Promises that where the
warehouse is, and its password, go to the process by a pipe and into its own environment, into no
argument and no file; that nothing else of the caller's environment reaches it than what is named
here; and that it ends when the caller ends, whatever way that one ends, and is gone when the block
is left.

A process of its own, because dbt keeps global state, and because DuckDB must find its file closed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from .dbt_environment import PROJECT, clean_environment

NOT_THERE = 3
"""Exit code of the process where dbt cannot be imported; dbt itself has 0, 1 and 2."""
GRACE = 5.0
"""Seconds in which dbt may call off its queries on the server when it is to end."""

PYTHON = sys.executable
"""The interpreter beside which dbt and its adapters are installed."""

# Looking for garbage among the objects of dbt's manifest, which all stay, costs a CPU second, and
# at the end half of one more (DECISIONS.md). The pipe is read past sys.stdin, which has a lock that
# Python wants at its end. A shell that starts us in the background has SIGINT ignored, which tells
# dbt to cancel its statements.
PROGRAM = f"""
import atexit, gc, json, os, signal, sys, threading, time
gc.set_threshold(200_000, 50, 50)
signal.signal(signal.SIGINT, signal.default_int_handler)
atexit.register(gc.freeze)
order = b""
def end_with_the_caller():
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep({GRACE})
    os._exit(1)
try:
    from dbt.cli.main import dbtRunner
except ImportError:
    sys.exit({NOT_THERE})
while not order.endswith(b"\\n"):
    some = os.read(0, 65536)
    if not some:
        sys.exit()
    order += some
threading.Thread(target=end_with_the_caller, daemon=True).start()
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
        self._is_told = False
        # a session of its own: Ctrl-C is for the caller, who ends this process and waits for it
        self._process = subprocess.Popen(  # noqa: S603
            [PYTHON, "-E", "-P", "-c", PROGRAM],
            cwd=PROJECT,
            env=clean_environment(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the process if it was told nothing, or was left by an error."""
        try:
            self._close_pipe()
            if self._is_told:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(GRACE + 1)
        finally:
            self._process.kill()
            self._process.wait()

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
        self._is_told = True
        self._tell(json.dumps(order).encode() + b"\n")
        return self._process.wait()

    def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it could not start: its exit code tells
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _close_pipe(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()


_started: list[DbtProcess] = []


def start_early() -> None:
    """Start the process that the next `dbt_process()` gives."""
    _started.append(DbtProcess())


def dbt_process() -> DbtProcess:
    """The process that was started early, else a new one."""
    return _started.pop() if _started else DbtProcess()
