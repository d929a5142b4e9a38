"""Pictures of how long a resolution takes, tickets that are still open counted in.

Depends on the marts of a `desk`. Promises that the usual figure, over resolved tickets alone,
appears only beside the right one and under its own name.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import FEW, by_month, by_what, named, segments

from .curves import Panel, small_multiples
from .rows import PALE, few, in_rows, short
from .theme import BLUE, INK, RED, Picture, framed, month_axis, nothing, title

DAYS = 60
QUANTILES = {"median": "half", "p75": "three quarters", "p90": "nine tenths"}
USUAL = "median of resolved tickets alone"


def survival(desk: Desk, segment_type: str) -> Picture:
    """Curves with bands, a panel each before the grey one of all: the share not resolved yet."""
    heading = f"How long tickets stay open, by {by_what(segment_type)}"
    curves = desk.mart("mart_resolution_survival")
    own = curves[curves["segment_type"] == segment_type]
    if own.empty:
        return nothing(heading)
    return small_multiples(
        own,
        curves[curves["segment_type"] == "all"],
        _panels(desk, segment_type, set(own["segment"])),
        ["survival", "survival_lo", "survival_hi"],
        title(
            heading,
            "Share not resolved at that age, with 95 % bands; grey: all tickets. Pale below 30.",
        ),
        days=DAYS,
        start=1.0,
    )


def _panels(desk: Desk, segment_type: str, met: set[str]) -> list[Panel]:
    rows = segments(desk, segment_type)
    rows = rows[rows["segment"].isin(met)]
    return [
        Panel(code, f"{short(name)}: {_half(median)}, {few(tickets)}", int(tickets))
        for code, name, median, tickets in zip(
            rows["segment"],
            named(desk, segment_type, rows["segment"]),
            rows["median_hours"],
            rows["tickets"],
            strict=True,
        )
    ]


def _half(median: object) -> str:
    return "half not yet" if words.is_missing(median) else f"half within {words.days(median)}"


def quantiles(desk: Desk, segment_type: str) -> Picture:
    """Dots with intervals: when half, three quarters and nine tenths are resolved."""
    heading = f"Median, and the long tail, by {by_what(segment_type)}"
    summary = segments(desk, segment_type)
    if summary["median_hours"].notna().sum() == 0:
        return nothing(heading, "In no segment half of the tickets are resolved yet.")
    frame = _long(desk, summary, segment_type)
    return in_rows(
        frame,
        list(frame["row"].drop_duplicates()),
        _quantiles(frame),
        title(
            heading,
            "Days until half, three quarters and nine tenths of all tickets are resolved, with "
            "95 % intervals. The cross is the usual median, of resolved tickets alone: too short.",
        ),
    )


def _long(desk: Desk, summary: pd.DataFrame, segment_type: str) -> pd.DataFrame:
    rows = named(desk, segment_type, summary["segment"])
    about = pd.DataFrame(
        {
            "row": rows,
            "above": [
                f"{short(name)}: {_half(median)}, {few(tickets)}"
                for name, median, tickets in zip(
                    rows, summary["median_hours"], summary["tickets"], strict=True
                )
            ],
            "is_few": (summary["tickets"] < FEW).to_numpy(),
        }
    )
    columns = {"median": "half", "p75": "three quarters", "p90": "nine tenths"}
    pieces = [
        about.assign(
            measure=label,
            days=summary[f"{column}_hours"].astype(float).to_numpy() / 24,
            low=summary[f"{column}_hours_lo"].astype(float).to_numpy() / 24,
            high=summary[f"{column}_hours_hi"].astype(float).to_numpy() / 24,
        )
        for column, label in columns.items()
    ]
    usual = summary["naive_median_hours"].astype(float).to_numpy() / 24
    pieces.append(about.assign(measure=USUAL, days=usual))
    return pd.concat(pieces, ignore_index=True).dropna(subset=["days"])


def _quantiles(frame: pd.DataFrame) -> list[alt.Chart]:
    measures = [*QUANTILES.values(), USUAL]
    colours = alt.Scale(domain=measures, range=[INK, BLUE, "#5fa8dd", RED])
    shapes = alt.Scale(domain=measures, range=["circle", "square", "triangle-up", "cross"])
    opacity = alt.condition("datum.is_few", alt.value(PALE), alt.value(1))
    base = alt.Chart(frame).encode(
        color=alt.Color("measure:N", scale=colours, sort=measures), opacity=opacity
    )
    axis = alt.Axis(grid=True, tickCount=6, titleAnchor="start", labelFlush=True)
    title_of_axis = "days since the ticket was created"
    age = alt.X("days:Q", title=title_of_axis, axis=axis, scale=alt.Scale(zero=True))
    is_usual = f"datum.measure == '{USUAL}'"
    ranges = base.transform_filter("isValid(datum.low) && isValid(datum.high)")
    shape = alt.Shape("measure:N", sort=measures, scale=shapes)
    return [
        ranges.mark_rule(strokeWidth=1.5, yOffset=4).encode(x="low:Q", x2="high:Q"),
        base.transform_filter(f"!({is_usual})")
        .mark_point(filled=True, size=60, yOffset=4)
        .encode(x=age, shape=shape, tooltip=_tooltip()),
        base.transform_filter(is_usual)
        .mark_point(filled=True, size=60, yOffset=14)
        .encode(x=age, shape=shape, tooltip=_tooltip()),
    ]


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("row:N", title="segment"),
        alt.Tooltip("measure:N"),
        *(alt.Tooltip(f"{each}:Q", format=".1f") for each in ("days", "low", "high")),
    ]


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
    said = f"{said} {right}. A slow ticket of that month is not there yet."
    return framed(_months(frame), 280, title(heading, said))


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
    axis = month_axis(frame["month"])
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
