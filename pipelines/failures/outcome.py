"""How a run ended: exit codes, and the sentence that goes with an error.

Depends on the error classes of `sources` and dlt, `configuration_errors` and `database_errors`.
Promises that every failure has a code and a sentence (what was tried, what came back, what to do),
that an unforeseen one says so, and that a sentence holds no secret, no answer's body and no ticket:
errors of dlt and of drivers, which may quote rows or addresses, are told by their kind.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from traceback import walk_tb

from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.schema.exceptions import DataValidationError, SchemaException
from dlt.pipeline.exceptions import PipelineStepFailed

from sources.sendcloud_support import AccessError, SendcloudError, TryLaterError

from ..warehouse import BusyError, FileBusyError, missing_settings
from .configuration_errors import describe_configuration
from .database_errors import (
    INTACT,
    Told,
    describe_database,
    links,
)

DONE = 0
FAILED = 1
USAGE = 2
ACCESS = 3
INCOMPLETE = 4
BUSY = 5

NOTHING_THERE = ("No credentials are configured.", "Configuration is missing:")
ROOT = Path(__file__).parents[2]


class Advice(StrEnum):
    """What a scheduler should do about a run that failed."""

    RETRY = "retry"  # waiting alone may mend it
    STOP = "stop"  # it fails again until somebody changes something; the next regular run tells
    SKIP = "skip"  # another run is doing the work


def exit_code(error: BaseException) -> int:
    """The exit code for an error."""
    return _tell(error).code


def explain(error: BaseException) -> str:
    """The sentence for an error."""
    return _tell(error).sentence


def advise(error: BaseException) -> Advice:
    """What a scheduler should do about an error."""
    told = _tell(error)
    if told.may_pass:
        return Advice.RETRY
    return Advice.SKIP if told.code == BUSY else Advice.STOP


def _tell(error: BaseException) -> Told:
    for link in links(error):
        told = _ours(link) or _of_configuration(link) or _of_the_schema(link)
        if told is not None:
            return told
    return describe_database(error) or _unforeseen(error)


def _ours(error: BaseException) -> Told | None:
    if isinstance(error, BusyError):
        return Told(BUSY, str(error), may_pass=isinstance(error, FileBusyError))
    if isinstance(error, AccessError):
        return Told(ACCESS, str(error))
    if isinstance(error, TryLaterError):
        kept = "What was loaded before is intact, and what was read is kept: run it again."
        return Told(FAILED, f"{error} {kept}", may_pass=True)
    return Told(FAILED, str(error)) if isinstance(error, SendcloudError) else None


def _of_configuration(error: BaseException) -> Told | None:
    if not isinstance(error, ConfigurationException):
        return None
    sentence = describe_configuration(error)
    elsewhere = missing_settings() if sentence.startswith(NOTHING_THERE) else None
    return Told(USAGE, f"{sentence} {elsewhere}" if elsewhere else sentence)


def _of_the_schema(error: BaseException) -> Told | None:
    if isinstance(error, DataValidationError):
        column, _, _ = str(error.column_name).partition("__v_")  # dlt's name for a second type
        return Told(
            FAILED,
            f"Loading failed: column {column} of table {error.table_name} has another "
            "type than before. Tables are as they were; the API may have changed.",
        )
    if isinstance(error, SchemaException):
        kind = type(error).__name__
        return Told(FAILED, f"Loading failed: the tables cannot take the data ({kind}).")
    return None


def _unforeseen(error: BaseException) -> Told:
    """What nobody thought of: the step, the classes and the place, which name no row."""
    step = next(
        (f"in {each.step}, " for each in links(error) if isinstance(each, PipelineStepFailed)), ""
    )
    kinds = dict.fromkeys(type(each).__name__ for each in links(error))
    names = ", ".join([name for name in kinds if name != "PipelineStepFailed"][:3])
    return Told(
        FAILED,
        f"An unforeseen failure {step}{_place(error)} ({names}). {INTACT} Run it again; if it "
        "stays, please report this line.",
    )


def _place(error: BaseException) -> str:
    """The innermost line of ours."""
    ours = [
        f"{Path(frame.f_code.co_filename).relative_to(ROOT).as_posix()}:{line}"
        for frame, line in walk_tb(error.__traceback__)
        if Path(frame.f_code.co_filename).is_relative_to(ROOT)
        and ".venv" not in frame.f_code.co_filename
    ]
    return f"at {ours[-1]}" if ours else "somewhere else"
