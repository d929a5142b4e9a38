"""Intervals of months and periods, of targets, and of what is asked of merchants.

Depends on the law for the truth; of requests, which the law tells in no closed form, on the stories
of a world of their own that is large enough. A rate of one month has the truth of all months: the
law does not change.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from statistics import median_low

import duckdb

from simulator import Truth, World

from .interval import ENOUGH, Interval, fetch, law_of
from .worlds import TARGET_DAYS, hours_until_met

MONTHS = "from mart_claims_monthly where is_mature and decided >= 5"
PERIODS = "from mart_period_comparison where segment_type = 'all'"
TARGETS = "from mart_target_attainment where is_complete and tickets >= 5"
REQUESTS = "from mart_request_summary where data_type = 'all' and median_hours_hi is not null"


def months(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of months that are old enough, carrier and type: the rate of five decisions or more."""
    for row in fetch(marts, MONTHS):
        if row["carrier"] in world.truth.carriers and row["ticket_type"] in world.truth.types:
            truth = world.truth.segment(row["carrier"], row["ticket_type"]).approval_rate
            low, high = row["approval_rate_lo"], row["approval_rate_hi"]
            if truth is not None:
                rate = row["approval_rate"]
                yield Interval("approval rate of a month", "cell", low, high, truth, rate)


def periods(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of this month and quarter and those before: approval rate, and median where it is told."""
    for row in fetch(marts, PERIODS):
        told = law_of(row, world.truth)
        if not told:
            continue
        of, law = told
        if row["decided"] >= ENOUGH and law.approval_rate is not None:
            low, high = row["approval_rate_lo"], row["approval_rate_hi"]
            rate = row["approval_rate"]
            yield Interval("approval rate of a period", of, low, high, law.approval_rate, rate)
        low, high = row["median_hours_lo"], row["median_hours_hi"]
        if row["opened"] >= ENOUGH and low is not None and high is not None:
            median = row["median_hours"]
            truth = law.median_days * 24
            yield Interval("median of a period", of, low - 0.5, high + 0.5, truth, median)


def targets(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of months in which nothing is open any more, and carrier: the share within the target."""
    for row in fetch(marts, TARGETS):
        if row["carrier"] in world.truth.carriers:
            truth = _within_target(world.truth, row["carrier"])
            low, high = row["attainment_lo"], row["attainment_hi"]
            yield Interval("target", "carrier", low, high, truth, row["attainment"])


def _within_target(truth: Truth, carrier: str) -> float:
    return 1 - truth.carriers[carrier].survival(TARGET_DAYS)


def requests(marts: duckdb.DuckDBPyConnection, _: World) -> Iterator[Interval]:
    """Of all requests, hours until half are met."""
    for row in fetch(marts, REQUESTS):
        if row["requests"] >= ENOUGH:
            low, high = row["median_hours_lo"], row["median_hours_hi"]
            truth = _median_hours_until_met()
            yield Interval("median of requests", "account", low, high, truth, row["median_hours"])


@cache
def _median_hours_until_met() -> float:
    return median_low(hours_until_met(World(seed=1_000_003, tickets=20_000)))
