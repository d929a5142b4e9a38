"""When money comes, what a ticket brings, and whether targets are met, in words.

Depends on the marts of a `desk`. Promises that each estimate has its range, and that young months
are not told as if they were decided.
"""

from __future__ import annotations

from typing import Any

from answers import words
from answers.desk import Desk
from answers.summaries import UNKNOWN, in_order_of_currencies

from .claims import maturity_days
from .figures import NO_TICKETS, if_few, range_of_payout

TARGETS = """
    select
        cast(sum(tickets) as bigint) as tickets,
        cast(sum(met) as bigint) as met,
        cast(sum(missed) as bigint) as missed,
        cast(sum(not_due) as bigint) as not_due,
        cast(sum(lost_sight) as bigint) as lost_sight,
        min(created_month) as first_month,
        max(created_month) as last_month
    from mart_target_attainment
"""


def forecast_answer(desk: Desk) -> list[str]:
    """What tickets open now bring within 30, 60 and 90 days, in the currency of most payouts."""
    frame = desk.mart("mart_payout_forecast")
    frame = in_order_of_currencies(desk, frame[frame["expected_payout_amount"] > 0])
    if frame.empty:
        return []
    rows = frame[frame["currency"] == frame["currency"].iloc[0]].sort_values("horizon_days")
    return [f"By when: {words.listing([_horizon(row) for row in rows.itertuples()])}."]


def _horizon(row: Any) -> str:
    amount = f"{row.currency} {words.rough(row.expected_payout_amount)}"
    return f"{amount} ({range_of_payout(row)}) within {row.horizon_days} days"


def value_answer(desk: Desk) -> list[str]:
    """What a ticket brings: chance times amount, by currency."""
    if not desk.tickets:
        return [NO_TICKETS]
    frame = desk.mart("mart_ticket_value")
    frame = frame[(frame["segment_type"] == "all") & (frame["currency"] != UNKNOWN)]
    rows = in_order_of_currencies(desk, frame[frame["value_amount"].notna()])
    if rows.empty:
        return ["Too few tickets are old enough, or too few claims approved, to tell."]
    parts = [_value(row) for row in rows.itertuples()]
    tickets = words.plural(rows["tickets"].iloc[0], "ticket")
    return [
        f"A ticket brings {words.listing(parts)}.",
        (
            f"Of {tickets} at least {maturity_days(desk)} days old, whatever became of them: the "
            "chance to be approved in the currency, times the mean amount then, a missing one as 0."
        ),
    ]


def _value(row: Any) -> str:
    low, high = (f"{float(each):.2f}" for each in (row.value_amount_lo, row.value_amount_hi))
    return f"{row.currency} {float(row.value_amount):.2f} (95 %: {low} to {high})"


def targets_answer(desk: Desk) -> list[str]:
    """How many tickets with a target met it, and how many are not decided."""
    row = desk.query(TARGETS, ("mart_target_attainment",)).iloc[0]
    if words.is_missing(row["tickets"]) or not row["tickets"]:
        return ["No target is set: fill transform/seeds/sla_targets.csv and build the marts."]
    decided = int(row["met"] + row["missed"])
    months = f"{words.month(row['first_month'])} to {words.month(row['last_month'])}"
    lost = int(row["lost_sight"])
    return [
        (
            f"Of {words.plural(decided, 'ticket')} created from {months} whose target is decided "
            f"{words.count(row['met'])} met it{if_few(decided)}."
        ),
        f"{words.count(row['not_due'])} more are open and not due yet.",
        *([f"{words.count(lost)} vanished before their target was over."] if lost else []),
    ]
