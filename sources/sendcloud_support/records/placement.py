"""The column into which each value goes whose field the contract does not know.

Depends on `column_names` and dlt's names of types. JSON has one type for numbers and lets a field
change its type from ticket to ticket; a column has one type for good. Promises that a value is
stored as it came or not at all: numbers as `double` while that is exact, and a value that its
field's column cannot hold in a column beside it, named by its type as dlt does
(`weight__v_text`). Objects become columns (`address__city`), lists tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from dlt.common import json
from dlt.common.schema import Schema
from dlt.common.schema.detections import is_iso_timestamp

from .breaches import INT64
from .column_names import VARIANT, renamed
from .columns import REQUESTED_ACTIONS, RESOLUTION, TICKETS
from .tickets import ACTION, TICKET, is_by_contract
from .tickets import RESOLUTION as RESOLVED

Row = dict[str, Any]
Option = tuple[str, Any]
"""A type of column and what it holds of the value."""

DEEPEST_TABLE = 4
"""Lists in lists in lists: what lies deeper is stored as JSON text."""

DECIMAL_LIMIT = Decimal(10) ** 29
DECIMAL_PLACES = 9
"""dlt's decimal has 38 digits, 9 of them after the point."""


class Placement:
    """Knows the columns there are, and the ones it has given to fields so far."""

    def __init__(self, schema: Schema) -> None:
        self._naming = schema.naming
        self._types = {
            name: {
                column: str(hints["data_type"])
                for column, hints in table["columns"].items()
                if "data_type" in hints
            }
            for name, table in schema.tables.items()
        }

    def place(self, row: Row) -> Row:
        """A row of `ticket_row` as it is loaded."""
        if is_by_contract(row):
            return row
        return self._with_unknown(row, TICKET.columns, TICKETS) | {
            "requested_actions": [
                self._with_unknown(action, ACTION.columns, REQUESTED_ACTIONS)
                for action in row["requested_actions"]
            ],
            "resolution": [
                self._with_unknown(resolution, RESOLVED.columns, RESOLUTION)
                for resolution in row["resolution"]
            ],
        }

    def _with_unknown(self, row: Row, known: frozenset[str], table: str) -> Row:
        unknown = {name: value for name, value in row.items() if name not in known}
        own = {name: value for name, value in row.items() if name in known}
        return own | self._columns(table, unknown, 1)

    def _columns(self, table: str, fields: Mapping[str, Any], depth: int) -> Row:
        placed: Row = {}
        for name, value in _flat(fields):
            if isinstance(value, list) and depth < DEEPEST_TABLE:
                child = self._naming.shorten_fragments(table, name)
                placed[name] = self._rows(child, value, depth + 1)
            else:
                column, stored = self._fit(table, name, value)
                placed[column] = stored
        return placed

    def _rows(self, table: str, values: Iterable[Any], depth: int) -> list[Row]:
        """Rows of a nested table, by dlt's own rules for what is no object."""
        return [
            self._columns(table, _as_fields(value), depth) for value in values if value is not None
        ]

    def _fit(self, table: str, name: str, value: Any) -> tuple[str, Any]:
        """The column that can hold the value, and what it holds then."""
        columns, options = self._types.setdefault(table, {}), list(_options(value))
        for kind, stored in options:
            if columns.setdefault(name, kind) == kind:
                return name, stored
        kind, stored = options[0]
        variant = f"{name}{VARIANT}{kind}"
        columns[variant] = kind
        return variant, stored


def _flat(fields: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Fields with the objects among them taken apart; those without a value are left out."""
    for name, value in fields.items():
        if isinstance(value, dict):
            names = renamed(value, ())
            inner = {names[each]: below for each, below in value.items()}
            yield from _flat(inner, f"{above}{name}__")
        elif value is not None:
            yield above + name, value


def _as_fields(value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        names = renamed(value, ())
        return {names[name]: each for name, each in value.items()}
    return {"list": value} if isinstance(value, list) else {"value": value}


def _options(value: Any) -> Iterator[Option]:
    """What can hold the value exactly, the best first."""
    if isinstance(value, bool):
        yield "bool", value
    elif isinstance(value, str):
        if is_iso_timestamp(str, value):
            yield "timestamp", value
        yield "text", value
    elif isinstance(value, int | float | Decimal):
        yield from _number_options(value)
    else:
        yield "text", json.dumps(value)


def _number_options(value: float | Decimal) -> Iterator[Option]:
    if isinstance(value, float) and isfinite(value):
        yield "double", value
    elif isinstance(value, int) and value in INT64:
        if int(float(value)) == value:
            yield "double", float(value)
        yield "bigint", value
    elif isinstance(value, Decimal) and _fits(value):
        yield "decimal", value
    else:
        yield "text", str(value)


def _fits(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return abs(value) < DECIMAL_LIMIT and isinstance(exponent, int) and exponent >= -DECIMAL_PLACES
