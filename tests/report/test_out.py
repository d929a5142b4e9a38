"""Where the report goes: files, links, pipes, devices, and places where nothing can be written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipelines.process import write_whole
from pipelines.report import run_report
from tests.notebooks.desks import pipeline_on

ROOT = Path(__file__).parents[2]


def test_a_link_stays_and_leads_to_the_new_content(tmp_path: Path) -> None:
    (tmp_path / "here" / "there").mkdir(parents=True)
    target, link = tmp_path / "here/there/report.html", tmp_path / "here/latest.html"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(Path("there") / "report.html")

    write_whole(link, b"new")

    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sorted(path.name for path in (tmp_path / "here").rglob("*")) == [
        "latest.html",
        "report.html",
        "there",
    ]


def test_a_link_to_a_file_that_is_not_there_yet_leads_to_it_afterwards(tmp_path: Path) -> None:
    link = tmp_path / "latest.html"
    link.symlink_to("report.html")

    write_whole(link, b"new")
    assert (link.is_symlink(), (tmp_path / "report.html").read_bytes()) == (True, b"new")


def test_a_named_pipe_stays_one_and_gets_the_content(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    write_whole(pipe, b"new")

    reader.join(60)
    assert (read, stat.S_ISFIFO(pipe.stat().st_mode)) == ([b"new"], True)


@pytest.mark.parametrize("where", ["-", "/dev/stdout", "/dev/null"])
def test_a_device_stays_one(where: str, tmp_path: Path) -> None:
    """Standard output may itself lead into a file, which must stay that file."""
    program = "from pathlib import Path; from pipelines.process import write_whole; "
    program += f"write_whole(Path({where!r}), b'new')"
    out = tmp_path / "out"
    with out.open("wb") as file:
        before = os.fstat(file.fileno()).st_ino
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=file, check=True)

    assert out.stat().st_ino == before
    assert out.read_bytes() == (b"" if where == "/dev/null" else b"new")
    assert not Path("/dev/null").is_file()


def test_what_an_earlier_crash_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "report.html.unfinished").mkdir()

    write_whole(tmp_path / "report.html", b"new")
    assert (tmp_path / "report.html").read_bytes() == b"new"


def test_where_nothing_can_be_written_a_sentence_says_so(
    tmp_path: Path, empty_warehouse: Path
) -> None:
    said: list[str] = []
    folder = tmp_path / "here"
    folder.mkdir()
    absent = folder / "absent" / "report.html"
    for out in (folder, absent, Path("/dev/full")):
        assert run_report(out, said.append, pipeline_on(empty_warehouse)) == 1

    assert said == [
        f"The report could not be written to {folder}: It is a folder.",
        f"The report could not be written to {absent}: No such file or directory.",
        "The report could not be written to /dev/full: No space left on device.",
    ]
    assert list(folder.iterdir()) == []
