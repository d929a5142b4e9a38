"""Pictures of where tickets end up, and which come back.

Depends on the marts of a `desk`. Promises incidences that leave room for each other: together with
the tickets still open they fill the frame.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import by_what

from .curves import age_axis, on_grid, room_for
from .theme import BLUE, GREY, SHADES, WIDTH, Picture, nothing, spread, title

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
    return _areas(points).properties(
        width=WIDTH,
        height=340,
        title=title(
            heading,
            "Share of all tickets that had ended in each way at that age; white: still open.",
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


def _areas(points: pd.DataFrame) -> alt.LayerChart:
    met = [group for group in GROUPS if group in set(points["segment"])]
    colour = alt.Color(
        "segment:N",
        legend=None,
        scale=alt.Scale(domain=met, range=[SHADES[group] for group in met]),
    )
    x = age_axis(DAYS, DAYS * room_for([f"{words.name(group)}  99 %" for group in met]))
    share = alt.Axis(format="%", tickCount=5)
    drawn = points[["days", "segment", "bottom", "top"]].round(4)
    areas = alt.Chart(drawn).mark_area(interpolate="step-after", stroke="white", strokeWidth=0.8)
    return alt.layer(
        areas.encode(
            x=x,
            y=alt.Y("bottom:Q", title=None, axis=share, scale=alt.Scale(domain=[0, 1])),
            y2="top:Q",
            color=colour,
        ),
        *_names(points),
    )


def _names(points: pd.DataFrame) -> list[alt.Chart]:
    ends = points.groupby("segment", sort=False).tail(1).copy()
    ends["text"] = [
        f"{words.name(group)}  {words.percent(share)}"
        for group, share in zip(ends["segment"], ends["incidence"], strict=True)
    ]
    ends["middle"] = (ends["bottom"] + ends["top"]) / 2
    still_open = 1 - float(ends["incidence"].sum())
    row = {"text": f"Still open  {words.percent(still_open)}", "middle": 1 - still_open / 2}
    ends = pd.concat([ends[["text", "middle", "days"]], pd.DataFrame([row])], ignore_index=True)
    ends["days"] = ends["days"].fillna(DAYS)
    ends["place"] = spread(list(ends["middle"]), 0.055, 0.02, 0.98)
    ends["edge"], ends["name_at"] = DAYS * 1.035, DAYS * 1.045
    base = alt.Chart(ends)
    return [
        base.mark_rule(strokeWidth=0.8, color=GREY).encode(
            x="days:Q", x2="edge:Q", y="middle:Q", y2="place:Q"
        ),
        base.mark_text(align="left").encode(x="name_at:Q", y="place:Q", text="text:N"),
    ]


def reopened(desk: Desk, segment_type: str) -> Picture:
    """Dots with intervals: the share of resolved tickets that were opened again."""
    by = by_what(segment_type)
    heading = f"Tickets that come back, by {by}"
    frame = desk.mart("mart_reopen_rates")
    frame = frame[frame["segment_type"] == segment_type].copy()
    if frame["reopened"].sum() == 0:
        return nothing(heading, "No resolved ticket was seen to be opened again.")
    names = frame["segment"] if segment_type == "carrier" else frame["segment"].map(words.name)
    frame["row"] = [
        f"{name}, {words.count(back)} of {words.count(n)}"
        for name, back, n in zip(names, frame["reopened"], frame["resolved"], strict=True)
    ]
    return _rates(frame).properties(
        width=WIDTH,
        height=alt.Step(24),
        title=title(
            heading, "Opened again of all resolved tickets, with 95 % intervals, as the syncs saw."
        ),
    )


def _rates(frame: pd.DataFrame) -> alt.LayerChart:
    order = list(frame.sort_values("reopen_rate", ascending=False)["row"])
    drawn = frame[["row", "reopen_rate", "reopen_rate_lo", "reopen_rate_hi"]]
    base = alt.Chart(drawn).encode(
        y=alt.Y("row:N", sort=order, title=None, axis=alt.Axis(grid=True))
    )
    axis = alt.Axis(format="%", grid=True, tickCount=6)
    return alt.layer(
        base.mark_rule(strokeWidth=1.5, color=BLUE).encode(
            x=alt.X("reopen_rate_lo:Q", title=None, axis=axis, scale=alt.Scale(domainMin=0)),
            x2="reopen_rate_hi:Q",
        ),
        base.mark_point(filled=True, size=70, opacity=1, color=BLUE).encode(x="reopen_rate:Q"),
        base.mark_text(align="left", dx=6, fontSize=10.5, color=GREY).encode(
            x="reopen_rate_hi:Q", text=alt.Text("reopen_rate:Q", format=".1%")
        ),
    )
