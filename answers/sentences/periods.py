"""This month and quarter against the ones before, in words.

Depends on the marts of a `desk`. Promises that both periods are named and counted up to the same
moment in them, and that approved, marked as paid and not marked are three figures.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import UNKNOWN, in_order_of_currencies, period_name

from .figures import NO_TICKETS, if_few


def periods_answer(desk: Desk) -> list[str]:
    """The month against the one before: tickets, claims, money; and up to when they count."""
    frame = desk.mart("mart_period_comparison")
    frame = frame[frame["segment_type"] == "all"]
    if frame.empty:
        return [NO_TICKETS]
    [this], [before] = (_of(frame, "month", period) for period in ("this", "before"))
    now, then = period_name(this), period_name(before)
    return [
        f"{now}: {_volume(this)}; {then}: {_volume(before)}.",
        f"{_decided(this)} in {now}, {_decided(before, is_short=True)} in {then}.",
        *_money_sentences(desk),
        *_median_sentence(this, before),
        _counted(this),
    ]


def _of(frame: pd.DataFrame, period_type: str, period: str) -> list[pd.Series]:
    rows = frame[(frame["period_type"] == period_type) & (frame["period"] == period)]
    return [row for _, row in rows.iterrows()]


def _volume(row: pd.Series) -> str:
    opened = words.plural(row["opened"], "ticket") + " opened"
    return f"{opened}, {words.count(row['closed'])} closed, net {int(row['net']):+,}"


def _decided(row: pd.Series, *, is_short: bool = False) -> str:
    if not row["decided"]:
        return "none was decided" if is_short else "No claim was decided"
    rate = words.percent(row["approval_rate"])
    span = words.percent_range(row["approval_rate_lo"], row["approval_rate_hi"])
    claims = words.count(row["decided"]) if is_short else words.plural(row["decided"], "claim")
    return f"{claims} decided, {rate} approved (95 %: {span}{if_few(row['decided'])})"


def _money_sentences(desk: Desk) -> list[str]:
    frame = desk.mart("mart_period_payouts")
    frame = frame[(frame["period_type"] == "month") & (frame["currency"] != UNKNOWN)]
    parts = []
    for period, said in (("this", "Approved"), ("before", "before")):
        rows = in_order_of_currencies(desk, frame[frame["period"] == period])
        sums = [_three(row) for _, row in rows.iterrows() if row["approved_amount"] > 0]
        parts.append(f"{said} {words.listing(sums) or 'nothing'}")
    return [f"{'; '.join(parts)}."]


def _three(row: pd.Series) -> str:
    amount, code = row["approved_amount"], row["currency"]
    unmarked = words.money(row["not_marked_paid_amount"], code)
    return f"{words.money(amount, code)} (of it {unmarked} not marked as paid)"


def _median_sentence(this: pd.Series, before: pd.Series) -> list[str]:
    if words.is_missing(this["median_hours"]) and words.is_missing(before["median_hours"]):
        return []
    return [
        (
            f"Half of the tickets created in {period_name(this)} are resolved within "
            f"{_half(this)}, of those of {period_name(before)} within {_half(before)}, open ones "
            "counted in."
        )
    ]


def _half(row: pd.Series) -> str:
    if words.is_missing(row["median_hours"]):
        return "a time not reached yet"
    span = words.days_range(row["median_hours_lo"], row["median_hours_hi"])
    return f"{words.days(row['median_hours'])} (95 %: {span})"


def _counted(this: pd.Series) -> str:
    zone = this["time_zone"]
    if this["is_complete"]:
        return f"Both months are whole, by {zone}."
    until = words.moment(this["until_moment"])
    return f"Counted up to {until}, and in the month before up to the same moment in it, by {zone}."
