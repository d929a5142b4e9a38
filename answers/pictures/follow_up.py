"""Pictures of what to act on: approved and not paid by age, and what stands still.

Depends on the marts of a `desk`. Promises one currency to a picture, and that an older part never
looks younger than another.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import FEW, named

from .rows import PALE, in_rows, short, whole_numbers
from .theme import AGES, Picture, nothing, title

BANDS = ("0-30", "31-60", "61-90", "90+", "unknown")
BAND_NAMES = ("up to 30 days", "31 to 60", "61 to 90", "over 90 days", "not dated")
NOT_DATED = "#d5d9de"
SPANS = {"unchanged_7d": "7 days", "unchanged_14d": "14 days", "unchanged_30d": "30 days"}
WAITS = {"sendcloud": "Sendcloud", "unknown": "not known"}


def unpaid(desk: Desk, currency: str) -> Picture:
    """Bars: approved amounts not marked as paid, by carrier, cut by the age of the approval."""
    heading = f"Approved and not marked as paid, {currency}"
    frame = desk.mart("mart_unpaid_approvals")
    frame = frame[(frame["currency"] == currency) & (frame["amount"] > 0)].copy()
    if frame.empty:
        return nothing(heading, f"No approved amount in {currency} lacks its payment.")
    bars = _bands(desk, frame)
    order = list(bars.sort_values("total", ascending=False)["row"].drop_duplicates())
    said = f"By days since the approval, on {words.day(desk.as_of)}."
    return in_rows(bars, order, _band_bars(bars, currency), title(heading, said))


def _bands(desk: Desk, frame: pd.DataFrame) -> pd.DataFrame:
    frame["amount"] = frame["amount"].astype(float)
    frame["row"] = named(desk, "carrier", frame["carrier"])
    frame["rank"] = frame["age_band"].map(BANDS.index)
    frame["age"] = [BAND_NAMES[rank] for rank in frame["rank"]]
    frame = frame.sort_values(["row", "rank"])
    by_row = frame.groupby("row")
    frame["end"] = by_row["amount"].cumsum()
    frame["start"] = frame["end"] - frame["amount"]
    frame["total"] = by_row["amount"].transform("sum")
    claims = by_row["tickets"].transform("sum")
    frame["above"] = [
        f"{short(row)}: {words.short_money(total)}, {words.plural(n, 'claim')}"
        for row, total, n in zip(frame["row"], frame["total"], claims, strict=True)
    ]
    return frame[["row", "above", "age", "rank", "start", "end", "total"]]


def _band_bars(bars: pd.DataFrame, currency: str) -> list[alt.Chart]:
    met = [BAND_NAMES[rank] for rank in sorted(set(bars["rank"]))]
    colours = dict(zip(BAND_NAMES, [*AGES, NOT_DATED], strict=True))
    scale = alt.Scale(domain=met, range=[colours[each] for each in met])
    axis = alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=4, labelFlush=True)
    marks = alt.Chart(bars).mark_bar(stroke="white", strokeWidth=1, height=18, yOffset=6)
    return [
        marks.encode(
            x=alt.X("start:Q", title=currency, axis=axis),
            x2="end:Q",
            color=alt.Color("age:N", scale=scale, sort=met, legend=alt.Legend(columns=2)),
        )
    ]


def standing_still(desk: Desk) -> Picture:
    """Bars: open tickets in which nothing changed for 7, 14 and 30 days, by who they wait for."""
    heading = "Open tickets that stand still"
    frame = desk.mart("mart_standing_still")
    frame = frame[frame["unchanged_7d"] > 0].copy()
    if frame.empty:
        return nothing(heading, "No open ticket has been unchanged for 7 days.")
    frame["row"] = [WAITS.get(code, f"the {code}") for code in frame["waiting_on"]]
    frame["above"] = [
        f"{row.row}: {words.count(row.unchanged_7d)} of {words.count(row.open_tickets)} open"
        + (" (few)" if row.open_tickets < FEW else "")
        for row in frame.itertuples()
    ]
    frame["is_few"] = frame["open_tickets"] < FEW
    long = frame.melt(["row", "above", "is_few"], list(SPANS), "span", "tickets")
    long["tickets"] = long["tickets"].astype(int)
    long["place"] = long["span"].map(list(SPANS).index)
    long["span"] = long["span"].map(SPANS)
    order = list(frame.sort_values("unchanged_7d", ascending=False)["row"])
    said = "Unchanged for at least so long when they were last seen. Pale: fewer than 30 open."
    return in_rows(long, order, _span_bars(long), title(heading, said), step=58)


def _span_bars(long: pd.DataFrame) -> list[alt.Chart]:
    spans = list(SPANS.values())
    axis = alt.Axis(tickMinStep=1, tickCount=4, labelFlush=True)
    x = alt.X("tickets:Q", title="tickets", axis=axis, scale=whole_numbers(long["tickets"]))
    colour = alt.Color(
        "span:N",
        sort=spans,
        scale=alt.Scale(domain=spans, range=list(AGES[1:])),
        legend=alt.Legend(columns=3),
    )
    opacity = alt.condition("datum.is_few", alt.value(PALE), alt.value(1))
    return [
        alt.Chart(long[long["place"] == place])
        .mark_bar(height=8, yOffset=-2 + 10 * place)
        .encode(x=x, color=colour, opacity=opacity)
        for place in range(len(spans))
    ]
