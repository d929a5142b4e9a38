"""How a run ended, the sentence for each failure, and what to do: retry, stop or skip.

Depends on the errors of the source, of dlt and of drivers.
"""

from __future__ import annotations

from .database_errors import describe_database, links
from .outcome import (
    ACCESS,
    BUSY,
    DONE,
    FAILED,
    INCOMPLETE,
    USAGE,
    Advice,
    advise,
    exit_code,
    explain,
)

__all__ = [
    "ACCESS",
    "BUSY",
    "DONE",
    "FAILED",
    "INCOMPLETE",
    "USAGE",
    "Advice",
    "advise",
    "describe_database",
    "exit_code",
    "explain",
    "links",
]
