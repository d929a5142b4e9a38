"""Curves over a ticket's age, one per segment, each with its name at its end.

Depends on the theme. Promises steps that are read off the mart's rows four times a day, so that a
picture stays small, and names that do not cover each other.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words

from .theme import GREY, WIDTH, Picture, line_scales, spread

STEP_HOURS = 6
HEIGHT = 340
LETTER, LEADER = 6.4, 34
"""Pixels that a letter of a name takes, and the line to it."""


def on_grid(frame: pd.DataFrame, columns: list[str], start: float, days: int) -> pd.DataFrame:
    """The curves' values at every sixth hour: each point holds until the next row."""
    grid = pd.DataFrame({"hours": range(0, days * 24 + 1, STEP_HOURS)})
    pieces = []
    for segment, rows in frame.sort_values("hours").groupby("segment", sort=False):
        last = rows["hours"].max()
        piece = pd.merge_asof(
            grid[grid["hours"] < last + STEP_HOURS],
            rows[["hours", *columns]].astype({"hours": "int64"}),
            on="hours",
        )
        piece[columns] = piece[columns].astype(float).round(4)
        before = piece["hours"] < rows["hours"].min()
        piece.loc[before, columns] = start
        pieces.append(piece.assign(segment=str(segment), days=piece["hours"] / 24))
    return pd.concat(pieces, ignore_index=True)


def directly_labelled(
    frame: pd.DataFrame,
    value: str,
    heading: alt.TitleParams,
    days: int,
    start: float = 0.0,
    bounds: tuple[str, str] | None = None,
    order: list[str] | None = None,
    is_code: bool = True,
) -> Picture:
    """Step curves of a share, with bands if there are bounds, named at their ends.

    Args:
        frame: Rows of a mart: segment, hours, the value and its bounds.
        value: The column drawn.
        heading: Of the picture.
        days: How far to draw.
        start: The value at age 0.
        bounds: Columns of a lower and an upper bound.
        order: Segments in the order of colours; the mart's order otherwise.
        is_code: Whether segments are shown as they are, not as names for people.
    """
    order = order or list(dict.fromkeys(frame["segment"]))
    labels = order if is_code else [words.name(segment) for segment in order]
    points = on_grid(frame, [value, *(bounds or ())], start, days)
    points["label"] = points["segment"].map(dict(zip(order, labels, strict=True)))
    top = 1.0 if bounds else max(0.05, 1.08 * points[value].max())
    colours, dashes = line_scales(labels)
    room = days * room_for([f"{label}  99 %" for label in labels])
    base = alt.Chart(points[["days", "label", value, *(bounds or ())]]).encode(
        x=age_axis(days, room),
        color=alt.Color("label:N", scale=colours, legend=None),
    )
    share = alt.Y(f"{value}:Q", title=None, scale=alt.Scale(domain=[0, top]), axis=_percent_axis())
    layers = [
        base.mark_line(interpolate="step-after", strokeWidth=2).encode(
            y=share, strokeDash=alt.StrokeDash("label:N", scale=dashes, legend=None)
        ),
        *_names(points, value, top, days, colours),
    ]
    if bounds:
        band = base.mark_area(interpolate="step-after", opacity=0.13)
        layers.insert(0, band.encode(y=alt.Y(f"{bounds[0]}:Q", title=None), y2=f"{bounds[1]}:Q"))
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=heading)


def _names(
    points: pd.DataFrame, value: str, top: float, days: int, colours: alt.Scale
) -> list[alt.Chart]:
    """Each curve's name beside its end, and a thin line from the one to the other."""
    ends = points.dropna(subset=[value]).groupby("label", sort=False).tail(1).copy()
    ends["place"] = spread(list(ends[value]), 0.052 * top, 0.02 * top, 0.98 * top)
    ends["text"] = [
        f"{label}  {words.percent(share)}"
        for label, share in zip(ends["label"], ends[value], strict=True)
    ]
    ends["edge"], ends["name_at"] = days * 1.035, days * 1.045
    base = alt.Chart(ends).encode(color=alt.Color("label:N", scale=colours, legend=None))
    leader = base.mark_rule(strokeWidth=0.8).encode(
        x="days:Q", x2="edge:Q", y=f"{value}:Q", y2="place:Q"
    )
    text = base.mark_text(align="left", fontSize=12).encode(
        x="name_at:Q", y="place:Q", text="text:N", color=alt.value("#1b1f24")
    )
    return [leader, text]


def room_for(names: list[str]) -> float:
    """How much longer the axis must be than the curves, so that the names fit behind them."""
    taken = LETTER * max(map(len, names), default=0) + LEADER
    return WIDTH / (WIDTH - min(taken, 0.5 * WIDTH))


def age_axis(days: int, room: float) -> alt.X:
    """Ages from 0 to `days`, with room for names up to `room`."""
    ticks = list(range(0, days + 1, 10 if days <= 60 else 15))  # noqa: PLR2004
    axis = alt.Axis(values=ticks, titleAnchor="start", titleColor=GREY)
    scale = alt.Scale(domain=[0, room], nice=False)
    return alt.X("days:Q", title="days since the ticket was created", axis=axis, scale=scale)


def _percent_axis() -> alt.Axis:
    return alt.Axis(format="%", tickCount=5)
