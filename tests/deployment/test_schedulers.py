"""The examples of docs/scheduling.md, judged by the programs that would read them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/scheduling.md").read_text(encoding="utf-8")
FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""The least and the most of minute, hour, day, month and weekday."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def units() -> dict[str, str]:
    """systemd's units by their names, which stand in their first lines."""
    return {Path(text.splitlines()[0].lstrip("# ")).name: text for text in blocks("ini")}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd")
def test_systemd_has_nothing_to_say_of_the_units(tmp_path: Path) -> None:
    folder = tmp_path / "units"
    folder.mkdir()
    for name, text in units().items():
        there = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
        (folder / name).write_text(there)
    files = sorted(map(str, folder.iterdir()))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    said = [line for line in done.stderr.splitlines() if "sendcloud" in line]
    assert (done.returncode, said) == (0, [])
    assert [Path(file).name for file in files] == ["sendcloud-sync.service", "sendcloud-sync.timer"]


def is_in(field: str, least: int, most: int) -> bool:
    return field == "*" or (field.isdecimal() and least <= int(field) <= most)


def test_cron_lines_have_five_fields_in_their_ranges() -> None:
    lines = [line for text in blocks("cron") for line in text.splitlines() if "=" not in line]
    crons = [each["cron"] for each in workflow()[True]["schedule"]]
    times = [line.split()[:5] for line in lines] + [text.split() for text in crons]
    assert len(times) == 2
    for fields in times:
        assert [is_in(each, *ends) for each, ends in zip(fields, FIELDS, strict=True)] == [True] * 5


def workflow() -> dict[object, dict[str, list[dict[str, str]]]]:
    [text] = blocks("yaml")
    found: dict[object, dict[str, list[dict[str, str]]]] = yaml.safe_load(text)
    return found


@pytest.mark.skipif(shutil.which("zizmor") is None, reason="zizmor is not installed")
def test_the_linter_of_workflows_finds_nothing_but_versions_by_tag(tmp_path: Path) -> None:
    """Examples name versions by tag, which people can read; a fork may pin them by hash."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "sync.yml").write_text(blocks("yaml")[0])
    done = subprocess.run(
        ["zizmor", "--offline", "--format", "plain", "--no-progress", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    found = set(re.findall(r"^(?:error|warning|info|help)\[([\w-]+)\]", done.stdout, re.MULTILINE))
    assert found <= {"unpinned-uses"}, done.stdout
