"""`python -m benchmarks engines NAME`: the same account into one engine, and its marts.

Depends on the simulator, on `places` and on what the other measurements are made of. Prints one
Markdown table; writes into a temporary folder only. Linux only: an engine that is a process of its
own is measured by what the kernel says of it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from simulator import Account, Service, serve

from ..contents import differences
from ..desks import change_some, realistic_desk, states
from ..optimum import due_ids, is_closed
from .places import PLACES, Given, Place, Use, use_of_children
from .scale import METHOD as METHOD_OF_MARTS
from .scale import measure_marts

DELETED = 3
METHOD = """\
The realistic desk of {tickets:,} tickets, pacing off, against the simulator in this process. Each \
command is a process of its own, whose start is in its CPU seconds and memory. Beside it: what a \
server of the engine used meanwhile (PostgreSQL: without durable writes; ClickHouse: chDB behind \
an HTTP face), and the peak of its memory since it began. Second run: 1 % of the tickets, open \
ones, changed, 20 new, {deleted} deleted. Differing: tickets held otherwise than the API has them, \
without those whose change waits for the next sweep, as documented.

| engine | run | requests | differing | CPU s | server's CPU s | peak MB | server's MB | wall s |
|---|---|---:|---:|---:|---:|---:|---:|---:|"""


class Bench:
    """One account being served, and one engine."""

    def __init__(self, service: Service, place: Place) -> None:
        self.service, self.place = service, place
        self.dormant: set[int] = set()

    @property
    def account(self) -> Account:
        """What is loaded."""
        return self.service.account

    def measure(self, run: str, *arguments: str) -> str:
        """One command, as a line of the table."""
        self.service.reset_log()
        before = use_of_children()
        cost = self.place.run(*arguments)
        server = use_of_children().since(before)
        differing = differences(self.place.states(), states(self.account.tickets()))
        cells = (
            *(self.place.name, run, f"{len(self.service.requests):,}"),
            f"{len(differing - self.dormant):,}",
            *(f"{cost.cpu_seconds:.1f}", _server(server, f"{server.cpu_seconds:.1f}")),
            *(f"{cost.megabytes:.0f}", _server(server, f"{server.megabytes:.0f}")),
            f"{cost.seconds:.1f}",
        )
        return f"| {' | '.join(cells)} |"

    def move_on(self) -> None:
        """What happens between two runs."""
        before = self.account.tickets()
        due = due_ids(before, datetime.now(UTC))
        self.dormant = {each["id"] for each in before if not is_closed(each)} - due
        change_some(self.account)
        for ticket_id in self.account.pick(DELETED):
            self.account.drop(ticket_id)
        self.account.prepare()


def _server(used: Use, text: str) -> str:
    return text if used.processes else ""


def measure_engine(name: str, tickets: int, packages: Path | None, folder: Path) -> Iterator[str]:
    """The lines of the table, as the runs end."""
    with ExitStack() as stack:
        service = stack.enter_context(serve(realistic_desk(tickets)))
        place = stack.enter_context(PLACES[name](Given(folder, service.base_url, packages)))
        os.environ.update(place.environment)
        bench = Bench(service, place)
        yield bench.measure("first load", "sync")
        bench.move_on()
        yield bench.measure("second run", "sync")
        yield bench.measure("marts", "marts")
        yield bench.measure("marts again", "marts")


def main(arguments: Sequence[str]) -> int:
    """Print the table, line by line as the runs end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks engines")
    parser.add_argument("engine", choices=PLACES)
    parser.add_argument("--tickets", type=int, default=20_000, metavar="N")
    parser.add_argument(
        "--packages",
        type=Path,
        metavar="FOLDER",
        help="site-packages of the engine's environment, for clickhouse; the environment of "
        "ducklake has to run this itself",
    )
    parser.add_argument(
        "--marts",
        type=int,
        metavar="N",
        help="the marts of so many tickets instead, without a sync; not for ducklake",
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        for line in _measured(options, Path(folder)):
            print(line, flush=True)
    return 0


def _measured(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    if options.marts:
        yield METHOD_OF_MARTS.format(tickets=options.marts)
        yield from measure_marts(options.engine, options.marts, options.packages, folder)
    else:
        yield METHOD.format(tickets=options.tickets, deleted=DELETED)
        yield from measure_engine(options.engine, options.tickets, options.packages, folder)
