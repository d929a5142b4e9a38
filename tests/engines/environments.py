"""Environments of engines: packages that the tests need and nobody who runs the demo.

`TEST_NAME_PACKAGES` names the site-packages of one. Without it tests skip; where CI is true they
fail.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def packages_of(name: str) -> Path:
    """The site-packages of the environment of this engine."""
    variable = f"TEST_{name.upper()}_PACKAGES"
    given = os.environ.get(variable)
    if given:
        return Path(given)
    missing = f"{variable} does not name an environment with the packages of {name}."
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


def interpreter_of(packages: Path) -> Path:
    """The Python of the environment."""
    return packages.parents[2] / "bin" / "python"
