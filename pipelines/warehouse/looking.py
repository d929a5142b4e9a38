"""Looking: a warehouse that is read without a trace.

Depends on `warehouse`. Promises that nothing is made or changed, neither a database file nor a
working folder nor a lock; that a DuckDB file is opened so that others can read it meanwhile; and
that nobody is waited for: a file that another process writes is answered at once by `HeldError`.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import dlt
from dlt.common.destination import Destination

from sources.sendcloud_support.holdings import connected

from .duckdb import is_held
from .places import database_file, resolved
from .warehouse import DATASET, configured_destination, open_pipeline, read_only


class NoFileError(Exception):
    """The DuckDB file does not exist."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"The configured file {file.name} does not exist. Load it: python -m pipelines sync"
        )
        self.file = file


class HeldError(Exception):
    """Another process writes the DuckDB file; `process` is its number, if it is known."""

    def __init__(self, error: BaseException) -> None:
        number = re.search(r"PID (\d+)", str(error))
        self.process = int(number[1]) if number else None
        who = f"process {self.process}" if self.process else "another process"
        super().__init__(
            f"The warehouse's file is being written by {who}, so it cannot be read now. "
            "Look again when that has ended; a sync or the marts take their time."
        )


def open_to_look(
    file: Path | None = None,
    destination: Destination[Any, Any] | None = None,
    dataset: str = DATASET,
    marts: str | None = None,
) -> dlt.Pipeline:
    """The pipeline on the configured warehouse, another, or this DuckDB file, for reading only."""
    destination = destination or configured_destination()
    file = file or database_file(resolved(destination))
    pipeline = open_pipeline(destination, _folder(), dataset, marts)
    if file is None:
        return pipeline
    if not file.exists():
        raise NoFileError(file)
    return open_pipeline(read_only(file), _folder(), dataset, marts)


@contextmanager
def one_look(pipeline: dlt.Pipeline) -> Iterator[None]:
    """All that is read in the block is read over one connection, which is closed after it."""
    try:
        with connected(pipeline):
            yield
    except Exception as error:
        if is_held(error):
            raise HeldError(error) from error
        raise


@cache
def _folder() -> Path:
    """A working folder of this process alone: dlt makes and changes one for each pipeline."""
    folder = Path(tempfile.mkdtemp(prefix="sendcloud-looking-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
