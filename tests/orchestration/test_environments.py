"""The schedulers' tests run in environments of their own, which have their packages."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.engines.environments import interpreter_of, packages_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("scheduler", ["dagster"])
def test_its_tests_pass_where_the_scheduler_is_installed(scheduler: str, tmp_path: Path) -> None:
    python = interpreter_of(packages_of(scheduler))

    done = subprocess.run(
        [
            *(str(python), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n", "0"),
            *("--basetemp", str(tmp_path / "inside"), f"tests/orchestration/test_{scheduler}.py"),
        ],
        cwd=ROOT,
        env=os.environ | {"TEST_INSIDE": scheduler, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
