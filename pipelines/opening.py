"""Opening: which warehouse the answers come from, and what to do when there is none.

Depends on `marts` and `warehouse` and, for the demo's own file, on `demo`. Promises what is
configured where it exists; the demo's file where nothing was loaded yet; and instead of an error a
sentence that says how to go on.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import dlt
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from .accounts import only_account
from .dataset import Marts, warehouse_name
from .failures import describe_database
from .marts import AsOf, read_as_of
from .reading import NoMartError
from .warehouse import DEFAULT_DATABASE, HeldError, NoFileError, is_held, open_to_look

ROOT = Path(__file__).parents[1]
TICKETS = "fct_ticket_resolution"


class NotReadyError(Exception):
    """There is nothing to read yet; the text says what to do."""


class NoDemoError(NotReadyError):
    """Nothing was loaded, and the demo was not made either."""


def open_marts(
    pipeline: dlt.Pipeline | None = None,
    as_of: AsOf | str | None = None,
    account: str | None = None,
) -> Marts:
    """The marts of the configured warehouse, or of the demo's; raises NotReadyError.

    With `as_of` those that `marts --as-of` built as of that moment; with `account` those of the one
    so called, where several are configured; a wrong name raises ConfigurationValueError.
    """
    moment = _moment(as_of)
    marts = Marts(pipeline, moment) if pipeline else _of_account(account, moment)
    try:
        marts.query(f"select ticket_id from {TICKETS} limit 1")
    except (NoMartError, DatabaseUndefinedRelation) as error:
        raise NotReadyError(_missing(marts, account)) from error
    except Exception as error:
        if is_held(error):
            raise NotReadyError(str(HeldError(error))) from error
        told = describe_database(error)
        if told is not None:
            raise NotReadyError(told.sentence) from error
        raise NotReadyError(
            f"Reading {marts.name} failed ({type(error).__name__}). See that it is "
            "reachable, and that no other process is writing it."
        ) from error
    return marts


def _moment(told: AsOf | str | None) -> AsOf | None:
    if not isinstance(told, str):
        return told
    try:
        return read_as_of(told)
    except argparse.ArgumentTypeError as error:
        raise NotReadyError(f"--as-of: {error}.") from error


def _missing(marts: Marts, account: str | None) -> str:
    of_account = f" --account {account}" if account else ""
    build, name = f"python -m pipelines marts{of_account}", warehouse_name(marts.pipeline)
    if marts.as_of is None:
        return f"There are no marts in {name} yet. Build them: {build}"
    return (
        f"There are no marts as of {marts.as_of} (UTC) in {name}. Build them: "
        f"{build} --as-of {marts.as_of}"
    )


def make_demo() -> str:
    """Make the demo's file, as `make demo` does; a sentence on how it went."""
    command = [sys.executable, "-m", "pipelines", "demo"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)  # noqa: S603
    return "" if done.returncode == 0 else f"The demo ended with code {done.returncode}."


def _of_account(name: str | None, moment: AsOf | None) -> Marts:
    account = only_account(name)
    try:
        return Marts(account.look(), moment, account.marts_schema, account.name)
    except NoFileError as error:
        if error.file.name != DEFAULT_DATABASE or name:
            raise NotReadyError(str(error)) from error
    return Marts(_demo_pipeline(), moment)


def _demo_pipeline() -> dlt.Pipeline:
    from .demo import DATABASE

    if not DATABASE.exists():
        raise NoDemoError(
            "Nothing was loaded yet. `make demo` makes a file of a made-up account to look at; "
            "`python -m pipelines sync` loads your own."
        )
    return open_to_look(DATABASE.absolute())
