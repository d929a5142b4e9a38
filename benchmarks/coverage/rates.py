"""Intervals of approval rates, raw and adjusted for mix.

Depends on the law for the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from simulator import Truth, World

from .interval import ENOUGH, Interval, fetch, law_of


def rates(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of every segment with at least 30 decided claims."""
    rows = fetch(marts, "from mart_approval_rates where segment_type <> 'carrier_and_type'")
    types = {row["segment"]: row["decided"] for row in rows if row["segment_type"] == "ticket_type"}
    for row in rows:
        told = law_of(row, world.truth)
        if not told or row["decided"] < ENOUGH or told[1].approval_rate is None:
            continue
        low, high = row["approval_rate_lo"], row["approval_rate_hi"]
        rate = row["approval_rate"]
        yield Interval("approval rate", told[0], low, high, told[1].approval_rate, rate)
        if row["segment_type"] == "carrier" and row["mix_adjusted_rate"] is not None:
            truth = _with_mix(world.truth, row["segment"], types)
            low, high = row["mix_adjusted_rate_lo"], row["mix_adjusted_rate_hi"]
            rate = row["mix_adjusted_rate"]
            yield Interval("adjusted approval rate", told[0], low, high, truth, rate)


def _with_mix(truth: Truth, carrier: str, types: Mapping[str, int]) -> float:
    """The carrier's true rate, its types weighted as the account's decisions are."""
    cells = {
        name: truth.segment(carrier, name).approval_rate for name in types if name in truth.types
    }
    known = {name: rate for name, rate in cells.items() if rate is not None}
    weight = sum(types[name] for name in known)
    return sum(types[name] * rate for name, rate in known.items()) / weight
