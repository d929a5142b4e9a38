"""Pictures of money that is still to come: the development of months, and open tickets.

Depends on the marts of a `desk`. Promises that what is expected never looks like what was paid.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk

from .theme import BLUE, GREY, INK, WIDTH, Picture, nothing, short_numbers, title

MONTHS = 12

TRIANGLE = """
    select origin_month, dev_month, is_observed, projected_amount
    from mart_claim_development
    where currency = %s and projected_amount is not null
    order by origin_month, dev_month
"""


def triangle(desk: Desk, currency: str) -> Picture:
    """Months of creation by months since: paid so far, and pale what the chain ladder expects."""
    heading = f"Paid by now, and what is to come, {currency}"
    frame = desk.query(TRIANGLE, ("mart_claim_development",), currency)
    frame = _latest(frame)
    if frame.empty:
        return nothing(heading)
    return _triangle(frame).properties(
        width=alt.Step(50),
        height=alt.Step(25),
        title=title(
            heading,
            "Rows: tickets created in that month. Columns: months since; amounts add up.",
            "Boxed in grey: projected from how earlier months grew.",
        ),
    )


def _latest(frame: pd.DataFrame) -> pd.DataFrame:
    """The last months that have something observed; a column for each of as many months since."""
    seen = frame.loc[frame["is_observed"].astype(bool), "origin_month"]
    months = sorted(seen.unique())[-MONTHS:]
    frame = frame[frame["origin_month"].isin(months) & (frame["dev_month"] < len(months))].copy()
    frame["month"] = frame["origin_month"].map(words.month)
    frame["label"] = frame["projected_amount"].map(words.short_money)
    frame["is_observed"] = frame["is_observed"].astype(bool)
    return frame


def _triangle(frame: pd.DataFrame) -> alt.LayerChart:
    top = frame.loc[frame["is_observed"], "projected_amount"].max()
    frame["is_dark"] = frame["is_observed"] & (frame["projected_amount"] > 0.55 * top)
    base = alt.Chart(frame).encode(
        x=alt.X(
            "dev_month:O",
            title="months since the ticket was created",
            axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
        ),
        y=alt.Y(
            "month:N",
            sort=list(frame["month"].drop_duplicates()),
            title=None,
            axis=alt.Axis(domain=False, ticks=False),
        ),
    )
    colour = alt.Color(
        "projected_amount:Q",
        legend=None,
        scale=alt.Scale(domain=[0, top], range=["#f3f7fb", "#0b5394"], clamp=True),
    )
    ink = alt.condition("datum.is_dark", alt.value("white"), alt.value(INK))
    return alt.layer(
        base.transform_filter("datum.is_observed")
        .mark_rect(stroke="white", strokeWidth=1.5)
        .encode(color=colour),
        base.transform_filter("!datum.is_observed").mark_rect(
            fill="#fbfbfb", stroke="#c9ced4", strokeWidth=1
        ),
        base.transform_filter("datum.is_observed")
        .mark_text(fontSize=11)
        .encode(text="label:N", color=ink),
        base.transform_filter("!datum.is_observed")
        .mark_text(fontSize=11, fontStyle="italic", color=GREY)
        .encode(text="label:N"),
    )


def exposure(desk: Desk, currency: str, segment_type: str) -> Picture:
    """Bars with ranges: what open tickets are expected to pay yet."""
    by = "carrier" if segment_type == "carrier" else "ticket type"
    heading = f"Still to come from open tickets by {by}, {currency}"
    frame = desk.mart("mart_claim_exposure")
    frame = frame[(frame["segment_type"] == segment_type) & (frame["currency"] == currency)]
    frame = frame[frame["expected_payout_amount"] > 0].copy()
    if frame.empty:
        return nothing(heading, f"No open ticket is expected to pay in {currency}.")
    frame["row"] = frame["segment"] if by == "carrier" else frame["segment"].map(words.name)
    frame["label"] = [
        f"{words.short_money(row.expected_payout_amount)}  "
        f"({words.short_money(row.expected_payout_amount_lo)} to "
        f"{words.short_money(row.expected_payout_amount_hi)}), "
        f"{words.plural(row.open_tickets, 'ticket')}"
        for row in frame.itertuples()
    ]
    frame["label_at"] = frame["expected_payout_amount_hi"].max() * 1.03
    return _ranges(frame, currency).properties(
        width=WIDTH,
        height=alt.Step(28),
        title=title(
            heading,
            "Chance of approval at the ticket's age times the mean amount of its type. The line is",
            "where 95 of 100 such totals fall. Sendcloud tells no claimed amount.",
        ),
    )


def _ranges(frame: pd.DataFrame, currency: str) -> alt.LayerChart:
    order = list(frame.sort_values("expected_payout_amount", ascending=False)["row"])
    most = frame["expected_payout_amount_hi"].max()
    axis = short_numbers(5)
    axis.titleAnchor = "start"
    scale = alt.Scale(domain=[0, most * 1.6], nice=False)
    base = alt.Chart(frame).encode(y=alt.Y("row:N", sort=order, title=None))
    return alt.layer(
        base.mark_bar(color=BLUE, height=14, opacity=0.55).encode(
            x=alt.X("expected_payout_amount:Q", title=currency, axis=axis, scale=scale)
        ),
        base.mark_rule(color=INK, strokeWidth=1.5).encode(
            x="expected_payout_amount_lo:Q", x2="expected_payout_amount_hi:Q"
        ),
        base.mark_text(align="left", fontSize=11, color=GREY).encode(
            x="label_at:Q", text="label:N"
        ),
    )
