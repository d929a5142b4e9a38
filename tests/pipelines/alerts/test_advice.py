"""What schedulers are told to do about a failure: retry, stop or skip.

Real errors of drivers where one can be had without a server, else those that the source raises.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import psycopg2
import pytest
from dlt.common.configuration.exceptions import ConfigurationValueError

from pipelines.failures import Advice, advise
from pipelines.warehouse import BusyError, FileBusyError
from sources.sendcloud_support import (
    AccessError,
    AnswerError,
    RefusedError,
    SendcloudError,
    ThrottledError,
    UnavailableError,
    WrongClockError,
)

HOLD = """
import sys, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("error", [ThrottledError("429"), UnavailableError("503")])
def test_an_api_that_could_not_answer_is_asked_again(error: SendcloudError) -> None:
    assert advise(error) == Advice.RETRY


@pytest.mark.parametrize(
    "error",
    [
        AccessError("refused"),
        RefusedError("no such page", 404),
        AnswerError("contradicts itself"),
        WrongClockError("an hour ahead"),
        ConfigurationValueError("no such account"),
        ZeroDivisionError("nobody foresaw it"),
    ],
)
def test_what_fails_again_until_somebody_acts_is_not_retried(error: Exception) -> None:
    assert advise(error) == Advice.STOP


def test_a_run_in_the_way_of_another_is_skipped() -> None:
    assert advise(BusyError("Another run is loading this warehouse.")) == Advice.SKIP


def test_a_file_in_which_another_account_is_loaded_is_waited_for() -> None:
    assert advise(FileBusyError("Another run is loading this warehouse.")) == Advice.RETRY


def test_the_error_beneath_one_of_dlt_decides() -> None:
    failed = RuntimeError("the step failed")
    failed.__cause__ = UnavailableError("503")

    assert advise(failed) == Advice.RETRY


def test_a_server_that_does_not_answer_may_be_back_later() -> None:
    with pytest.raises(psycopg2.OperationalError) as refused:
        psycopg2.connect("postgresql://somebody@127.0.0.1:1/nowhere")

    assert advise(refused.value) == Advice.RETRY


def test_a_file_that_another_program_has_open_may_be_free_later(tmp_path: Path) -> None:
    file = tmp_path / "tickets.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(duckdb.IOException) as held:
            duckdb.connect(str(file))
        other.communicate()

    assert advise(held.value) == Advice.RETRY


def test_a_file_that_is_no_database_is_none_tomorrow_either(tmp_path: Path) -> None:
    file = tmp_path / "tickets.duckdb"
    file.write_text("a letter" * 1000)
    with pytest.raises(duckdb.IOException) as wrong:
        duckdb.connect(str(file))

    assert advise(wrong.value) == Advice.STOP
