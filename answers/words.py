"""Numbers as people read them: each with its unit, and no more digits than it deserves.

Depends on nothing of ours. Promises a dash for what is missing, never a zero; a thin grouping of
thousands; and currencies always beside their amounts.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd  # type: ignore[import-untyped]

MISSING = "–"  # noqa: RUF001 (a dash is meant)
NAMES = {
    "delivered_not_received": "Delivered, not received",
    "address_change": "Address change",
    "carrier_claims_form": "Carrier's claim form",
    "claim_approved": "Claim approved",
    "claim_declined": "Claim declined",
    "claim_closed_in_carrier_portal": "Settled in carrier's portal",
    "impossible_to_open_claim": "Claim could not be opened",
    "delivered_or_returned": "Delivered or returned",
    "sendcloud": "Sendcloud",
    "(none)": "(none)",
}


def name(code: Any) -> str:
    """A code of the API for people: `late_delivery` is Late delivery."""
    if is_missing(code):
        return MISSING
    text = str(code)
    return NAMES.get(text) or text.replace("_", " ").capitalize()


def count(number: Any) -> str:
    """1,234"""
    return MISSING if is_missing(number) else f"{int(number):,}"


def percent(share: Any) -> str:
    """46 %, and 2.4 % below ten."""
    if is_missing(share):
        return MISSING
    value = 100 * float(share)
    return f"{value:.1f} %" if 0 < value < 9.95 else f"{value:.0f} %"  # noqa: PLR2004


def percent_range(low: Any, high: Any) -> str:
    """50 to 56 %"""
    if is_missing(low) or is_missing(high):
        return MISSING
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def days(hours: Any) -> str:
    """8.8 days; hours below two days; - when it was not reached."""
    if is_missing(hours):
        return "not reached"
    if float(hours) < 48:  # noqa: PLR2004
        return f"{float(hours):.0f} hours"
    return f"{float(hours) / 24:.1f} days"


def days_range(low: Any, high: Any) -> str:
    """8.5 to 9.3 days; `8.5 days or more` where the upper end was not reached."""
    if is_missing(high):
        return MISSING if is_missing(low) else f"{days(low)} or more"
    unit = " hours" if float(high) < 48 else " days"  # noqa: PLR2004
    lower = f"{float(low):.0f}" if unit == " hours" else f"{float(low) / 24:.1f}"
    return f"{lower} to {days(high)}"


def money(amount: Any, currency: str) -> str:
    """EUR 80,227; cents only below a hundred."""
    if is_missing(amount):
        return MISSING
    digits = 2 if abs(float(amount)) < 100 else 0  # noqa: PLR2004
    return f"{currency} {float(amount):,.{digits}f}"


def change(amount: Any, currency: str) -> str:
    """EUR +273.42: what came to an amount, or went, with cents as it is booked."""
    return MISSING if is_missing(amount) else f"{currency} {float(amount):+,.2f}"


def rough(amount: Any) -> str:
    """3,260 for 3,262.4: an estimate has three digits worth saying."""
    if is_missing(amount):
        return MISSING
    return f"{float(f'{float(amount):.3g}'):,.0f}"


def rough_range(low: Any, high: Any) -> str:
    """1,970 to 4,550"""
    return f"{rough(low)} to {rough(high)}"


def short_money(amount: Any) -> str:
    """12.3k, for labels beside a picture that names the currency."""
    if is_missing(amount):
        return MISSING
    value = float(amount)
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= 0.9995 * size:
            digits = 0 if abs(value) >= 99.95 * size else 1
            return f"{value / size:.{digits}f}{letter}"
    return f"{value:.0f}"


def month(moment: Any) -> str:
    """Oct 2026"""
    return MISSING if is_missing(moment) else f"{pd.Timestamp(moment):%b %Y}"


def day(moment: Any) -> str:
    """1 November 2026"""
    if is_missing(moment):
        return MISSING
    at = pd.Timestamp(moment)
    return f"{at.day} {at:%B %Y}"


def moment(at: Any) -> str:
    """1 November 2026, 00:00 UTC"""
    return MISSING if is_missing(at) else f"{day(at)}, {pd.Timestamp(at):%H:%M} UTC"


def listing(parts: list[str]) -> str:
    """a, b and c"""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""


def plural(number: Any, one: str, many: str | None = None) -> str:
    """1 ticket, 2 tickets"""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def iso(at: date | pd.Timestamp | None) -> str:
    """2026-11-01"""
    return MISSING if is_missing(at) else f"{pd.Timestamp(at):%Y-%m-%d}"


def is_missing(value: Any) -> bool:
    """None, NaN, NaT and pandas' NA."""
    return value is None or bool(pd.isna(value))
