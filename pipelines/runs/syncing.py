"""The scheduled run: reads what has to be read, and loads it.

Depends on the reading, which decides, and on `launching`. A run that reached its bound says so, and
the next goes on where it was.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sources.sendcloud_support.holdings import RunRecord
from sources.sendcloud_support.reading import BudgetReachedError, Run, read_account

from .launching import drive, loader_of
from .progress import Progress


def run_sync(run: Run, full: bool = False) -> RunRecord:
    """Read what has to be read, load it, prove it. Raises what the client raises."""
    progress = run.loader.progress() or {}
    try:
        with shown(run):
            drive(run, read_account(run, progress, full))
    except BudgetReachedError as reached:
        loader_of(run).load()
        run.record.add_note(f"{reached} The next run goes on from here.")
    return run.record


def shown(run: Run) -> AbstractContextManager[Any]:
    """The run's progress, while it reads."""
    return run.progress if isinstance(run.progress, Progress) else nullcontext()
