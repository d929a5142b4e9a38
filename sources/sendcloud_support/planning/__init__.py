"""What to ask next, and whether that was all: orders, sweep, ranking, planner, ages, lists.

Depends on `holdings` and `records` for what a ticket is; plain values in and out, no I/O, no clock.
"""

from __future__ import annotations

from .ages import LIVE, Ages, due_tickets, live_tickets
from .lists import THIN, ListDepth
from .orders import ORDERS, Order, agreeing, describe
from .planner import COMPLETE, SWEEP, Plan, plan_state
from .search import Read
from .sweep import Sweep
from .tickets import Beside, Known, Tickets

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
    "Plan",
    "Read",
    "Sweep",
    "Tickets",
    "agreeing",
    "describe",
    "due_tickets",
    "live_tickets",
    "plan_state",
]
