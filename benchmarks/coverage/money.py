"""Intervals of money: what open tickets bring and by when, what a ticket brings, chain ladder.

Depends on the law for what a ticket brings; for the others the truth is what that very world brings
after the last look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any

import duckdb

from simulator import Truth, World

from .interval import Interval, fetch, law_of
from .worlds import Payout, payouts, payouts_of_open

HORIZONS = (30, 60, 90)
EXPOSURE = """\
from mart_claim_exposure
where segment_type in ('all', 'carrier') and expected_payout_amount_lo is not null"""
FORECASTS = "from mart_payout_forecast where expected_payout_amount_lo is not null"
VALUES = "from mart_ticket_value where segment_type <> 'carrier_and_type'"
MIX = "select ticket_type, count(*) as tickets from fct_ticket_resolution group by ticket_type"
LADDERS = """\
from mart_claims_to_come
where ladder_amount_lo is not null and ladder_months_not_projected = 0"""


def expected_payouts(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of the account and every carrier, what open tickets bring at all."""
    came = _summed(payouts_of_open(world))
    for row in fetch(marts, EXPOSURE):
        segment = row["segment"]
        truth = sum(
            amount
            for (carrier, currency), amount in came.items()
            if currency == row["currency"] and segment in ("all", carrier)
        )
        of = "account" if row["segment_type"] == "all" else "carrier"
        yield _expected(row, f"expected payout, {row['currency']}", of, truth)


def forecasts(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of the account, what open tickets bring within 30, 60 and 90 days."""
    came = {days: _summed(payouts_of_open(world, days)) for days in HORIZONS}
    for row in fetch(marts, FORECASTS):
        days, name = row["horizon_days"], row["currency"]
        truth = sum(amount for (_, currency), amount in came[days].items() if currency == name)
        yield _expected(row, f"forecast {days} d, {name}", "account", truth)


def _expected(row: Mapping[str, Any], name: str, of: str, truth: float) -> Interval:
    low, high = row["expected_payout_amount_lo"], row["expected_payout_amount_hi"]
    return Interval(name, of, low, high, truth, row["expected_payout_amount"])


def _summed(found: Iterable[Payout]) -> Mapping[tuple[str, str], float]:
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for payout in found:
        sums[payout.carrier, payout.currency] += payout.amount
    return sums


def values(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of segments that are not small, what a ticket brings; of carriers with the same mix, too."""
    types = {row["ticket_type"]: row["tickets"] for row in fetch(marts, MIX)}
    for row in fetch(marts, VALUES):
        told = law_of(row, world.truth)
        if told and row["value_amount"] is not None:
            truth = told[1].expected_payout.get(row["currency"], 0.0)
            yield _value(row, "value_amount", "ticket brings", told[0], truth)
        if told and row["mix_adjusted_amount"] is not None:
            truth = _with_mix(world.truth, row["segment"], row["currency"], types)
            yield _value(row, "mix_adjusted_amount", "ticket brings, adjusted", told[0], truth)


def _value(row: Mapping[str, Any], column: str, name: str, of: str, truth: float) -> Interval:
    full = f"{name}, {row['currency']}"
    return Interval(full, of, row[f"{column}_lo"], row[f"{column}_hi"], truth, row[column])


def _with_mix(truth: Truth, carrier: str, currency: str, types: Mapping[str, int]) -> float:
    known = {name: number for name, number in types.items() if name in truth.types}
    brought = sum(
        number * truth.segment(carrier, name).expected_payout.get(currency, 0.0)
        for name, number in known.items()
    )
    return brought / sum(known.values())


def ladders(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of each currency, what the months that are over still bring, by the chain ladder."""
    this_month = world.end.astimezone(UTC).strftime("%Y-%m")
    now, then = (
        _summed(each for each in payouts(world, days) if f"{each.created:%Y-%m}" < this_month)
        for days in (0, None)
    )
    for row in fetch(marts, LADDERS):
        name = row["currency"]
        truth = sum(amount - now.get(key, 0.0) for key, amount in then.items() if key[1] == name)
        low, high = row["ladder_amount_lo"], row["ladder_amount_hi"]
        yield Interval(f"chain ladder, {name}", "account", low, high, truth, row["ladder_amount"])
