"""`python -m benchmarks coverage`: how often the intervals of the marts hold the truth.

Depends on the simulator's law for the truth, and on the tests' raw tables and compiled project, so
that neither HTTP nor dbt stands in the way of many worlds. Prints a Markdown table with its method.
An interval is called 95 %: of a hundred worlds it should hold the truth in about 95.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from simulator import Truth, World
from tests.transform.conftest import compile_project
from tests.transform.project import Project
from tests.transform.raw import every, fill_duckdb, replay

ENOUGH, AT_RISK = 30, 10
SIZES = (4_000, 1_200, 600, 300)
WORLDS = 200
Z95 = 1.959963984540054
LATER = timedelta(days=3 * 365)
NEEDED = (
    *("mart_resolution_summary", "mart_outcome_incidence", "mart_approval_rates"),
    *("mart_claim_exposure", "mart_claims_to_come"),
)
METHOD = """\
Worlds of the simulator's law, 22 months, looked at once a day from the first day. Each has a seed
of its own; an interval counts where the marts publish one and the segment has at least 30 tickets
(expected payouts: any). Truth is the law's figure; for expected payouts it is what the open tickets
of that very world have brought three years later. `mean ratio`: all that was told by all the truth.

| tickets | interval | of | intervals | held | mean ratio |
|---|---|---|---|---|---|"""


class Interval(NamedTuple):
    """One published interval, and the truth that it should hold."""

    name: str
    of: str
    low: float
    high: float
    truth: float
    told: float

    @property
    def holds(self) -> bool:
        return self.low <= self.truth <= self.high


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
        held = sum(interval.holds for interval in intervals) / len(intervals)
        yield (
            f"| {tickets:,} | {name} | {of} | {len(intervals):,} | {held:.1%} "
            f"| {_ratio(intervals)} |"
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
    return [
        interval
        for intervals in (_times, _incidences, _rates, _payouts)
        for interval in intervals(marts, world)
    ]


class _Part(Project):
    """Only the marts whose intervals are judged, and what they are made of."""

    def __init__(self, project: Project) -> None:
        self.__dict__.update(project.__dict__)
        wanted: set[str] = set()
        waiting = [self.models[name]["unique_id"] for name in NEEDED]
        while waiting:
            node = waiting.pop()
            if node in self.nodes and node not in wanted:
                wanted.add(node)
                waiting += self.nodes[node]["depends_on"].get("nodes", [])
        self.models = {n: node for n, node in self.models.items() if node["unique_id"] in wanted}


def build(world: World, project: Project) -> duckdb.DuckDBPyConnection:
    """The world's marts in memory, on one thread."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set timezone = 'UTC'")
    fill_duckdb(connection, replay(world, every(24, world.start, world.end)))
    return _Part(project).build_in(connection, {}, {})


