"""What every judge of intervals shares: an interval beside its truth, and the law of a mart's row.

Depends on the simulator's law. Promises that a segment that the law does not know is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import duckdb

from simulator import Segment, Truth

ENOUGH, AT_RISK = 30, 10
Z95 = 1.959963984540054


class Interval(NamedTuple):
    """One published interval, and the truth that it should hold."""

    name: str
    of: str
    low: float
    high: float
    truth: float
    told: float

    def holds(self) -> bool:
        """Whether the truth lies in it."""
        return self.low <= self.truth <= self.high

    def is_below(self) -> bool:
        """Whether the truth is below it: too much was told."""
        return self.truth < self.low

    def is_above(self) -> bool:
        """Whether the truth is above it: too little was told."""
        return self.truth > self.high


def fetch(marts: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """Rows of a query, by column."""
    cursor = marts.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def law_of(row: Mapping[str, Any], truth: Truth) -> tuple[str, Segment] | None:
    """The kind of the row's segment and the law's own; None where the law knows none."""
    kind, name = row["segment_type"], row["segment"]
    if kind == "all":
        return "account", truth.all
    segments = {"carrier": truth.carriers, "ticket_type": truth.types}[kind]
    return (kind.replace("_", " "), segments[name]) if name in segments else None
