"""One look for all pictures: colours, dashes, sizes, and what stands where there is nothing.

Depends on Altair. Promises pictures that are as wide as their place and no wider, colours that
belong to what they stand for and that the colour-blind can tell apart, and a sentence instead of an
empty frame.

How a notebook shows pictures is told by the environment: SENDCLOUD_PICTURES=png for a page that
runs no JavaScript, otherwise interactive ones.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence
from typing import Any
from zlib import crc32

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

Picture = alt.Chart | alt.LayerChart | alt.VConcatChart | alt.HConcatChart

RENDERER = "SENDCLOUD_PICTURES"
WIDTH = 640
"""How wide a picture is where nobody says, as on a page of a notebook."""
FLUID = {"type": "fit-x", "contains": "padding"}
LINE_OF_TEXT, LINE_OF_HEADING = 50, 36
"""Letters that fit beside each other on a phone."""
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

INK, GREY, PALE, BLUE, RED = "#1b1f24", "#68707a", "#e4e7eb", "#0b5394", "#c23b22"

AGES = ("#d3e3f1", "#8fbbdf", "#3d7fb8", "#0a3a66")
"""The older, the darker."""

# Okabe and Ito's colours, the yellow darkened for thin lines
LINES = (
    "#0b5394",
    "#e69f00",
    "#1b1f24",
    "#009e73",
    "#d55e00",
    "#56b4e9",
    "#b0539a",
    "#8a7a00",
)
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


OWN_COLOURS = {
    "(none)": "#8d96a1",
    "colissimo": LINES[0],
    "dhl_de": LINES[7],
    "dhl": LINES[7],
    "dpd": LINES[4],
    "gls_nl": LINES[5],
    "inpost_pl": LINES[3],
    "mondial_relay": LINES[6],
    "postnl": LINES[1],
    "royal_mailv2": LINES[6],
    "ups": LINES[2],
    "address_change": LINES[1],
    "damaged": LINES[4],
    "delayed": LINES[5],
    "delivered_not_received": LINES[6],
    "late_delivery": LINES[3],
    "lost": LINES[0],
    "other_shipping": LINES[7],
    "unjust_return": LINES[2],
}
"""Carriers and types that meet most often; every other code has a colour by its letters."""


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
            "frame": "bounds",
            "font": FONT,
            "fontSize": 15,
            "color": INK,
            "subtitleFont": FONT,
            "subtitleFontSize": 12,
            "subtitleColor": GREY,
            "subtitlePadding": 4,
            "offset": 14,
        },
        "axis": {**axis, "gridColor": PALE, "domainColor": "#b5bbc3", "tickColor": "#b5bbc3"},
        "axisX": {"grid": False},
        "legend": {
            **axis,
            "orient": "bottom",
            "title": None,
            "symbolSize": 130,
            "columns": 1,
            "labelLimit": 300,
        },
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
    """A heading; below it, in grey, what to read off and how; broken where a phone's width ends."""
    said = textwrap.wrap(" ".join(lines), LINE_OF_TEXT)
    return alt.TitleParams(textwrap.wrap(text, LINE_OF_HEADING), subtitle=said)


def framed(chart: Any, height: Any, heading: alt.TitleParams) -> Any:
    """A picture as wide as its place, be it a page or a phone."""
    return chart.properties(width="container", height=height, autosize=FLUID, title=heading)


def short_numbers(ticks: int) -> alt.Axis:
    """An axis of amounts: 500, 1k, 1.5k."""
    return alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=ticks)


MONTHS_NAMED = 4
NOTHING = "nothing to draw"


def month_axis(months: pd.Series) -> alt.Axis:
    """An axis of time with a few months named, none so near the end that its name would be cut."""
    known = pd.period_range(months.min(), months.max(), freq="M")
    step = -(-len(known) // MONTHS_NAMED)
    last = len(known) - max(1, len(known) // 10)
    named = [month for place, month in enumerate(known[::step]) if place * step <= last]
    values = [alt.DateTime(year=month.year, month=month.month, date=1) for month in named]
    return alt.Axis(format="%b %Y", values=values, labelOverlap="greedy", labelSeparation=8)


def nothing(heading: str, sentence: str = "No ticket of the selection belongs here.") -> alt.Chart:
    """A sentence in the place of a picture that has nothing to show."""
    words = alt.Data(values=[{"text": sentence}])
    drawn = alt.Chart(words, description=NOTHING).mark_text(fontSize=13, color=GREY)
    return framed(drawn.encode(text="text:N"), 60, title(heading))


def sentence_of(spec: dict[str, Any]) -> str | None:
    """What such a picture says, by its specification; None for a real one."""
    return str(spec["data"]["values"][0]["text"]) if spec.get("description") == NOTHING else None


def shades(codes: Sequence[str], labels: Sequence[str]) -> alt.Scale:
    """The colours of codes, for a legend with labels."""
    return alt.Scale(domain=list(labels), range=[SHADES.get(code, "#8d96a1") for code in codes])


def colour_of(code: str) -> str:
    """The colour of a carrier or a type: its own, whatever else is drawn or left out."""
    return OWN_COLOURS.get(code) or LINES[crc32(code.encode()) % len(LINES)]
