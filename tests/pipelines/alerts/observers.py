"""The environment of those who hear of runs: Apprise, and OpenTelemetry's SDK and exporter.

Without one, whose site-packages `TEST_OBSERVERS_PACKAGES` names, tests of these skip; with CI=true
they fail.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def packages() -> str:
    """Their folder, in the test that needs it."""
    given = os.environ.get("TEST_OBSERVERS_PACKAGES")
    if given and Path(given).is_dir():
        return given
    missing = "TEST_OBSERVERS_PACKAGES does not name an environment with Apprise and OpenTelemetry."
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


def run_there(script: str, *arguments: str, stdin: bytes = b"") -> str:
    """Run a script where these packages are; what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {"PYTHONPATH": path()},
        input=stdin,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout.decode()


def path() -> str:
    """Python's, with these packages before those of the tests."""
    return os.pathsep.join([str(ROOT), packages()])
