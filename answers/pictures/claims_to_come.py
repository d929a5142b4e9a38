"""Pictures of money that is still to come: the development of months, and open tickets.

Depends on the marts of a `desk`. Promises that what is expected never looks like what was approved.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import FEW, by_what, named

from .rows import PALE, in_rows, short
from .theme import BLUE, GREY, INK, Picture, framed, nothing, title

MONTHS = 12

TRIANGLE = """
    select origin_month, dev_month, is_observed, projected_amount
    from mart_claim_development
    where currency = %s and projected_amount is not null
    order by origin_month, dev_month
"""


def triangle(desk: Desk, currency: str) -> Picture:
    """Months of creation by months since, as shares of where each row ends; expected ones pale."""
    heading = f"How fast a month's amounts come, {currency}"
    totals = desk.mart("mart_claims_to_come").set_index("currency")["ladder_amount"]
    if pd.isna(totals.get(currency)):
        return nothing(heading, "Fewer than 30 claims stand behind how earlier months grew.")
    frame = desk.query(TRIANGLE, ("mart_claim_development",), currency)
    frame = _latest(frame)
    if frame.empty:
        return nothing(heading)
    return framed(
        _cells(frame),
        alt.Step(24),
        title(
            heading,
            "Rows: tickets created in that month, and what they come to. Cells: per cent of that "
            "approved so many months later. Boxed in grey: projected from how earlier months grew.",
        ),
    )


def _latest(frame: pd.DataFrame) -> pd.DataFrame:
    """The last months that have something observed; a column for each of as many months since."""
    frame = frame.assign(amount=frame["projected_amount"].astype(float))
    frame["is_observed"] = frame["is_observed"].astype(bool)
    months = sorted(frame.loc[frame["is_observed"], "origin_month"].unique())[-MONTHS:]
    frame = frame[frame["origin_month"].isin(months)].sort_values(["origin_month", "dev_month"])
    last = frame.groupby("origin_month")["amount"].transform("last")
    frame = frame[(last > 0) & (frame["dev_month"] < len(months))].assign(last=last)
    frame["share"] = frame["amount"] / frame["last"]
    frame["label"] = [f"{100 * share:.0f}" for share in frame["share"]]
    frame["row"] = [
        f"{words.month(month)}  {words.short_money(amount)}"
        for month, amount in zip(frame["origin_month"], frame["last"], strict=True)
    ]
    return frame[["row", "dev_month", "share", "label", "is_observed"]]


def _cells(frame: pd.DataFrame) -> alt.LayerChart:
    base = alt.Chart(frame).encode(
        x=alt.X(
            "dev_month:O",
            title="months since creation",
            axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, labelFontSize=10),
        ),
        y=alt.Y(
            "row:N",
            sort=list(frame["row"].drop_duplicates()),
            title=None,
            axis=alt.Axis(domain=False, ticks=False, labelFontSize=10),
        ),
    )
    seen = base.transform_filter("datum.is_observed")
    expected = base.transform_filter("!datum.is_observed")
    scale = alt.Scale(domain=[0, 1], range=["#f3f7fb", "#0b5394"], clamp=True)
    ink = alt.condition("datum.share > 0.55", alt.value("white"), alt.value(INK))
    return alt.layer(
        seen.mark_rect(stroke="white", strokeWidth=1).encode(
            color=alt.Color("share:Q", legend=None, scale=scale)
        ),
        expected.mark_rect(fill="#fbfbfb", stroke="#c9ced4", strokeWidth=1),
        seen.mark_text(fontSize=9).encode(text="label:N", color=ink),
        expected.mark_text(fontSize=9, fontStyle="italic", color=GREY).encode(text="label:N"),
    )


def exposure(desk: Desk, currency: str, segment_type: str) -> Picture:
    """Bars with ranges: what open tickets are expected to bring yet."""
    heading = f"Still to come, by {by_what(segment_type)}, {currency}"
    frame = desk.mart("mart_claim_exposure")
    frame = frame[(frame["segment_type"] == segment_type) & (frame["currency"] == currency)]
    frame = frame[frame["expected_payout_amount"] > 0].copy()
    if frame.empty:
        return nothing(heading, f"No open ticket is expected to bring anything in {currency}.")
    frame["row"] = named(desk, segment_type, frame["segment"])
    frame["above"] = [
        f"{short(row.row)}: {words.short_money(row.expected_payout_amount)}{_range_said(row)}, "
        f"{row.open_tickets} open"
        for row in frame.itertuples()
    ]
    frame["is_few"] = frame["open_tickets"] < FEW
    amounts = [f"expected_payout_amount{each}" for each in ("", "_lo", "_hi")]
    frame[amounts] = frame[amounts].astype(float)
    return in_rows(
        frame,
        list(frame.sort_values("expected_payout_amount", ascending=False)["row"]),
        _ranges(frame[["row", "above", "is_few", *amounts]], currency),
        title(
            heading,
            "From tickets open now: chance of approval at their age times the mean amount of their "
            "type. The line: where 95 of 100 such totals fall, none where fewer than 10 claims "
            "tell the amounts. Pale: fewer than 30 tickets.",
        ),
    )


def _range_said(row: Any) -> str:
    if words.is_missing(row.expected_payout_amount_lo):
        return ""
    low, high = row.expected_payout_amount_lo, row.expected_payout_amount_hi
    return f" ({words.short_money(low)} to {words.short_money(high)})"


def _ranges(frame: pd.DataFrame, currency: str) -> list[alt.Chart]:
    axis = alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=4, labelFlush=True)
    opacity = alt.condition("datum.is_few", alt.value(PALE), alt.value(1))
    base = alt.Chart(frame).encode(opacity=opacity)
    return [
        base.mark_bar(color="#7fa9cf", height=14, yOffset=6).encode(
            x=alt.X("expected_payout_amount:Q", title=currency, axis=axis)
        ),
        base.transform_filter("datum.expected_payout_amount_lo != null")
        .mark_rule(color=BLUE, strokeWidth=1.5, yOffset=6)
        .encode(x="expected_payout_amount_lo:Q", x2="expected_payout_amount_hi:Q"),
    ]
