"""What columns of tables are made of: measures in the unit that their heading names.

Depends on the summaries. Promises that what is missing stays so, one word for what rests on few,
and the same columns for a ticket in every table.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import FEW, named

FEW_SAID = "few"
RESTS_ON = "Rests on"
"""Heading of what `rests_on` gives."""
CENT = Decimal("0.01")


def of_tickets(desk: Desk, frame: pd.DataFrame) -> dict[str, list[Any]]:
    """What a ticket is known by, from its own values."""
    return {
        "Ticket": list(frame["ticket_id"]),
        "Order": list(frame["order_number"].fillna(words.MISSING)),
        "Carrier": named(desk, "carrier", frame["carrier"]),
        "Type": [words.name(each) for each in frame["ticket_type"]],
    }


def days(minutes: pd.Series) -> pd.Series:
    """Days with a tenth, of minutes."""
    return (minutes.astype(float) / 1440).round(1)


def days_of_hours(hours: pd.Series) -> pd.Series:
    """Days with a tenth, of hours."""
    return (hours.astype(float) / 24).round(1)


def money(amounts: pd.Series) -> list[Decimal | None]:
    """Amounts with cents, exact, for a table that names the currency in a column of its own."""
    return [None if pd.isna(each) else Decimal(str(each)).quantize(CENT) for each in amounts]


def estimates(amounts: pd.Series) -> pd.Series:
    """Expected amounts without cents, which nobody can foretell."""
    return amounts.astype(float).round().astype("Int64")


def percents(shares: pd.Series) -> pd.Series:
    """Whole per cents."""
    return (shares.astype(float) * 100).round().astype("Int64")


def rests_on(numbers: pd.Series) -> list[str]:
    """`few` where a figure rests on fewer than 30, which a page shows pale; else nothing."""
    return [FEW_SAID if number < FEW else "" for number in numbers]


def without_needless(frame: pd.DataFrame) -> pd.DataFrame:
    """A table without the column of what rests on few, where nothing does."""
    return frame if any(is_few(frame)) else frame.drop(columns=RESTS_ON, errors="ignore")


def is_few(frame: pd.DataFrame) -> list[bool]:
    """Of each row of a table, whether it rests on few."""
    told = frame.get(RESTS_ON, [""] * len(frame))
    return [each == FEW_SAID for each in told]
