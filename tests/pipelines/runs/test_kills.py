"""kill -9 at any moment: the next plain sync ends exact, and repeats little.

The command runs in a process of its own and ends itself with SIGKILL in the middle of a step: of
reading, of dlt, of writing a history, of dropping the journal. Which steps there are is known here;
the product has no place for it.
"""

from __future__ import annotations

import re
import signal
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator import Account, Clock
from tests.pipelines.conftest import SMALL, LoadFirst, Make
from tests.pipelines.warehouses import Warehouse, truth

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
WINDOW = 100
"""Tickets in a window: five pages, so that a sweep has windows before and after the kill."""

SUICIDE = """
import importlib, os, signal

def end(place, turn, is_after):
    module, _, path = place.partition(":")
    owner = importlib.import_module(module)
    *owners, name = path.split(".")
    for each in owners:
        owner = getattr(owner, each)
    original, calls = getattr(owner, name), [0]

    def last_words(*arguments, **values):
        calls[0] += 1
        if calls[0] == turn and not is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **values)
        if calls[0] == turn and is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, last_words)

end({place!r}, {turn}, {is_after})
"""

BEFORE, AFTER = False, True
READING = ("sources.sendcloud_support.holdings.journal:Journal.append", 8, AFTER)
EXTRACT = ("dlt.extract.extract:Extract.commit_packages", 1, BEFORE)
NORMALIZE = ("dlt.normalize.normalize:Normalize.spool_schema_files", 1, AFTER)
FIRST_JOB = ("dlt.load.load:Load.w_run_job", 1, AFTER)
MERGE_JOB = ("dlt.destinations.job_client_impl:SqlLoadJob.run", 1, AFTER)
LAST_STEP = ("dlt.load.load:Load.complete_package", 1, BEFORE)
LOADED = ("dlt.pipeline.pipeline:Pipeline.run", 1, AFTER)
SECOND_WINDOW = ("dlt.load.load:Load.complete_package", 2, BEFORE)
HISTORY_FIRST = ("pipelines.loading.window_loader:write_histories", 1, AFTER)
AMID_HISTORIES = ("pipelines.loading.history_tables:_begin", 1, BEFORE)
HISTORIES_UNSAID = ("pipelines.loading.history_tables:_begin", 1, AFTER)  # not committed yet
BETWEEN = (
    "sources.sendcloud_support.holdings.journal:Journal.drop",
    2,
    AFTER,
)  # the first drop is that of the start-up
UNDROPPED = ("sources.sendcloud_support.holdings.journal:Journal.drop", 2, BEFORE)
MARKED = ("sources.sendcloud_support.holdings.run_record:RunRecord.write", 1, BEFORE)

ALL_LIVE = {"settle_days": 9_999, "dormant_days": 0}
"""So that a plain sync owes every ticket as it is, also where nothing is left of the sweep."""

STEPS = {
    "while reading": READING,
    "after the history of held tickets": HISTORY_FIRST,
    "in extract": EXTRACT,
    "in normalize": NORMALIZE,
    "in load, at its first file": FIRST_JOB,
    "in load, amid the merge": MERGE_JOB,
    "in load, before its end": LAST_STEP,
    "in load, of a later window": SECOND_WINDOW,
    "after the load": LOADED,
    "amid the histories of new tickets": AMID_HISTORIES,
    "before the histories are committed": HISTORIES_UNSAID,
    "before the journal is dropped": UNDROPPED,
    "between windows": BETWEEN,
    "before the run's row": MARKED,
}
LOST = ("while reading", "in normalize", "in load, amid the merge", "between windows")
ON_POSTGRES = (
    "in normalize",
    "in load, at its first file",
    "in load, amid the merge",
    "in load, before its end",
    "after the history of held tickets",
    "amid the histories of new tickets",
)


def account() -> Account:
    """240 tickets that only hands move: a later run finds what an earlier one found."""
    made = Account(clock=Clock(NOON))
    for ticket in Account(SMALL, Clock(SMALL.end)).tickets():
        made.hold(ticket["id"], **{k: v for k, v in ticket.items() if k != "id"})
    made.insert(40)
    made.clock.advance(timedelta(hours=1))
    return made


DECIDED = {"outcome": "claim_approved", "amount": 77.5, "currency": "CHF", "solved_at": None}
"""Unlike any that there was before."""


def change(warehouse: Warehouse) -> set[int]:
    """One ticket in ten moves, is asked for something and decided; three are gone; five new.

    One of the new ones is decided already, and asked for something.
    """
    accounts = warehouse.account
    moved = accounts.pick(24)
    for number in moved:
        asked = [{"id": number + 1, "data_type": "other", "created_at": accounts.clock.now()}]
        accounts.hold(number, status="hold", requested_actions=asked, resolution=DECIDED)
    for number in [each for each in accounts.pick(30) if each not in moved][:3]:
        accounts.drop(number)
    new, *_ = accounts.insert(5)
    asked = [{"id": new, "data_type": "other", "created_at": accounts.clock.now()}]
    accounts.hold(new, requested_actions=asked, resolution=DECIDED)
    warehouse.later(hours=1)
    return set(moved)


def kill(warehouse: Warehouse, step: str, *arguments: str) -> None:
    """A command that ends in this step."""
    place, turn, is_after = STEPS[step]
    script = SUICIDE.format(place=place, turn=turn, is_after=is_after)
    done = warehouse.cli(*arguments, script=script)
    assert done.code == -signal.SIGKILL, done


