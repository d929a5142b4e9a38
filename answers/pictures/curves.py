"""Curves over a ticket's age: one to a panel, each against the grey curve of all.

Depends on the theme. Promises steps that are read off the mart's rows twice a day, so that a
picture stays small; that a curve is named above its panel; and that what rests on few is pale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers.summaries import FEW

from .rows import PALE
from .theme import GREY, INK, Picture, colour_of, framed

STEP_HOURS = 12
PITCH = 1.5
"""A panel is one high, and half of that is for its name; both are exact in binary."""
PANEL = 84
BESIDE = -34
PANEL_WIDTH = alt.ExprRef(expr="width + 34")
"""Where a panel's name begins: above the axis, so that it has the whole width."""
WHOLE = "#9aa1aa"


@dataclass(frozen=True)
class Panel:
    """A segment, what stands above its curve, and how many tickets are behind it."""

    segment: str
    text: str
    number: int


def on_grid(frame: pd.DataFrame, columns: list[str], start: float, days: int) -> pd.DataFrame:
    """The curves' values at every twelfth hour: each point holds until the next row."""
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


def small_multiples(
    frame: pd.DataFrame,
    whole: pd.DataFrame,
    panels: list[Panel],
    columns: list[str],
    heading: alt.TitleParams,
    days: int,
    start: float = 0.0,
) -> Picture:
    """A panel per segment: its curve in its colour, with a band, before that of all in grey.

    Args:
        frame: Rows of a mart: segment, hours, and the columns.
        whole: The same rows of all tickets.
        panels: From top to bottom.
        columns: The share drawn, its lower and its upper bound.
        heading: Of the picture.
        days: How far to draw.
        start: The share at age 0.
    """
    value, low, high = columns
    points = on_grid(frame, columns, start, days)
    grey = on_grid(whole, [value], start, days)
    top = 1.0 if start else _round_up(max(points[value].max(), grey[value].max()))
    base = {each.segment: PITCH * place for place, each in enumerate(reversed(panels))}
    own = points[points["segment"].isin(base)].copy()
    for column in columns:
        own[column] = (own[column] / top + own["segment"].map(base)).round(4)
    own["opacity"] = own["segment"].map({p.segment: _opacity(p.number) for p in panels})
    texts = _scale_texts(base, top)
    layers = [
        _behind(grey.assign(share=grey[value] / top), base, days, panel_axis(list(texts))),
        panel_scale(texts),
        *_own(own, value, low, high, [each.segment for each in panels], days),
        _names(panels, base),
    ]
    return framed(alt.layer(*layers), PANEL * len(panels), heading)


def _opacity(number: int) -> float:
    return PALE if number < FEW else 1.0


def _round_up(share: float) -> float:
    """The next twentieth, so that half of it is a round number too."""
    return max(0.1, math.ceil(share * 10) / 10)


def _scale_texts(base: dict[str, float], top: float) -> dict[float, str]:
    """Nothing, half and all of `top` in every panel."""
    return {at + part: f"{100 * top * part:.0f} %" for at in base.values() for part in (0, 0.5, 1)}


def panel_axis(heights: list[float]) -> alt.Axis:
    """Faint lines at these heights, and room for what `panel_scale` says of them."""
    return alt.Axis(
        values=heights,
        tickCount=len(heights),
        labels=False,
        title=None,
        domain=False,
        ticks=False,
        minExtent=-BESIDE,
    )


def panel_scale(texts: dict[float, str]) -> alt.Chart:
    """What stands at these heights, beside the panels and under no name."""
    rows = pd.DataFrame({"y": list(texts), "text": list(texts.values())})
    marks = alt.Chart(rows).mark_text(align="right", dx=-5, dy=2, fontSize=10, color=GREY)
    return marks.encode(x=alt.value(0), y="y:Q", text="text:N")


def _behind(grey: pd.DataFrame, base: dict[str, float], days: int, axis: alt.Axis) -> alt.Chart:
    """The curve of all, once in each panel."""
    copies = pd.concat(
        [
            pd.DataFrame({"days": grey["days"], "y": (grey["share"] + at).round(4), "of": name})
            for name, at in base.items()
        ],
        ignore_index=True,
    )
    line = alt.Chart(copies).mark_line(interpolate="step-after", strokeWidth=1.5, color=WHOLE)
    scale = alt.Scale(domain=[0, PITCH * len(base)], nice=False)
    y = alt.Y("y:Q", title=None, axis=axis, scale=scale)
    return line.encode(x=age_axis(days), y=y, detail="of:N")


def _own(
    own: pd.DataFrame, value: str, low: str, high: str, segments: list[str], days: int
) -> list[alt.Chart]:
    colour = alt.Color(
        "segment:N",
        legend=None,
        scale=alt.Scale(domain=segments, range=[colour_of(each) for each in segments]),
    )
    drawn = own[["days", "segment", value, low, high, "opacity"]]
    base = alt.Chart(drawn).encode(x=age_axis(days), color=colour)
    opacity = alt.Opacity("opacity:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0, 1]))
    known = base.transform_filter(f"isValid(datum['{low}'])")
    return [
        known.mark_area(interpolate="step-after", opacity=0.15).encode(
            y=f"{low}:Q", y2=f"{high}:Q"
        ),
        base.mark_line(interpolate="step-after", strokeWidth=2).encode(
            y=f"{value}:Q", opacity=opacity
        ),
    ]


def _names(panels: list[Panel], base: dict[str, float]) -> alt.Chart:
    rows = [{"text": each.text, "y": base[each.segment] + 1.1} for each in panels]
    names = alt.Chart(pd.DataFrame(rows)).mark_text(
        align="left", baseline="bottom", color=INK, fontSize=11.5, limit=PANEL_WIDTH
    )
    return names.encode(x=alt.value(BESIDE), y="y:Q", text="text:N")


def age_axis(days: int) -> alt.X:
    """Ages from 0 to `days`."""
    ticks = list(range(0, days + 1, 10 if days <= 60 else 15))  # noqa: PLR2004
    axis = alt.Axis(values=ticks, titleAnchor="start", titleColor=GREY, labelFlush=True)
    scale = alt.Scale(domain=[0, days], nice=False)
    return alt.X("days:Q", title="days since the ticket was created", axis=axis, scale=scale)
