"""`python -m benchmarks`: measures, and prints one Markdown table with its method above it.

Depends on `runs` and `table`. Needs no keys and no network; writes into a temporary folder only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .runs import measure_size
from .table import header, line, method

DEFAULT = (20_000, 100_000)
QUICK = (2_000,)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, line by line as the runs end."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["coverage"]:
        from .coverage import main as measure_coverage

        return measure_coverage(given[1:])
    if given[:1] == ["accounts"]:
        from .accounts import main as measure_many

        return measure_many(given[1:])
    if given[:1] == ["engines"]:
        from .engines import main as measure_engines

        return measure_engines(given[1:])
    options = _parser().parse_args(given)
    print(method(), flush=True)
    print(header(), flush=True)
    for tickets in QUICK if options.quick else options.tickets:
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            for row in measure_size(tickets, Path(folder)):
                print(line(row), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures requests, CPU seconds and peak memory of `python -m pipelines sync` "
        "and of the source alone for first loads, second runs, deletions and killed runs, beside a "
        "requests + pandas script and a plain dlt rest_api source, against the simulator on this "
        "machine. Prints one Markdown table. Both sizes take about half an hour. "
        "`python -m benchmarks accounts` measures many accounts in one warehouse, "
        "`python -m benchmarks engines NAME` one account in another engine than DuckDB, "
        "`python -m benchmarks coverage` how often intervals hold the truth.",
    )
    parser.add_argument(
        "--tickets",
        metavar="N",
        type=int,
        nargs="+",
        default=DEFAULT,
        help="sizes of the accounts (default: 20000 100000)",
    )
    parser.add_argument("--quick", action="store_true", help="one account of 2,000 tickets")
    return parser


if __name__ == "__main__":
    sys.exit(main())
