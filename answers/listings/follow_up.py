"""Tables of what to act on: since yesterday, approved and not paid, what stands still.

Depends on the marts of a `desk`. Promises one currency to a row, and the tickets that need
something first.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import UNKNOWN, in_order_of_currencies

from .columns import RESTS_ON, days, money, of_tickets, rests_on

EVENTS = {
    "opened": "Tickets opened",
    "closed": "Tickets closed",
    "reopened": "Tickets reopened",
    "approved": "Claims approved",
    "paid": "Claims marked as paid",
    "vanished": "Tickets vanished from the API",
    "asked": "Documents asked for",
}
TO_ACT_ON = """
    select *
    from (
        select
            ticket_id, order_number, carrier, ticket_type, approved_at, age_days, currency, amount,
            next_step,
            row_number() over (
                partition by currency order by coalesce(amount, 0) desc, age_days desc, ticket_id
            ) as place
        from fct_unpaid_approvals
        where next_step not in ('wait', 'none')
    ) as ranked
    where place <= 15
    order by currency, place
"""
STEPS = {
    "ask_for_payment": "Ask for payment",
    "ask_for_amount": "Ask for the amount",
    "ask_for_currency": "Ask for the currency",
    "look_up": "Look it up: the API has it no longer",
}
LONGEST = """
    select
        ticket_id, order_number, carrier, ticket_type, status, waiting_on, status_minutes,
        is_status_watched, unchanged_minutes_min
    from fct_open_tickets
    where unchanged_minutes_min >= 10080
    order by
        case waiting_on when 'merchant' then 0 else 1 end, unchanged_minutes_min desc, ticket_id
    limit 30
"""


def since_yesterday(desk: Desk) -> pd.DataFrame:
    """Each kind of event in the last 24 hours and in those before; money per currency."""
    frame = desk.mart("mart_since_yesterday").copy()
    frame["place"] = frame["currency"].replace({"(all)": "", UNKNOWN: "currency not known"})
    frame["what"] = [
        f"{EVENTS[kind]}{', ' + place if place else ''}"
        for kind, place in zip(frame["kind"], frame["place"], strict=True)
    ]
    frame = frame.sort_values(["kind_no", "place"], kind="stable")
    return pd.DataFrame(
        {
            "What": list(frame["what"]),
            "Last 24 hours": list(frame["last_day"]),
            "Amount": money(frame["last_day_amount"]),
            "24 hours before": list(frame["day_before"]),
            "Amount before": money(frame["day_before_amount"]),
        }
    )


def unpaid_approvals(desk: Desk) -> pd.DataFrame:
    """Approved claims not marked as paid that ask for something, the largest of each currency."""
    frame = desk.query(TO_ACT_ON, ("fct_unpaid_approvals",))
    frame = in_order_of_currencies(desk, frame)
    return pd.DataFrame(
        {
            **of_tickets(desk, frame),
            "Approved on": [words.iso(each) for each in frame["approved_at"]],
            "Days ago": frame["age_days"].astype("Int64").array,
            "Currency": [words.MISSING if c == UNKNOWN else c for c in frame["currency"]],
            "Approved amount": money(frame["amount"]),
            "To do": [STEPS[each] for each in frame["next_step"]],
        }
    )


def standing_still(desk: Desk) -> pd.DataFrame:
    """Who open tickets wait for, and how many of them stand still."""
    frame = desk.mart("mart_standing_still").sort_values(
        ["open_tickets", "waiting_on"], ascending=[False, True]
    )
    return pd.DataFrame(
        {
            "Waits for": [words.name(each) for each in frame["waiting_on"]],
            "Open": list(frame["open_tickets"]),
            "Unchanged for 7 days": list(frame["unchanged_7d"]),
            "14 days": list(frame["unchanged_14d"]),
            "30 days": list(frame["unchanged_30d"]),
            "Longest, days": list(days(frame["longest_unchanged_minutes"])),
            "Median in present status, days": list(frame["median_status_days"].round(1)),
            "Status began before the first sync": list(frame["status_not_watched"]),
            RESTS_ON: rests_on(frame["open_tickets"]),
        }
    )


def longest_unchanged(desk: Desk) -> pd.DataFrame:
    """Open tickets unchanged for a week or more: the merchant's first, then the longest."""
    frame = desk.query(LONGEST, ("fct_open_tickets",))
    return pd.DataFrame(
        {
            **of_tickets(desk, frame),
            "Status": frame["status"].map(words.name),
            "Waits for": frame["waiting_on"].map(words.name),
            "Unchanged for, days": days(frame["unchanged_minutes_min"]),
            "In this status for, days": days(frame["status_minutes"]),
        }
    )
