"""The programs that are measured: how each is started, and where it puts the tickets.

Depends on `process` and `contents`. Promises that nothing of the user's own configuration, keys or
proxies reaches them, and that each has a folder of its own.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .contents import held_states
from .process import ROOT, Cost, measure

OURS, ALONE = "python -m pipelines sync", "the source alone"
NAIVE, PLAIN_DLT = "requests + pandas", "dlt rest_api"
TABLES = {
    OURS: "sendcloud.tickets",
    ALONE: "alone_sendcloud.tickets",
    NAIVE: "main.tickets",
    PLAIN_DLT: "plain_sendcloud.tickets",
}
MODULES = {
    ALONE: "benchmarks.loads.source_alone",
    NAIVE: "benchmarks.loads.naive",
    PLAIN_DLT: "benchmarks.loads.plain_dlt",
}
INCREMENTAL = (OURS, ALONE)
"""Those that ask only for what is new or may have changed, and mark what vanished."""
NOT_PASSED_ON = (
    "CREDENTIALS DATA_WRITER__ DESTINATION DLT_ EXTRACT__ LOAD__ NORMALIZE__ PIPELINE RUNTIME__ "
    "SCHEMA__ SOURCES__"
).split()
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@dataclass
class Program:
    """One program with its own warehouse; `settings` are those of `[sources.sendcloud_support]`."""

    name: str
    base_url: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        (self.folder / ".dlt").mkdir()
        if self.name == OURS:
            shutil.copy(ROOT / ".dlt" / "config.toml", self.folder / ".dlt")

    @property
    def file(self) -> Path:
        """The DuckDB file."""
        return self.folder / "w.duckdb"

    def run(self, kill_when: Callable[[], bool] | None = None) -> Cost:
        """Once."""
        return measure(self._command(), self._environment(), kill_when)

    def states(self) -> dict[int, str]:
        """The tickets it holds."""
        return held_states(self.file, TABLES[self.name], is_marked=self.name in INCREMENTAL)

    def lose_working_folder(self) -> None:
        """As on a machine that keeps no disk between runs."""
        shutil.rmtree(self.folder / "data")

    def _command(self) -> list[str]:
        if self.name == OURS:
            return [sys.executable, "-m", "pipelines", "sync"]
        return [sys.executable, "-m", MODULES[self.name], self.base_url, str(self.file)]

    def _environment(self) -> dict[str, str]:
        ours = {
            f"SOURCES__SENDCLOUD_SUPPORT__{key}": value
            for key, value in {
                "BASE_URL": self.base_url,
                "CREDENTIALS__PUBLIC_KEY": "public",
                "CREDENTIALS__SECRET_KEY": "secret",
                "REQUESTS_PER_MINUTE": "0",
                **self.settings,
            }.items()
        }
        return (
            inherited()
            | (ours if self.name == OURS else {})
            | {
                "DESTINATION__WAREHOUSE__CREDENTIALS": str(self.file),
                "RUNTIME__DLTHUB_TELEMETRY": "false",
                "DLT_PROJECT_DIR": str(self.folder),
                "DLT_LOCAL_DIR": str(self.folder),
                "DLT_DATA_DIR": str(self.folder / "data"),
            }
        )


def inherited() -> dict[str, str]:
    """This process's environment without what configures dlt or a proxy."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(tuple(NOT_PASSED_ON)) and name.lower() not in PROXIES
    }
