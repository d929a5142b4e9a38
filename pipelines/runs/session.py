"""A session: one run from its lock to its row, whatever happens in between.

Depends on `run` and `locks`. Promises that two runs never load one warehouse at once, that a run
which fails or is stopped leaves a row where the warehouse can be reached, and that SIGTERM ends it
between two answers: what was read is in the journal for the next run.
"""

from __future__ import annotations

from collections.abc import Callable

import dlt

from sources.sendcloud_support import SupportConfiguration
from sources.sendcloud_support.holdings import Clock, RunRecord, counted, system_clock

from ..failures import explain
from ..process import stopping_on_signals
from ..warehouse import only_run, tidy
from .launching import LoadingRun, finish, open_run


def carry_out(
    pipeline: dlt.Pipeline,
    configuration: SupportConfiguration,
    mode: str,
    read: Callable[[LoadingRun], RunRecord],
    clock: Clock = system_clock,
    same_account: bool = False,
) -> RunRecord:
    """Open a run, let `read` read, leave a row behind. Raises what went wrong."""
    with stopping_on_signals(), only_run(pipeline):
        run = open_run(pipeline, configuration, mode, clock, same_account)
        try:
            record = read(run)
        except BaseException as error:
            run.record.add_note(_how_far(run, error))
            _finish_after(error, run)
            raise
        finish(run)
        tidy(pipeline)
    return record


def _how_far(run: LoadingRun, error: BaseException) -> str:
    read = (
        f"{counted(run.record.pages_read, 'page')} and "
        f"{counted(run.record.details_read, 'single ticket')} were read with "
        f"{counted(run.client.requests, 'request')}; they are kept, and the next run goes on "
        "from there."
    )
    if isinstance(error, KeyboardInterrupt):
        return f"Stopped: {read}"
    return f"Failed: {explain(error)}"


def _finish_after(error: BaseException, run: LoadingRun) -> None:
    """Leave a row for the failed run; if the warehouse is what failed, the error stands alone."""
    try:
        finish(run)
    except Exception as second:
        error.add_note(f"The run's row could not be written ({type(second).__name__}).")
    if isinstance(error, KeyboardInterrupt):
        error.args = (run.record.note,)
