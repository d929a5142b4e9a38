"""The source in somebody's own pipeline: incremental, exact, resumable and bounded by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from simulator import Account, Clock, Fault, World, serve
from tests.pipelines.conftest import KEYS
from tests.pipelines.warehouses import ROOT
from tests.sources.alone.conftest import CLOCK, TABLES, WORLD, Desk


def test_runs_read_everything_first_and_later_what_is_new_or_may_have_changed(desk: Desk) -> None:
    first = desk.run()
    assert (first["mode"], first["requests"], first["tickets_new"]) == ("full", 51, 1_000)
    assert (first["is_complete"], first["held_total"], first["api_total"]) == (True, 1_000, 1_000)
    desk.check()
    seen = dict(desk.rows("select id, first_seen_at from tickets"))

    for _ in range(3):
        desk.account.clock.advance(timedelta(hours=12))
        desk.account.insert(2)
        later = desk.run()
        assert (later["mode"], later["is_complete"]) == ("sync", True)
        assert later["requests"] == len(desk.service.requests) <= 20
        desk.check()
    now = dict(desk.rows("select id, first_seen_at from tickets"))
    assert {key: now[key] for key in seen} == seen
    assert len(desk.rows("select run_id from sync_runs")) == 4


def test_a_ticket_that_is_gone_is_marked_and_one_that_comes_back_is_not(desk: Desk) -> None:
    desk.run()
    gone = [desk.account.newest(900)[at] for at in (0, 400, 899)]
    for number in gone:
        desk.account.drop(number)
    desk.account.clock.advance(timedelta(hours=6))

    run = desk.run()

    assert (run["mode"], run["is_complete"], run["tickets_vanished"]) == ("sync", True, 3)
    marked = "select id from tickets where vanished_at is not null order by id"
    assert desk.rows(marked) == sorted((number,) for number in gone)
    desk.check()
    assert desk.run(full=True)["tickets_vanished"] == 0
    assert desk.rows(marked) == sorted((number,) for number in gone)


def test_a_complete_sweep_marks_what_is_gone_too(duck: Desk) -> None:
    duck.run()
    for number in duck.account.newest(50)[::10]:
        duck.account.drop(number)
    run = duck.run(full=True)
    assert (run["mode"], run["is_complete"], run["tickets_vanished"]) == ("full", True, 5)
    duck.check()


@pytest.mark.parametrize("at", [2, 17, 30, 50])
def test_a_run_that_died_while_it_read_is_gone_on_with(duck: Desk, at: int) -> None:
    duck.service.switches.faults = [Fault("401", page=at)]
    with pytest.raises(PipelineStepFailed):
        duck.pipeline.run(duck.source())
    asked = len(duck.service.requests)
    duck.service.switches.faults = []

    run = duck.run()

    assert run["is_complete"]
    assert asked + run["requests"] <= 51 + 2
    duck.check()


KILLED = """
import os, signal, sys
import dlt
from sources.sendcloud_support import sendcloud_support
from datetime import UTC, datetime, timedelta
from sources.sendcloud_support.extraction import extraction
began = datetime.now(UTC)
extraction.system_clock = lambda: datetime.fromisoformat(sys.argv[8]) + (datetime.now(UTC) - began)
step = sys.argv[1]
if step != "extract":
    from dlt.pipeline.pipeline import Pipeline
    def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
    if step == "normalize": Pipeline.normalize = die
    if step == "load": Pipeline.load = die
    if step == "amid":
        from dlt.load.load import Load
        complete = Load.complete_package
        Load.complete_package = die
pipeline = dlt.pipeline("whatever", destination=dlt.destinations.duckdb(sys.argv[3]),
                        dataset_name="support", pipelines_dir=sys.argv[4])
pipeline.run(sendcloud_support(credentials={"public_key": sys.argv[5], "secret_key": sys.argv[6]},
                               base_url=sys.argv[2], requests_per_minute=int(sys.argv[7])))
