"""Whether the destination takes a ticket, tried out in a transaction that is taken back.

A row that a destination refuses fails the whole package, and extraction never hears of it. So what
an earlier extraction left is tried before it goes into another package. Depends on `statements` and
on dlt's SQL client. Promises to change nothing; to find a single ticket among many in a few
statements; and to refuse none where nothing is taken, because then it is the destination.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import dlt
from dlt.common.utils import uniq_id
from dlt.destinations.exceptions import DatabaseTerminalException

from ..api import Pseudonyms
from ..holdings import connected
from ..records import REQUESTED_ACTIONS, RESOLUTION, TICKETS, Ticket, ticket_row

Row = dict[str, Any]

AT_ONCE = 100
NOTHING_ELSE = 3
"""So many tickets that are refused alone, and none that is taken: it is the destination."""

OF_DLT = ("_dlt_id", "_dlt_load_id", "_dlt_root_id", "_dlt_parent_id")
"""Columns that have to be filled; nobody ever sees by what."""

REFUSED = (DatabaseTerminalException, ValueError)
"""What a driver raises of a value: ValueError where it cannot even be sent."""


class TakenBackError(Exception):
    """Ends a trial."""


class Trial:
    """Tries tickets on the destination of a pipeline, with pseudonyms as they would be loaded."""

    def __init__(self, pipeline: dlt.Pipeline, pseudonyms: Pseudonyms) -> None:
        self.pipeline, self.pseudonyms = pipeline, pseudonyms
        self._columns: dict[str, list[str]] = {}

    def refused(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        """Those that the destination does not take, found by halving."""
        if not tickets:
            return []
        with connected(self.pipeline) as client:
            if client.capabilities.supports_transactions is False:
                return []
            return self._sift(client, tickets)

    def _sift(self, client: Any, tickets: Sequence[Ticket]) -> list[Ticket]:
        parts = deque(tickets[at : at + AT_ONCE] for at in range(0, len(tickets), AT_ONCE))
        refused: list[Ticket] = []
        has_taken = False
        while parts:
            part = parts.popleft()
            if self._takes(client, part):
                has_taken = True
            elif len(part) > 1:
                half = len(part) // 2
                parts.extendleft((part[half:], part[:half]))
            else:
                refused += part
                if len(refused) == NOTHING_ELSE and not has_taken:
                    return []
        return refused

    def _takes(self, client: Any, tickets: Sequence[Ticket]) -> bool:
        try:
            with client.begin_transaction():
                for table, rows in _by_table(tickets, self.pseudonyms).items():
                    self._insert(client, table, rows)
                raise TakenBackError
        except TakenBackError:
            return True
        except REFUSED:
            return False

    def _insert(self, client: Any, table: str, rows: Sequence[Row]) -> None:
        """As a merge does: the rows that were there go first."""
        name = client.make_qualified_table_name(table)
        key = "id" if table == TICKETS else "ticket_id"
        ids = sorted({row[key] for row in rows})
        client.execute_sql(f"delete from {name} where {key} in ({_places(ids)})", *ids)
        columns = self._columns_of(client, table)
        names = ", ".join(map(client.escape_column_name, columns))
        places = ", ".join([f"({_places(columns)})"] * len(rows))
        values = [row.get(column) for row in rows for column in columns]
        client.execute_sql(f"insert into {name} ({names}) values {places}", *values)

    def _columns_of(self, client: Any, table: str) -> list[str]:
        if table not in self._columns:
            name = client.make_qualified_table_name(table)
            with client.execute_query(f"select * from {name} where 1 = 0") as cursor:
                self._columns[table] = [str(column[0]) for column in cursor.description]
        return self._columns[table]


def _by_table(tickets: Iterable[Ticket], pseudonyms: Pseudonyms) -> dict[str, list[Row]]:
    """The rows of tickets and of their children, as dlt would make them."""
    tables: dict[str, list[Row]] = {TICKETS: [], REQUESTED_ACTIONS: [], RESOLUTION: []}
    for ticket in tickets:
        seen_at = ticket["created_at"]
        row = pseudonyms.conceal(ticket_row(ticket, seen_at, seen_at))
        tables[REQUESTED_ACTIONS] += _children(row["requested_actions"])
        tables[RESOLUTION] += _children(row["resolution"])
        tables[TICKETS].append(_filled(row))
    return {table: rows for table, rows in tables.items() if rows}


def _children(rows: Iterable[Row]) -> Iterator[Row]:
    return (_filled(row) | {"_dlt_list_idx": at} for at, row in enumerate(rows))


def _filled(row: Row) -> Row:
    """The values that stand in columns, dlt's own among them."""
    plain = {name: value for name, value in row.items() if not isinstance(value, dict | list)}
    return plain | {name: uniq_id() for name in OF_DLT}


def _places(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))
