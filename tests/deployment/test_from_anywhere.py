"""The runner from another folder and in another program: one rule for `.dlt`, none by chance."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import Account, Clock, Service, World, serve

ROOT = Path(__file__).parents[2]
WORLD = World(seed=3, tickets=30, months=3)
PROGRAM = """
import signal, sys
before = signal.getsignal(signal.SIGTERM)
from pipelines.command_line import main
codes = [main(["sync", "--json"]), main(["sync", "--json"]), main(["status"])]
assert signal.getsignal(signal.SIGTERM) is before
print("codes", codes, file=sys.stderr)
"""
THREADED = """
import sys, threading
from pipelines.command_line import main
codes = []
thread = threading.Thread(target=lambda: codes.append(main(["sync"])))
thread.start(); thread.join()
print("codes", codes, file=sys.stderr)
"""


@pytest.fixture
def service() -> Iterator[Service]:
    with serve(Account(WORLD, Clock(WORLD.end)), keys=("pk-of-the-file", "sk")) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, service: Service) -> Path:
    """A folder with the settings of a project: keys and address in its files."""
    folder = tmp_path / "project"
    (folder / ".dlt").mkdir(parents=True)
    shutil.copy(ROOT / ".dlt/config.toml", folder / ".dlt")
    (folder / ".dlt/secrets.toml").write_text(
        "[sources.sendcloud_support]\n"
        f'base_url = "{service.base_url}"\n'
        "[sources.sendcloud_support.credentials]\n"
        'public_key = "pk-of-the-file"\nsecret_key = "sk"\n'
    )
    return folder


def run(folder: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Python in that folder, with nothing of the developer's environment but the path."""
    home = folder.parent / "home"
    kept = {"PATH": os.environ["PATH"], "HOME": str(home), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT)} | given,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def test_the_settings_are_those_of_the_folder_that_the_variable_names(
    project: Path, elsewhere: Path
) -> None:
    done = run(elsewhere, "-m", "pipelines", "sync", DLT_PROJECT_DIR=str(project))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("30 tickets seen (30 new")
    assert (elsewhere / "sendcloud_support.duckdb").exists()
    assert [each.name for each in project.iterdir()] == [".dlt"]


def test_without_the_variable_the_settings_of_another_folder_are_not_found_and_that_is_said(
    project: Path, elsewhere: Path
) -> None:
    below = project / "below"
    below.mkdir()
    for folder in (elsewhere, below):
        done = run(folder, "-m", "pipelines", "sync")
        assert done.returncode == 2
        assert done.stderr.startswith("No credentials are configured.")
        assert f"There is no .dlt/config.toml in {folder}" in done.stderr
        assert list(folder.iterdir()) == []


def test_the_variable_counts_also_where_the_folder_has_settings_of_its_own(
    project: Path, elsewhere: Path
) -> None:
    (elsewhere / ".dlt").mkdir()
    (elsewhere / ".dlt/config.toml").write_text(
        '[sources.sendcloud_support]\nbase_url = "http://127.0.0.1:9/api/v3"\n'
    )
    done = run(elsewhere, "-m", "pipelines", "sync", DLT_PROJECT_DIR=str(project))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("program", "codes"), [(PROGRAM, [0, 0, 0]), (THREADED, [0])])
def test_another_program_runs_commands_in_its_own_process(
    project: Path, elsewhere: Path, program: str, codes: list[int]
) -> None:
    done = run(elsewhere, "-c", program, DLT_PROJECT_DIR=str(project))
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, f"codes {codes}"), done.stderr
