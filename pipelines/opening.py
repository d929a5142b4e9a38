"""Opening: which warehouse the answers come from, and what to do when there is none.

Depends on `warehouse` and, for the demo's own file, on `demo`. Promises what is configured where
it exists; the demo's file where nothing was loaded yet; and instead of an error a sentence that
says how to go on.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dlt
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from .dataset import Marts
from .failures import describe_database
from .reading import NoMartError
from .warehouse import DEFAULT_DATABASE, HeldError, NoFileError, is_held, open_to_look

ROOT = Path(__file__).parents[1]
TICKETS = "fct_ticket_resolution"


class NotReadyError(Exception):
    """There is nothing to read yet; the text says what to do."""


class NoDemoError(NotReadyError):
    """Nothing was loaded, and the demo was not made either."""


def open_marts(pipeline: dlt.Pipeline | None = None) -> Marts:
    """The marts of the configured warehouse, or of the demo's; raises NotReadyError."""
    marts = Marts(pipeline or _pipeline())
    try:
        marts.query(f"select ticket_id from {TICKETS} limit 1")
    except (NoMartError, DatabaseUndefinedRelation) as error:
        raise NotReadyError(
            f"There are no marts in {marts.name} yet. Build them: python -m pipelines marts"
        ) from error
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


def make_demo() -> str:
    """Make the demo's file, as `make demo` does; a sentence on how it went."""
    command = [sys.executable, "-m", "pipelines", "demo"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)  # noqa: S603
    return "" if done.returncode == 0 else f"The demo ended with code {done.returncode}."


def _pipeline() -> dlt.Pipeline:
    try:
        return open_to_look()
    except NoFileError as error:
        if error.file.name != DEFAULT_DATABASE:
            raise NotReadyError(str(error)) from error
    return _demo_pipeline()


def _demo_pipeline() -> dlt.Pipeline:
    from .demo import DATABASE

    if not DATABASE.exists():
        raise NoDemoError(
            "Nothing was loaded yet. `make demo` makes a file of a made-up account to look at; "
            "`python -m pipelines sync` loads your own."
        )
    return open_to_look(DATABASE.absolute())
