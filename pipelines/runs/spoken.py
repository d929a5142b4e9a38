"""A run that somebody started, and what it says before and after.

Depends on `session`. Promises one line at the end and, where there is one, the run's note: on
standard error if the run is not proven complete.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import dlt

from sources.sendcloud_support.holdings import RunRecord

from ..accounts import Account
from ..warehouse import duckdb_file, missing_settings, read_address
from .launching import LoadingRun
from .session import carry_out

Say = Callable[[str], object]


def carry_out_aloud(
    account: Account,
    mode: str,
    read: Callable[[LoadingRun], RunRecord],
    same_account: bool = False,
    say: Say = print,
) -> RunRecord:
    """One run of an account, and what it says at its end."""
    pipeline, configuration = account.pipeline(), account.read()
    _say_where_it_goes(pipeline)
    record = carry_out(pipeline, configuration, mode, read, same_account=same_account)
    say(record.summary())
    if record.note:
        (say if record.is_complete else _complain)(record.note)
    return record


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _say_where_it_goes(pipeline: dlt.Pipeline) -> None:
    """A command from another folder than the project's would begin a warehouse there, unnoticed."""
    file, missing = duckdb_file(pipeline), missing_settings()
    if file is not None and missing and not file.exists() and read_address().credentials is None:
        _complain(f"{missing} The tickets go into a new file, {file}.")
