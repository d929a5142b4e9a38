"""A small warehouse that is quickly there, and commands in surroundings that a test chooses.

Depends on the raw tables of the marts' tests and on the committed configuration. Promises that a
command sees PATH, what is named here and what the test adds, and nothing of the developer's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import duckdb
import psutil

from simulator import World
from tests.transform.raw import every, fill_duckdb, fill_postgres, replay

ROOT = Path(__file__).parents[2]
WAIT = 60
WORLD = World(tickets=120, months=6)
SYNCS = every(24, WORLD.end - timedelta(days=20), WORLD.end)
ROWS = replay(WORLD, SYNCS)
TICKETS = len(ROWS["tickets"])


def make_file(file: Path) -> Path:
    """A DuckDB file with the raw tables of a small account."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(file)) as connection:
        fill_duckdb(connection, ROWS)
    return file


def fill(connection: object) -> None:
    """The same in PostgreSQL."""
    fill_postgres(connection, ROWS)


@dataclass
class Place:
    """A folder that commands are run in, with these variables."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    root: Path = ROOT

    def __post_init__(self) -> None:
        (self.folder / "home").mkdir(parents=True, exist_ok=True)
        (self.folder / "project" / ".dlt").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / ".dlt" / "config.toml", self.folder / "project" / ".dlt")

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "PYTHONPATH": str(self.root),
            "NO_COLOR": "1",
            "DLT_PROJECT_DIR": str(self.folder / "project"),
            "DLT_DATA_DIR": str(self.folder / "dlt"),
            **self.variables,
            **more,
        }

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """`python -m pipelines …` in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "pipelines", *arguments],
            cwd=self.folder,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        """Its exit code, what it said and what it complained of."""
        with self.start(*arguments, **more) as process:
            out, err = process.communicate(timeout=180)
        return process.returncode, out, err


def wait_until(happens: Callable[[], object], seconds: float = WAIT) -> None:
    """Until something is so; a test that waits in vain fails."""
    until = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def children_of(pid: int) -> list[psutil.Process]:
    """The processes that a command has started."""
    return psutil.Process(pid).children(recursive=True)


def all_gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them is left, waiting to be buried aside."""
    return all(not each.is_running() or each.status() == psutil.STATUS_ZOMBIE for each in processes)
