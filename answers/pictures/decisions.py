"""Pictures of how claims are decided: what becomes of them, and how many are approved.

Depends on the marts of a `desk`. Promises that only claims old enough for a decision count, and
that a rate stands beside its interval.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk

from .theme import BLUE, GREY, INK, SHRINKS, WIDTH, Picture, nothing, shades, title

ENDS = """
    select
        carrier,
        case
            when outcome in (
                'claim_approved', 'claim_declined', 'claim_closed_in_carrier_portal',
                'impossible_to_open_claim'
            ) then outcome
            else 'other'
        end as outcome,
        count(*) as claims
    from fct_claim_payouts
    where is_mature
    group by 1, 2
    order by 1, 2
"""
OUTCOMES = (
    "claim_approved",
    "claim_declined",
    "claim_closed_in_carrier_portal",
    "impossible_to_open_claim",
    "other",
)
MEASURES = ("as it is", "with everybody's mix")


def outcome_mix(desk: Desk) -> Picture:
    """Bars of equal length: what became of each carrier's claims."""
    heading = "What becomes of claims"
    frame = desk.query(ENDS, ("fct_claim_payouts",))
    if frame.empty:
        return nothing(heading)
    met = [each for each in OUTCOMES if each in set(frame["outcome"])]
    return stacked_shares(
        frame.rename(columns={"outcome": "part", "claims": "weight", "carrier": "segment"}),
        met,
        title(heading, "Claims old enough for a decision to have fallen; n is their number."),
    )


def stacked_shares(frame: pd.DataFrame, parts: list[str], heading: alt.TitleParams) -> Picture:
    """A bar per segment, cut into the shares of its parts; shares with room are written."""
    frame = frame.copy()
    frame["weight"] = frame["weight"].astype(float)
    totals = frame.groupby("segment")["weight"].transform("sum")
    frame["share"] = frame["weight"] / totals
    frame["rank"] = frame["part"].map(parts.index)
    frame = frame.sort_values(["segment", "rank"])
    frame["end"] = frame.groupby("segment")["share"].cumsum()
    frame["start"] = frame["end"] - frame["share"]
    frame["middle"] = (frame["start"] + frame["end"]) / 2
    frame["part_name"] = frame["part"].map(words.name)
    frame["label"] = [words.percent(each) if each >= 0.08 else "" for each in frame["share"]]  # noqa: PLR2004
    frame["is_dark"] = frame["part"].isin(["claim_approved", "carrier", "claim_declined"])
    return _stacked_bars(frame, parts).properties(width=WIDTH, height=alt.Step(30), title=heading)


