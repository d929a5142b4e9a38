"""A warehouse that cannot be written: told by its own sentence, left as it was, healed later."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.pipelines.conftest import Make
from tests.pipelines.runs.test_faults import assert_exact, standing
from tests.pipelines.warehouses import Warehouse

WITHOUT_PRIVILEGE = """
import ctypes, struct
# root writes wherever it likes: give up CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
header, data = struct.pack('Ii', 0x20080522, 0), ctypes.create_string_buffer(24)
libc = ctypes.CDLL(None, use_errno=True)
libc.capget(header, data)
words = list(struct.unpack('6I', data.raw))
words[0] &= ~6
libc.capset(header, struct.pack('6I', *words))
"""
FULL_WHILE_READING = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))  # five pages in the journal
"""
FULL_AT_THE_LOAD = """
import resource, signal
from dlt.pipeline.pipeline import Pipeline
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
load = Pipeline.load
def load_onto_a_full_disk(*arguments, **values):
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
    return load(*arguments, **values)
Pipeline.load = load_onto_a_full_disk
"""


@contextmanager
def read_only(warehouse: Warehouse) -> Iterator[str]:
    warehouse.file.chmod(0o444)
    yield WITHOUT_PRIVILEGE
    warehouse.file.chmod(0o644)


@contextmanager
def full_while_reading(_: Warehouse) -> Iterator[str]:
    yield FULL_WHILE_READING


@contextmanager
def full_at_the_load(_: Warehouse) -> Iterator[str]:
    yield FULL_AT_THE_LOAD


@contextmanager
def opened_elsewhere(warehouse: Warehouse) -> Iterator[str]:
    reader = (
        "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", reader, str(warehouse.file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield ""
        process.communicate("\n")


KEPT = "Tickets loaded before are intact, and what was read waits in the journal for the next run."
NO_ROOM = f"There is no room left on the disk. {KEPT} Make room, then run it again."


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (
            read_only,
            (
                f"{{file}} and its folder cannot be written by this user. {KEPT} Let this user "
                "write them, or name another file in destination.warehouse.credentials."
            ),
        ),
        (full_at_the_load, NO_ROOM),
        (full_while_reading, NO_ROOM),
        (
            opened_elsewhere,
            (
                f"{{file}} is open in another program (python…), and DuckDB lets only one write. "
                f"{KEPT} Close it there, then run it again."
            ),
        ),
    ],
)
def test_a_warehouse_that_cannot_be_written_is_told_and_healed(
    make: Make, trouble: Any, sentence: str
) -> None:
    warehouse = make(standing())
    warehouse.sync()
    before = warehouse.held()  # a history may be ahead: what is in it was seen
    warehouse.account.insert(20)
    warehouse.release()

    with trouble(warehouse) as script:
        done = warehouse.cli("sync", "--full", script=script)

    said = re.sub(r"\(python[\d.]*, process \d+\)", "(python…)", done.err.splitlines()[-1])
    assert (done.code, said) == (1, sentence.format(file=warehouse.file))
    assert "Traceback" not in done.err
    assert warehouse.held() == before

    warehouse.later(hours=1)
    assert warehouse.attempt(full=True).code == 0
    assert_exact(warehouse)
