"""Pictures of who tickets wait for: the backlog and its age, shares of time, documents asked for.

Depends on the marts of a `desk`. Promises that time nobody watched is called so.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import FEW, by_what, named

from .rows import PALE, in_rows, ranked, short, stacked_shares, whole_numbers
from .theme import AGES, BLUE, GREY, INK, SHADES, Picture, framed, nothing, title

PARTIES = ("carrier", "merchant", "sendcloud", "unknown")
NAMES = {
    "carrier": "the carrier",
    "merchant": "the merchant",
    "sendcloud": "Sendcloud",
    "unknown": "not known",
}
MOST_DAYS = 180

BACKLOG = """
    select date_day, waiting_on, cast(sum(open_at_end) as bigint) as tickets
    from fct_daily_backlog
    where date_day >= cast(%s as date)
    group by date_day, waiting_on
    order by date_day, waiting_on
"""
OPEN_AGES = """
    select
        waiting_on,
        cast(sum(open_at_end) as bigint) as open_at_end,
        cast(sum(open_over_7d) as bigint) as open_over_7d,
        cast(sum(open_over_14d) as bigint) as open_over_14d,
        cast(sum(open_over_30d) as bigint) as open_over_30d
    from fct_daily_backlog
    where date_day = (select max(date_day) from fct_daily_backlog)
    group by waiting_on
    order by waiting_on
