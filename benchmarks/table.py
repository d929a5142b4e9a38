"""The result: one Markdown table, counts before seconds, and how it was measured above it.

Depends on nothing of ours.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version

COLUMNS = (
    "tickets",
    "run",
    "program",
    "requests",
    "yardstick",
    "over it",
    "ratio",
    "allowed",
    "differing",
    "of them dormant",
    "CPU s",
    "peak MB",
    "wall s",
)
METHOD = """\
Against the simulator in this process, pacing off, {machine} cores, Python {python}, dlt {dlt}, \
duckdb {duckdb}, pandas {pandas}. Each run is a process of its own: CPU is user + system, memory \
the peak of resident memory, both by wait4; the start of Python is in them. Seconds depend on the \
machine and on what else it does; requests do not.

- requests: counted by the server, every attempt.
- yardstick: for a second run the fewest requests that cover all new and all due tickets by pages \
of 20 from the new end and single tickets, computed here from the account and the warehouse \
(allowed: 1.05 x + 3; a page further down that holds several due tickets can beat it); for deleted \
tickets the run without change; for killed runs one undisturbed run (allowed: 2 more with the \
working folder kept, one window of 20,000 tickets more without it). A killed run and the one after \
it are added up.
- differing: tickets missing, too many or with another status than the API has after the run. \
Dormant tickets (open, unchanged for 60 days) that changed wait for the next sweep, as documented; \
any other that differs would be a defect.
- requests on most: two tickets in three are asked for something, 1.75 times on average.
- the source alone: `pipeline.run(sendcloud_support())` in a dlt project of one's own.
- second run: 1 % of the tickets, open ones, changed and 20 new; 22 months of tickets. 55 % live: \
that share is open at every age, and none is dormant.
"""


@dataclass(frozen=True)
class Row:
    """One line of the table; None is a blank."""

    tickets: int
    run: str
    program: str
    requests: int
    cpu_seconds: float
    megabytes: float
    seconds: float
    differing: int
    dormant: int
    yardstick: int | None = None
    allowed: int | None = None

    @property
    def over(self) -> int | None:
        """How many requests more than the yardstick."""
        return None if self.yardstick is None else self.requests - self.yardstick

    def cells(self) -> list[str]:
        """The line's texts."""
        ratio = f"{self.requests / self.yardstick:.3f}" if self.yardstick else ""
        return [
            f"{self.tickets:,}",
            self.run,
            self.program,
            f"{self.requests:,}",
            _text(self.yardstick),
            "" if self.over is None else f"{self.over:+,}",
            ratio,
            _text(self.allowed),
            f"{self.differing:,}",
            f"{self.dormant:,}",
            f"{self.cpu_seconds:.1f}",
            f"{self.megabytes:.0f}",
            f"{self.seconds:.1f}",
        ]


def method() -> str:
    """How, and on what."""
    packages = {name: version(name) for name in ("dlt", "duckdb", "pandas")}
    return METHOD.format(machine=os.cpu_count(), python=platform.python_version(), **packages)


def header() -> str:
    """The first two lines; numbers stand at the right."""
    marks = ["---" if name in {"run", "program"} else "---:" for name in COLUMNS]
    return f"{_line(list(COLUMNS))}\n{_line(marks)}"


def line(row: Row) -> str:
    """A row as Markdown."""
    return _line(row.cells())


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
