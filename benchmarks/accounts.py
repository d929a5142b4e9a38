"""`python -m benchmarks accounts`: many accounts in one warehouse, beside each of them alone.

Depends on the simulator, `process` and `contents`. Prints one Markdown table; writes into a
temporary folder only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import NamedTuple

from simulator import Account, Clock, Fault, Service, Switches, World, serve

from .contents import differences, held_states
from .desks import states
from .process import Cost, measure
from .programs import inherited

METHOD = """\
Accounts of {tickets:,} tickets, each with an API of its own in this process, pacing off, into one \
DuckDB file. Requests are counted by the servers, each account's compared with those of the same \
account alone. Exact: the file's tickets of an account are those of its API.

| run | accounts | code | requests each | as alone | exact | CPU s | peak MB | wall s |
|---|---|---|---|---|---|---|---|---|"""
SYNC = [sys.executable, "-m", "pipelines", "sync"]
AT_ONCE = [sys.executable, "-m", "benchmarks.loads.at_once", "6"]


class Line(NamedTuple):
    """A run over all accounts."""

    run: str
    accounts: int
    code: int
    requests: list[int]
    alone: list[int]
    exact: int
    cost: Cost

    def text(self) -> str:
        """As a line of the table."""
        least, most = min(self.requests), max(self.requests)
        same = sum(own == alone for own, alone in zip(self.requests, self.alone, strict=True))
        cells = (
            *(self.run, self.accounts, self.code),
            *(f"{least} to {most}", f"{same} of {self.accounts}"),
            f"{self.exact} of {self.accounts}",
            *(f"{self.cost.cpu_seconds:.1f}", f"{self.cost.megabytes:.0f}"),
            f"{self.cost.seconds:.1f}",
        )
        return f"| {' | '.join(map(str, cells))} |"


class Group:
    """Accounts that are served, and warehouses that they are loaded into."""

    def __init__(self, stack: ExitStack, accounts: int, tickets: int, folder: Path) -> None:
        self.folder = folder
        self.services = {
            f"a{number:02}": stack.enter_context(_serve(number, tickets))
            for number in range(accounts)
        }

    def run(self, command: list[str], place: str, names: Sequence[str] = ()) -> Cost:
        """One run over these accounts, or all, into the warehouse of this name."""
        for service in self.services.values():
            service.reset_log()
        return measure(
            command, self._environment(place, names or list(self.services)), lambda: False
        )

    def requests(self) -> list[int]:
        """By account, since the last run began."""
        return [len(service.requests) for service in self.services.values()]

    def exact(self, place: str) -> int:
        """How many accounts are in the warehouse as the API has them."""
        return sum(self._is_exact(place, name) for name in self.services)

    def _is_exact(self, place: str, name: str) -> bool:
        held = held_states(self._file(place), f"sendcloud_{name}.tickets", is_marked=True)
        return not differences(held, states(self.services[name].account.tickets()))

    def _file(self, place: str) -> Path:
        return self.folder / place / "w.duckdb"

    def _environment(self, place: str, names: Sequence[str]) -> Mapping[str, str]:
        (self.folder / place).mkdir(exist_ok=True)
        source = "SOURCES__SENDCLOUD_SUPPORT__"
        accounts = {
            f"{source}ACCOUNTS__{name.upper()}__{key}": value
            for name in names
            for key, value in _keys(self.services[name]).items()
        }
        return (
            inherited()
            | accounts
            | {
                f"{source}REQUESTS_PER_MINUTE": "0",
                "DESTINATION__WAREHOUSE__CREDENTIALS": str(self._file(place)),
                "DLT_PROJECT_DIR": str(self.folder),
                "DLT_DATA_DIR": str(self.folder / place / "data"),
                "XDG_DATA_HOME": str(self.folder / "pace"),
            }
        )


def _serve(number: int, tickets: int) -> AbstractContextManager[Service]:
    world = World(seed=number + 1, tickets=tickets)
    return serve(Account(world, Clock(world.end)).prepare(), Switches(requests_per_minute=None))


def _keys(service: Service) -> dict[str, str]:
    return {
        "BASE_URL": service.base_url,
        "CREDENTIALS__PUBLIC_KEY": "public",
        "CREDENTIALS__SECRET_KEY": "secret",
    }


def measure_accounts(accounts: int, tickets: int, folder: Path) -> Iterator[Line]:
    """The lines of the table, as the runs end."""
    with ExitStack() as stack:
        group = Group(stack, accounts, tickets, folder)
        alone = _alone(group)
        for run, command, place in (
            ("first load, one after the other", SYNC, "one"),
            ("second run, one after the other", SYNC, "one"),
            ("first load, six at once", AT_ONCE, "six"),
            ("second run, six at once", AT_ONCE, "six"),
        ):
            cost = group.run(command, place)
            yield _line(run, group, alone[run.partition(",")[0]], place, cost)
        revoked = list(group.services.values())[accounts // 2]
        revoked.switches.faults = [Fault("401", at=tuple(range(tickets // 40, 100 * tickets)))]
        cost = group.run(SYNC, "revoked")
        run = "first load, one key revoked half way"
        yield _line(run, group, alone["first load"], "revoked", cost)


def _line(run: str, group: Group, alone: list[int], place: str, cost: Cost) -> Line:
    asked = group.requests()
    return Line(run, len(asked), cost.code, asked, alone, group.exact(place), cost)


def _alone(group: Group) -> dict[str, list[int]]:
    """Requests of a first load and of a second run, of each account in a warehouse of its own."""
    counted: dict[str, list[int]] = {"first load": [], "second run": []}
    for number, name in enumerate(group.services):
        for asked in counted.values():
            group.run(SYNC, f"alone_{name}", [name])
            asked.append(group.requests()[number])
    return counted


def main(arguments: Sequence[str]) -> int:
    """Print the table, line by line as the runs end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks accounts")
    parser.add_argument("--accounts", type=int, default=30, metavar="N")
    parser.add_argument("--tickets", type=int, default=1_000, metavar="N")
    options = parser.parse_args(arguments)
    print(METHOD.format(tickets=options.tickets), flush=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        for line in measure_accounts(options.accounts, options.tickets, Path(folder)):
            print(line.text(), flush=True)
    return 0