"""


def start(duck: Desk, step: str, per_minute: int = 0) -> subprocess.Popen[bytes]:
    own, work = str(duck.folder / "own.duckdb"), str(duck.folder / "work")
    now = duck.account.clock.now().isoformat()
    duck.account.clock.advance(timedelta(minutes=10))
    words = [step, duck.service.base_url, own, work, *KEYS, str(per_minute), now]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, *words]
    return subprocess.Popen(command, env=environment, cwd=duck.folder)


@pytest.mark.parametrize("step", ["normalize", "load", "amid"])
def test_a_process_that_was_killed_after_it_read_loses_and_doubles_nothing(
    duck: Desk, step: str
) -> None:
    """dlt loads the package that was left, in a run that reads nothing; the next one reads."""
    assert start(duck, step).wait(120) == -signal.SIGKILL
    duck.service.reset_log()

    duck.pipeline.run(duck.source())
    duck.account.clock.advance(timedelta(hours=3))
    run = duck.run()

    assert (run["is_complete"], run["held_total"]) == (True, len(duck.account.tickets()))
    assert len(duck.service.requests) <= 20
    duck.check()


def test_a_process_that_was_killed_while_it_read_repeats_two_requests_at_most(duck: Desk) -> None:
    process = start(duck, "extract", per_minute=20)
    for _ in range(600):
        if len(duck.service.requests) >= 20:
            break
        time.sleep(0.1)
    process.kill()
    process.wait(30)
    asked = len(duck.service.requests)

    run = duck.run()

    assert (asked, run["is_complete"]) == (20, True)
    assert asked + run["requests"] <= 51 + 2
    duck.check()


def test_a_lost_working_folder_costs_requests_and_nothing_else(duck: Desk, tmp_path: Path) -> None:
    duck.run()
    (tmp_path / "work").rename(tmp_path / "lost")
    duck.account.clock.advance(timedelta(hours=3))
    run = duck.run()
    assert (run["mode"], run["is_complete"]) == ("sync", True)
    duck.check()


def test_a_bounded_run_is_gone_on_with(duck: Desk) -> None:
    requests = []
    for _ in range(9):
        run = duck.run(max_requests=7)
        requests.append(run["requests"])
        if run["is_complete"]:
            break
        assert "Stopped at max_requests = 7. The next run goes on from here." in run["note"]
    assert requests == [7] * 7 + [3]
    duck.check()


def test_a_run_bounded_by_time_is_gone_on_with(duck: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CLOCK, lambda: duck.account.clock.advance(timedelta(seconds=5)))
    first = duck.run(max_minutes=3)
    assert "Stopped at max_minutes = 3. The next run goes on from here." in first["note"]
    assert not first["is_complete"]

    later = duck.run()

    assert (later["is_complete"], later["held_total"]) == (True, 1_000)
    assert first["requests"] + later["requests"] <= 51 + 20


def test_all_tables_and_columns_are_there_after_the_first_run_of_an_empty_account(
    desk: Desk,
) -> None:
    for each in desk.account.tickets():
        desk.account.drop(each["id"])
    run = desk.run()
    assert (run["is_complete"], run["held_total"]) == (True, 0)
    for table in TABLES:
        assert desk.rows(f"select count(*) from {table}") == [(1 if table == "sync_runs" else 0,)]
    assert desk.rows("select ticket_id, outcome, amount, currency from tickets__resolution") == []
    desk.account.insert(30)
    desk.account.clock.advance(timedelta(days=3))
    assert desk.run()["is_complete"]
    desk.check()


def test_histories_hold_what_the_runs_saw(duck: Desk) -> None:
    duck.run()
    number = duck.account.newest(1)[0]
    duck.account.clock.advance(timedelta(hours=1))
    duck.account.hold(number, status="escalated", resolution=None)
    duck.run()
    duck.account.clock.advance(timedelta(hours=1))
    duck.account.hold(number, status="solved", resolution={"outcome": "delivered"})
    duck.run()

    statuses = duck.rows(
        "select status, previously_seen_at is null from ticket_status_history "
        f"where ticket_id = {number} order by seen_at"
    )
    assert [status for status, _ in statuses][-2:] == ["escalated", "solved"]
    assert [is_first for _, is_first in statuses] == [True, False, False]
    outcomes = duck.rows(
        f"select outcome from resolution_history where ticket_id = {number} order by seen_at"
    )
    assert outcomes[-1:] == [("delivered",)]


def test_an_unproven_run_logs_one_warning(duck: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        "sources.sendcloud_support.extraction.extraction.logger.warning", said.append
    )
    duck.service.switches.faults = [Fault("data_envelope", on="list")]
    duck.run()
    assert len(said) == 1
    assert said[0].startswith("The run is not proven complete. ")


def test_another_account_is_refused_before_anything_is_read(duck: Desk) -> None:
    duck.run()
    before = duck.rows("select id, vanished_at from tickets order by id")
    with serve(Account(World(tickets=50, seed=99), Clock(WORLD.end)), keys=KEYS) as other:
        with pytest.raises(PipelineStepFailed) as refused:
            Desk(other, duck.folder, duck.destination).run()
        assert "holds the tickets of another account" in str(refused.value)
        assert other.requests == []
    assert duck.rows("select id, vanished_at from tickets order by id") == before


def break_some(ticket: dict[str, Any]) -> dict[str, Any]:
    """Every fifth ticket has a status that is a number."""
    return ticket | ({"status": 7} if ticket["id"] % 5 == 0 else {})


@pytest.mark.parametrize("bounds", [{}, {"max_requests": 4}])
def test_a_contract_that_changed_loads_nothing_also_where_the_run_is_bounded(
    duck: Desk, bounds: dict[str, int]
) -> None:
    duck.run()
    before = duck.rows("select id, status, last_seen_at from tickets order by id")
    duck.account.clock.advance(timedelta(hours=2))
    duck.service.switches.reshape = break_some

    with pytest.raises(PipelineStepFailed) as failed:
        duck.pipeline.run(duck.source(full=True, **bounds))

    assert "tickets read break the contract: " in str(failed.value)
    assert "status" in str(failed.value)
    assert duck.rows("select id, status, last_seen_at from tickets order by id") == before
    duck.service.switches.reshape = None
    assert duck.run(full=True)["is_complete"]
    duck.check()


def test_what_a_run_left_of_a_contract_that_had_changed_is_forgotten(duck: Desk) -> None:
    duck.run()
    duck.account.clock.advance(timedelta(hours=2))
    duck.service.switches.reshape = break_some
    duck.service.switches.faults = [Fault("401", page=4)]
    with pytest.raises(PipelineStepFailed):
        duck.pipeline.run(duck.source(full=True))
    duck.service.switches.reshape, duck.service.switches.faults = None, []

    run = duck.run(full=True)

    assert (run["is_complete"], run["requests"]) == (True, 51)
    assert duck.rows("select count(*) from tickets_set_aside where mended_at is null") == [(0,)]
    duck.check()
