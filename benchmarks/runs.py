"""What is measured, in order: loads, second runs, deletions and kills on accounts of one size.

Depends on every other module of this room. Promises a row as soon as its run has ended, and that
each program's second run meets the same changes after its own first load.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulator import Account, Service, serve

from .contents import differences
from .desks import asking_desk, change_some, delete_some, lively_desk, realistic_desk, states
from .optimum import DORMANT, allowed_requests, due_ids, fewest_requests, is_closed
from .process import Cost
from .programs import ALONE, INCREMENTAL, NAIVE, OURS, PLAIN_DLT, Program
from .table import Row

WINDOW_PAGES = 1_000
MOST_RUNS = 5
KILLED = (
    ("killed half-way, folder kept", OURS, True),
    ("… folder lost", OURS, False),
    ("killed half-way, folder kept", ALONE, True),
)


class Bench:
    """One account being served, and the programs that load it."""

    def __init__(self, service: Service, size: int, folder: Path) -> None:
        self.service, self.size, self.folder = service, size, folder
        self.dormant: set[int] = set()

    @property
    def account(self) -> Account:
        """What is loaded."""
        return self.service.account

    def program(self, name: str, folder: str, **settings: str) -> Program:
        """A program with an empty warehouse."""
        return Program(name, self.service.base_url, self.folder / folder, settings)

    def run(
        self, title: str, program: Program, yardstick: int | None = None, allowed: int | None = None
    ) -> Row:
        """One run and its row."""
        self.service.reset_log()
        cost = program.run()
        requests = len(self.service.requests)
        return self.row(title, program, requests, [cost], yardstick, allowed)

    def row(
        self,
        title: str,
        program: Program,
        requests: int,
        costs: list[Cost],
        yardstick: int | None = None,
        allowed: int | None = None,
    ) -> Row:
        """What one run, or several together, took, and how its result compares with the account."""
        differing = differences(program.states(), states(self.account.tickets()))
        return Row(
            tickets=self.size,
            run=title,
            program=program.name,
            requests=requests,
            cpu_seconds=sum(cost.cpu_seconds for cost in costs),
            megabytes=max(cost.megabytes for cost in costs),
            seconds=sum(cost.seconds for cost in costs),
            differing=len(differing),
            dormant=len(differing & self.dormant),
            yardstick=yardstick,
            allowed=allowed,
        )


def measure_size(tickets: int, folder: Path) -> Iterator[Row]:
    """Every row of one size."""
    with bench(realistic_desk(tickets), tickets, folder / "realistic") as desk:
        yield from first_and_second(desk)
    with bench(asking_desk(tickets), tickets, folder / "asking") as desk:
        yield from asking(desk)
    with bench(lively_desk(tickets), tickets, folder / "lively") as desk:
        yield from lively(desk)


@contextmanager
def bench(account: Account, tickets: int, folder: Path) -> Iterator[Bench]:
    """The account, answering."""
    with serve(account) as service:
        yield Bench(service, tickets, folder)


def first_and_second(desk: Bench) -> Iterator[Row]:
    """The realistic desk: all programs, then what only the incremental ones are asked."""
    programs = {
        name: desk.program(name, f"program{n}")
        for n, name in enumerate((OURS, ALONE, NAIVE, PLAIN_DLT))
    }
    requests = {}
    for name, program in programs.items():
        yield (row := desk.run("first load", program))
        requests[name] = row.requests
    for title, name, is_kept in KILLED:
        yield killed(desk, title, name, is_kept, requests[name])
    yield from second(desk, list(programs.values()), "second run", DORMANT)
    for name in INCREMENTAL:
        yield (row := desk.run("no change at all", programs[name]))
        requests[name] = row.requests
    lost = set(delete_some(desk.account, datetime.now(UTC)))
    for name in INCREMENTAL:
        yield deleted(desk, programs[name], lost, requests[name])


def lively(desk: Bench) -> Iterator[Row]:
    """55 % live at every age: the second run of ours."""
    program = desk.program(OURS, "ours", DORMANT_DAYS="0")
    program.run()
    yield from second(desk, [program], "second run, 55 % live", None)


def asking(desk: Bench) -> Iterator[Row]:
    """A request on most tickets: the first load of ours, and of plain dlt beside it."""
    for name in (OURS, PLAIN_DLT):
        folder = "ours" if name == OURS else "plain"
        yield desk.run("first load, requests on most", desk.program(name, folder))


def second(
    desk: Bench, programs: list[Program], title: str, dormant: timedelta | None
) -> Iterator[Row]:
    """1 % changed and 20 new, beside the fewest requests that ours could do with."""
    held = set(programs[0].states())
    before = desk.account.tickets()
    due = due_ids(before, datetime.now(UTC), dormant)
    desk.dormant = {each["id"] for each in before if not is_closed(each)} - due
    change_some(desk.account)
    fewest = fewest_requests([each["id"] for each in desk.account.tickets()], held, due)
    for program in programs:
        allowed = allowed_requests(fewest) if program.name in INCREMENTAL else None
        yield desk.run(title, program, fewest, allowed)


def deleted(desk: Bench, program: Program, lost: set[int], unchanged: int) -> Row:
    """Runs until all of the deleted are marked; each is allowed what a run without change takes."""
    desk.service.reset_log()
    costs = [program.run()]
    while lost & program.states().keys() and len(costs) < MOST_RUNS:
        costs.append(program.run())
    title = f"{len(lost)} settled tickets deleted"
    if len(costs) > 1:
        title += f", {len(costs)} runs"
    requests = len(desk.service.requests)
    return desk.row(title, program, requests, costs, unchanged * len(costs))


def killed(desk: Bench, title: str, name: str, is_kept: bool, undisturbed: int) -> Row:
    """A first load killed when the server has seen half of it, and the run that ends it."""
    program = desk.program(name, f"killed-{name}-{is_kept}".replace(" ", "-"))
    desk.service.reset_log()
    half = undisturbed // 2
    costs = [program.run(kill_when=lambda: len(desk.service.requests) >= half)]
    if not is_kept:
        program.lose_working_folder()
    costs.append(program.run())
    requests = len(desk.service.requests)
    allowed = undisturbed + (2 if is_kept else min(WINDOW_PAGES, half))
    return desk.row(title, program, requests, costs, undisturbed, allowed)
