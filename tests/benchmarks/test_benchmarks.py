"""The benchmark: its yardsticks by hand-worked examples, and one tiny run of all of it.

Depends on the benchmarks' own modules and, for the tiny run, on everything. Nothing is timed.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.contents import differences
from benchmarks.desks import asking_desk, realistic_desk
from benchmarks.engines import Bench as EngineBench
from benchmarks.engines.places import PLACES, Given
from benchmarks.optimum import allowed_requests, due_ids, fewest_requests
from benchmarks.process import CommandFailedError, measure
from benchmarks.table import COLUMNS
from simulator import serve

NOW = datetime(2026, 6, 30, tzinfo=UTC)
LIST = list(range(100, 0, -1))
"""100 tickets on 5 pages, newest first: ticket 100 - r has rank r."""


def test_without_anything_due_one_page_is_needed() -> None:
    assert fewest_requests(LIST, held=set(LIST), due=set()) == 1


def test_two_stragglers_cost_less_one_by_one_than_by_the_pages_down_to_them() -> None:
    # page 1 covers 81 to 100; 50 stands on page 3, 5 on page 5
    assert fewest_requests(LIST, held=set(LIST), due={100, 90, 50, 5}) == 3


def test_pages_down_to_a_crowd_cost_less_than_its_details() -> None:
    # 41 to 60 fill page 3: three pages and one detail, against one page and 21 details
    assert fewest_requests(LIST, held=set(LIST), due={*range(41, 61), 5}) == 4


def test_new_tickets_come_by_pages_only_because_nobody_knows_their_ids() -> None:
    # 30 new ones reach into page 2
    assert fewest_requests(LIST, held=set(range(1, 71)), due=set()) == 2


def test_when_half_of_every_page_is_due_the_whole_list_is_the_fewest() -> None:
    assert fewest_requests(LIST, held=set(LIST), due=set(LIST[::2])) == 5


def test_an_empty_account_takes_one_request() -> None:
    assert fewest_requests([], held=set(), due=set()) == 1


def test_the_allowance_is_a_twentieth_more_and_three() -> None:
    assert [allowed_requests(fewest) for fewest in (1, 20, 100, 1_001)] == [4, 24, 108, 1_054]


def ticket(
    number: int, days_quiet: float, status: str, solved_days_ago: float | None = None
) -> Any:
    def ago(days: float) -> str:
        return (NOW - timedelta(days=days)).isoformat()

    return {
        "id": number,
        "status": status,
        "created_at": ago(400),
        "updated_at": ago(days_quiet),
        "resolution": None if solved_days_ago is None else {"solved_at": ago(solved_days_ago)},
    }


TICKETS = [
    ticket(1, 59, "pending"),
    ticket(2, 61, "pending"),
    ticket(3, 13, "closed"),
    ticket(4, 15, "closed"),
    ticket(5, 15, "pending", solved_days_ago=15),
    ticket(6, 15, "claim_paid", solved_days_ago=13),
    {**ticket(7, 0, "hold"), "updated_at": None},
]


def test_due_are_the_open_ones_of_60_days_and_the_closed_ones_of_14() -> None:
    assert due_ids(TICKETS, NOW) == {1, 3, 6}


def test_without_dormant_tickets_every_open_one_is_due() -> None:
    assert due_ids(TICKETS, NOW, dormant=None) == {1, 2, 3, 6, 7}


def test_tickets_missing_too_many_or_in_another_state_differ() -> None:
    held = {1: "closed", 2: "hold", 3: "pending"}

    assert differences(held, {1: "closed", 2: "solved", 4: "pending"}) == {2, 3, 4}


def test_the_realistic_desk_holds_exactly_as_many_tickets_as_were_asked_for() -> None:
    assert [realistic_desk(tickets).total for tickets in (60, 2_000)] == [60, 2_000]


def test_on_the_asking_desk_two_tickets_in_three_have_a_request_and_no_more_are_live() -> None:
    plain, asking = realistic_desk(2_000, NOW), asking_desk(2_000, NOW)
    counts = [len(ticket["requested_actions"]) for ticket in asking.tickets()]
    asked = [count for count in counts if count]

    assert len(counts) == 2_000
    assert len(asked) / 2_000 == pytest.approx(2 / 3, abs=0.03)
    assert sum(asked) / len(asked) == pytest.approx(1.75, abs=0.05)
    assert due_ids(asking.tickets(), NOW) == due_ids(plain.tickets(), NOW)


def test_the_memory_of_the_process_that_holds_the_account_is_not_counted() -> None:
    ballast = bytearray(os.urandom(1_000_000) * 300)

    cost = measure([sys.executable, "-c", "pass"], os.environ)

    assert (cost.code, cost.megabytes < 100, len(ballast)) == (0, True, 300_000_000)


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(CommandFailedError, match=r"ended with 3:\nout of luck"):
        measure(
            [
                sys.executable,
                "-c",
                "import sys; print('out of luck', file=sys.stderr); sys.exit(3)",
            ],
            os.environ,
        )


def test_a_process_is_killed_at_the_moment_asked_for() -> None:
    cost = measure([sys.executable, "-c", "input()"], os.environ, kill_when=lambda: True)

    assert cost.code == -signal.SIGKILL


def test_the_table_of_a_tiny_account_counts_right(capsys: pytest.CaptureFixture[str]) -> None:
    """60 tickets are 3 pages, 80 are 4; the others read them all, twice."""
    assert main(["--tickets", "60"]) == 0
    header, _, *lines = re.findall(r"^\| (.*) \|$", capsys.readouterr().out, re.MULTILINE)
    rows = [dict(zip(COLUMNS, line.split(" | "), strict=True)) for line in lines]
    requests = {(row["run"], row["program"]): int(row["requests"]) for row in rows}
    ours, alone = "python -m pipelines sync", "the source alone"

    assert header.split(" | ") == list(COLUMNS)
    assert {row["tickets"] for row in rows} == {"60"}
    assert {run: count for run, count in requests.items() if run[1] not in {ours, alone}} == {
        ("first load", "requests + pandas"): 3,
        ("first load", "dlt rest_api"): 3,
        ("first load, requests on most", "dlt rest_api"): 3,
        ("second run", "requests + pandas"): 4,
        ("second run", "dlt rest_api"): 4,
    }
    assert [run for run, program in requests if program == ours] == [
        "first load",
        "killed half-way, folder kept",
        "… folder lost",
        "second run",
        "no change at all",
        "10 settled tickets deleted",
        "first load, requests on most",
        "second run, 55 % live",
    ]
    assert [run for run, program in requests if program == alone] == [
        "first load",
        "killed half-way, folder kept",
        "second run",
        "no change at all",
        "10 settled tickets deleted",
    ]
    asked = 12  # so many details at most where no page ever shows a request
    assert 3 <= requests["first load", ours] <= 4 + asked
    assert 3 <= requests["first load", alone] <= 4 + asked
    assert [row["run"] for row in rows if row["allowed"] and is_over(row)] == []
    assert [row["run"] for row in rows if row["differing"] != row["of them dormant"]] == []


def is_over(row: dict[str, str]) -> bool:
    return int(row["requests"]) > int(row["allowed"])


def test_the_table_of_two_accounts_counts_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["accounts", "--accounts", "2", "--tickets", "25"]) == 0

    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines[1:]]
    assert [(each[0], each[2], each[4], each[5]) for each in cells] == [
        ("first load, one after the other", "0", "2 of 2", "2 of 2"),
        ("second run, one after the other", "0", "2 of 2", "2 of 2"),
        ("first load, six at once", "0", "2 of 2", "2 of 2"),
        ("second run, six at once", "0", "2 of 2", "2 of 2"),
        ("first load, one key revoked half way", "3", "1 of 2", "1 of 2"),
    ]


def test_an_engine_is_measured_by_the_same_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serve(realistic_desk(60)) as service,
        PLACES["duckdb"](Given(tmp_path, service.base_url)) as place,
    ):
        for name, text in place.environment.items():
            monkeypatch.setenv(name, text)
        bench = EngineBench(service, place)
        first = bench.measure("first load", "sync")
        bench.move_on()
        second = bench.measure("second run", "sync")

    assert [line.split(" | ")[:2] + line.split(" | ")[3:4] for line in (first, second)] == [
        ["| duckdb", "first load", "0"],
        ["| duckdb", "second run", "0"],
    ]
    assert service.account.total == 60 + 20 - 3
