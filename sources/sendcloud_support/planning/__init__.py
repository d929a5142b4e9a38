"""What to ask next, and whether that was all: orders, sweep, ranking, planner, ages, lists.

Depends on `holdings` and `records` for what a ticket is; plain values in and out, no I/O, no clock.
"""

from __future__ import annotations

from .ages import LIVE, Ages, due_tickets, live_tickets
from .beside import Beside
from .lists import THIN, ListDepth
from .orders import ORDERS, Order, agreeing, describe
from .planner import COMPLETE, SWEEP, Known, Plan, Read, plan_state
from .sweep import Pass, Sweep

__all__ = [
    "COMPLETE",
    "LIVE",
    "ORDERS",
    "SWEEP",
    "THIN",
    "Ages",
    "Beside",
    "Known",
    "ListDepth",
    "Order",
    "Pass",
    "Plan",
    "Read",
    "Sweep",
    "agreeing",
    "describe",
    "due_tickets",
    "live_tickets",
    "plan_state",
]
