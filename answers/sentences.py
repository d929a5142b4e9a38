"""The answers in words: what is told first, and the figures beside it, computed from the marts.

Depends on the marts of a `desk`. Promises that every number in a sentence comes from the data of
the moment, with its interval where it is an estimate; and plain text, in which a carrier's name is
whatever the API says: whoever shows it has to escape it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from . import words
from .desk import TICKETS, Desk
from .summaries import by_month, currencies, segments

NO_TICKETS = "There are no tickets in the selection."
OPEN_NOW = """
    select
        cast(count(*) as bigint) as open_now,
        cast(sum(case when waiting_on = 'merchant' then 1 else 0 end) as bigint) as on_merchant,
        cast(sum(case when unsolved_ticket_age_minutes >= 43200 then 1 else 0 end) as bigint)
            as over_30d
    from fct_ticket_resolution
    where is_open
"""
MISSING = """
    select
        cast(sum(approved_without_amount) as bigint) as without_amount,
        cast(sum(approved_not_paid) as bigint) as not_paid,
        cast(sum(approved) as bigint) as approved
    from mart_claims_monthly
"""


@dataclass(frozen=True)
class Figure:
    """A headline figure: what it is, its value with unit, and what to know about it."""

    label: str
    value: str
    note: str


def claims_answer(desk: Desk) -> list[str]:
    """What claims pay out: the answer, and what belongs to it."""
    if not desk.tickets:
        return [NO_TICKETS]
    paid = [
        words.money(amount, currency)
        for currency, amount in zip(
            *_columns(currencies(desk), "currency", "paid_amount"), strict=True
        )
    ]
    first = f"Carriers paid {words.listing(paid)} on {_payouts(desk)}."
    answer = first if paid else "No claim has been paid yet."
    return [answer, *_approval_sentence(desk), *_exposure_sentence(desk)]


def _payouts(desk: Desk) -> str:
    return words.plural(int(currencies(desk)["payouts"].sum()), "claim")


def _approval_sentence(desk: Desk) -> list[str]:
    rate = approval(desk)
    if rate is None:
        return []
    span = words.percent_range(rate["approval_rate_lo"], rate["approval_rate_hi"])
    return [
        (
            f"Of the {words.count(rate['decided'])} claims old enough to be decided, "
            f"{words.percent(rate['approval_rate'])} were approved ({span})."
        )
    ]


def _exposure_sentence(desk: Desk) -> list[str]:
    parts = [
        f"{row.currency} {words.rough(row.expected_payout_amount)} "
        f"({words.rough_range(row.expected_payout_amount_lo, row.expected_payout_amount_hi)})"
        for row in expected(desk).itertuples()
    ]
    return (
        [f"Tickets still open are expected to bring another {words.listing(parts)}."]
        if parts
        else []
    )


def approval(desk: Desk) -> dict[str, Any] | None:
    """The account's approval rate with its interval; None without mature decisions."""
    return _row(desk.mart("mart_approval_rates"))


def expected(desk: Desk) -> pd.DataFrame:
    """What open tickets are expected to pay, per currency, in the order of `currencies`."""
    frame = desk.mart("mart_claim_exposure")
    frame = frame[(frame["segment_type"] == "all") & (frame["expected_payout_amount"] > 0)]
    order = list(currencies(desk)["currency"])
    return frame.sort_values("currency", key=lambda codes: codes.map(order.index), kind="stable")


def claims_figures(desk: Desk) -> list[Figure]:
    """The headline figures of claims."""
    if not desk.tickets:
        return []
    return [
        *_paid_figures(desk),
        *_approval_figures(desk),
        *_lag_figures(desk),
        *_missing_figures(desk),
        *_exposure_figures(desk),
    ]


def _paid_figures(desk: Desk) -> list[Figure]:
    return [
        Figure(
            f"Paid, {row.currency}",
            words.money(row.paid_amount, row.currency),
            words.plural(row.payouts, "payout"),
        )
        for row in currencies(desk).itertuples()
    ]


def _approval_figures(desk: Desk) -> list[Figure]:
    rate = approval(desk)
    if rate is None:
        return []
    span = words.percent_range(rate["approval_rate_lo"], rate["approval_rate_hi"])
    note = f"{span}, claims at least {maturity_days(desk)} days old"
    return [Figure("Approved", words.percent(rate["approval_rate"]), note)]


def maturity_days(desk: Desk) -> str:
    """The age from which on a claim counts in rates, in days."""
    days = desk.mart("int_maturity")["maturity_days"]
    return words.MISSING if days.isna().all() else words.count(days.iloc[0])


def _lag_figures(desk: Desk) -> list[Figure]:
    lag = _row(desk.mart("mart_payout_lag"))
    if lag is None:
        return []
    note = f"nine tenths after {words.days(lag['ninety_percent_hours'])}"
    return [Figure("Half of the approvals come after", words.days(lag["half_hours"]), note)]


