"""Rows: one per carrier, type or party, its name and figures above what is drawn.

Depends on the theme. Promises the whole width for what is drawn, as no name stands beside it; that
no name is wider than a phone; and that rows resting on few are pale and come last, in no order of
merit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.summaries import FEW

from .theme import INK, Picture, framed, shades

PALE = 0.35
STEP, NAME_ABOVE = 46, -14
"""Pixels of a row, and how far above its middle the name stands."""
LONGEST_NAME = 24
WHOLE_WIDTH = alt.ExprRef(expr="width")


def few(number: Any) -> str:
    """n 1,204; and said where they are few."""
    return f"n {words.count(number)}" + (" (few)" if number < FEW else "")


def short(name: str) -> str:
    """A name as long as a row has room for."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def ranked(frame: pd.DataFrame, by: str, number: str) -> list[str]:
    """The rows with enough behind them, the largest first; then the others, by their number."""
    is_few = frame[number] < FEW
    enough = frame[~is_few].sort_values(by, ascending=False, kind="stable")
    rest = frame[is_few].sort_values(number, ascending=False, kind="stable")
    return [*enough["row"], *rest["row"]]


def in_rows(
    frame: pd.DataFrame,
    order: Sequence[str],
    marks: Sequence[Any],
    heading: alt.TitleParams,
    step: int = STEP,
) -> Picture:
    """Marks over `row`, below the text in column `above` of each row.

    Args:
        frame: Has columns row and above.
        order: The rows from top to bottom.
        marks: Layers, without a place on the y axis.
        heading: Of the picture.
        step: Pixels of a row.
    """
    y = alt.Y("row:N", sort=list(order), axis=None)
    names = alt.Chart(frame.drop_duplicates("row")[["row", "above"]]).mark_text(
        align="left", yOffset=NAME_ABOVE, fontSize=12, color=INK, limit=WHOLE_WIDTH
    )
    layers = [names.encode(x=alt.value(0), text="above:N"), *marks]
    return framed(alt.layer(*(each.encode(y=y) for each in layers)), alt.Step(step), heading)


def stacked_shares(frame: pd.DataFrame, parts: list[str], heading: alt.TitleParams) -> Picture:
    """A bar per segment, cut into the shares of its parts; shares with room are written.

    Args:
        frame: Columns segment, part, weight; n, or the weights are counts and add up to it.
        parts: Codes of the parts, in the order of the bars; the first one ranks the rows.
        heading: Of the picture.
    """
    frame = _cut(frame, parts)
    labels = [words.name(part) for part in parts]
    first = frame[frame["part"] == parts[0]]
    order = [*ranked(first, "share", "n"), *frame["row"].drop_duplicates()]
    bars = alt.Chart(frame).mark_bar(stroke="white", strokeWidth=1, height=20, yOffset=6)
    texts = alt.Chart(frame).mark_text(fontSize=11, yOffset=6)
    ink = alt.condition("datum.is_dark && !datum.is_few", alt.value("white"), alt.value(INK))
    marks = [
        bars.encode(
            x=alt.X("start:Q", title=None, axis=percent_axis(), scale=alt.Scale(domain=[0, 1])),
            x2="end:Q",
            color=alt.Color("part_name:N", scale=shades(parts, labels), sort=labels),
            opacity=alt.condition("datum.is_few", alt.value(PALE), alt.value(1)),
        ),
        texts.encode(x="middle:Q", text="label:N", color=ink),
    ]
    return in_rows(frame, list(dict.fromkeys(order)), marks, heading)


def _cut(frame: pd.DataFrame, parts: list[str]) -> pd.DataFrame:
    """Each part with its share, where it begins and ends, and what is written on it."""
    frame = frame.assign(weight=frame["weight"].astype(float), row=frame["segment"])
    totals = frame.groupby("row")["weight"].transform("sum")
    frame["n"] = frame.get("n", totals)
    frame["is_few"] = frame["n"] < FEW
    frame["above"] = [
        f"{short(row)}, {few(n)}" for row, n in zip(frame["row"], frame["n"], strict=True)
    ]
    frame["share"] = frame["weight"] / totals
    frame["rank"] = frame["part"].map(parts.index)
    frame = frame.sort_values(["row", "rank"])
    frame["end"] = frame.groupby("row")["share"].cumsum()
    frame["start"] = frame["end"] - frame["share"]
    frame["middle"] = (frame["start"] + frame["end"]) / 2
    frame["part_name"] = frame["part"].map(words.name)
    frame["label"] = [words.percent(each) if each >= 0.13 else "" for each in frame["share"]]  # noqa: PLR2004
    frame["is_dark"] = frame["part"].isin(["claim_approved", "carrier"])
    return frame


def percent_axis() -> alt.Axis:
    """Shares, few enough ticks for a phone."""
    return alt.Axis(format="%", tickCount=4, labelFlush=True)


def whole_numbers(counts: pd.Series) -> alt.Scale:
    """A scale of counts that is long enough for its ticks to be whole numbers."""
    return alt.Scale(domain=[0, max(5, int(counts.max()))])