def assert_exact(
    warehouse: Warehouse, moved: set[int], gone: set[int], decided: set[int] | None = None
) -> None:
    """Tables, bounds and keys, after a change that was seen by one run or another."""
    there = {ticket["id"]: ticket for ticket in warehouse.account.tickets()}
    assert warehouse.held() == truth(there.values(), vanished=sorted(gone))
    states: dict[int, list[Any]] = defaultdict(list)
    for number, status, _, _, seen_at, previously_seen_at in warehouse.statuses():
        states[number].append((status, seen_at, previously_seen_at))
    assert states.keys() == there.keys() | gone
    assert {each for each, rows in states.items() if len(rows) > 1} == moved
    for number, rows in states.items():
        assert rows[-1][0] == there.get(number, {"status": rows[-1][0]})["status"]
        assert [row[2] is None for row in rows] == [True, False][: len(rows)]
        assert all(row[2] < row[1] for row in rows[1:])
    assert_decisions(warehouse, states, decided or set())
    keys = Counter(row[:2] for row in warehouse.actions())
    assert max(keys.values(), default=1) == 1
    outstanding = [row[:4] for row in warehouse.actions() if row[6] is None and row[0] in there]
    assert outstanding == warehouse.held().actions


def assert_decisions(warehouse: Warehouse, states: dict[int, list[Any]], decided: set[int]) -> None:
    """A resolution is seen with its ticket, and a new one with the new status."""
    decisions: dict[int, list[Any]] = defaultdict(list)
    for number, *decision, seen_at, previously_seen_at in warehouse.resolutions():
        decisions[number].append(((number, *decision), (seen_at, previously_seen_at)))
    for number, rows in decisions.items():
        times = [states[number][0][1:], *[row[1:] for row in states[number][1:]][-1:]]
        kept = times if number in decided else times[:1]
        assert [moments for _, moments in rows] == kept[-len(rows) :]
    gone = set(warehouse.held().vanished)
    last = [rows[-1][0] for number, rows in decisions.items() if number not in gone]
    assert last == warehouse.held().resolutions


def second_load_killed(warehouse: Warehouse, step: str, lost: bool) -> int:
    """Change, sweep and die, sync; how many requests the last two sent."""
    before = {ticket["id"] for ticket in warehouse.account.tickets()}
    moved = change(warehouse)
    gone = before - {ticket["id"] for ticket in warehouse.account.tickets()}
    warehouse.service.reset_log()
    kill(warehouse, step, "sync", "--full")
    if lost:
        warehouse.lose_working_folder()
    record = warehouse.sync()
    assert record.is_complete
    assert_exact(warehouse, moved, gone, decided=moved)
    return len(warehouse.service.requests)


WHOLE = 14
"""Requests of the sweep undisturbed: thirteen pages, and the new end once more."""


@pytest.mark.parametrize("step", STEPS)
def test_a_sweep_killed_goes_on_and_repeats_at_most_two_requests(
    make: Make, load_first: LoadFirst, step: str
) -> None:
    warehouse = make(account(), window_tickets=WINDOW, **ALL_LIVE)
    load_first("kills", warehouse)
    assert second_load_killed(warehouse, step, lost=False) <= WHOLE + 2


@pytest.mark.parametrize("step", LOST)
def test_with_the_working_folder_lost_at_most_one_window_is_repeated(
    make: Make, load_first: LoadFirst, step: str
) -> None:
    warehouse = make(account(), window_tickets=WINDOW, **ALL_LIVE)
    load_first("kills", warehouse)
    repeated, found = WINDOW // 20, 6  # a sync finds the three that are gone by halving
    assert second_load_killed(warehouse, step, lost=True) <= WHOLE + repeated + found


@pytest.mark.parametrize("step", ON_POSTGRES)
def test_on_postgres_too(make: Make, postgres_url: str, step: str) -> None:
    warehouse = make(account(), postgres=postgres_url, window_tickets=WINDOW, **ALL_LIVE)
    warehouse.sync()
    assert second_load_killed(warehouse, step, lost=step == "in normalize") <= WHOLE + 8


@pytest.mark.parametrize("step", ["in load, amid the merge", "after the load"])
def test_a_first_load_killed_goes_on(make: Make, step: str) -> None:
    warehouse = make(account(), window_tickets=WINDOW, **ALL_LIVE)
    kill(warehouse, step, "sync")

    assert warehouse.sync().is_complete
    assert_exact(warehouse, set(), set())
    assert len(warehouse.service.requests) <= 13 + 2


@pytest.mark.parametrize("step", ["in load, amid the merge"])
def test_an_incremental_sync_killed_goes_on(make: Make, step: str) -> None:
    warehouse = make(account(), window_tickets=WINDOW, dormant_days=0, settle_days=0.5)
    warehouse.sync()
    moved = {ticket["id"] for ticket in warehouse.account.tickets()[:9]}
    for number in moved:
        warehouse.account.hold(number, status="hold")
    warehouse.later(hours=1)
    kill(warehouse, step, "sync")

    assert warehouse.sync().is_complete
    assert_exact(warehouse, moved, set())


def test_sigterm_ends_a_run_and_tells_how_far_it_got(make: Make) -> None:
    warehouse = make(account(), requests_per_minute=4)
    process = warehouse.start("sync")
    while len(warehouse.service.requests) < 4:
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)  # while the fourth answer comes, or after it
    out, err = process.communicate(timeout=10)

    assert (process.returncode, out) == (1, "")
    assert re.fullmatch(
        r"Stopped: [34] pages and 0 single tickets were read with 4 requests; they are kept, and "
        r"the next run goes on from there\.\n",
        err,
    )
    assert warehouse.runs("is_complete, note") == [(False, err.rstrip())]

    warehouse.later(minutes=5)
    assert warehouse.sync(requests_per_minute=0).is_complete
    assert_exact(warehouse, set(), set())
    assert len(warehouse.service.requests) <= 13 + 2
