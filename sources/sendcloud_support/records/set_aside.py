"""What is set aside: tickets that are there and cannot be loaded, field by field.

Depends on `breaches`; no I/O, no clock. Promises one row per ticket and field, kept when it is
mended and opened again when it breaks again; that the same sightings taken twice give the same
rows; and that no row holds a value. Of tickets without a readable id there are as many rows as were
seen at once, because nobody can tell one from another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

from .breaches import WHOLE, Breach, Malformed

Row = dict[str, Any]

DETAIL = "detail"
"""Stands for the field where the API refuses a ticket's detail: the ticket may be fine."""

LOAD = "load"
"""Stands for the field where the warehouse refuses the ticket, and none of its fields alone."""


def unloadable(ticket_id: int) -> Malformed:
    """A ticket that the warehouse refuses."""
    breach = Breach(LOAD, "what the warehouse can store", "something else")
    return Malformed(ticket_id, (breach,))


class SetAside:
    """The rows of `tickets_set_aside`, kept up to date.

    Args:
        rows: What the table holds, dlt's own id included.
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows = {row["_dlt_id"]: row for row in rows}
        self._named = {
            (row["ticket_id"], row["field"]): row
            for row in self._rows.values()
            if row["ticket_id"] is not None
        }
        self._fields: dict[int, set[str]] = {}
        for ticket_id, field in self._named:
            self._fields.setdefault(ticket_id, set()).add(field)
        self._claimed: dict[tuple[int, Breach], Row] = {}
        self._changed: set[str] = set()

    def sight(self, found: Malformed, seen_at: datetime) -> None:
        """Hear of a ticket that cannot be loaded."""
        if found.ticket_id is None:
            for breach in found.breaches:
                self._note(self._claim(found.mark, breach, seen_at), breach, seen_at)
            return
        broken = {breach.field for breach in found.breaches}
        self._close(found.ticket_id, seen_at, keep=broken | {DETAIL})
        for breach in found.breaches:
            self._note(self._row(found.ticket_id, breach, seen_at), breach, seen_at)

    def mend(self, ticket_id: int, seen_at: datetime, keep: Iterable[str] = ()) -> None:
        """Hear that the ticket is loaded, or gone; `keep` are fields that this tells nothing of."""
        if ticket_id in self._fields:
            self._close(ticket_id, seen_at, keep)

    def close_unseen(self, since: datetime, now: datetime) -> None:
        """Hear that since then everything was met: what was not seen broken again is over."""
        for row in self._standing():
            if row["last_seen_at"] < since:
                self._set(row, mended_at=now)

    def take_changed(self) -> list[Row]:
        """Rows that are new or differ from what the table holds, once."""
        changed = [self._rows[key] for key in sorted(self._changed)]
        self._changed.clear()
        return changed

    def all_rows(self) -> list[Row]:
        """The whole table."""
        return list(self._rows.values())

    @property
    def tickets(self) -> set[int]:
        """Ids of tickets that stand set aside."""
        return {row["ticket_id"] for row in self._standing() if row["ticket_id"] is not None}

    @property
    def there(self) -> dict[int, datetime]:
        """Tickets among them that the API is known to have, with the time they were last seen."""
        found: dict[int, datetime] = {}
        for row in self._standing():
            if row["ticket_id"] is not None and row["field"] != DETAIL:
                found[row["ticket_id"]] = max(
                    row["last_seen_at"], found.get(row["ticket_id"], row["last_seen_at"])
                )
        return found

    @property
    def refused(self) -> set[int]:
        """Tickets whose detail was refused."""
        return {row["ticket_id"] for row in self._standing() if row["field"] == DETAIL}

    @property
    def unloadable(self) -> set[int]:
        """Tickets that the warehouse refused."""
        return {row["ticket_id"] for row in self._standing() if row["field"] == LOAD}

    @property
    def nameless(self) -> int:
        """How many tickets without a readable id stand set aside."""
        return sum(
            row["ticket_id"] is None and row["field"] in {"id", WHOLE} for row in self._standing()
        )

    def __len__(self) -> int:
        """How many tickets stand set aside."""
        return len(self.tickets) + self.nameless

    def _standing(self) -> Iterator[Row]:
        return (row for row in self._rows.values() if row["mended_at"] is None)

    def _row(self, ticket_id: int, breach: Breach, seen_at: datetime) -> Row:
        row = self._named.get((ticket_id, breach.field))
        if row is None:
            row = self._named[ticket_id, breach.field] = self._begin(ticket_id, breach, seen_at)
            self._fields.setdefault(ticket_id, set()).add(breach.field)
        return row

    def _claim(self, mark: int, breach: Breach, seen_at: datetime) -> Row:
        """The row of a ticket without an id: any that stands and is not of another one."""
        if (mark, breach) not in self._claimed:
            taken = {row["_dlt_id"] for row in self._claimed.values()}
            alike = [
                row
                for row in self._standing()
                if row["ticket_id"] is None
                and _breach_of(row) == breach
                and row["_dlt_id"] not in taken
            ]
            self._claimed[mark, breach] = alike[0] if alike else self._begin(None, breach, seen_at)
        return self._claimed[mark, breach]

    def _begin(self, ticket_id: int | None, breach: Breach, seen_at: datetime) -> Row:
        row = {
            "ticket_id": ticket_id,
            **breach._asdict(),
            "first_seen_at": seen_at,
            "last_seen_at": seen_at,
            "mended_at": None,
            "_dlt_id": uuid4().hex,
        }
        self._rows[row["_dlt_id"]] = row
        self._changed.add(row["_dlt_id"])
        return row

    def _note(self, row: Row, breach: Breach, seen_at: datetime) -> None:
        if seen_at >= row["last_seen_at"] and (row["mended_at"] or seen_at) <= seen_at:
            self._set(row, **breach._asdict(), last_seen_at=seen_at, mended_at=None)

    def _close(self, ticket_id: int, seen_at: datetime, keep: Iterable[str] = ()) -> None:
        for field in self._fields.get(ticket_id, set()) - set(keep):
            row = self._named[ticket_id, field]
            if row["mended_at"] is None and row["last_seen_at"] < seen_at:
                self._set(row, mended_at=seen_at)

    def _set(self, row: Row, **values: Any) -> None:
        if any(row[name] != value for name, value in values.items()):
            row.update(values)
            self._changed.add(row["_dlt_id"])


def _breach_of(row: Row) -> Breach:
    return Breach(row["field"], row["expected"], row["found"])


def described(count: int) -> str:
    """The sentence that counts them."""
    if count == 1:
        return "1 ticket is set aside, all others are loaded: see tickets_set_aside."
    return f"{count} tickets are set aside, all others are loaded: see tickets_set_aside."