def _stacked_bars(frame: pd.DataFrame, parts: list[str]) -> alt.LayerChart:
    labels = [words.name(part) for part in parts]
    frame["row"] = _rows_with_numbers(frame)
    order = list(frame.sort_values("weight", ascending=False)["row"].drop_duplicates())
    first = frame[frame["part"] == parts[0]].sort_values("share", ascending=False)["row"]
    order = [*first, *(row for row in order if row not in set(first))]
    base = alt.Chart(frame).encode(y=alt.Y("row:N", sort=order, title=None))
    bars = base.mark_bar(stroke="white", strokeWidth=1.5, height=22).encode(
        x=alt.X(
            "start:Q",
            title=None,
            axis=alt.Axis(format="%", tickCount=5),
            scale=alt.Scale(domain=[0, 1]),
        ),
        x2="end:Q",
        color=alt.Color("part_name:N", scale=shades(parts, labels), sort=labels),
        tooltip=[
            alt.Tooltip("row:N", title="segment"),
            alt.Tooltip("part_name:N", title="part"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    ink = alt.condition("datum.is_dark", alt.value("white"), alt.value(INK))
    text = base.mark_text(fontSize=11).encode(x="middle:Q", text="label:N", color=ink)
    return alt.layer(bars, text)


def _rows_with_numbers(frame: pd.DataFrame) -> pd.Series:
    if "n" not in frame:
        frame["n"] = frame.groupby("segment")["weight"].transform("sum")
    pairs = zip(frame["segment"], frame["n"], strict=True)
    return pd.Series([f"{segment}, n {words.count(n)}" for segment, n in pairs], index=frame.index)


def approval_rates(desk: Desk, segment_type: str) -> Picture:
    """Dots with intervals: the rate as it is, and as it would be with the account's mix."""
    by = "carrier" if segment_type == "carrier" else "ticket type"
    other = "types" if segment_type == "carrier" else "carriers"
    heading = f"Approval rate by {by}"
    frame = desk.mart("mart_approval_rates")
    frame = frame[frame["segment_type"] == segment_type]
    if frame.empty:
        return nothing(heading, "No claim is old enough for a rate.")
    return _rates(_long(frame), segment_type).properties(
        width=WIDTH,
        height=alt.Step(17),
        usermeta=SHRINKS,
        title=title(
            heading,
            f"Approved of all claims decided, with 95 % intervals; the diamond gives each {by}",
            f"everybody's mix of {other}, so that what is left is the {by}'s own.",
        ),
    )


def _long(frame: pd.DataFrame) -> pd.DataFrame:
    pieces = [
        frame[["segment", "decided", *columns]].set_axis(
            ["segment", "decided", "rate", "low", "high"], axis=1
        )
        for columns in (
            ("approval_rate", "approval_rate_lo", "approval_rate_hi"),
            ("mix_adjusted_rate", "mix_adjusted_rate_lo", "mix_adjusted_rate_hi"),
        )
    ]
    return pd.concat(
        [piece.assign(measure=name) for piece, name in zip(pieces, MEASURES, strict=True)],
        ignore_index=True,
    ).dropna(subset=["rate"])


def _rates(frame: pd.DataFrame, segment_type: str) -> alt.LayerChart:
    names = frame["segment"] if segment_type == "carrier" else frame["segment"].map(words.name)
    frame["row"] = [
        f"{name}, n {words.count(n)}" for name, n in zip(names, frame["decided"], strict=True)
    ]
    raw = frame[frame["measure"] == MEASURES[0]].sort_values("rate", ascending=False)
    base = alt.Chart(frame).encode(
        y=alt.Y("row:N", sort=list(raw["row"]), title=None, axis=alt.Axis(grid=True)),
        yOffset=alt.YOffset("measure:N", sort=list(MEASURES)),
    )
    scale = alt.Scale(domain=list(MEASURES), range=[BLUE, "#b65f00"])
    legend = alt.Legend(columns=1)  # beside each other they do not fit a phone
    colour = alt.Color("measure:N", scale=scale, sort=list(MEASURES), legend=legend)
    shape = alt.Scale(domain=list(MEASURES), range=["circle", "diamond"])
    rules = base.mark_rule(strokeWidth=1.5).encode(
        x=alt.X("low:Q", title=None, axis=alt.Axis(format="%", grid=True, tickCount=6)),
        x2="high:Q",
        color=colour,
    )
    dots = base.mark_point(size=70, filled=True, opacity=1).encode(
        x="rate:Q",
        color=colour,
        shape=alt.Shape("measure:N", scale=shape, sort=list(MEASURES), legend=legend),
        tooltip=[
            alt.Tooltip("row:N", title="segment"),
            alt.Tooltip("measure:N"),
            alt.Tooltip("rate:Q", format=".1%"),
            alt.Tooltip("low:Q", format=".1%"),
            alt.Tooltip("high:Q", format=".1%"),
        ],
    )
    labels = (
        base.transform_filter(alt.datum.measure == MEASURES[0])
        .mark_text(align="left", dx=6, fontSize=10.5, color=GREY)
        .encode(x="high:Q", text=alt.Text("rate:Q", format=".0%"))
    )
    return alt.layer(rules, dots, labels)
