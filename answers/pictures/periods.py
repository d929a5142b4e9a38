"""Pictures of volume: how many tickets came in a month and in the one before.

Depends on the marts of a `desk`. Promises that both months are counted up to the same
moment in them.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import by_what, named, period_name

from .rows import in_rows, short, whole_numbers
from .theme import BLUE, Picture, nothing, title

BEFORE = "#b5bbc3"


def volume(desk: Desk, segment_type: str) -> Picture:
    """Bars: tickets opened in this month, and below each in the one before."""
    heading = f"Tickets opened, by {by_what(segment_type)}"
    frame = desk.mart("mart_period_comparison")
    frame = frame[(frame["segment_type"] == segment_type) & (frame["period_type"] == "month")]
    if frame.empty or frame["opened"].sum() == 0:
        return nothing(heading, "No ticket was opened in this month or the one before.")
    called = frame.groupby("period").head(1).set_index("period", drop=False)
    months = {period: period_name(row) for period, row in called.iterrows()}
    rows = _rows(desk, segment_type, frame)
    order = list(rows.sort_values(["this", "before"], ascending=False)["row"])
    said = f"In {months.get('this')} (blue), and in {months.get('before')} (grey)."
    if not frame["is_complete"].all():
        said += " Both up to the same moment in the month."
    return in_rows(rows, order, _bars(rows), title(heading, said))


def _rows(desk: Desk, segment_type: str, frame: pd.DataFrame) -> pd.DataFrame:
    wide = frame.pivot_table(index="segment", columns="period", values="opened", aggfunc="sum")
    wide = wide.reindex(columns=["this", "before"]).fillna(0).astype(int)
    wide = wide[wide.sum(axis=1) > 0]
    wide["row"] = named(desk, segment_type, wide.index)
    wide["above"] = [
        f"{short(row.row)}: {words.count(row.this)}, before {words.count(row.before)}"
        for row in wide.itertuples()
    ]
    return wide.reset_index(drop=True)


def _bars(rows: pd.DataFrame) -> list[alt.Chart]:
    scale = whole_numbers(rows[["this", "before"]].max())
    axis = alt.Axis(tickMinStep=1, tickCount=4, labelFlush=True)
    return [
        alt.Chart(rows)
        .mark_bar(height=8, yOffset=offset, color=colour)
        .encode(x=alt.X(f"{column}:Q", title="tickets", axis=axis, scale=scale))
        for column, offset, colour in (("this", 0, BLUE), ("before", 9, BEFORE))
    ]
