"""Pictures of where tickets end up, and which come back.

Depends on the marts of a `desk`. Promises incidences that leave room for each other: together with
the tickets still open they fill the frame.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import FEW, by_what, named

from .curves import age_axis, on_grid
from .rows import PALE, few, in_rows, ranked, short
from .theme import BLUE, SHADES, Picture, framed, nothing, title

DAYS = 90
GROUPS = (
    "claim_approved",
    "claim_declined",
    "delivered_or_returned",
    "address_change",
    "other",
    "unknown",
)


def endings(desk: Desk) -> Picture:
    """Stacked areas: the share of tickets that ended in each way by that age."""
    heading = "Where tickets end up, and when"
    frame = desk.mart("mart_outcome_incidence")
    frame = frame[frame["segment_type"] == "all"]
    frame = frame[frame.groupby("outcome_group")["n_event"].transform("sum") > 0]
    if frame.empty:
        return nothing(heading)
    points = _stacked(frame)
    return framed(
        _areas(points),
        320,
        title(
            heading,
            "Share of all tickets that had ended in each way at that age; white: still open. "
            f"Beside each name: by {DAYS} days, or as far as tickets were followed.",
        ),
    )


def _stacked(frame: pd.DataFrame) -> pd.DataFrame:
    renamed = frame.drop(columns="segment").rename(columns={"outcome_group": "segment"})
    points = on_grid(renamed, ["incidence"], 0.0, DAYS)
    points["rank"] = [GROUPS.index(g) if g in GROUPS else len(GROUPS) for g in points["segment"]]
    points = points.sort_values(["hours", "rank"])
    points["top"] = points.groupby("hours")["incidence"].cumsum()
    points["bottom"] = points["top"] - points["incidence"]
    return points


def _areas(points: pd.DataFrame) -> alt.Chart:
    met = [group for group in GROUPS if group in set(points["segment"])]
    ends = points.groupby("segment").tail(1).set_index("segment")["incidence"]
    labels = {group: f"{words.name(group)}  {words.percent(ends[group])}" for group in met}
    drawn = points[["days", "bottom", "top"]].round(4)
    drawn["label"] = points["segment"].map(labels)
    colour = alt.Color(
        "label:N",
        sort=list(labels.values()),
        scale=alt.Scale(domain=list(labels.values()), range=[SHADES[group] for group in met]),
    )
    share = alt.Axis(format="%", tickCount=5)
    areas = alt.Chart(drawn).mark_area(interpolate="step-after", stroke="white", strokeWidth=0.8)
    return areas.encode(
        x=age_axis(DAYS),
        y=alt.Y("bottom:Q", title=None, axis=share, scale=alt.Scale(domain=[0, 1])),
        y2="top:Q",
        color=colour,
    )


def reopened(desk: Desk, segment_type: str) -> Picture:
    """Dots with intervals: the share of resolved tickets that were opened again."""
    heading = f"Tickets that come back, by {by_what(segment_type)}"
    frame = desk.mart("mart_reopen_rates")
    frame = frame[frame["segment_type"] == segment_type].copy()
    frame = frame[frame["reopen_rate"].notna()]
    if frame["reopened"].sum() == 0:
        return nothing(heading, "No resolved ticket was seen to be opened again.")
    frame["n"] = frame["watched"] if "watched" in frame else frame["resolved"]
    frame["row"] = named(desk, segment_type, frame["segment"])
    frame["above"] = [_said(row) for row in frame.itertuples()]
    frame["is_few"] = frame["n"] < FEW
    return in_rows(
        frame,
        ranked(frame, "reopen_rate", "n"),
        _rates(frame),
        title(
            heading,
            "Share opened again after a closing that a sync saw, with 95 % intervals. "
            "Pale below 30, which have no rank.",
        ),
    )


def _said(row: Any) -> str:
    span = words.percent_range(row.reopen_rate_lo, row.reopen_rate_hi)
    return f"{short(row.row)}  {words.percent(row.reopen_rate)} ({span}), {few(row.n)}"


def _rates(frame: pd.DataFrame) -> list[alt.Chart]:
    columns = ["reopen_rate", "reopen_rate_lo", "reopen_rate_hi"]
    drawn = frame[["row", "is_few", *columns]].astype(dict.fromkeys(columns, float))
    opacity = alt.condition("datum.is_few", alt.value(PALE), alt.value(1))
    base = alt.Chart(drawn).encode(opacity=opacity)
    axis = alt.Axis(format="%", tickCount=4, labelFlush=True)
    scale = alt.Scale(domainMin=0, domainMax=_far_enough(drawn), clamp=True)
    return [
        base.mark_rule(strokeWidth=1.5, color=BLUE, yOffset=6).encode(
            x=alt.X("reopen_rate_lo:Q", title=None, axis=axis, scale=scale), x2="reopen_rate_hi:Q"
        ),
        base.mark_point(filled=True, size=60, color=BLUE, yOffset=6).encode(x="reopen_rate:Q"),
    ]


def _far_enough(drawn: pd.DataFrame) -> float:
    """Where the axis ends: the intervals of rows with few tickets do not squeeze the others."""
    enough = drawn[~drawn["is_few"]]
    most = (drawn if enough.empty else enough)["reopen_rate_hi"].max()
    return float(min(1.0, max(0.05, 1.1 * most, drawn["reopen_rate"].max())))