def _rows(marts: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = marts.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _told_of(row: Mapping[str, Any], truth: Truth) -> tuple[str, Any] | None:
    """The kind of the row's segment and the law's own; None where the law knows none."""
    kind, name = row["segment_type"], row["segment"]
    if kind == "all":
        return "account", truth.all
    segments = {"carrier": truth.carriers, "ticket_type": truth.types}[kind]
    return (kind.replace("_", " "), segments[name]) if name in segments else None


def _times(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    for row in _rows(
        marts,
        "from mart_resolution_summary where segment_type in ('all', 'carrier', 'ticket_type') "
        "and tickets >= 30",
    ):
        if not (told := _told_of(row, world.truth)):
            continue
        of, law = told
        for name, days in (("median", law.median_days), ("p90", law.p90_days)):
            low, high = row[f"{name}_hours_lo"], row[f"{name}_hours_hi"]
            if low is not None and high is not None:
                hours = row[f"{name}_hours"]
                yield Interval(f"{name} of hours", of, low - 0.5, high + 0.5, days * 24, hours)
        for days in (30, 60, 90):
            mean, se = row[f"rmst_{days}d"], row[f"rmst_{days}d_se"]
            if mean is not None and se is not None:
                truth = law.mean_days_up_to(days)
                margin = Z95 * se
                yield Interval(f"mean to {days} d", of, mean - margin, mean + margin, truth, mean)


def _incidences(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    for row in _rows(
        marts,
        "from mart_outcome_incidence where segment_type in ('all', 'carrier', 'ticket_type') "
        "and hours <= 90 * 24 qualify row_number() over "
        "(partition by segment_type, segment, outcome_group order by hours desc) = 1",
    ):
        told = _told_of(row, world.truth)
        is_told = row["incidence"] > 0 and row["incidence_lo"] is not None
        if told and is_told and row["n_risk"] >= AT_RISK:
            truth = told[1].incidence_at_90_days[row["outcome_group"]]
            low, high = row["incidence_lo"], row["incidence_hi"]
            yield Interval("incidence, 90 d", told[0], low, high, truth, row["incidence"])


def _rates(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    rows = _rows(marts, "from mart_approval_rates where segment_type <> 'carrier_and_type'")
    types = {row["segment"]: row["decided"] for row in rows if row["segment_type"] == "ticket_type"}
    for row in rows:
        told = _told_of(row, world.truth)
        if not told or row["decided"] < ENOUGH or told[1].approval_rate is None:
            continue
        low, high = row["approval_rate_lo"], row["approval_rate_hi"]
        rate = row["approval_rate"]
        yield Interval("approval rate", told[0], low, high, told[1].approval_rate, rate)
        if row["segment_type"] == "carrier" and row["mix_adjusted_rate"] is not None:
            truth = _with_mix(world.truth, row["segment"], types)
            low, high = row["mix_adjusted_rate_lo"], row["mix_adjusted_rate_hi"]
            rate = row["mix_adjusted_rate"]
            yield Interval("adjusted approval rate", told[0], low, high, truth, rate)


def _with_mix(truth: Truth, carrier: str, types: Mapping[str, int]) -> float:
    """The carrier's true rate, its types weighted as the account's decisions are."""
    cells = {
        name: truth.segment(carrier, name).approval_rate for name in types if name in truth.types
    }
    known = {name: rate for name, rate in cells.items() if rate is not None}
    weight = sum(types[name] for name in known)
    return sum(types[name] * rate for name, rate in known.items()) / weight


def _payouts(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    came = _came(world)
    for row in _rows(
        marts,
        "from mart_claim_exposure where segment_type in ('all', 'carrier')",
    ):
        of = "account" if row["segment_type"] == "all" else "carrier"
        truth = sum(
            amount
            for (carrier, currency), amount in came.items()
            if currency == row["currency"] and row["segment"] in ("all", carrier)
        )
        low, high = row["expected_payout_amount_lo"], row["expected_payout_amount_hi"]
        told = row["expected_payout_amount"]
        yield Interval(f"expected payout, {row['currency']}", of, low, high, truth, told)


def _came(world: World) -> Mapping[tuple[str, str], float]:
    """By carrier and currency, what tickets that are open at the end bring in years to come."""
    end, later = (int(moment.timestamp()) for moment in (world.end, world.end + LATER))
    came: dict[tuple[str, str], float] = defaultdict(float)
    for ticket_id in world.ids(world.end):
        story = world.story(ticket_id, end)
        if story is None or story.is_closed(end) or story.ticket(end)["resolution"]:
            continue
        ticket = story.ticket(later)
        resolution = ticket["resolution"]
        if resolution and resolution["outcome"] == "claim_approved" and resolution["amount"]:
            carrier = ticket["carrier"] or "(none)"
            came[carrier, resolution["currency"]] += float(resolution["amount"])
    return {key: amount for key, amount in came.items() if math.isfinite(amount)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks coverage",
        description="How often the marts' 95 % intervals hold the truth of made-up accounts.",
    )
    parser.add_argument("--tickets", metavar="N", type=int, nargs="+", default=SIZES)
    parser.add_argument("--worlds", metavar="N", type=int, default=WORLDS)
    parser.add_argument("--processes", metavar="N", type=int, default=2)
    return parser
