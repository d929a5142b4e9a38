"""One look for all pictures: colours, dashes, sizes, and what stands where there is nothing.

Depends on Altair. Promises colours that the colour-blind can tell apart and that differ in
lightness, a dash of its own for every line, labels that keep their distance, and a sentence instead
of an empty frame.

How a notebook shows pictures is told by the environment: SENDCLOUD_PICTURES=png for a page that
runs no JavaScript, otherwise interactive ones.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

Picture = alt.Chart | alt.LayerChart | alt.VConcatChart | alt.HConcatChart

RENDERER = "SENDCLOUD_PICTURES"
WIDTH = 640
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

INK, GREY, PALE, BLUE, RED = "#1b1f24", "#68707a", "#e4e7eb", "#0b5394", "#c23b22"

# Okabe and Ito's colours, the yellow darkened for thin lines; sorted so that neighbours differ in
# lightness too
LINES = (
    "#0b5394",
    "#e69f00",
    "#1b1f24",
    "#009e73",
    "#d55e00",
    "#56b4e9",
    "#b0539a",
    "#8a7a00",
    "#7d858f",
    "#a8adb4",
)
DASHES = ([1, 0], [6, 2], [2, 2], [8, 3, 2, 3], [1, 0], [4, 3], [10, 3], [2, 4], [1, 3], [5, 5])

SHADES = {
    "claim_approved": "#0b5394",
    "claim_declined": "#d55e00",
    "delivered_or_returned": "#56b4e9",
    "address_change": "#f0d264",
    "other": "#8d96a1",
    "unknown": "#d5d9de",
    "carrier": "#0b5394",
    "merchant": "#e69f00",
    "sendcloud": "#7cc6ad",
    "claim_closed_in_carrier_portal": "#8d96a1",
    "impossible_to_open_claim": "#d5d9de",
}
"""The colour of a code wherever it appears; no two that meet in a picture are equally light."""


@alt.theme.register("sendcloud_support", enable=True)  # type: ignore[untyped-decorator]
def look() -> alt.theme.ThemeConfig:
    """Title at the left with a grey line below it, faint grid, legend at the bottom."""
    text = {"labelFont": FONT, "titleFont": FONT, "labelColor": INK, "titleColor": GREY}
    axis = {
        **text,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 320,
    }
    config: dict[str, Any] = {
        "background": "white",
        "font": FONT,
        "padding": 8,
        "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": 320},
        "title": {
            "anchor": "start",
            "frame": "group",
            "font": FONT,
            "fontSize": 16,
            "color": INK,
            "subtitleFont": FONT,
            "subtitleFontSize": 12.5,
            "subtitleColor": GREY,
            "subtitlePadding": 4,
            "offset": 14,
        },
        "axis": {**axis, "gridColor": PALE, "domainColor": "#b5bbc3", "tickColor": "#b5bbc3"},
        "axisX": {"grid": False},
        "legend": {**axis, "orient": "bottom", "title": None, "symbolSize": 130},
        "text": {"font": FONT, "fontSize": 12, "color": INK},
        "range": {"category": list(LINES)},
    }
    return alt.theme.ThemeConfig(config=config)


def use_renderer() -> None:
    """Pictures as the environment says; also lifts Altair's bound on rows, as curves are long."""
    alt.theme.enable("sendcloud_support")
    alt.data_transformers.disable_max_rows()
    if os.environ.get(RENDERER) == "png":
        alt.renderers.enable("png", scale_factor=1.5)


def title(text: str, *lines: str) -> alt.TitleParams:
    """A heading; below it, in grey, what to read off and how."""
    return alt.TitleParams(text, subtitle=list(lines))


def short_numbers(ticks: int) -> alt.Axis:
    """An axis of amounts: 500, 1k, 1.5k."""
    return alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=ticks)


SHRINKS = {"shrinks": True}
"""For `usermeta` of a picture that can be read at half its width: it need not be scrolled."""

NOTHING = "nothing to draw"


def nothing(heading: str, sentence: str = "No ticket of the selection belongs here.") -> alt.Chart:
    """A sentence in the place of a picture that has nothing to show."""
    words = alt.Data(values=[{"text": sentence}])
    drawn = alt.Chart(words, width=WIDTH, height=60).mark_text(fontSize=13, color=GREY)
    return drawn.encode(text="text:N").properties(title=title(heading), description=NOTHING)


def sentence_of(spec: dict[str, Any]) -> str | None:
    """What such a picture says, by its specification; None for a real one."""
    return str(spec["data"]["values"][0]["text"]) if spec.get("description") == NOTHING else None


def shades(codes: Sequence[str], labels: Sequence[str]) -> alt.Scale:
    """The colours of codes, for a legend with labels."""
    return alt.Scale(domain=list(labels), range=[SHADES.get(code, "#8d96a1") for code in codes])


def line_scales(labels: Sequence[str]) -> tuple[alt.Scale, alt.Scale]:
    """A colour and a dash for each line, by its place in the list."""
    places = range(len(labels))
    colours = [LINES[place % len(LINES)] for place in places]
    dashes = [DASHES[place % len(DASHES)] for place in places]
    domain = list(labels)
    return alt.Scale(domain=domain, range=colours), alt.Scale(domain=domain, range=dashes)


def spread(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near the heights, in their order, at least `gap` apart, within the bounds if they fit.

    >>> spread([0.5, 0.5, 0.9], 0.1, 0, 1)
    [0.45, 0.55, 0.9]
    """
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    placed = _apart([heights[place] for place in order], gap, low, high)
    found = [0.0] * len(heights)
    for place, height in zip(order, placed, strict=True):
        found[place] = round(height, 6)
    return found


def _apart(heights: list[float], gap: float, low: float, high: float) -> list[float]:
    """Neighbours too close form a block around their middle; blocks that meet become one."""
    blocks: list[list[float]] = []
    for height in heights:
        blocks.append([height, 1])
        while len(blocks) > 1 and _meets(blocks[-2], blocks[-1], gap):
            upper, lower = blocks.pop(), blocks.pop()
            number = lower[1] + upper[1]
            blocks.append([(lower[0] * lower[1] + upper[0] * upper[1]) / number, number])
    placed = [
        middle + gap * (place - (number - 1) / 2)
        for middle, number in blocks
        for place in range(int(number))
    ]
    if not placed:
        return []
    shift = max(low - placed[0], 0) or min(high - placed[-1], 0)
    return [height + shift for height in placed]


def _meets(lower: list[float], upper: list[float], gap: float) -> bool:
    return upper[0] - lower[0] < gap * (lower[1] + upper[1]) / 2 - 1e-12


def by_volume(frame: pd.DataFrame, column: str, weight: str) -> list[str]:
    """The values of a column, the heaviest first; what has no name comes last."""
    totals = frame.groupby(column)[weight].sum().sort_values(ascending=False, kind="stable")
    values = [str(value) for value in totals.index]
    return sorted(values, key=lambda value: value == "(none)")
