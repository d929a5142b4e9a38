"""The Dockerfile without Docker: what it copies is enough, and nobody can run it.

Its last stage is carried out in a folder: the same files, variables and user where this is root;
the packages are those of this environment, which is that of the lock (test_architecture).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from simulator import Account, Clock, World, serve
from tests.deployment.dockerfile import Instruction, read_dockerfile

ROOT = Path(__file__).parents[2]
NOBODY = 65534
LEFT_OUT = shutil.ignore_patterns("__pycache__", "target", "logs")
"""As .dockerignore has it."""
ALL = read_dockerfile(ROOT / "Dockerfile")
LAST = ALL[max(place for place, each in enumerate(ALL) if each.name == "FROM") :]
WORLD = World(seed=3, tickets=60, months=4)


def of(name: str) -> list[Instruction]:
    return [each for each in LAST if each.name == name]


def variables() -> dict[str, str]:
    pairs = (word.partition("=") for each in of("ENV") for word in each.words)
    return {name: value for name, _, value in pairs}


@cache
def as_nobody() -> dict[str, Any]:
    """How a process is started as nobody; as this user where that cannot be.

    It takes root, and a Python that others may run.
    """
    user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        subprocess.run([sys.executable, "-c", "import dlt"], check=True, cwd="/", **user)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return user


@pytest.fixture
def container(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with what the last stage holds."""
    root = tmp_path_factory.mktemp("container")
    if as_nobody():
        for parent in (root, root.parent, root.parent.parent):
            parent.chmod(0o755)
    for each in of("COPY"):
        if each.words[0].startswith("--from"):
            continue
        *sources, target = each.words
        for source in sources:
            place = root / target.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=LEFT_OUT)
            else:
                shutil.copy(ROOT / source, place)
    (root / "data").mkdir()
    if as_nobody():
        os.chown(root / "data", NOBODY, NOBODY)
    return root


@pytest.fixture
def run(container: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The entry point with arguments, as nobody where that can be."""
    [entry] = of("ENTRYPOINT")
    inside = {
        name: value.replace("/app", f"{container}/app").replace("/data", f"{container}/data")
        for name, value in variables().items()
    }

    def run_in_container(*arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
        assert entry.words[0] == "/app/.venv/bin/python"
        return subprocess.run(
            [sys.executable, *entry.words[1:], *arguments],
            cwd=container / "data",
            env={"PATH": os.environ["PATH"], "NO_COLOR": "1"} | inside | given,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
            **as_nobody(),
        )

    return run_in_container


def test_nobody_loads_builds_and_reports_and_writes_nothing_outside_of_data(
    container: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    before = sorted((container / "app").rglob("*"))
    with serve(Account(WORLD, Clock(WORLD.end)), keys=("public", "secret")) as service:
        source = "SOURCES__SENDCLOUD_SUPPORT"
        keys = {
            f"{source}__BASE_URL": service.base_url,
            f"{source}__CREDENTIALS__PUBLIC_KEY": "public",
            f"{source}__CREDENTIALS__SECRET_KEY": "secret",
        }
        synced = run("sync", "--marts", "--json", **keys)
    reported = run("report")

    assert synced.returncode == 0, synced.stderr
    assert json.loads(synced.stdout)["held_total"] == 60
    assert ".dlt/config.toml" not in synced.stderr
    assert reported.returncode == 0, reported.stderr
    made = {each.name for each in (container / "data").iterdir()}
    assert made >= {"dlt", "sendcloud_support", "sendcloud_support.duckdb", "sendcloud_report.html"}
    assert sorted((container / "app").rglob("*")) == before
    assert [each for each in container.iterdir() if each.name not in {"app", "data"}] == []


def test_without_arguments_it_says_how_things_stand(
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run(*of("CMD")[0].words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Nothing is loaded yet. Run: python -m pipelines sync\n"


def test_it_installs_as_the_makefile_does_from_the_lock_alone() -> None:
    [install] = [each.text for each in ALL if "pip install" in each.text]
    for flag in ("--no-deps", "--require-hashes", "-r requirements.lock", "pip check"):
        assert flag in install
        assert flag in (ROOT / "Makefile").read_text()


def test_it_runs_as_nobody_and_holds_no_secret() -> None:
    assert [each.text for each in of("USER")] == [f"{NOBODY}:{NOBODY}"]
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    assert "!.dlt/config.toml" in ignored
    assert [line for line in ignored if "secrets" in line] == []
    copied = {source for each in ALL if each.name == "COPY" for source in each.words[:-1]}
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert {each for each in copied if not each.startswith(("--from", "/app"))} == allowed


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed")
def test_the_linter_of_dockerfiles_has_nothing_to_say() -> None:
    done = subprocess.run(
        ["hadolint", str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
