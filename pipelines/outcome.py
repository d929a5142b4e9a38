"""How a run ended: exit codes, and the sentence that goes with an error.

Depends on the error classes of `sources` and dlt. Promises that every failure has a code and a
sentence (what was tried, what came back, what to do), and that a sentence holds no secret, no
answer's body and no ticket: errors of dlt and of drivers, which may quote rows or addresses, are
told by their kind.
"""

from __future__ import annotations

from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    ConfigurationException,
    ConfigurationValueError,
)
from dlt.common.schema.exceptions import DataValidationError, SchemaException
from dlt.pipeline.exceptions import PipelineStepFailed

from sources.sendcloud_support import AccessError, SendcloudError, TryLaterError

from .locks import BusyError

DONE = 0
FAILED = 1
USAGE = 2
ACCESS = 3
INCOMPLETE = 4
BUSY = 5

WAREHOUSE_HINT = (
    "Tickets loaded before are intact, and what was read waits in the journal for the next run. "
    "Check that the warehouse of [destination.warehouse] is reachable and writable and has room."
)


def exit_code(error: BaseException) -> int:
    """The exit code for an error."""
    root = _cause(error)
    if isinstance(root, BusyError):
        return BUSY
    if isinstance(root, AccessError):
        return ACCESS
    if isinstance(root, ConfigurationException):
        return USAGE
    return FAILED


def explain(error: BaseException) -> str:
    """The sentence for an error."""
    root = _cause(error)
    if isinstance(root, TryLaterError):
        return f"{root} What was loaded before is intact, and what was read is kept: run it again."
    if isinstance(root, SendcloudError | BusyError | ConfigurationValueError):
        return str(root)
    if isinstance(root, ConfigFieldMissingException):
        return f"Configuration is missing: {', '.join(sorted(root.fields))}."
    if isinstance(root, ConfigurationException):
        return f"The configuration cannot be read ({type(root).__name__})."
    if isinstance(root, DataValidationError):
        column, _, _ = str(root.column_name).partition("__v_")  # dlt's name for a second type
        return (
            f"Loading failed: column {column} of table {root.table_name} has another "
            "type than before. Tables are as they were; the API may have changed."
        )
    if isinstance(root, SchemaException):
        return f"Loading failed: the tables cannot take the data ({type(root).__name__})."
    return f"The warehouse failed ({_kind(error)}). {WAREHOUSE_HINT}"


def _cause(error: BaseException) -> BaseException:
    """The error that says most: ours or dlt's, wherever a chain of causes hides it."""
    telling = (SendcloudError, BusyError, ConfigurationException, DataValidationError)
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, telling):
            return link
        link = link.__cause__ or link.__context__
    return error


def _kind(error: BaseException) -> str:
    """The step and the class of an error, which name no row and no address."""
    names = [f"in {error.step}"] if isinstance(error, PipelineStepFailed) else []
    link: BaseException | None = error
    while link is not None and len(names) < 4:  # noqa: PLR2004
        names.append(type(link).__name__)
        link = link.__cause__ or link.__context__
    return ", ".join(dict.fromkeys(names))
