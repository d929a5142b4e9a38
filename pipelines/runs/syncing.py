"""The scheduled run: reads what has to be read, and loads it.

Depends on the reading, which decides, and on `launching`. A run that reached its bound says so, and
the next goes on where it was.
"""

from __future__ import annotations

from sources.sendcloud_support.holdings import RunRecord
from sources.sendcloud_support.reading import BudgetReachedError, read_account

from .launching import LoadingRun, drive


def run_sync(run: LoadingRun, full: bool = False) -> RunRecord:
    """Read what has to be read, load it, prove it. Raises what the client raises."""
    progress = run.loader.progress() or {}
    try:
        with run.progress:
            drive(run, read_account(run, progress, full))
    except BudgetReachedError as reached:
        run.loader.load()
        run.record.add_note(f"{reached} The next run goes on from here.")
    return run.record
