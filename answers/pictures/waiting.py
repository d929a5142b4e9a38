"""Pictures of who tickets wait for: the backlog and its age, shares of time, documents asked for.

Depends on the marts of a `desk`. Promises that time nobody watched is called so.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import by_what

from .decisions import stacked_shares
from .theme import BLUE, GREY, INK, SHADES, WIDTH, Picture, nothing, spread, title

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
AGES = """
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
    return _areas(frame).properties(
        width=WIDTH,
        height=280,
        title=title(heading, "At the end of each day since tickets are followed, UTC."),
    )


def _backlog(desk: Desk) -> pd.DataFrame:
    """From the first sync on, as nobody knows who an older ticket waited for before."""
    if desk.as_of is None:
        return pd.DataFrame()
    seen = desk.mart("stg_as_of")["data_seen_since"].iloc[0]
    since = max(desk.as_of - pd.Timedelta(days=MOST_DAYS), seen).date()
    frame = desk.query(BACKLOG, ("fct_daily_backlog",), since)
    return frame[frame.groupby("waiting_on")["tickets"].transform("sum") > 0]


def _areas(frame: pd.DataFrame) -> alt.LayerChart:
    met = [party for party in PARTIES if party in set(frame["waiting_on"])]
    days = pd.MultiIndex.from_product(
        [frame["date_day"].unique(), met], names=["date_day", "party"]
    )
    full = frame.set_index(["date_day", "waiting_on"])["tickets"].reindex(days, fill_value=0)
    points = full.reset_index(name="tickets")
    points["tickets"] = points["tickets"].astype(int)
    points["top"] = points.groupby("date_day")["tickets"].cumsum()
    points["bottom"] = points["top"] - points["tickets"]
    scale = alt.Scale(domain=met, range=[SHADES[party] for party in met])
    first, last = points["date_day"].min(), points["date_day"].max()
    room = alt.Scale(domain=[_iso(first), _iso(last + (last - first) * 0.28)])
    ticks = pd.date_range(first, last, periods=5).normalize().unique()
    values = [alt.DateTime(year=day.year, month=day.month, date=day.day) for day in ticks]
    axis = alt.Axis(format="%d %b", values=values)
    areas = alt.Chart(points).mark_area(interpolate="step-after", stroke="white", strokeWidth=0.8)
    return alt.layer(
        areas.encode(
            x=alt.X("date_day:T", title=None, axis=axis, scale=room),
            y=alt.Y("bottom:Q", title="tickets"),
            y2="top:Q",
            color=alt.Color("party:N", scale=scale, legend=None),
        ),
        _party_names(points),
    )


def _party_names(points: pd.DataFrame) -> alt.Chart:
    ends = points.groupby("party", sort=False).tail(1).copy()
    total = max(1, int(points["top"].max()))
    ends["place"] = spread(
        list((ends["bottom"] + ends["top"]) / 2), 0.07 * total, 0.02 * total, total
    )
    ends["text"] = [
        f"{NAMES[party]}  {words.count(tickets)}"
        for party, tickets in zip(ends["party"], ends["tickets"], strict=True)
    ]
    return (
        alt.Chart(ends)
        .mark_text(align="left", dx=7)
        .encode(x="date_day:T", y="place:Q", text="text:N")
    )


def _iso(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


def ages(desk: Desk) -> Picture:
    """Bars: the tickets open now, by who they wait for and how old they are."""
    heading = "How old the open tickets are"
    frame = desk.query(AGES, ("fct_daily_backlog",))
    frame = frame[frame["open_at_end"] > 0]
    if frame.empty:
        return nothing(heading, "No ticket of the selection is open.")
    return _age_bars(_by_age(frame)).properties(
        width=WIDTH,
        height=alt.Step(36),
        title=title(heading, f"Tickets open on {words.day(desk.as_of)}, since their creation."),
    )


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
    enough = 0.035 * long["end"].max()
    long["label"] = [words.count(n) if n >= enough else "" for n in long["tickets"]]
    totals = long.groupby("waiting_on")["end"].transform("max")
    long["row"] = [
        f"{NAMES[party]}, {words.count(total)}"
        for party, total in zip(long["waiting_on"], totals, strict=True)
    ]
    return long


def _age_bars(long: pd.DataFrame) -> alt.LayerChart:
    order = list(long.sort_values("end", ascending=False).drop_duplicates("waiting_on")["row"])
    ages = list(AGE_NAMES)
    scale = alt.Scale(domain=ages, range=["#d3e3f1", "#8fbbdf", "#3d7fb8", "#0a3a66"])
    base = alt.Chart(long).encode(y=alt.Y("row:N", sort=order, title=None))
    bars = base.mark_bar(stroke="white", strokeWidth=1.5, height=24).encode(
        x=alt.X("start:Q", title="tickets", axis=alt.Axis(tickMinStep=1, tickCount=6)),
        x2="end:Q",
        color=alt.Color("age:N", scale=scale, sort=ages),
    )
    ink = alt.condition("datum.rank > 1", alt.value("white"), alt.value(INK))
    return alt.layer(
        bars, base.mark_text(fontSize=11).encode(x="middle:Q", text="label:N", color=ink)
    )


def shares(desk: Desk, segment_type: str) -> Picture:
    """Bars of equal length: whose turn it was while tickets were open."""
    by = by_what(segment_type)
    heading = f"Whose turn it is while a ticket is open, by {by}"
    frame = desk.mart("mart_waiting_shares")
    frame = frame[(frame["segment_type"] == segment_type)]
    frame = frame[frame.groupby("segment")["waiting_minutes"].transform("sum") > 0]
    if frame.empty:
        return nothing(heading, "No ticket of the selection was followed from its start.")
    named = frame["segment"] if segment_type == "carrier" else frame["segment"].map(words.name)
    long = frame.assign(segment=named, n=frame["tickets"], weight=frame["waiting_minutes"])
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
    frame["row"] = [
        f"{words.name(kind)}, {words.count(met)} met, {words.count(outstanding)} outstanding"
        for kind, met, outstanding in zip(
            frame["data_type"], frame["met"], frame["outstanding"], strict=True
        )
    ]
    frame = frame[["row", "median_hours", "median_hours_lo", "median_hours_hi", "p90_hours"]]
    frame = frame.set_index("row").astype(float).div(24).reset_index()
    return _documents(frame).properties(
        width=WIDTH - 60,
        height=alt.Step(26),
        title=title(
            heading,
            "Days from asking until half are met (dot, with 95 % interval), and nine tenths",
            "(triangle).",
        ),
    )


def _documents(frame: pd.DataFrame) -> alt.LayerChart:
    order = list(frame.sort_values("median_hours", ascending=False)["row"])
    base = alt.Chart(frame).encode(
        y=alt.Y("row:N", sort=order, title=None, axis=alt.Axis(grid=True, labelLimit=330))
    )
    axis = alt.Axis(grid=True, tickCount=7, titleAnchor="start")
    return alt.layer(
        base.mark_rule(color=BLUE, strokeWidth=1.5).encode(
            x=alt.X("median_hours_lo:Q", title="days", axis=axis, scale=alt.Scale(zero=True)),
            x2="median_hours_hi:Q",
        ),
        base.mark_point(filled=True, size=70, opacity=1, color=BLUE).encode(x="median_hours:Q"),
        base.mark_point(shape="triangle-up", size=60, filled=True, opacity=1, color=GREY).encode(
            x="p90_hours:Q"
        ),
    )
