"""The demo in foreign surroundings: a company's proxy, an earlier demo that somebody looks at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb

from tests.pipelines.surroundings import TICKETS, Place, make_file

SMALL_DEMO = "from pipelines.demo import run_demo; raise SystemExit(run_demo(print, tickets=60))"
COUNT = "select count(*) from sendcloud.tickets"
PROXIES = dict.fromkeys(
    ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "https_proxy"), "http://127.0.0.1:9"
)


def test_the_demo_asks_no_proxy_and_replaces_a_demo_that_somebody_looks_at(tmp_path: Path) -> None:
    """Whoever has the old file open keeps what it read."""
    file = make_file(tmp_path / "sendcloud_demo.duckdb")
    with duckdb.connect(str(file), read_only=True) as somebody:
        done = subprocess.run(
            [sys.executable, "-c", SMALL_DEMO],
            cwd=tmp_path,
            env=Place(tmp_path, PROXIES).environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert somebody.execute(COUNT).fetchall() == [(TICKETS,)]
    with duckdb.connect(str(file), read_only=True) as new:
        [(tickets,)] = new.execute(COUNT).fetchall()
    assert 0 < tickets < TICKETS
