"""`python -m simulator` serves anybody's client until it is told to stop."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from simulator import Drift, Fault, Switches
from simulator.api import KINDS
from simulator.command_line import account, parse, switches

ROOT = Path(__file__).parents[2]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and the line that it prints first."""
    command = [sys.executable, "-m", "simulator", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_serves_and_ends_when_told(number: signal.Signals) -> None:
    with running("--tickets", "50", "--months", "2", "--speed", "0") as (process, line):
        said = re.fullmatch(
            r"50 tickets at (http://127.0.0.1:\d+/api/v3) \(Basic public:secret; OAuth2 "
            r"client:client-secret at http://127.0.0.1:\d+/oauth2/token\): curl -u public:secret "
            r"\1/dsf/tickets\n",
            line,
        )
        assert said is not None
        answer = requests.get(f"{said[1]}/dsf/tickets", auth=("public", "secret"), timeout=10)
        assert answer.json()["total"] == 50
        process.send_signal(number)
        assert process.wait(timeout=10) == 0


def test_a_taken_port_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "simulator", "--tickets", "1", "--port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"Port {port}: Address already in use. Try --port 0.\n"


def test_the_help_names_every_switch_and_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    said = capsys.readouterr().out
    spoken = {"basic": "--demands-oauth", "oauth": "--no-oauth", "beta": "--no-beta"}
    spoken |= {"faults": "--fault", "obeys_updated_since": "--ignores-updated-since"}
    for switch in fields(Switches):
        if switch.name != "reshape":  # a function, for tests only
            assert spoken.get(switch.name, f"--{switch.name.replace('_', '-')}") in said
    assert all(f"\n  {kind} " in said for kind in KINDS)


def test_the_defaults_are_the_documented_api() -> None:
    chosen = parse([])
    assert switches(chosen) == Switches(requests_per_minute=30)
    assert account(chosen).order == "newest_first"
    assert (chosen.port, chosen.tickets, chosen.seed, chosen.speed) == (8765, 20_000, 7, 1.0)


def test_arguments_become_switches() -> None:
    words = (
        "--requests-per-minute 0 --retry-after date --no-beta --demands-oauth --ignores-size "
        "--updated-since changed --ignores-updated-since --past-the-end 404 --validation fastapi "
        "--created-since made --bounds-are-dates --equal-filters status+carrier_code=carrier "
        "--unknown-parameters refused --largest-size 50 --above-largest clamped "
        "--new-field priority --unknown-status odd --token-seconds 5 --lists-without-actions "
        "--null-updated-at --parcel-id-as-text --no-oauth "
        "--fault 500,every=11 --fault stall,at=3+5,seconds=1.5,on=detail,times=2 "
        "--drift every=5,inserts=7,deletes=1,updates=2,deletes_newest=yes"
    )
    assert switches(parse(words.split())) == Switches(
        requests_per_minute=0,
        retry_after="date",
        beta=False,
        demands_oauth=True,
        oauth=False,
        ignores_size=True,
        updated_since="changed",
        obeys_updated_since=False,
        past_the_end="404",
        created_since="made",
        bounds_are_dates=True,
        equal_filters=("status", "carrier_code=carrier"),
        unknown_parameters="refused",
        largest_size=50,
        above_largest="clamped",
        validation="fastapi",
        new_field="priority",
        unknown_status="odd",
        token_seconds=5,
        lists_without_actions=True,
        null_updated_at=True,
        parcel_id_as_text=True,
        faults=[
            Fault("500", every=11),
            Fault("stall", at=(3, 5), seconds=1.5, on="detail", times=2),
        ],
        drift=Drift(every=5, inserts=7, deletes=1, updates=2, deletes_newest=True),
    )


def test_arguments_become_an_account() -> None:
    words = "--tickets 30 --months 1 --seed 9 --order updated_last --at 2026-05-01 --speed 0"
    made = account(parse(words.split()))
    assert (made.total, made.order, made.world.seed) == (30, "updated_last", 9)
    assert made.clock.now() == made.world.end == datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--fault nonsense", "No fault 'nonsense'; there are bare_429"),
        ("--fault 500,evry=3", "evry"),
        ("--fault 500,every=x", "invalid literal"),
        ("--drift evry=3", "evry"),
        ("--keys public", "two words with a colon"),
        ("--order random", "newest_first"),
    ],
)
def test_a_mistake_is_said_with_exit_code_2(words, message, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse(words.split())
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
