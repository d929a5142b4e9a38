"""Engines whose packages do not go together with the default's run in a Python of their own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.engines.environments import interpreter_of, packages_of

ROOT = Path(__file__).parents[2]


def test_the_tests_of_ducklake_pass_where_duckdb_has_its_extensions(tmp_path: Path) -> None:
    """The extensions of DuckLake are on the package index for one version of DuckDB only."""
    python = interpreter_of(packages_of("ducklake"))

    done = subprocess.run(
        [
            *(str(python), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"),
            *("-n", "0", "--basetemp", str(tmp_path / "inside"), "tests/engines/test_ducklake.py"),
        ],
        cwd=ROOT,
        env=os.environ | {"TEST_INSIDE": "ducklake", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1_800,
    )

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