def _missing_figures(desk: Desk) -> list[Figure]:
    found = desk.query(MISSING, ("mart_claims_monthly",)).iloc[0]
    if words.is_missing(found["approved"]) or not found["approved"]:
        return []
    without, approved = words.count(found["without_amount"]), words.count(found["approved"])
    note = f"and {without} without an amount, of {approved}"
    return [Figure("Approved, not marked as paid", words.count(found["not_paid"]), note)]


def _exposure_figures(desk: Desk) -> list[Figure]:
    return [
        Figure(
            f"Expected from open tickets, {row.currency}",
            f"{row.currency} {words.rough(row.expected_payout_amount)}",
            f"{words.rough_range(row.expected_payout_amount_lo, row.expected_payout_amount_hi)}, "
            f"{words.plural(row.open_tickets, 'open ticket')}",
        )
        for row in expected(desk).itertuples()
    ]


def resolution_answer(desk: Desk) -> list[str]:
    """How long a resolution takes: the answer, and what belongs to it."""
    if not desk.tickets:
        return [NO_TICKETS]
    whole = segments(desk, "all").iloc[0]
    if words.is_missing(whole["median_hours"]):
        return ["Fewer than half of the tickets were followed to a resolution: no median yet."]
    span = words.days_range(whole["median_hours_lo"], whole["median_hours_hi"])
    within = words.days(whole["median_hours"])
    return [
        f"Half of all tickets are resolved within {within}, {_slow_tail(whole)}.",
        f"The 95 % interval of the half is {span}. Tickets still open are counted in.",
        *_naive_sentence(desk),
    ]


def _slow_tail(whole: pd.Series) -> str:
    if words.is_missing(whole["p90_hours"]):
        return "nine in ten not yet"
    return f"nine in ten within {words.days(whole['p90_hours'])}"


def _naive_sentence(desk: Desk) -> list[str]:
    months = by_month(desk)
    if months.empty or words.is_missing(months["median_hours"].iloc[-1]):
        return []
    last = months.iloc[-1]
    return [
        (
            f"For tickets of {words.month(last['month'])} the usual median, over resolved ones "
            f"alone, would say {words.days(last['naive_median_hours'])}; it is "
            f"{words.days(last['median_hours'])}."
        )
    ]


def resolution_figures(desk: Desk) -> list[Figure]:
    """The headline figures of resolution."""
    if not desk.tickets:
        return []
    whole = segments(desk, "all").iloc[0]
    return [
        _quantile_figure(whole, "median", "Half resolved within"),
        _quantile_figure(whole, "p90", "Nine tenths resolved within"),
        _mean_figure(whole),
        *_open_figures(desk),
    ]


def _quantile_figure(whole: pd.Series, column: str, label: str) -> Figure:
    span = words.days_range(whole[f"{column}_hours_lo"], whole[f"{column}_hours_hi"])
    return Figure(label, words.days(whole[f"{column}_hours"]), f"95 %: {span}")


def _mean_figure(whole: pd.Series) -> Figure:
    mean = whole["rmst_60d"]
    value = words.MISSING if words.is_missing(mean) else f"{mean:.1f} days"
    return Figure("Mean time open", value, "of the first 60 days")


def _open_figures(desk: Desk) -> list[Figure]:
    now = desk.query(OPEN_NOW, (TICKETS,)).iloc[0]
    older, merchant = (
        0 if words.is_missing(each) else each for each in (now["over_30d"], now["on_merchant"])
    )
    return [
        Figure("Open now", words.count(now["open_now"]), f"{words.count(older)} over 30 days old"),
        Figure("Waiting for the merchant", words.count(merchant), "open tickets that need you"),
    ]


def freshness(desk: Desk) -> list[str]:
    """As of when the data are, and whether the last sync was proven complete."""
    lines = [f"Data as of {words.moment(desk.as_of)}, {words.plural(desk.tickets, 'ticket')}."]
    run = desk.last_run()
    if run is None:
        return [*lines, "No record of a sync was found."]
    held, counted = words.count(run["held_total"]), words.count(run["api_total"])
    counts = f"{held} tickets held, {counted} counted by the API"
    at = words.moment(run["finished_at"])
    if run["is_complete"]:
        return [*lines, f"Last sync {at}: complete ({counts})."]
    return [*lines, f"Last sync {at}: NOT PROVEN COMPLETE ({counts}). Tickets may be missing."]


def is_complete(desk: Desk) -> bool:
    """Whether the last sync was proven complete."""
    run = desk.last_run()
    return run is not None and bool(run["is_complete"])


def _row(frame: pd.DataFrame) -> dict[str, Any] | None:
    whole = frame[frame["segment_type"] == "all"]
    return None if whole.empty else dict(whole.iloc[0])


def _columns(frame: pd.DataFrame, *names: str) -> list[list[Any]]:
    return [list(frame[name]) for name in names]
