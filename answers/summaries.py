"""What both pictures and sentences begin with: currencies, segments and months, in their order.

Depends on the marts of a `desk`. Promises the same order wherever the same things are told.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]

from .desk import Desk

PAID_TOTALS = """
    select
        currency,
        cast(sum(payouts) as bigint) as payouts,
        sum(paid_amount) as paid_amount
    from mart_payouts_monthly
    where currency <> '(none)'
    group by currency
    order by sum(payouts) desc, currency
"""


def currencies(desk: Desk) -> pd.DataFrame:
    """Payouts and their sum in each currency, the one with most payouts first."""
    return desk.query(PAID_TOTALS, ("mart_payouts_monthly",))


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
