"""A headline figure, and what is said where there is little to say.

Depends on the marts' frames alone. Promises that a figure says what it is, its unit, and what to
know about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.summaries import FEW

NO_TICKETS = "There are no tickets in the selection."


@dataclass(frozen=True)
class Figure:
    """A headline figure: what it is, its value with unit, and what to know about it."""

    label: str
    value: str
    note: str


def range_of_payout(row: Any) -> str:
    """The 95 % range of what comes, or why there is none."""
    if words.is_missing(row.expected_payout_amount_lo):
        return "no range: fewer than 10 claims tell the amounts"
    span = words.rough_range(row.expected_payout_amount_lo, row.expected_payout_amount_hi)
    return f"95 %: {span}"


def if_few(number: int) -> str:
    """What to know where a figure rests on few."""
    return "; few, so it may be far off" if number < FEW else ""


def row_of_all(frame: pd.DataFrame) -> dict[str, Any] | None:
    """A mart's row of all tickets; None where it has none."""
    whole = frame[frame["segment_type"] == "all"]
    return None if whole.empty else dict(whole.iloc[0])
