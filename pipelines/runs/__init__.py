"""One run from its lock to its row.

Depends on the source's reading, on `loading` and on `warehouse`.
"""

from __future__ import annotations

from sources.sendcloud_support.holdings import (
    FULL,
    SYNC,
    Clock,
    RunRecord,
    refuse_newer_tables,
    system_clock,
)

from .launching import LoadingRun
from .progress import duration
from .refresh import run_refresh
from .session import carry_out
from .spoken import carry_out_aloud
from .syncing import run_sync

__all__ = [
    "FULL",
    "SYNC",
    "Clock",
    "LoadingRun",
    "RunRecord",
    "carry_out",
    "carry_out_aloud",
    "duration",
    "refuse_newer_tables",
    "run_refresh",
    "run_sync",
    "system_clock",
]
