"""A release says what it is: one version everywhere, its notes, the version of its tables."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pipelines import __version__
from pipelines.command_line import main
from sources.sendcloud_support.holdings.account import TABLES_VERSION

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
RELEASES = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", CHANGELOG, re.MULTILINE)


def test_the_version_is_the_same_everywhere_and_has_notes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"pipelines {__version__}\n"
    assert (project["version"], RELEASES[0]) == (__version__, __version__)


def test_the_notes_say_which_version_of_the_tables_is_the_latest() -> None:
    told = re.findall(r"^- Tables version (\d+)\b", CHANGELOG, re.MULTILINE)
    assert told[0] == str(TABLES_VERSION)
    assert "\n### Schema\n" in CHANGELOG
