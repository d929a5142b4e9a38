"""Pictures of how claims are decided: what becomes of them, and how many are approved.

Depends on the marts of a `desk`. Promises that only claims old enough for a decision count, and
that a rate stands beside its interval.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import FEW, by_what, named

from .rows import PALE, few, in_rows, percent_axis, ranked, short, stacked_shares
from .theme import BLUE, Picture, nothing, title

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
ORANGE = "#b65f00"


def outcome_mix(desk: Desk) -> Picture:
    """Bars of equal length: what became of each carrier's claims."""
    heading = "What becomes of claims"
    frame = desk.query(ENDS, ("fct_claim_payouts",))
    if frame.empty:
        return nothing(heading)
    frame["carrier"] = named(desk, "carrier", frame["carrier"])
    met = [each for each in OUTCOMES if each in set(frame["outcome"])]
    said = "Claims old enough for a decision to have fallen; n is their number, pale below 30."
    return stacked_shares(
        frame.rename(columns={"outcome": "part", "claims": "weight", "carrier": "segment"}),
        met,
        title(heading, said),
    )


def approval_rates(desk: Desk, segment_type: str) -> Picture:
    """Dots with intervals: the rate as it is, and as it would be with the account's mix."""
    by = by_what(segment_type)
    other = "types" if segment_type == "carrier" else "carriers"
    heading = f"Approval rate by {by}"
    frame = desk.mart("mart_approval_rates")
    frame = frame[frame["segment_type"] == segment_type].copy()
    if frame.empty:
        return nothing(heading, "No claim is old enough for a rate.")
    frame["row"] = named(desk, segment_type, frame["segment"])
    frame["above"] = [_said(row) for row in frame.itertuples()]
    frame["is_few"] = frame["decided"] < FEW
    return in_rows(
        frame,
        ranked(frame, "approval_rate", "decided"),
        [
            *_dots(frame, ("approval_rate", "approval_rate_lo", "approval_rate_hi"), 2, BLUE),
            *_dots(_adjusted(frame), ADJUSTED, 12, ORANGE),
        ],
        title(
            heading,
            "Approved of all claims decided and old enough, with 95 % intervals (dot); the diamond "
            f"as it would be with everybody's mix of {other}. Pale below 30, which have no rank.",
        ),
    )


ADJUSTED = ("mix_adjusted_rate", "mix_adjusted_rate_lo", "mix_adjusted_rate_hi")


def _said(row: object) -> str:
    span = words.percent_range(row.approval_rate_lo, row.approval_rate_hi)  # type: ignore[attr-defined]
    rate = words.percent(row.approval_rate)  # type: ignore[attr-defined]
    return f"{short(row.row)}  {rate} ({span}), {few(row.decided)}"  # type: ignore[attr-defined]


def _adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["mix_adjusted_rate"].notna()]


def _dots(
    frame: pd.DataFrame, columns: tuple[str, str, str], offset: int, colour: str
) -> list[alt.Chart]:
    rate, low, high = columns
    drawn = frame[["row", "is_few", *columns]].astype(dict.fromkeys(columns, float))
    opacity = alt.condition("datum.is_few", alt.value(PALE), alt.value(1))
    base = alt.Chart(drawn).encode(opacity=opacity)
    shape = "circle" if colour == BLUE else "diamond"
    scale = alt.Scale(domain=[0, 1])
    return [
        base.mark_rule(strokeWidth=1.5, color=colour, yOffset=offset).encode(
            x=alt.X(f"{low}:Q", title=None, axis=percent_axis(), scale=scale), x2=f"{high}:Q"
        ),
        base.mark_point(size=60, filled=True, color=colour, shape=shape, yOffset=offset).encode(
            x=f"{rate}:Q",
            tooltip=[
                alt.Tooltip("row:N", title="segment"),
                *(alt.Tooltip(f"{each}:Q", format=".1%") for each in columns),
            ],
        ),
    ]
