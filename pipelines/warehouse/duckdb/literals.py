"""Values as DuckDB reads them in a statement's own text.

Depends on nothing of ours. Promises that a value comes back as it was given, whatever text it is,
and that no text ends its own literal; a value of a kind that is not known is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

PLACE = "%s"
EXACT_DIGITS = 38
"""So long a number is read exactly; a longer one would become a double."""


def written(sql: str, values: Sequence[Any]) -> str:
    """The statement with these values in its places, in their order."""
    parts = sql.split(PLACE)
    if len(parts) != len(values) + 1:
        raise ValueError(f"{len(parts) - 1} places in a statement for {len(values)} values.")
    return "".join(_alternately(parts, values))


def _alternately(parts: Sequence[str], values: Sequence[Any]) -> Iterator[str]:
    yield parts[0]
    for value, part in zip(values, parts[1:], strict=True):
        yield literal(value)
        yield part


def literal(value: Any) -> str:
    """A value in SQL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return f"cast('{value.isoformat()}' as date)"
    if isinstance(value, float):
        return f"cast('{value!r}' as double)"
    if isinstance(value, int | Decimal):
        return _number(str(value) if isinstance(value, int) else f"{value:f}")
    raise TypeError(f"A {type(value).__name__} cannot be written into a statement.")


def _number(text: str) -> str:
    """In brackets, because a minus may stand before it."""
    digits = text.removeprefix("-").replace(".", "", 1)
    if not digits.isdecimal() or len(digits) > EXACT_DIGITS:
        raise ValueError("A number that a statement cannot hold exactly.")
    return f"({text})"


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        return f"timestamp '{value.isoformat(' ')}'"
    return f"timestamptz '{value.astimezone(UTC).isoformat(' ')}'"


def _quoted(text: str) -> str:
    """DuckDB's parser ends at a zero byte, so that one is made by a function."""
    pieces = ["'" + piece.replace("'", "''") + "'" for piece in text.split("\0")]
    return pieces[0] if len(pieces) == 1 else f"({' || chr(0) || '.join(pieces)})"
