"""What both pictures and sentences begin with: currencies, segments and months, in their order.

Depends on the marts of a `desk`. Promises the same order wherever the same things are told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from . import words
from .desk import TICKETS, Desk

APPROVED_TOTALS = """
    select
        currency,
        cast(count(*) as bigint) as approved,
        cast(sum(case when amount_status = 'paid' then 1 else 0 end) as bigint) as payouts,
        cast(
            sum(case when amount_status = 'missing' then 1 else 0 end) as bigint
        ) as without_amount,
        cast(
            sum(case when amount_status = 'paid' and is_claim_paid_status then 1 else 0 end)
            as bigint
        ) as marked,
        sum(case when amount_status = 'paid' then amount else 0 end) as approved_amount,
        sum(
            case when amount_status = 'paid' and is_claim_paid_status then amount else 0 end
        ) as marked_amount,
        sum(
            case when amount_status = 'paid' and not is_claim_paid_status then amount else 0 end
        ) as unmarked_amount,
        min(payout_month) as first_month,
        max(payout_month) as last_month
    from fct_claim_payouts
    where is_approved
    group by currency
    order by 3 desc, currency
"""
FEW = 30
"""Below so many a share or a median can be anything: pale, said, and never ranked."""
UNUSUAL = 3.5
"""Robust spreads from the median of its type beyond which an amount is worth a look."""
UNKNOWN = "(none)"
"""The currency of an amount, or the carrier or type of a ticket, of which the API tells none."""


def approved(desk: Desk) -> pd.DataFrame:
    """Approved claims by currency: their amounts, and what of them is marked as paid.

    The currency with most payouts comes first; claims without one are a row as well.
    """
    return desk.query(APPROVED_TOTALS, ("fct_claim_payouts",))


def time_zone(desk: Desk) -> str:
    """Whose days and months are told: that of finance, UTC unless configured."""
    zones = desk.mart("mart_payouts_monthly")["time_zone"]
    return "UTC" if zones.empty else str(zones.iloc[0])


def currencies(desk: Desk) -> list[str]:
    """Currencies in which something was approved, the one with most payouts first."""
    frame = approved(desk)
    return list(frame.loc[(frame["payouts"] > 0) & (frame["currency"] != UNKNOWN), "currency"])


def in_order_of_currencies(desk: Desk, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with the currency of most payouts first, unknown ones last; else as they are."""
    place = {code: at for at, code in enumerate(currencies(desk))}
    return frame.sort_values(
        "currency", key=lambda codes: codes.map(place).fillna(len(place)), kind="stable"
    )


def named(desk: Desk, segment_type: str, codes: Iterable[Any]) -> list[str]:
    """Carriers, or types, as people call them; two that are called alike keep their codes."""
    codes = [str(code) for code in codes]
    if segment_type != "carrier":
        return [words.name(code) for code in codes]
    frame = desk.mart("dim_carrier")
    called = dict(zip(frame["carrier"], frame["carrier_name"], strict=True))
    twice = set(frame.loc[frame["carrier_name"].duplicated(keep=False), "carrier"])
    return [f"{called[c]} ({c})" if c in twice else str(called.get(c, c)) for c in codes]


def choices(desk: Desk, segment_type: str) -> dict[str, str]:
    """What a filter offers: each carrier, or type, by its name for people, and its code."""
    codes = sorted(desk.mart(TICKETS)[segment_type].unique())
    names = named(desk, segment_type, codes)
    pairs = zip(names, codes, strict=True)
    return {f"{n} ({c})" if names.count(n) > 1 and c not in n else n: c for n, c in pairs}


def period_name(row: pd.Series) -> str:
    """Oct 2026, Q4 2026; `Oct 2026 so far` where it is told up to a moment in it."""
    start = pd.Timestamp(row["period_start"])
    is_month = row["period_type"] == "month"
    name = words.month(start) if is_month else f"Q{start.quarter} {start.year}"
    if row["is_complete"]:
        return name
    return f"{name} so far" if row["period"] == "this" else f"{name} up to then"


def segments(desk: Desk, segment_type: str) -> pd.DataFrame:
    """The summary's rows of one kind of segment, the largest first; what has no name last."""
    summary = desk.mart("mart_resolution_summary")
    summary = summary[summary["segment_type"] == segment_type]
    return summary.sort_values(
        ["tickets", "segment"], ascending=[False, True], kind="stable"
    ).sort_values("segment", key=lambda names: names == "(none)", kind="stable")


def by_what(segment_type: str) -> str:
    """carrier, or ticket type"""
    return segment_type.replace("_", " ")


def by_month(desk: Desk) -> pd.DataFrame:
    """The summary of each month of creation, in order; the last is one in which tickets came."""
    frame = desk.mart("mart_resolution_summary")
    frame = frame[frame["segment_type"] == "created_month"].sort_values("segment").copy()
    frame["month"] = pd.to_datetime(frame["segment"] + "-01")
    return frame[frame["resolved"] > 0]
