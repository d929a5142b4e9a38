"""The pace: never more than so many requests in any minute, by the real limiter on a fake clock."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Thread
from unittest import mock

import pytest
import requests
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrate_limiter import Limiter, SingleBucketFactory
from requests.adapters import HTTPAdapter

from sources.sendcloud_support.api.pace import (
    PacedAdapter,
    RecentAttempts,
    open_window,
    paced_adapter,
    steady_milliseconds,
)

MINUTE = 60_000
ROOT = Path(__file__).parents[3]


class Time:
    """A clock in milliseconds that moves when somebody sleeps, and longer than asked."""

    def __init__(self, oversleep: int = 0) -> None:
        self.now, self.oversleep = 1_000_000, oversleep

    def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1000) + self.oversleep


class Server:
    """Takes requests off the wire. `delays`: to the server and back, in milliseconds, by turns."""

    def __init__(self, time: Time, delays: Callable[[int], tuple[int, int]]) -> None:
        self.time, self.delays = time, delays
        self.departed: list[int] = []
        self.arrived: list[int] = []

    def send(self, *_: object, **__: object) -> requests.Response:
        there, back = self.delays(len(self.departed))
        self.departed.append(self.time.now)
        self.time.now += there
        self.arrived.append(self.time.now)
        self.time.now += back
        response = requests.Response()
        response.status_code = 200
        return response


@contextmanager
def wire(time: Time, server: Server) -> Iterator[None]:
    """The limiter sleeps on the fake clock, and its adapter sends to the fake server."""
    with (
        mock.patch("pyrate_limiter.limiter.sleep", time.sleep),
        mock.patch.object(HTTPAdapter, "send", server.send),
    ):
        yield


def adapter_on(time: Time, per_minute: int, memory: Path | None = None) -> PacedAdapter:
    window = open_window(per_minute, memory)
    window.clock = lambda: time.now
    return PacedAdapter(window)


REQUEST = requests.Request("GET", "https://api.test/").prepare()


def most_in_a_minute(moments: list[int]) -> int:
    """The fullest half-open minute that begins with one of these moments."""
    ends = [bisect_left(moments, moment + MINUTE) for moment in moments]
    return max((end - start for start, end in enumerate(ends)), default=0)


@settings(max_examples=60)
@given(
    per_minute=st.integers(1, 30),
    pauses=st.lists(st.integers(0, 30_000) | st.just(0), min_size=1, max_size=80),
    delays=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)), min_size=1),
    oversleep=st.integers(0, 5_000),
)
def test_no_minute_holds_more_than_its_requests(per_minute, pauses, delays, oversleep):
    """Neither of our departures nor of the server's arrivals, however late we wake up."""
    time = Time(oversleep)
    server = Server(time, lambda turn: delays[turn % len(delays)])
    adapter = adapter_on(time, per_minute)

    with wire(time, server):
        for pause in pauses:
            time.now += pause
            adapter.send(REQUEST)
    adapter.close()

    assert len(server.departed) == len(pauses)
    assert most_in_a_minute(server.departed) <= per_minute
    assert most_in_a_minute(server.arrived) <= per_minute


@settings(max_examples=25)
@given(
    per_minute=st.integers(1, 10),
    runs=st.lists(st.tuples(st.integers(0, 70_000), st.integers(1, 25)), min_size=2, max_size=5),
)
def test_runs_that_follow_each_other_share_the_minute(tmp_path_factory, per_minute, runs):
    memory = tmp_path_factory.mktemp("pace") / "pace.sqlite"
    time = Time()
    server = Server(time, lambda turn: (40, 20 * (turn % 3)))

    with wire(time, server):
        for pause, count in runs:
            time.now += pause
            adapter = adapter_on(time, per_minute, memory)
            for _ in range(count):
                adapter.send(REQUEST)
            adapter.close()

    assert most_in_a_minute(server.arrived) <= per_minute


def test_two_runs_at_the_same_time_share_the_minute(tmp_path):
    time = Time()
    server = Server(time, lambda _: (30, 30))
    adapters = [adapter_on(time, 5, tmp_path / "pace.sqlite") for _ in range(2)]

    with wire(time, server):
        for turn in range(40):
            adapters[turn % 2].send(REQUEST)
    for adapter in adapters:
        adapter.close()

    assert most_in_a_minute(server.arrived) == 5


def test_a_request_is_counted_and_noted_under_one_lock(tmp_path):
    """Else two processes would both find the last place of the minute free."""
    memory = tmp_path / "pace.sqlite"
    window = open_window(30, memory)
    limiter = Limiter(SingleBucketFactory(window, schedule_leak=False))
    taking = Thread(target=limiter.try_acquire, args=("one",), kwargs={"blocking": False})

    with FileLock(f"{memory}.lock"):
        taking.start()
        taking.join(timeout=0.3)
        assert taking.is_alive()
        assert window.conn.execute("select count(*) from requests").fetchone() == (0,)
    taking.join()

    assert window.count() == 1
    window.close()


