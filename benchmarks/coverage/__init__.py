"""`python -m benchmarks coverage`: how often the intervals of the marts hold the truth.

Depends on the simulator's law for the truth, and on the tests' raw tables and compiled project, so
that neither HTTP nor dbt stands in the way of many worlds. Prints a Markdown table with its method.
An interval is called 95 %: of a hundred worlds it should hold the truth in about 95.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from simulator import World
from tests.transform.conftest import compile_project
from tests.transform.project import Project

from .curves import survivals
from .follow_up import months, periods, requests, targets
from .interval import Interval
from .money import expected_payouts, forecasts, ladders, values
from .rates import rates
from .times import incidences, reopenings, times
from .worlds import build

SIZES = (4_000, 1_200, 600, 300)
WORLDS = 200
JUDGES = (
    *(times, survivals, incidences, reopenings, rates, months, periods, targets, requests),
    *(expected_payouts, forecasts, values, ladders),
)
METHOD = """\
Worlds of the simulator's law, 22 months, looked at once a day from the first day. Each has a seed
of its own; an interval counts where the marts publish one and, of times and rates, the segment has
at least 30 tickets. Truth is the law's figure; for expected payouts, forecasts and the chain ladder
it is what the tickets of that very world have brought by then, or three years later. `below` and
`above`: where the truth lies that is not held. `ratio`: all that was told by all the truth.

| tickets | interval | of | intervals | held | below | above | ratio |
|---|---|---|---|---|---|---|---|"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, size by size."""
    options = _parser().parse_args(arguments)
    print(METHOD, flush=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-coverage-") as folder:
        compile_project(Path(folder))
        for tickets in options.tickets:
            for line in _measure(tickets, options.worlds, options.processes, Path(folder)):
                print(line, flush=True)
    return 0


def _measure(tickets: int, worlds: int, processes: int, folder: Path) -> Iterator[str]:
    measure = partial(_intervals, tickets, folder)
    found: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    with ProcessPoolExecutor(processes) as pool:
        for intervals in pool.map(measure, range(1, worlds + 1)):
            for interval in intervals:
                found[interval.name, interval.of].append(interval)
    for (name, of), intervals in sorted(found.items()):
        held, below, above = (
            sum(map(is_so, intervals)) / len(intervals)
            for is_so in (Interval.holds, Interval.is_below, Interval.is_above)
        )
        yield (
            f"| {tickets:,} | {name} | {of} | {len(intervals):,} | {held:.1%} | {below:.1%} "
            f"| {above:.1%} | {_ratio(intervals)} |"
        )


def _ratio(intervals: Iterable[Interval]) -> str:
    told, truth = (
        sum(values) for values in zip(*((each.told, each.truth) for each in intervals), strict=True)
    )
    return f"{told / truth:.2f}" if truth else ""


def _intervals(tickets: int, folder: Path, seed: int) -> list[Interval]:
    """All intervals of one world. Runs in a process of its own."""
    world = World(seed=seed, tickets=tickets)
    marts = build(world, Project(folder / "dbt" / "target"))
    return [interval for judge in JUDGES for interval in judge(marts, world)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks coverage",
        description="How often the marts' 95 % intervals hold the truth of made-up accounts.",
    )
    parser.add_argument("--tickets", metavar="N", type=int, nargs="+", default=SIZES)
    parser.add_argument("--worlds", metavar="N", type=int, default=WORLDS)
    parser.add_argument("--processes", metavar="N", type=int, default=2)
    return parser
