"""Intervals of times: quantiles, restricted means, incidences, reopening.

Depends on the law for the truth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from simulator import Segment, Truth, World

from .interval import AT_RISK, ENOUGH, Z95, Interval, fetch, law_of

SUMMARY = """\
from mart_resolution_summary
where segment_type in ('all', 'carrier', 'ticket_type')"""
LAST_INCIDENCES = """\
from mart_outcome_incidence
where segment_type in ('all', 'carrier', 'ticket_type') and hours <= 90 * 24
qualify row_number() over (
    partition by segment_type, segment, outcome_group order by hours desc
) = 1"""


def times(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of every segment of at least 30 tickets."""
    summary = fetch(marts, SUMMARY)
    for row in summary:
        told = law_of(row, world.truth)
        if told and row["tickets"] >= ENOUGH:
            yield from _of_segment(row, *told)
            others = _others(summary, row)
            mean = _mean_with_mix(world.truth, row, others)
            yield from _mean(row, "mix_adjusted_rmst_60d", "adjusted mean to 60 d", told[0], mean)


def _of_segment(row: Mapping[str, Any], of: str, law: Segment) -> Iterator[Interval]:
    quantiles = {"median": law.median_days, "p75": law.p75_days, "p90": law.p90_days}
    for name, days in quantiles.items():
        low, high = row[f"{name}_hours_lo"], row[f"{name}_hours_hi"]
        if low is not None and high is not None:
            hours = row[f"{name}_hours"]
            yield Interval(f"{name} of hours", of, low - 0.5, high + 0.5, days * 24, hours)
    for until in (30, 60, 90):
        truth = law.mean_days_up_to(until)
        yield from _mean(row, f"rmst_{until}d", f"mean to {until} d", of, truth)


def _mean(
    row: Mapping[str, Any], column: str, name: str, of: str, truth: float
) -> Iterator[Interval]:
    mean, se = row[column], row[f"{column}_se"]
    if mean is not None and se is not None:
        yield Interval(name, of, mean - Z95 * se, mean + Z95 * se, truth, mean)


def _others(summary: list[dict[str, Any]], row: Mapping[str, Any]) -> dict[str, int]:
    """Tickets of the account's types for a carrier, of its carriers for a type."""
    kind = {"carrier": "ticket_type", "ticket_type": "carrier"}.get(row["segment_type"])
    return {
        other["segment"]: other["tickets"] for other in summary if other["segment_type"] == kind
    }


def _mean_with_mix(truth: Truth, row: Mapping[str, Any], others: Mapping[str, int]) -> float:
    """The segment's true mean, the others weighted as the account has them."""
    names = [name for name in others if name in truth.carriers or name in truth.types]
    if not names:
        return math.nan
    means = {
        name: truth.segment(*sorted((row["segment"], name), key=truth.types.__contains__))
        for name in names
    }
    weighted = (others[name] * means[name].mean_days_up_to(60) for name in names)
    return sum(weighted) / sum(others[name] for name in names)


def incidences(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of every outcome group that was seen, at 90 days."""
    for row in fetch(marts, LAST_INCIDENCES):
        told = law_of(row, world.truth)
        is_told = row["incidence"] > 0 and row["incidence_lo"] is not None
        if told and is_told and row["n_risk"] >= AT_RISK:
            truth = told[1].incidence_at_90_days[row["outcome_group"]]
            low, high = row["incidence_lo"], row["incidence_hi"]
            yield Interval("incidence, 90 d", told[0], low, high, truth, row["incidence"])


def reopenings(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of every segment; the truth is what somebody can see who looks once a day."""
    for row in fetch(marts, "from mart_reopen_rates where reopen_rate is not null"):
        if told := law_of(row, world.truth):
            truth = world.truth.reopened(row["followed_days"], looks_every_days=1)
            low, high = row["reopen_rate_lo"], row["reopen_rate_hi"]
            yield Interval("reopening", told[0], low, high, truth, row["reopen_rate"])
