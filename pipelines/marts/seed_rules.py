"""What may stand in each column of the files that people fill, in transform/seeds.

Depends on the standard library only. Promises that what passes means the same on every engine and
that no arithmetic of the marts stumbles over it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

Line = Mapping[str, str]
Check = Callable[[str], bool]

NUMBER = re.compile(r"\d{1,12}(\.\d+)?")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
LARGEST_ID = 2**63 - 1
SMALLEST_RATE = Decimal("0.000001")  # the column keeps six decimals; a rate of 0 divides nothing
WAITING_ON = ("carrier", "merchant", "sendcloud", "done", "unknown")
GROUPS = (
    *("claim_approved", "claim_declined", "delivered_or_returned", "address_change"),
    *("other", "unknown"),
)


@dataclass(frozen=True)
class Rule:
    """What a column wants, in words and as a check; optional columns may be empty."""

    wants: str
    holds: Check
    is_optional: bool = False


@dataclass(frozen=True)
class Seed:
    """One file: its columns in their order, what makes a line distinct, what a line must be."""

    columns: Mapping[str, Rule]
    keys: tuple[tuple[str, ...], ...]
    """Columns of which no two lines may have the same values, leaving aside lines without any."""
    of_a_line: Mapping[str, Callable[[Line], bool]] = field(default_factory=dict)
    """What holds for a line as a whole, by the words for it."""


def is_date(text: str) -> bool:
    """Whether it is a day, written `2026-11-01`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_rate(text: str) -> bool:
    """Whether it is a number that can divide, once it is kept to six decimals."""
    return bool(NUMBER.fullmatch(text)) and Decimal(text) >= SMALLEST_RATE


def is_whole(smallest: int, largest: int) -> Check:
    """A check for whole numbers between two."""
    return lambda text: text.isascii() and text.isdecimal() and smallest <= int(text) <= largest


def one_of(*words: str) -> Rule:
    """One of these words."""
    return Rule(f"one of {', '.join(words)}", lambda text: text in words)


TEXT = Rule("a text", bool)
NOTE = Rule("a text", bool, is_optional=True)
YES_NO = Rule("true or false", lambda text: text.lower() in {"true", "false"})
DATE = Rule("a day such as 2026-11-01", is_date)
CURRENCY = Rule(
    "a currency of three letters such as GBP",
    lambda text: bool(re.fullmatch("[A-Za-z]{3}", text)),
)
RATE = Rule("a number above 0 with a point, such as 0.8765", is_rate)
AMOUNT = Rule(
    "an amount of 0 or more with a point, such as 120.50",
    lambda text: bool(NUMBER.fullmatch(text)),
)
CLOCK = Rule("a time of day such as 09:00", lambda text: bool(TIME.fullmatch(text)))
WEEKDAY = Rule("1 for Monday to 7 for Sunday", is_whole(1, 7))
DAYS = Rule("a whole number of days, 1 or more", is_whole(1, 100_000))
PARCEL = Rule("a parcel's id", is_whole(0, LARGEST_ID), is_optional=True)
PSEUDONYM = Rule(
    "the pseudonym that is loaded, or empty beside a parcel_id (SECURITY.md)",
    lambda text: bool(re.fullmatch("[0-9a-f]{64}", text)),
    is_optional=True,
)
"""Of an order number, where these are loaded as pseudonyms: a build would load what stands here."""

SEEDS = {
    "business_hours": Seed(
        {"weekday": WEEKDAY, "opens": CLOCK, "closes": CLOCK},
        (("weekday",),),
        {
            "closes should be later than opens: hours over midnight cannot be counted": (
                lambda line: time.fromisoformat(line["opens"]) < time.fromisoformat(line["closes"])
            )
        },
    ),
    "carrier_names": Seed({"carrier": TEXT, "carrier_name": TEXT}, (("carrier",),)),
    "claim_values": Seed(
        {"order_number": NOTE, "parcel_id": PARCEL, "value": AMOUNT, "currency": CURRENCY},
        (("order_number",), ("parcel_id",)),
        {
            "order_number or parcel_id should be there": (
                lambda line: bool(line["order_number"] or line["parcel_id"])
            )
        },
    ),
    "fx_rates": Seed(
        {"rate_date": DATE, "currency": CURRENCY, "per_eur": RATE, "source": NOTE},
        (("rate_date", "currency"),),
        {
            "the euro has no rate, one is always one: take the line out": (
                lambda line: line["currency"].upper() != "EUR"
            )
        },
    ),
    "holidays": Seed({"holiday": DATE, "name": NOTE}, (("holiday",),)),
    "outcome_map": Seed(
        {"outcome": TEXT, "outcome_group": one_of(*GROUPS), "is_claim": YES_NO, "note": NOTE},
        (("outcome",),),
    ),
    "sla_targets": Seed(
        {"carrier": TEXT, "ticket_type": TEXT, "days": DAYS}, (("carrier", "ticket_type"),)
    ),
    "ticket_status_map": Seed(
        {"status": TEXT, "waiting_on": one_of(*WAITING_ON), "is_closed": YES_NO, "note": NOTE},
        (("status",),),
    ),
}
