"""The engine: asks what the plans say, keeps what comes, and judges whether it was all.

Depends on `planning`, `holdings` and `api`. A reading is a generator: it says when what was kept
may be loaded, and whoever drives it loads.
"""

from __future__ import annotations

from .run import BudgetReachedError, Load, Reading, Run, configured_ages, fill_in
from .sweeping import read_tickets
from .sync import read_account, sweep_due_at
from .whole_list import whole_list

__all__ = [
    "BudgetReachedError",
    "Load",
    "Reading",
    "Run",
    "configured_ages",
    "fill_in",
    "read_account",
    "read_tickets",
    "sweep_due_at",
    "whole_list",
]
