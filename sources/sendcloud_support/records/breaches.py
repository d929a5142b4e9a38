"""What breaks the contract in a ticket: the field, the type it should have, the type that came.

Depends on nothing. Promises that no value of a ticket is kept or told, only types.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

INT64 = range(-(2**63), 2**63)
WHOLE = "ticket"
"""Stands for the field where the ticket itself is no object."""

ADVICE = (
    "Nothing of this answer was loaded; the contract may have changed, see CHANGELOG.md for a "
    "version of this connector that knows the new type."
)


class Breach(NamedTuple):
    """One field that breaks the contract; a child's field is named `resolution.amount`."""

    field: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self._subject} should be {self.expected}, came as {self.found}"

    @property
    def _subject(self) -> str:
        if self.field == WHOLE:
            return "a ticket"
        parent, _, name = self.field.rpartition(".")
        return f"{parent or 'ticket'} field `{name}`"


@dataclass(frozen=True, slots=True)
class Malformed:
    """A ticket that is there and cannot be read whole.

    `ticket_id` is None where it cannot be told which ticket it is; `mark` then tells it from others
    as long as the process lives.
    """

    ticket_id: int | None
    breaches: tuple[Breach, ...]
    mark: int = 0


def malformed(raw: Any, breaches: Iterable[Breach]) -> Malformed:
    """The ticket `raw` with what breaks the contract in it, each field once."""
    fields: dict[str, Breach] = {}
    for breach in breaches:
        fields.setdefault(breach.field, breach)
    ticket_id = raw.get("id") if isinstance(raw, dict) else None
    if type(ticket_id) is int and ticket_id in INT64:
        return Malformed(ticket_id, tuple(fields.values()))
    return Malformed(None, tuple(fields.values()), _mark(raw))


def kind_of(value: Any) -> str:
    """The JSON type of a value, for messages that must not repeat the value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, float):
        return "NaN or Infinity"
    names = {int: "an integer", Decimal: "a number", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)


def _mark(raw: Any) -> int:
    try:
        return hash(repr(raw))
    except RecursionError:
        return -1
