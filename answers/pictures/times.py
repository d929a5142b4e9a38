"""Pictures of how long a resolution takes, tickets that are still open counted in.

Depends on the marts of a `desk`. Promises that the usual figure, over resolved tickets alone,
appears only beside the right one and under its own name.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import by_month, by_what, segments

from .curves import directly_labelled
from .theme import BLUE, GREY, INK, RED, WIDTH, Picture, nothing, title

DAYS = 60
QUANTILES = {"median": "half", "p75": "three quarters", "p90": "nine tenths"}
USUAL = "median of resolved tickets alone"


def survival(desk: Desk, segment_type: str) -> Picture:
    """Curves with bands: the share of tickets not resolved at that age."""
    by = by_what(segment_type)
    heading = f"How long tickets stay open, by {by}"
    curves = desk.mart("mart_resolution_survival")
    curves = curves[curves["segment_type"] == segment_type]
    if curves.empty:
        return nothing(heading)
    summary = segments(desk, segment_type)
    picture = directly_labelled(
        curves,
        "survival",
        title(
            heading,
            f"Share not resolved at that age, with 95 % bands. {_fastest_and_slowest(summary)}",
        ),
        days=DAYS,
        start=1.0,
        bounds=("survival_lo", "survival_hi"),
        order=list(summary["segment"]),
        is_code=segment_type == "carrier",
    )
    half = alt.Chart(pd.DataFrame({"half": [0.5], "days": [0], "edge": [DAYS]}))
    rule = half.mark_rule(color=GREY, strokeDash=[3, 3]).encode(x="days:Q", x2="edge:Q", y="half:Q")
    return alt.layer(rule, *picture.layer).properties(
        width=picture.width, height=picture.height, title=picture.title
    )


def _fastest_and_slowest(summary: pd.DataFrame) -> str:
    known = summary[(summary["segment"] != "(none)") & summary["median_hours"].notna()]
    if len(known) < 2:  # noqa: PLR2004
        return ""
    ordered = known.sort_values("median_hours")
    fast, slow = ordered.iloc[0], ordered.iloc[-1]
    return (
        f"Half are resolved after {words.days(fast['median_hours'])} ({_shown(fast)}) to "
        f"{words.days(slow['median_hours'])} ({_shown(slow)})."
    )


def _shown(row: pd.Series) -> str:
    is_carrier = row["segment_type"] == "carrier"
    return str(row["segment"]) if is_carrier else words.name(row["segment"]).lower()


def quantiles(desk: Desk, segment_type: str) -> Picture:
    """Dots with intervals: when half, three quarters and nine tenths are resolved."""
    by = by_what(segment_type)
    heading = f"Median, and the long tail, by {by}"
    summary = segments(desk, segment_type)
    if summary["median_hours"].notna().sum() == 0:
        return nothing(heading, "In no segment half of the tickets are resolved yet.")
    return _quantiles(_long(summary)).properties(
        width=WIDTH,
        height=alt.Step(32),
        title=title(
            heading,
            "Days until half, three quarters and nine tenths of all tickets are resolved, with",
            "95 % intervals. The cross is the usual median, of resolved tickets alone: too short.",
        ),
    )


def _long(summary: pd.DataFrame) -> pd.DataFrame:
    is_carrier = (summary["segment_type"] == "carrier").all()
    names = summary["segment"] if is_carrier else summary["segment"].map(words.name)
    rows = [
        f"{name}, n {words.count(tickets)}"
        for name, tickets in zip(names, summary["tickets"], strict=True)
    ]
    pieces = [
        pd.DataFrame(
            {
                "row": rows,
                "measure": label,
                "days": summary[f"{column}_hours"].astype(float).to_numpy() / 24,
                "low": summary[f"{column}_hours_lo"].astype(float).to_numpy() / 24,
                "high": summary[f"{column}_hours_hi"].astype(float).to_numpy() / 24,
            }
        )
        for column, label in QUANTILES.items()
    ]
    usual = summary["naive_median_hours"].astype(float).to_numpy() / 24
    pieces.append(pd.DataFrame({"row": rows, "measure": USUAL, "days": usual}))
    return pd.concat(pieces, ignore_index=True).dropna(subset=["days"])


def _quantiles(frame: pd.DataFrame) -> alt.LayerChart:
    measures = [*QUANTILES.values(), USUAL]
    colours = alt.Scale(domain=measures, range=[INK, BLUE, "#5fa8dd", RED])
    shape = alt.Scale(domain=measures, range=["circle", "square", "triangle-up", "cross"])
    order = list(dict.fromkeys(frame["row"]))
    base = alt.Chart(frame).encode(
        y=alt.Y("row:N", sort=order, title=None, axis=alt.Axis(grid=True))
    )
    axis = alt.Axis(grid=True, tickCount=8, titleAnchor="start")
    age = alt.X("days:Q", title="days since the ticket was created", axis=axis)
    known = base.transform_filter("isValid(datum.low)")
    return alt.layer(
        known.mark_rule(strokeWidth=1.5).encode(
            x="low:Q", x2="high:Q", color=alt.Color("measure:N", scale=colours, legend=None)
        ),
        _marks(known, 0, age, colours, shape),
        _marks(base.transform_filter("!isValid(datum.low)"), -9, age, colours, shape),
    )


def _marks(
    base: alt.Chart, offset: int, age: alt.X, colours: alt.Scale, shapes: alt.Scale
) -> alt.Chart:
    """Dots; the usual median stands above its row, where it hides nothing."""
    order = list(colours.domain)
    return base.mark_point(filled=True, size=70, opacity=1, yOffset=offset).encode(
        x=age,
        color=alt.Color("measure:N", sort=order, scale=colours),
        shape=alt.Shape("measure:N", sort=order, scale=shapes),
        tooltip=[
            alt.Tooltip("row:N", title="segment"),
            alt.Tooltip("measure:N"),
            alt.Tooltip("days:Q", format=".1f"),
            alt.Tooltip("low:Q", format=".1f"),
            alt.Tooltip("high:Q", format=".1f"),
        ],
    )


def months(desk: Desk) -> Picture:
    """Lines: the median by month of creation, the usual one beside the right one."""
    heading = "Why the last month looks fast"
    frame = by_month(desk)
    if frame.empty:
        return nothing(heading)
    last = frame.iloc[-1]
    right = words.days(last["median_hours"])
    said = (
        f"Tickets of {words.month(last['month'])}: resolved ones alone have a median of "
        f"{words.days(last['naive_median_hours'])}; with the {words.count(last['not_resolved'])} "
        "still open,"
    )
    return _months(frame).properties(
        width=WIDTH,
        height=300,
        title=title(heading, said, f"{right}. A slow ticket of that month is not there yet."),
    )


def _months(frame: pd.DataFrame) -> alt.LayerChart:
    wide = pd.DataFrame(
        {
            "month": frame["month"],
            "right": frame["median_hours"].astype(float) / 24,
            "low": frame["median_hours_lo"].astype(float) / 24,
            "high": frame["median_hours_hi"].astype(float) / 24,
            "usual": frame["naive_median_hours"] / 24,
        }
    )
    named = {"right": "all tickets, open ones counted in", "usual": "resolved tickets alone"}
    long = wide.melt("month", list(named), "measure", "days").dropna(subset=["days"])
    long["measure"] = long["measure"].map(named)
    scale = alt.Scale(domain=list(named.values()), range=[BLUE, RED])
    dash = alt.Scale(domain=list(named.values()), range=[[1, 0], [5, 3]])
    axis = alt.Axis(format="%b %Y", tickCount=alt.TimeIntervalStep("month", 3))
    lines = alt.Chart(long).encode(
        x=alt.X("month:T", title=None, axis=axis),
        y=alt.Y("days:Q", title="median, days", scale=alt.Scale(zero=True)),
        color=alt.Color("measure:N", scale=scale, sort=list(named.values())),
    )
    band = alt.Chart(wide.dropna(subset=["low", "high"])).mark_area(opacity=0.15, color=BLUE)
    return alt.layer(
        band.encode(x="month:T", y=alt.Y("low:Q", title="median, days"), y2="high:Q"),
        lines.mark_line(strokeWidth=2).encode(
            strokeDash=alt.StrokeDash("measure:N", scale=dash, sort=list(named.values()))
        ),
        lines.mark_point(filled=True, size=35, opacity=1),
    )
