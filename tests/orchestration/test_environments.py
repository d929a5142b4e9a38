"""The schedulers' tests run in environments of their own, which have their packages."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.engines.environments import interpreter_of, packages_of

ROOT = Path(__file__).parents[2]
NOT_IN_CI = {"airflow"}


def airflow(folder: Path) -> dict[str, str]:
    """Airflow's own folders, which it looks for when it is imported; and that it tells nobody."""
    return {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "false",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "false",
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.parametrize("scheduler", ["dagster", "airflow"])
def test_its_tests_pass_where_the_scheduler_is_installed(scheduler: str, tmp_path: Path) -> None:
    if scheduler in NOT_IN_CI and not os.environ.get(f"TEST_{scheduler.upper()}_PACKAGES"):
        pytest.skip("It takes CI too long: see CONTRIBUTING.md for how to run it.")
    python = interpreter_of(packages_of(scheduler))

    done = subprocess.run(
        [
            *(str(python), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n", "0"),
            *("--basetemp", str(tmp_path / "inside"), f"tests/orchestration/test_{scheduler}.py"),
        ],
        cwd=ROOT,
        env=os.environ | {"TEST_INSIDE": scheduler, "HOME": str(tmp_path)} | airflow(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
