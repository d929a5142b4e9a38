"""A ticket as the API gives it, checked, and as the rows that are loaded.

Depends on `bodies`, `breaches`, `column_names` and `exceptions`. Promises: what leaves
`examine_ticket` as a ticket has the contract's types (times as aware UTC datetimes, money as
`Decimal` with four places, ids as 64-bit integers), each request once, and every field the API
sent, known or not, under a name that no column of ours has; a ticket that breaks the contract comes
as `Malformed`, which names fields and types, never a value. Source of the types: the vendor's
OpenAPI of the detail endpoint, https://sendcloud.dev/api/v3/support/retrieve-a-support-ticket
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

from ..exceptions import AnswerError
from .bodies import parse_json
from .breaches import (
    ADVICE,
    INT64,
    WHOLE,
    Breach,
    Malformed,
    kind_of,
    malformed,
)
from .column_names import renamed

__all__ = ["Ticket", "check_ticket", "examine_ticket", "is_by_contract", "parse_json", "ticket_row"]

Ticket = dict[str, Any]
"""A checked ticket: the API's field names, Python values."""

AMOUNT_STEP = Decimal("0.0001")
AMOUNT_LIMIT = Decimal(10) ** 14
"""What decimal(18,4) holds; a larger amount is refused instead of being cut."""

DEEPEST = 100
"""Levels of a field that the contract does not know; no warehouse gets more."""

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""JSON can spell them; Postgres refuses the first, and the others have no UTF-8."""


def examine_ticket(raw: Any) -> Ticket | Malformed:
    """One ticket with the contract's types, or what is wrong with it."""
    if not isinstance(raw, dict):
        return malformed(raw, [Breach(WHOLE, "an object", kind_of(raw))])
    breaches: list[Breach] = []
    ticket = _checked(raw, TICKET, "", breaches)
    ticket["requested_actions"] = _actions(raw.get("requested_actions"), breaches)
    ticket["resolution"] = _resolution(raw.get("resolution"), breaches)
    return malformed(raw, breaches) if breaches else ticket


def check_ticket(raw: Any, where: str) -> Ticket:
    """The same where nothing but a ticket will do; `where` names the answer it came from."""
    found = examine_ticket(raw)
    if isinstance(found, Malformed):
        raise AnswerError(f"{where}: {found.breaches[0]}. {ADVICE}")
    return found


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


def _storable(value: Any, room: int = DEEPEST) -> Any:
    """The value of a field that the contract does not know: a float only where it is exact."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | dict) and not room:
        raise TypeError(f"nested at most {DEEPEST} levels deep")
    if isinstance(value, list):
        return [_storable(each, room - 1) for each in value]
    if isinstance(value, dict):
        return {_text(name): _storable(each, room - 1) for name, each in value.items()}
    if isinstance(value, Decimal) or type(value) is int and value not in INT64:
        return _exact_float(value)
    return value


def _exact_float(value: int | Decimal) -> float | int | Decimal:
    try:
        number = float(value)
        is_exact = int(number) == value if isinstance(value, int) else _is_spelt(number, value)
    except OverflowError:
        return value
    return number if is_exact else value


def _is_spelt(number: float, value: Decimal) -> bool:
    return Decimal(repr(number)) == value


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


class Shape(NamedTuple):
    """An object of the contract: its fields, the names it has itself, the columns of its row."""

    fields: Mapping[str, Field]
    names: frozenset[str]
    columns: frozenset[str]


TICKET = Shape(TICKET_FIELDS, frozenset(TICKET_FIELDS) | CHILDREN, frozenset(ROW_FIELDS))
ACTION = Shape(ACTION_FIELDS, frozenset(ACTION_FIELDS), frozenset(ACTION_ROW_FIELDS))
RESOLUTION = Shape(
    RESOLUTION_FIELDS, frozenset(RESOLUTION_FIELDS), frozenset(RESOLUTION_ROW_FIELDS)
)


def _checked(
    raw: Mapping[str, Any], shape: Shape, parent: str, breaches: list[Breach]
) -> dict[str, Any]:
    """The object with its fields read; what cannot be read is added to `breaches`."""
    unknown = raw.keys() - shape.names
    checked = _unknown(raw, renamed(unknown, shape.columns), parent, breaches) if unknown else {}
    for name, (read, nullable) in shape.fields.items():
        value = raw.get(name)
        if value is None and nullable:
            checked[name] = None
            continue
        try:
            checked[name] = read(value)
        except TypeError as wanted:
            breaches.append(Breach(parent + name, str(wanted), kind_of(value)))
    return checked


def _unknown(
    raw: Mapping[str, Any], columns: Mapping[str, str], parent: str, breaches: list[Breach]
) -> dict[str, Any]:
    """The fields that the contract does not know, by the names of their columns."""
    found = {}
    for name, column in columns.items():
        try:
            found[column] = _storable(raw[name])
        except TypeError as wanted:
            breaches.append(Breach(parent + column, str(wanted), kind_of(raw[name])))
    return found


def _actions(raw: Any, breaches: list[Breach]) -> list[dict[str, Any]]:
    """Each request once: of two with one id the one asked for last, of equal ones the last."""
    if not raw and (raw is None or isinstance(raw, list)):
        return []
    if not isinstance(raw, list) or not all(isinstance(each, dict) for each in raw):
        found = "a list of other values" if isinstance(raw, list) else kind_of(raw)
        breaches.append(Breach("requested_actions", "a list of objects", found))
        return []
    before = len(breaches)
    actions = [_checked(each, ACTION, "requested_actions.", breaches) for each in raw]
    if len(breaches) > before or len(actions) == 1:
        return actions
    latest: dict[int, dict[str, Any]] = {}
    for action in actions:
        known = latest.get(action["id"])
        if known is None or action["created_at"] >= known["created_at"]:
            latest[action["id"]] = action
    return list(latest.values())


def _resolution(raw: Any, breaches: list[Breach]) -> dict[str, Any] | None:
    if raw is None:
        return None
    if isinstance(raw, dict):
        return _checked(raw, RESOLUTION, "resolution.", breaches)
    breaches.append(Breach("resolution", "an object", kind_of(raw)))
    return None
