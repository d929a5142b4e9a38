"""What a warehouse holds, and what a sighting of a ticket changes in it.

Depends on `records` and `api`. The statements are for a dlt pipeline, whoever's it is.
"""

from __future__ import annotations

from .account import (
    Claim,
    identity_of,
    note_tables_version,
    prepare_marks,
    read_mark,
    read_standing,
    refuse_newer_tables,
    write_mark,
    write_standing,
)
from .aside_table import count_set_aside, read_set_aside, write_set_aside
from .clock import A_MOMENT, Clock, SteadyClock, in_utc, system_clock
from .dialects import CLICKHOUSE, has_transactions, is_clickhouse, is_rewritten
from .history import action_row
from .holdings import (
    CLOSED,
    Actions,
    Held,
    HeldAction,
    held_actions,
    held_histories,
    held_tickets,
    last_sweep_at,
    mark_gone,
    sighted,
    unheld,
)
from .journal import PAGE, TICKET, Entry, Journal
from .qualified import qualified
from .run_record import ALL_OTHERS, FULL, REFRESH, SYNC, RunRecord
from .statements import (
    ROWS_IN_STATEMENT,
    connected,
    execute,
    is_transactional,
    make_own_table,
    query,
    refuse_unreadable,
)
from .store import Store
from .window import Answer, Tally, Window, answer_of, leave_out
from .wording import counted, named, shortened, when

__all__ = [
    "ALL_OTHERS",
    "A_MOMENT",
    "CLICKHOUSE",
    "CLOSED",
    "FULL",
    "PAGE",
    "REFRESH",
    "ROWS_IN_STATEMENT",
    "SYNC",
    "TICKET",
    "Actions",
    "Answer",
    "Claim",
    "Clock",
    "Entry",
    "Held",
    "HeldAction",
    "Journal",
    "RunRecord",
    "SteadyClock",
    "Store",
    "Tally",
    "Window",
    "action_row",
    "answer_of",
    "connected",
    "count_set_aside",
    "counted",
    "execute",
    "has_transactions",
    "held_actions",
    "held_histories",
    "held_tickets",
    "identity_of",
    "in_utc",
    "is_clickhouse",
    "is_rewritten",
    "is_transactional",
    "last_sweep_at",
    "leave_out",
    "make_own_table",
    "mark_gone",
    "named",
    "note_tables_version",
    "prepare_marks",
    "qualified",
    "query",
    "read_mark",
    "read_set_aside",
    "read_standing",
    "refuse_newer_tables",
    "refuse_unreadable",
    "shortened",
    "sighted",
    "system_clock",
    "unheld",
    "when",
    "write_mark",
    "write_set_aside",
    "write_standing",
]