TAKE_ALL = """
import sys
from pathlib import Path
from pyrate_limiter import Limiter, SingleBucketFactory
from sources.sendcloud_support.api.pace import open_window
window = open_window(30, Path(sys.argv[1]))
limiter = Limiter(SingleBucketFactory(window, schedule_leak=False))
sys.stdin.readline()
print(sum(limiter.try_acquire(sys.argv[2], blocking=False) for _ in range(100)), flush=True)
sys.stdin.readline()
"""


def test_two_processes_get_thirty_requests_between_them(tmp_path):
    """Both ask a hundred times at once, on the real clock, and neither waits."""
    command = [sys.executable, "-c", TAKE_ALL, str(tmp_path / "pace.sqlite")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    processes = [subprocess.Popen([*command, name], **pipes) for name in ("one", "two")]

    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    taken = [int(process.communicate("end\n")[0]) for process in processes]

    assert sum(taken) == 30


@pytest.mark.parametrize("offset", [0, 7_000, 30_000, 59_999])
@pytest.mark.parametrize("first_latency", [5, 800])
def test_75_pages_against_a_bare_fixed_window_take_two_minutes_and_no_429(offset, first_latency):
    """The server counts 30 in each minute that begins at `offset`, or with its first request."""
    time = Time()
    server = Server(time, lambda turn: (first_latency if turn == 0 else 5, 3))
    adapter = adapter_on(time, 30)
    begin = time.now

    with wire(time, server):
        for _ in range(75):
            adapter.send(REQUEST)
    adapter.close()

    for window_begins_at in (begin - offset, server.arrived[0]):
        windows = [(arrival - window_begins_at) // MINUTE for arrival in server.arrived]
        assert max(map(windows.count, windows)) <= 30
    assert time.now - begin <= 121_000 + (first_latency - 5)


def test_requests_go_out_at_once_as_long_as_the_minute_has_room():
    time = Time()
    server = Server(time, lambda _: (10, 10))
    adapter = adapter_on(time, 30)

    with wire(time, server):
        for _ in range(31):
            adapter.send(REQUEST)
    adapter.close()

    gaps = [later - earlier for earlier, later in pairwise(server.departed)]
    assert gaps[:29] == [20] * 29
    assert server.departed[30] == server.departed[0] + 20 + MINUTE + 100 + 2


@pytest.mark.parametrize("failure", [requests.ConnectionError, requests.ReadTimeout, KeyError])
def test_an_attempt_that_fails_counts_like_any_other(failure):
    time = Time()
    server = Server(time, lambda _: (10, 10))
    adapter = adapter_on(time, 3)

    with wire(time, server):
        for _ in range(2):
            with (
                mock.patch.object(HTTPAdapter, "send", side_effect=failure),
                pytest.raises(failure),
            ):
                adapter.send(REQUEST)
        begin = time.now
        for _ in range(2):
            adapter.send(REQUEST)
    adapter.close()

    assert server.departed[0] == begin
    assert server.departed[1] > begin + MINUTE


def test_an_attempt_that_hung_counts_from_its_end():
    time = Time()
    server = Server(time, lambda turn: (45_000, 44_000) if turn == 0 else (0, 0))
    adapter = adapter_on(time, 1)

    with wire(time, server):
        adapter.send(REQUEST)
        answered = time.now
        adapter.send(REQUEST)
    adapter.close()

    assert server.departed[1] > answered + MINUTE


def test_a_departure_is_told_when_the_turn_has_come():
    time = Time()
    told: list[int] = []
    server = Server(time, lambda _: (10, 10))
    adapter = adapter_on(time, 1)
    adapter.departed = lambda: told.append(time.now)

    with wire(time, server):
        adapter.send(REQUEST)
        adapter.send(REQUEST)
    adapter.close()

    assert told == server.departed


# --- clocks that are set -------------------------------------------------------------------------


def test_a_clock_set_while_we_run_moves_nothing():
    wall, steady = [5_000_000_000_000_000_000], [7_000_000_000]
    clock = steady_milliseconds(lambda: wall[0], lambda: steady[0])
    begin = clock()

    wall[0] -= 3_600 * 10**9
    steady[0] += 250 * 10**6

    assert clock() - begin == 250


def test_a_clock_set_back_between_runs_does_not_block_for_hours(tmp_path):
    memory = tmp_path / "pace.sqlite"
    time = Time()
    server = Server(time, lambda _: (5, 5))
    first = open_window(2, memory)
    three_hours_ahead = first.now() + 3 * 3_600_000
    first.clock = lambda: three_hours_ahead
    adapter = PacedAdapter(first)

    with wire(time, server):
        adapter.send(REQUEST)
        adapter.send(REQUEST)
        adapter.close()
        later = open_window(2, memory)
        time.now = later.now()
        later.clock = lambda: time.now
        begin = time.now
        PacedAdapter(later).send(REQUEST)
    later.close()

    assert server.departed[2] == begin


# --- the file ------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"this is no database at all, but long enough to be one" * 20])
def test_a_file_that_cannot_be_read_is_made_anew(tmp_path, content):
    memory = tmp_path / "pace.sqlite"
    memory.write_bytes(content)
    time = Time()
    server = Server(time, lambda _: (5, 5))
    adapter = adapter_on(time, 1, memory)

    with wire(time, server):
        adapter.send(REQUEST)
        adapter.send(REQUEST)
    adapter.close()

    assert server.departed[1] > server.departed[0] + MINUTE


def test_processes_that_make_a_broken_file_anew_at_once_share_what_they_make(tmp_path):
    memory = tmp_path / "pace.sqlite"
    memory.write_bytes(b"this is no database at all, but long enough to be one" * 20)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    command = [sys.executable, "-c", TAKE_ALL, str(memory)]
    processes = [subprocess.Popen([*command, str(name)], **pipes) for name in range(4)]

    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    taken = [int(process.communicate("end\n")[0]) for process in processes]

    assert sum(taken) == 30


def test_a_file_that_another_process_does_not_let_go_is_left_alone(tmp_path, monkeypatch):
    memory = tmp_path / "pace.sqlite"
    open_window(30, memory).close()
    before = memory.read_bytes()
    monkeypatch.setattr("sources.sendcloud_support.api.pace.SECONDS_TO_OPEN", 0.01)
    said = []

    with FileLock(f"{memory}.opening"):
        window = open_window(30, memory, said.append)

    assert window.conn.execute("pragma database_list").fetchall() == [(0, "main", "")]
    assert memory.read_bytes() == before
    [sentence] = said
    assert sentence == (
        f"The pace cannot be shared: {memory} cannot be used (Timeout). Requests of other commands "
        "with this key are not counted in; make its folder writable."
    )
    window.close()


@pytest.mark.parametrize("name", ["pace.sqlite", "pace.sqlite.lock", "pace.sqlite.opening"])
def test_a_folder_in_the_place_of_a_file_is_left_alone(tmp_path, name):
    (tmp_path / "pace" / name).mkdir(parents=True)
    said = []

    window = open_window(30, tmp_path / "pace" / "pace.sqlite", said.append)

    assert window.conn.execute("pragma database_list").fetchall() == [(0, "main", "")]
    assert len(said) == 1
    window.close()


def test_the_file_may_lie_in_a_folder_that_does_not_exist_yet(tmp_path):
    adapter = paced_adapter(30, tmp_path / "new" / "folder" / "pace.sqlite")
    adapter.close()

    assert (tmp_path / "new" / "folder" / "pace.sqlite").exists()


def test_the_file_forgets_what_left_the_minute(tmp_path):
    memory = tmp_path / "pace.sqlite"
    time = Time()
    server = Server(time, lambda _: (5, 5))
    adapter = adapter_on(time, 100, memory)

    with wire(time, server):
        for _ in range(50):
            adapter.send(REQUEST)
        time.now += 2 * MINUTE
        adapter.send(REQUEST)
    adapter.close()

    with sqlite3.connect(memory) as connection:
        assert connection.execute("select count(*) from requests").fetchone() == (1,)
    connection.close()


def test_no_pace_is_a_plain_adapter(tmp_path):
    assert not isinstance(paced_adapter(0, tmp_path / "pace.sqlite"), PacedAdapter)
    assert list(tmp_path.iterdir()) == [tmp_path / "dlt"]


# --- what a person is shown ----------------------------------------------------------------------


def test_the_requests_left_are_those_of_the_last_minute():
    now = [100.0]
    attempts = RecentAttempts(30, clock=lambda: now[0])
    for _ in range(12):
        attempts.add()
    now[0] += 30
    for _ in range(5):
        attempts.add()

    assert (attempts.left, attempts.count) == (13, 17)
    now[0] += 30.5
    assert attempts.left == 25


def test_without_a_pace_nothing_is_said_to_be_left():
    attempts = RecentAttempts(0)
    attempts.add()

    assert (attempts.left, attempts.count) == (None, 1)


def test_the_requests_left_never_fall_below_none():
    attempts = RecentAttempts(3, clock=lambda: 0.0)
    for _ in range(10):
        attempts.add()

    assert (attempts.left, attempts.count) == (0, 10)
