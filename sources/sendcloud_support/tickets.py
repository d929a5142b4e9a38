"""A ticket as the API gives it, checked, and as the rows that are loaded.

Depends on `exceptions` only. Promises: what leaves `check_ticket` has the contract's types (times
as aware UTC datetimes, money as `Decimal` with four places, ids as 64-bit integers) and every
field the API sent, known or not, in a form that any warehouse stores; anything else is an
`AnswerError` that names the field and the types, never the value. Source of the types: the
vendor's OpenAPI of the detail endpoint,
https://sendcloud.dev/api/v3/support/retrieve-a-support-ticket
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from .exceptions import AnswerError

Ticket = dict[str, Any]
"""A checked ticket: the API's field names, Python values."""

AMOUNT_STEP = Decimal("0.0001")
AMOUNT_LIMIT = Decimal(10) ** 14
"""What decimal(18,4) holds; a larger amount stops the load instead of being cut."""

INT64 = range(-(2**63), 2**63)

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""JSON can spell them; Postgres refuses the first, and the others have no UTF-8."""


def parse_json(body: bytes) -> Any:
    """JSON with money kept exact: a fraction becomes a `Decimal`, never a float.

    Raises `ValueError` for anything that is not JSON.
    """
    try:
        return json.loads(body, parse_float=_fraction)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def check_ticket(raw: Any, where: str) -> Ticket:
    """One ticket with the contract's types; `where` names the answer it came from in errors."""
    if not isinstance(raw, dict):
        raise AnswerError(f"{where}: a ticket should be an object, came as {_kind(raw)}.")
    ticket = _checked(raw, TICKET_FIELDS, f"{where}: ticket field")
    ticket["requested_actions"] = [
        _checked_child(action, ACTION_FIELDS, f"{where}: requested_actions")
        for action in _list(raw.get("requested_actions"), f"{where}: requested_actions")
    ]
    resolution = raw.get("resolution")
    ticket["resolution"] = (
        None
        if resolution is None
        else _checked_child(resolution, RESOLUTION_FIELDS, f"{where}: resolution")
    )
    return ticket


def ticket_row(ticket: Ticket, seen_at: datetime, first_seen_at: datetime) -> dict[str, Any]:
    """The row of `tickets`, its children nested the way dlt turns into child tables.

    `resolution` becomes a list of at most one and `ticket_id` rides along in every child, so that
    both join on the ticket's own id. `vanished_at` is null: a ticket just seen is there.
    """
    ticket_id, resolution = ticket["id"], ticket["resolution"]
    return ticket | {
        "requested_actions": [
            action | {"ticket_id": ticket_id} for action in ticket["requested_actions"]
        ],
        "resolution": [] if resolution is None else [resolution | {"ticket_id": ticket_id}],
        "first_seen_at": first_seen_at,
        "last_seen_at": seen_at,
        "vanished_at": None,
    }


def is_by_contract(row: Mapping[str, Any]) -> bool:
    """Whether a row of `ticket_row` holds nothing but what the contract names."""
    return (
        row.keys() <= ROW_FIELDS
        and all(action.keys() <= ACTION_ROW_FIELDS for action in row["requested_actions"])
        and all(resolution.keys() <= RESOLUTION_ROW_FIELDS for resolution in row["resolution"])
    )


def parse_time(text: str) -> datetime:
    """An ISO 8601 time as aware UTC; one without an offset is read as UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _fraction(text: str) -> Decimal | float:
    try:
        return Decimal(text)
    except InvalidOperation:
        return float(text)


def _integer(value: Any) -> int:
    if type(value) is not int or value not in INT64:
        raise TypeError("a 64-bit integer")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value if value.isprintable() else UNSTORABLE.sub("\ufffd", value)


def _word(value: Any) -> str:
    """Text of which there are few different ones: each is kept in memory once."""
    return sys.intern(_text(value))


def _time(value: Any) -> datetime:
    try:
        return parse_time(value)
    except (TypeError, ValueError, OverflowError):
        raise TypeError("an ISO 8601 time") from None


def _amount(value: Any) -> Decimal:
    """Rounds half to even at four places, the scale of the column (DECISIONS.md)."""
    if type(value) is not int and not isinstance(value, Decimal):
        raise TypeError("a number")
    amount = Decimal(value)
    if -AMOUNT_LIMIT < amount < AMOUNT_LIMIT:
        amount = amount.quantize(AMOUNT_STEP, rounding=ROUND_HALF_EVEN)
    if -AMOUNT_LIMIT < amount < AMOUNT_LIMIT:
        return amount
    raise TypeError("a number below 10^14")


def _storable(value: Any) -> Any:
    """The value of a field that the contract does not know: no fraction or integer too long."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_text(name): _storable(each) for name, each in value.items()}
    if isinstance(value, Decimal) or type(value) is int and value not in INT64:
        return float(str(value))
    return value


Field = tuple[Callable[[Any], Any], bool]
"""How to read a value, and whether the contract allows null."""

TICKET_FIELDS: Mapping[str, Field] = {
    "id": (_integer, False),
    "status": (_word, False),
    "stage": (_word, False),
    "type": (_word, True),
    "parcel_id": (_integer, True),
    "carrier": (_word, True),
    "order_number": (_text, True),
    "brand_id": (_integer, True),
    "created_at": (_time, False),
    "updated_at": (_time, True),
}
ACTION_FIELDS: Mapping[str, Field] = {
    "id": (_integer, False),
    "data_type": (_word, False),
    "created_at": (_time, False),
}
RESOLUTION_FIELDS: Mapping[str, Field] = {
    "outcome": (_word, False),
    "amount": (_amount, True),
    "currency": (_word, True),
    "solved_at": (_time, True),
}
CHILDREN = frozenset({"requested_actions", "resolution"})
ROW_FIELDS = TICKET_FIELDS.keys() | CHILDREN | {"first_seen_at", "last_seen_at", "vanished_at"}
ACTION_ROW_FIELDS = ACTION_FIELDS.keys() | {"ticket_id"}
RESOLUTION_ROW_FIELDS = RESOLUTION_FIELDS.keys() | {"ticket_id"}


def _checked(raw: Mapping[str, Any], fields: Mapping[str, Field], where: str) -> dict[str, Any]:
    checked = dict(raw)
    for name in raw.keys() - fields.keys() - CHILDREN:
        checked[name] = _storable(raw[name])
    for name, (read, nullable) in fields.items():
        value = raw.get(name)
        if value is None and nullable:
            checked[name] = None
            continue
        try:
            checked[name] = read(value)
        except TypeError as wanted:
            raise AnswerError(
                f"{where} `{name}` should be {wanted}, came as {_kind(value)}. Nothing of this "
                "answer was loaded; the contract may have changed, see CHANGELOG.md for a version "
                "of this connector that knows the new type."
            ) from None
    return checked


def _checked_child(raw: Any, fields: Mapping[str, Field], where: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise AnswerError(f"{where} should hold objects, came with {_kind(raw)}.")
    return _checked(raw, fields, f"{where} field")


def _list(value: Any, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise AnswerError(f"{where} should be a list, came as {_kind(value)}.")
    return value


def _kind(value: Any) -> str:
    """The JSON type of a value, for messages that must not repeat the value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, float):
        return "NaN or Infinity"
    names = {int: "an integer", Decimal: "a number", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)
