"""dbt in a process that was started before it is known what it shall do."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from pipelines.dbt_process import DbtProcess, _started, dbt_process, start_early

WAIT = 60
FOREIGN = (b"SOURCES__", b"DESTINATION__", b"DLT_", b"PYTHON", b"PGOPTIONS", b"AWS_")


def test_it_runs_what_it_is_told_and_ends_as_dbt_ends() -> None:
    for arguments, code in ((["--version"], 0), (["--no-such-option"], 2)):
        with DbtProcess() as process:
            assert process.run(arguments, {}) == code


def test_what_it_is_told_of_the_environment_holds_for_dbt(tmp_path: Path) -> None:
    with DbtProcess() as process:
        process.run(["debug", "--config-dir"], {"DBT_LOG_PATH": str(tmp_path / "logs")})
    assert (tmp_path / "logs" / "dbt.log").exists()


def test_a_process_that_is_told_nothing_ends_with_the_one_that_started_it() -> None:
    """The pipe between them closes, whatever way that one ends."""
    process = DbtProcess()._process
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(WAIT) == 0


def test_a_process_that_is_not_needed_is_ended() -> None:
    with DbtProcess() as process:
        assert process._process.poll() is None
    assert process._process.poll() is not None


def test_what_was_started_early_is_given_once() -> None:
    start_early()
    [waiting] = _started
    with dbt_process() as first, dbt_process() as second:
        assert first is waiting
        assert second is not waiting


def environment_of(pid: int) -> list[bytes]:
    """Of a process that has just been started; there is nothing to read until it runs."""
    until = time.monotonic() + WAIT
    while not (text := Path(f"/proc/{pid}/environ").read_bytes()):
        assert time.monotonic() < until
        time.sleep(0.01)
    return text.split(b"\0")


@pytest.mark.skipif(sys.platform != "linux", reason="reads the environment of a process")
def test_keys_of_the_api_and_of_the_warehouse_are_not_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCES__SENDCLOUD_SUPPORT__CREDENTIALS__SECRET_KEY", "sk-1")
    monkeypatch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", "postgresql://loader:pw@host/db")
    monkeypatch.setenv("PGSSLROOTCERT", "root.crt")
    monkeypatch.setenv("PGOPTIONS", "-c search_path=other")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "aws-1")
    with DbtProcess() as process:
        environment = environment_of(process._process.pid)
    assert f"PGSSLROOTCERT={Path.cwd()}/root.crt".encode() in environment
    assert [each for each in environment if each.startswith(FOREIGN)] == []