"""
AGE_NAMES = ("up to 7 days old", "8 to 14 days", "15 to 30 days", "over 30 days")


def backlog(desk: Desk) -> Picture:
    """Stacked areas: open tickets at the end of each day, by who they wait for."""
    heading = "Open tickets, by who they wait for"
    frame = _backlog(desk)
    if frame.empty or frame["tickets"].sum() == 0:
        return nothing(heading, "No ticket of the selection is open, or was.")
    if frame["date_day"].nunique() == 1:
        return nothing(heading, "Tickets have been followed for a single day.")
    first, last = (words.day(edge) for edge in (frame["date_day"].min(), frame["date_day"].max()))
    said = f"At the end of each day from {first} to {last}, UTC; in brackets: on the last."
    return framed(_areas(frame), 260, title(heading, said))


def _backlog(desk: Desk) -> pd.DataFrame:
    """From the first sync on, as nobody knows who an older ticket waited for before."""
    if desk.as_of is None:
        return pd.DataFrame()
    seen = desk.mart("stg_as_of")["data_seen_since"].iloc[0]
    since = max(desk.as_of - pd.Timedelta(days=MOST_DAYS), seen).date()
    frame = desk.query(BACKLOG, ("fct_daily_backlog",), f"{since:%Y-%m-%d}")
    return frame[frame.groupby("waiting_on")["tickets"].transform("sum") > 0]


def _areas(frame: pd.DataFrame) -> alt.Chart:
    met = [party for party in PARTIES if party in set(frame["waiting_on"])]
    days = pd.MultiIndex.from_product(
        [frame["date_day"].unique(), met], names=["date_day", "party"]
    )
    full = frame.set_index(["date_day", "waiting_on"])["tickets"].reindex(days, fill_value=0)
    points = full.reset_index(name="tickets")
    points["tickets"] = points["tickets"].astype(int)
    points["top"] = points.groupby("date_day")["tickets"].cumsum()
    points["bottom"] = points["top"] - points["tickets"]
    last = points.groupby("party")["tickets"].last()
    labels = {party: f"{NAMES[party]} ({words.count(last[party])})" for party in met}
    points["label"] = points["party"].map(labels)
    scale = alt.Scale(domain=list(labels.values()), range=[SHADES[party] for party in met])
    axis = alt.Axis(format="%d %b", tickCount=4, labelOverlap="greedy", labelSeparation=8)
    areas = alt.Chart(points).mark_area(interpolate="step-after", stroke="white", strokeWidth=0.8)
    return areas.encode(
        x=alt.X("date_day:T", title=None, axis=axis),
        y=alt.Y("bottom:Q", title="tickets", scale=whole_numbers(points["top"])),
        y2="top:Q",
        color=alt.Color("label:N", scale=scale, sort=list(labels.values())),
    )


def ages(desk: Desk) -> Picture:
    """Bars: the tickets open now, by who they wait for and how old they are."""
    heading = "How old the open tickets are"
    frame = desk.query(OPEN_AGES, ("fct_daily_backlog",))
    frame = frame[frame["open_at_end"] > 0]
    if frame.empty:
        return nothing(heading, "No ticket of the selection is open.")
    long = _by_age(frame)
    order = list(long.sort_values("end", ascending=False)["row"].drop_duplicates())
    said = f"Tickets open on {words.day(desk.as_of)}, since their creation."
    return in_rows(long, order, _age_bars(long), title(heading, said))


def _by_age(frame: pd.DataFrame) -> pd.DataFrame:
    columns = ["open_at_end", "open_over_7d", "open_over_14d", "open_over_30d"]
    older = frame[[*columns[1:]]].assign(none=0).to_numpy()
    parts = pd.DataFrame(frame[columns].to_numpy() - older, columns=list(AGE_NAMES))
    parts["waiting_on"] = frame["waiting_on"].to_numpy()
    long = parts.melt("waiting_on", list(AGE_NAMES), "age", "tickets")
    long["tickets"] = long["tickets"].astype(int)
    long["rank"] = long["age"].map(AGE_NAMES.index)
    long = long.sort_values(["waiting_on", "rank"])
    long["end"] = long.groupby("waiting_on")["tickets"].cumsum()
    long["start"] = long["end"] - long["tickets"]
    long["middle"] = (long["start"] + long["end"]) / 2
    enough = 0.08 * long["end"].max()
    long["label"] = [words.count(n) if n >= enough else "" for n in long["tickets"]]
    totals = long.groupby("waiting_on")["end"].transform("max")
    long["row"] = long["waiting_on"].map(NAMES)
    long["above"] = [
        f"{NAMES[party]}: {words.plural(total, 'ticket')}"
        for party, total in zip(long["waiting_on"], totals, strict=True)
    ]
    return long


def _age_bars(long: pd.DataFrame) -> list[alt.Chart]:
    ages = list(AGE_NAMES)
    scale = alt.Scale(domain=ages, range=list(AGES))
    axis = alt.Axis(tickMinStep=1, tickCount=5, labelFlush=True)
    bars = alt.Chart(long).mark_bar(stroke="white", strokeWidth=1, height=20, yOffset=6)
    ink = alt.condition("datum.rank > 1", alt.value("white"), alt.value(INK))
    return [
        bars.encode(
            x=alt.X("start:Q", title="tickets", axis=axis, scale=whole_numbers(long["end"])),
            x2="end:Q",
            color=alt.Color("age:N", scale=scale, sort=ages, legend=alt.Legend(columns=2)),
        ),
        alt.Chart(long)
        .mark_text(fontSize=11, yOffset=6)
        .encode(x="middle:Q", text="label:N", color=ink),
    ]


def shares(desk: Desk, segment_type: str) -> Picture:
    """Bars of equal length: whose turn it was while tickets were open."""
    by = by_what(segment_type)
    heading = f"Whose turn it is while a ticket is open, by {by}"
    frame = desk.mart("mart_waiting_shares")
    frame = frame[(frame["segment_type"] == segment_type)]
    frame = frame[frame.groupby("segment")["waiting_minutes"].transform("sum") > 0]
    if frame.empty:
        return nothing(heading, "No ticket of the selection was followed from its start.")
    rows = named(desk, segment_type, frame["segment"])
    long = frame.assign(segment=rows, n=frame["tickets"], weight=frame["waiting_minutes"])
    long = long.rename(columns={"waiting_on": "part"})[["segment", "part", "weight", "n"]]
    met = [party for party in PARTIES if long.loc[long["part"] == party, "weight"].sum() > 0]
    return stacked_shares(
        long[long["part"].isin(met)].astype({"n": int}),
        met,
        title(
            heading,
            "Share of the time open, tickets still open counted in with the time so far.",
            "Only tickets followed from their start; n is their number.",
        ),
    )


def documents(desk: Desk) -> Picture:
    """Dots: how long what Sendcloud asks for stays outstanding."""
    heading = "How long requested documents take"
    frame = desk.mart("mart_request_summary")
    frame = frame[frame["data_type"] != "all"].copy()
    if frame.empty:
        return nothing(heading, "Nothing was asked for.")
    hours = ["median_hours", "median_hours_lo", "median_hours_hi", "p90_hours"]
    frame[hours] = frame[hours].astype(float) / 24
    frame["n"] = frame["met"] + frame["outstanding"]
    frame["is_few"] = frame["n"] < FEW
    frame["row"] = frame["data_type"].map(words.name)
    frame["above"] = [
        f"{short(row)}: {words.count(met)} met, {words.count(outstanding)} not yet"
        for row, met, outstanding in zip(
            frame["row"], frame["met"], frame["outstanding"], strict=True
        )
    ]
    return in_rows(
        frame[["row", "above", "is_few", *hours]],
        ranked(frame, "median_hours", "n"),
        _documents(frame[["row", "is_few", *hours]]),
        title(
            heading,
            "Days from asking until half are met (dot, with 95 % interval), and nine tenths "
            "(triangle); none where that was not reached. Pale below 30, which have no rank.",
            "What is met between two syncs is not seen: intervals reach lower by so much.",
        ),
    )


def _documents(frame: pd.DataFrame) -> list[alt.Chart]:
    opacity = alt.condition("datum.is_few", alt.value(PALE), alt.value(1))
    base = alt.Chart(frame).encode(opacity=opacity)
    axis = alt.Axis(grid=True, tickCount=6, titleAnchor="start", labelFlush=True)
    age = alt.X("median_hours_lo:Q", title="days", axis=axis, scale=alt.Scale(zero=True))
    dots = base.mark_point(filled=True, size=60, color=BLUE, yOffset=6)
    triangles = base.mark_point(shape="triangle-up", size=55, filled=True, color=GREY, yOffset=6)
    return [
        base.mark_rule(color=BLUE, strokeWidth=1.5, yOffset=6).encode(
            x=age, x2="median_hours_hi:Q"
        ),
        dots.encode(x="median_hours:Q"),
        triangles.encode(x="p90_hours:Q"),
    ]
