"""What a failed run means to Dagster: try again, stop, or let be.

Depends on `account_runs`. Promises that a step is tried again only where the error says that
waiting may mend it; that the last failure says the project's own sentence, not that attempts are
used up; and that a run which another one is in the way of is none that failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import dagster as dg

from pipelines.failures import Advice

from ..account_runs import RunError


class Patience(NamedTuple):
    """How often a step is tried again, and after how many seconds."""

    retries: int = 2
    seconds: float = 600


PATIENCE = Patience()


@contextmanager
def heeding_advice(context: dg.AssetExecutionContext, patience: Patience) -> Iterator[None]:
    """Translate what goes wrong in the block; where another run is at work the block ends."""
    try:
        yield
    except RunError as error:
        if error.advice == Advice.SKIP:
            context.log.info(str(error))
            return
        if error.advice == Advice.RETRY and context.retry_number < patience.retries:
            context.log.warning(str(error))
            raise dg.RetryRequested(patience.retries, patience.seconds) from error
        raise dg.Failure(str(error), allow_retries=False) from error
