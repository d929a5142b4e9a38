"""Tables of tickets and of segments for people: what to act on, and the numbers behind pictures.

Depends on the marts of a `desk`. Promises one currency to a table, headings that name the unit, and
the tickets' own values as they are, so whoever shows them has to escape them.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]

from . import words
from .desk import Desk
from .summaries import named, segments

ROWS = 20

AT_RISK = """
    select
        ticket_id, order_number, carrier, ticket_type, status, age_minutes, oldest_request_minutes,
        p_approval, expected_amount_if_approved, expected_payout_amount
    from fct_open_claim_exposure
    where waiting_on = 'merchant' and currency = %s and expected_payout_amount > 0
    order by expected_payout_amount desc, ticket_id
    limit 20
"""
LARGEST = """
    select ticket_id, order_number, carrier, ticket_type, solved_at, amount, robust_z
    from mart_payout_sizes
    where currency = %s
    order by rank_in_currency, ticket_id
    limit 20
"""


def money_at_risk(desk: Desk, currency: str) -> pd.DataFrame:
    """Open tickets that wait for the merchant, by what they are expected to bring."""
    frame = desk.query(AT_RISK, ("fct_open_claim_exposure",), currency)
    return pd.DataFrame(
        {
            "Ticket": frame["ticket_id"],
            "Order": frame["order_number"].fillna(words.MISSING),
            "Carrier": named(desk, "carrier", frame["carrier"]),
            "Type": frame["ticket_type"].map(words.name),
            "Status": frame["status"].map(words.name),
            "Open for, days": _days(frame["age_minutes"]),
            "Asked for, days ago": _days(frame["oldest_request_minutes"]),
            "Chance of approval, %": (frame["p_approval"].astype(float) * 100)
            .round()
            .astype("Int64"),
            f"If approved, {currency}": frame["expected_amount_if_approved"].astype(float).round(2),
            f"Expected, {currency}": frame["expected_payout_amount"].astype(float).round(2),
        }
    )


def largest_payouts(desk: Desk, currency: str) -> pd.DataFrame:
    """The largest approved amounts; how unusual each is for its type."""
    frame = desk.query(LARGEST, ("mart_payout_sizes",), currency)
    return pd.DataFrame(
        {
            "Ticket": frame["ticket_id"],
            "Order": frame["order_number"].fillna(words.MISSING),
            "Carrier": named(desk, "carrier", frame["carrier"]),
            "Type": frame["ticket_type"].map(words.name),
            "Approved on": frame["solved_at"].map(words.iso),
            f"Approved, {currency}": frame["amount"].astype(float).round(2),
            "Spreads above its type": frame["robust_z"].astype(float).round(1) + 0.0,
        }
    )


def resolution_times(desk: Desk, segment_type: str) -> pd.DataFrame:
    """The numbers behind the curves: quantiles with intervals, the usual median beside them."""
    frame = segments(desk, segment_type)
    is_carrier = segment_type == "carrier"
    return pd.DataFrame(
        {
            "Carrier" if is_carrier else "Type": named(desk, segment_type, frame["segment"]),
            "Tickets": list(frame["tickets"]),
            "Not resolved": list(frame["not_resolved"]),
            "Median, days": list(_hours(frame["median_hours"])),
            "from": list(_hours(frame["median_hours_lo"])),
            "to": list(_hours(frame["median_hours_hi"])),
            "75 %, days": list(_hours(frame["p75_hours"])),
            "90 %, days": list(_hours(frame["p90_hours"])),
            "Mean of the first 60 days": list(frame["rmst_60d"].astype(float).round(1)),
            "The same, everybody's mix": list(
                frame["mix_adjusted_rmst_60d"].astype(float).round(1)
            ),
            "Usual median (resolved only)": list(_hours(frame["naive_median_hours"])),
        }
    )


def approvals(desk: Desk) -> pd.DataFrame:
    """Approval rates of carriers with intervals, as they are and with everybody's mix."""
    frame = desk.mart("mart_approval_rates")
    frame = frame[frame["segment_type"] == "carrier"].sort_values(
        ["decided", "segment"], ascending=[False, True]
    )
    shares = ("approval_rate", "approval_rate_lo", "approval_rate_hi", "mix_adjusted_rate")
    rate, low, high, adjusted = (
        (frame[name].astype(float) * 100).round().astype("Int64").array for name in shares
    )
    return pd.DataFrame(
        {
            "Carrier": named(desk, "carrier", frame["segment"]),
            "Decided": list(frame["decided"]),
            "Approved, %": rate,
            "from": low,
            "to": high,
            "With everybody's mix, %": adjusted,
        }
    )


def _days(minutes: pd.Series) -> pd.Series:
    return (minutes.astype(float) / 1440).round(1)


def _hours(hours: pd.Series) -> pd.Series:
    return (hours.astype(float) / 24).round(1)
