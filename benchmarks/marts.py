"""`python -m benchmarks.marts`: seconds and memory of `python -m pipelines marts`.

Depends on the tests' raw tables, so that no sync need run first. Prints one Markdown table with its
method; writes into a temporary folder only. With `--postgres URL` the same on an empty PostgreSQL
database.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from simulator import World
from tests.postgres import connect
from tests.transform.raw import every, fill_duckdb, fill_postgres, replay

SIZES = (20_000, 1_000_000)
HISTORY_DAYS = {20_000: 670, 1_000_000: 60}
METHOD = """\
Raw tables of a simulated desk of 22 months, as sweeps every 12 hours would leave them: 20,000
tickets watched from the first day, 1,000,000 watched for their last 60 days. `first` has nothing
compiled yet, `again` is the nightly case. Wall seconds hold the start of Python and of dbt, the
build of all marts and all data tests; the peak is that of the dbt process.

| warehouse | tickets | rows of history | run | seconds | CPU seconds | peak MB |
|---|---|---|---|---|---|---|"""


class Cost(NamedTuple):
    """What one command took."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, line by line as the runs end."""
    options = _parser().parse_args(arguments)
    print(METHOD, flush=True)
    for tickets in options.tickets:
        with tempfile.TemporaryDirectory(prefix="benchmark-marts-") as folder:
            for line in _measure(tickets, Path(folder), options.postgres):
                print(line, flush=True)
    return 0


def _measure(tickets: int, folder: Path, postgres: str | None) -> Iterator[str]:
    rows = _raw(tickets)
    credentials = postgres or str(folder / "desk.duckdb")
    _fill(rows, folder, postgres)
    kind = "postgres" if postgres else "duckdb"
    history = len(rows["ticket_status_history"])
    rows.clear()
    for run in ("first", "again"):
        cost = _run(folder, kind, credentials)
        yield (
            f"| {kind} | {tickets:,} | {history:,} | {run} | {cost.seconds:.1f} "
            f"| {cost.cpu_seconds:.1f} | {cost.peak_mb:.0f} |"
        )


def _raw(tickets: int) -> dict[str, list[dict[str, Any]]]:
    world = World(tickets=tickets)
    days = HISTORY_DAYS.get(tickets, 60)
    since = max(world.start, world.end - timedelta(days=days))
    return replay(world, every(12, since, world.end))


def _fill(rows: dict[str, list[dict[str, Any]]], folder: Path, postgres: str | None) -> None:
    if postgres:
        with closing(connect(postgres)) as connection:
            fill_postgres(connection, rows)
        return
    with duckdb.connect(str(folder / "desk.duckdb")) as connection:
        fill_duckdb(connection, rows)


def _run(folder: Path, kind: str, credentials: str) -> Cost:
    """The command as a scheduler would start it; the peak is that of all children so far."""
    environment = os.environ | {
        "DLT_DATA_DIR": str(folder / "dlt"),
        "DESTINATION__WAREHOUSE__DESTINATION_TYPE": kind,
        "DESTINATION__WAREHOUSE__CREDENTIALS": credentials,
    }
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pipelines", "marts"],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, used, after.ru_maxrss / 1024)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.marts", description="Measures the marts."
    )
    parser.add_argument("--tickets", metavar="N", type=int, nargs="+", default=SIZES)
    parser.add_argument("--postgres", metavar="URL", help="an empty database, instead of DuckDB")
    return parser


if __name__ == "__main__":
    sys.exit(main())
