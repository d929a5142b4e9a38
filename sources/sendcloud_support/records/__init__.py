"""What an answer of the API holds: checked values, the vocabulary, rows, columns, tables.

Depends on dlt, and of ours on `exceptions` and `settings` alone; no I/O but the creation of tables.
"""

from __future__ import annotations

from .bodies import parse_json
from .breaches import WHOLE, Breach, Malformed
from .columns import (
    ACTION_HISTORY,
    CHILDREN,
    CONTRACT,
    HISTORY_KEYS,
    REQUESTED_ACTIONS,
    RESOLUTION,
    RESOLUTION_HISTORY,
    ROOTS,
    STATUS_HISTORY,
    SYNC_RUNS,
    TICKETS,
    TICKETS_SET_ASIDE,
    action_history_columns,
    nested_hints,
    resolution_history_columns,
    set_aside_columns,
    status_history_columns,
    sync_run_columns,
    ticket_columns,
)
from .placement import Placement
from .resources import (
    action_history,
    create_all_tables,
    declared_schema,
    resolution_history,
    sendcloud_window,
    status_history,
    sync_runs,
    tickets,
    tickets_set_aside,
)
from .sample import Sample
from .set_aside import DETAIL, LOAD, SetAside, described, unloadable
from .storage import find_tables
from .tables import (
    TABLES,
    lost_tables,
)
from .tickets import Ticket, check_ticket, examine_ticket, is_by_contract, ticket_row
from .vocabulary import UnknownValues

__all__ = [
    "ACTION_HISTORY",
    "CHILDREN",
    "CONTRACT",
    "DETAIL",
    "HISTORY_KEYS",
    "LOAD",
    "REQUESTED_ACTIONS",
    "RESOLUTION",
    "RESOLUTION_HISTORY",
    "ROOTS",
    "STATUS_HISTORY",
    "SYNC_RUNS",
    "TABLES",
    "TICKETS",
    "TICKETS_SET_ASIDE",
    "WHOLE",
    "Breach",
    "Malformed",
    "Placement",
    "Sample",
    "SetAside",
    "Ticket",
    "UnknownValues",
    "action_history",
    "action_history_columns",
    "check_ticket",
    "create_all_tables",
    "declared_schema",
    "described",
    "examine_ticket",
    "find_tables",
    "is_by_contract",
    "lost_tables",
    "nested_hints",
    "parse_json",
    "resolution_history",
    "resolution_history_columns",
    "sendcloud_window",
    "set_aside_columns",
    "status_history",
    "status_history_columns",
    "sync_run_columns",
    "sync_runs",
    "ticket_columns",
    "ticket_row",
    "tickets",
    "tickets_set_aside",
    "unloadable",
]
