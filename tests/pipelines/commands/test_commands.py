"""The command line as a user meets it: codes, sentences, help, locks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.command_line import main
from pipelines.warehouse.locks import only_run
from pipelines.warehouse.warehouse import open_pipeline
from simulator import Account, Clock, Fault
from tests.pipelines.conftest import SMALL, Make
from tests.pipelines.warehouses import Done, Warehouse, truth

Run = Callable[..., Done]
SOURCE = "SOURCES__SENDCLOUD_SUPPORT"
COMMANDS = ("sync", "refresh", "check", "status", "marts", "report", "publish", "demo")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """A command in this process."""

    def run_command(*arguments: str) -> Done:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        return Done(code, *capsys.readouterr())

    return run_command


@pytest.fixture
def small(make: Make, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """A small account, and a warehouse that other processes may open."""
    monkeypatch.setenv(f"{SOURCE}__REQUESTS_PER_MINUTE", "0")
    return make()


# --- usage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does_and_how_it_ends(run: Run, command: str) -> None:
    done = run(command, "--help")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"usage: python -m pipelines {command}")
    assert "4  done, but not proven complete" in done.out
    description = done.out.split("\n\n")[1]
    assert len(description.split()) >= 8


def test_help_lists_every_command(run: Run) -> None:
    listed = run("--help").out
    assert [command for command in COMMANDS if f"\n    {command} " not in listed] == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("load",), "invalid choice: 'load'"),
        (("sync", "--fast"), "unrecognized arguments: --fast"),
        (("refresh",), "the following arguments are required: ID"),
        (("refresh", "42", "ORD-7"), "'ORD-7' is not a ticket id"),
        (("refresh", "-1"), "'-1' is not a ticket id"),
    ],
)
def test_wrong_usage_ends_with_code_2(run: Run, arguments: Any, sentence: str) -> None:
    done = run(*arguments)
    assert (done.code, done.out, sentence in done.err) == (2, "", True), done.err


NO_SECRET = ("CREDENTIALS__SECRET_KEY", None)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            [("CREDENTIALS__PUBLIC_KEY", None), NO_SECRET],
            "No credentials are configured. Set sources.sendcloud_support.credentials.public_key",
        ),
        (
            [NO_SECRET],
            "is configured: sources.sendcloud_support.credentials.secret_key is missing.",
        ),
        (
            [("CREDENTIALS__CLIENT_ID", "id"), ("CREDENTIALS__CLIENT_SECRET", "word")],
            "Two kinds of credentials are configured:",
        ),
        (
            [("REQUESTS_PER_MINUTE", "-1")],
            "sources.sendcloud_support.requests_per_minute is -1; it should be 0 or more.",
        ),
        (
            [("WINDOW_TICKETS", "0")],
            "sources.sendcloud_support.window_tickets is 0; it should be 1 or more.",
        ),
        ([("SETTLE_DAYS", "soon")], "sources.sendcloud_support.settle_days should be a number."),
        (
            [("BASE_URL", "http://example.com/api/v3")],
            "base_url is a plain http address of another machine",
        ),
        ([("BASE_URL", "https://u:pw@example.com/api/v3")], "holds a user name or password"),
    ],
)
@pytest.mark.parametrize("command", ["sync", "check"])
def test_wrong_configuration_ends_with_code_2_and_names_the_key(
    run: Run,
    small: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    settings: list[tuple[str, str | None]],
    sentence: str,
) -> None:
    for name, value in settings:
        if value is None:
            monkeypatch.delenv(f"{SOURCE}__{name}")
        else:
            monkeypatch.setenv(f"{SOURCE}__{name}", value)

    done = run(command)

    said = done.out if command == "check" else done.err
    assert (done.code, sentence in said) == (2, True), done
    assert "Traceback" not in done.out + done.err
    assert small.service.requests == []


def test_a_duckdb_file_named_like_the_dataset_is_refused(
    run: Run, small: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = str(tmp_path / "sendcloud.duckdb")
    monkeypatch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", name)

    done = run("sync")

    assert done.code == 2
    assert done.err == (
        "destination.warehouse.credentials names the file sendcloud.duckdb: DuckDB cannot tell it "
        "from the dataset sendcloud. Give the file another name.\n"
    )


# --- what commands say ---------------------------------------------------------------------------


def test_the_commands_of_the_guide_work_one_after_the_other(run: Run, make: Make) -> None:
    warehouse = make(Account(SMALL, Clock(SMALL.end)))
    ids = [ticket["id"] for ticket in warehouse.account.tickets()][:2]
    warehouse.account.drop(ids[0])

    def command(*arguments: str) -> Done:
        ended = subprocess.run(
            [sys.executable, "-m", "pipelines", *arguments],
            cwd=warehouse.folder,
            env=warehouse.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        return Done(ended.returncode, ended.stdout, ended.stderr)

    assert run("status") == Done(0, "Nothing is loaded yet. Run: python -m pipelines sync\n", "")
    assert command("check") == Done(
        0,
        "ok      Credentials: API key pair configured.\n"
        "ok      Access: the Support API (beta) accepts the credentials.\n"
        "ok      API: counts 199 tickets; the order of its list looks like newest_first.\n"
        "ok      Warehouse: duckdb is writable, dataset sendcloud has its tables.\n",
        "",
    )
    first = command("sync")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith(
        "199 tickets seen (199 new, 0 changed, 0 vanished) with 11 requests, 0 throttled; 199 "
        "held, API counts 199.\n"
    )
    refreshed = run("refresh", str(ids[1]), str(ids[0]))
    assert (refreshed.code, refreshed.err) == (0, "")
    assert f"The API has no ticket {ids[0]}." in refreshed.out
    facts = json.loads(command("status", "--json").out)
    assert facts["tables"]["tickets"] == 199
    assert [run["mode"] for run in facts["runs"]] == ["refresh", "full"]
    assert "tickets: 199 rows" in run("status").out
    assert warehouse.held() == truth(warehouse.account.tickets())


@pytest.mark.parametrize(
    ("switches", "code", "said", "failure"),
    [
        ({"beta": False}, 3, 1, "ask your Customer Success Manager for the opt-in"),
        ({"demands_oauth": True}, 3, 1, "configure client_id and client_secret instead"),
        ({"faults": [Fault("redirect")]}, 1, 1, "The API redirects elsewhere"),
        ({"faults": [Fault("wrong_page")]}, 1, 1, "Pages cannot be told apart"),
    ],
)
def test_check_ends_at_the_first_thing_that_is_wrong(
    run: Run, small: Warehouse, switches: dict[str, Any], code: int, said: int, failure: str
) -> None:
    for name, value in switches.items():
        setattr(small.service.switches, name, value)

    done = run("check")

    *good, bad = done.out.splitlines()
    assert (done.code, done.err, len(good)) == (code, "", said)
    assert bad.startswith("FAILED  GET tickets page 1: ")
    assert failure in bad


def test_check_says_what_it_can_of_an_api_without_counts(run: Run, small: Warehouse) -> None:
    small.service.switches.faults = [Fault("data_envelope")]
    done = run("check")
    assert done.code == 0
    assert "ok      API: gives no count; the order of its list looks like newest_first." in done.out


def test_check_does_not_disturb_a_run_under_way(run: Run, small: Warehouse) -> None:
    with only_run(open_pipeline()):
        done = run("check")
    assert done.code == 5
    assert done.out.splitlines()[-1].startswith("FAILED  Another run is loading this warehouse")


def test_a_load_that_cannot_be_proven_complete_ends_with_code_4(run: Run, small: Warehouse) -> None:
    small.service.switches.faults = [Fault("data_envelope")]

    done = run("sync")

    assert done.code == 4
    assert "The API gave no count of tickets, so nothing proves that all were met." in done.err
    assert small.held() == truth(small.account.tickets())


def test_an_api_that_is_not_there_is_told(
    run: Run, small: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{SOURCE}__BASE_URL", "http://127.0.0.1:9/api/v3")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "2")
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")

    done = run("sync")

    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1] == (
        "GET tickets page 1: the connection was refused. What was loaded before is intact, and "
        "what was read is kept: run it again."
    )


# --- locks ---------------------------------------------------------------------------------------


def test_a_second_run_ends_at_once_while_the_first_goes_on(make: Make) -> None:
    warehouse = make(requests_per_minute=4)
    first = warehouse.start("sync")
    while len(warehouse.service.requests) < 4:
        assert first.poll() is None

    second = warehouse.cli("sync")
    asked = len(warehouse.service.requests)
    first.kill()
    first.communicate()

    assert (second.code, second.out, asked) == (5, "", 4)
    assert second.err.startswith("Another run is loading this warehouse (it holds ")
    assert warehouse.sync(requests_per_minute=0).is_complete


def test_a_run_with_another_working_folder_is_kept_from_the_same_warehouse(
    run: Run, small: Warehouse, tmp_path: Path
) -> None:
    with only_run(open_pipeline(folder=tmp_path / "elsewhere")):
        done = run("sync")
    assert (done.code, "the file tickets.duckdb.lock" in done.err) == (5, True)


def test_a_run_on_another_warehouse_is_not_kept_from_the_same_working_folder(
    run: Run, small: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with only_run(open_pipeline()):
        other = str(tmp_path / "other.duckdb")
        monkeypatch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", other)
        done = run("sync")
    assert (done.code, done.err) == (0, "")


def test_on_postgres_the_server_keeps_out_a_run_of_another_machine(
    run: Run, make: Make, postgres_url: str, tmp_path: Path
) -> None:
    warehouse = make(postgres=postgres_url)
    with only_run(open_pipeline(folder=tmp_path / "elsewhere")):
        done = run("sync")
    assert (done.code, "the warehouse's advisory lock" in done.err) == (5, True)
    assert warehouse.service.requests == []
    assert warehouse.sync().is_complete
    assert warehouse.held() == truth(warehouse.account.tickets())
