"""How a run ended, and the sentence for each failure.

Depends on the errors of the source, of dlt and of drivers.
"""

from __future__ import annotations

from .database_errors import describe_database, links
from .outcome import (
    BUSY,
    DONE,
    FAILED,
    INCOMPLETE,
    exit_code,
    explain,
)

__all__ = [
    "BUSY",
    "DONE",
    "FAILED",
    "INCOMPLETE",
    "describe_database",
    "exit_code",
    "explain",
    "links",
]
