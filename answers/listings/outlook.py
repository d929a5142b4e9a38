"""Tables of when money comes, what a ticket brings, and targets.

Depends on the marts of a `desk`. Promises one currency to a row, ranges beside estimates, and no
rank where few tell.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import UNKNOWN, in_order_of_currencies, named

from .columns import FEW_SAID, RESTS_ON, estimates, of_tickets, percents

DUE_NEXT = """
    select ticket_id, order_number, carrier, ticket_type, status, waiting_on, created_at, breach_at
    from fct_open_tickets
    where minutes_to_breach >= 0
    order by breach_at, ticket_id
    limit 30
"""


def forecast(desk: Desk) -> pd.DataFrame:
    """What tickets open now bring within 30, 60 and 90 days, per currency."""
    frame = desk.mart("mart_payout_forecast").sort_values(["currency", "horizon_days"])
    frame = in_order_of_currencies(desk, frame)
    return pd.DataFrame(
        {
            "Currency": list(frame["currency"]),
            "Within days": list(frame["horizon_days"]),
            "Expected": estimates(frame["expected_payout_amount"]).array,
            "from": estimates(frame["expected_payout_amount_lo"]).array,
            "to": estimates(frame["expected_payout_amount_hi"]).array,
            "Of all that is expected, %": percents(frame["share_of_all"]).array,
            "Open tickets": list(frame["open_tickets"]),
            RESTS_ON: _few(frame),
        }
    )


def ticket_values(desk: Desk, segment_type: str) -> pd.DataFrame:
    """What a ticket of each carrier or type brings, per currency: the most first, few last."""
    frame = desk.mart("mart_ticket_value")
    told = (frame["segment_type"] == segment_type) & (frame["currency"] != UNKNOWN)
    frame = frame[told & (frame["approved"] > 0)].sort_values(
        ["is_small", "value_amount", "segment"], ascending=[True, False, True]
    )
    frame = in_order_of_currencies(desk, frame)
    amounts = {
        "A ticket brings": "value_amount",
        "from": "value_amount_lo",
        "to": "value_amount_hi",
        "With everybody's mix": "mix_adjusted_amount",
    }
    heading = "Carrier" if segment_type == "carrier" else "Type"
    return pd.DataFrame(
        {
            heading: named(desk, segment_type, frame["segment"]),
            "Currency": list(frame["currency"]),
            "Tickets": list(frame["tickets"]),
            "Approved, %": percents(frame["approval_chance"]).array,
            "Mean amount": list(frame["mean_amount"].astype(float).round(1)),
            **{name: list(frame[each].astype(float).round(1)) for name, each in amounts.items()},
            RESTS_ON: _few(frame),
        }
    )


def targets(desk: Desk) -> pd.DataFrame:
    """Attainment by month of creation and carrier, the last month first."""
    frame = desk.mart("mart_target_attainment").sort_values(
        ["created_month", "carrier"], ascending=[False, True]
    )
    return pd.DataFrame(
        {
            "Month": [words.month(each) for each in frame["created_month"]],
            "Carrier": named(desk, "carrier", frame["carrier"]),
            "Met": list(frame["met"]),
            "Missed": list(frame["missed"]),
            "Not due": list(frame["not_due"]),
            "Vanished": list(frame["lost_sight"]),
            "Met of decided, %": percents(frame["attainment"]).array,
            "from": percents(frame["attainment_lo"]).array,
            "to": percents(frame["attainment_hi"]).array,
            RESTS_ON: _few(frame),
        }
    )


def due_next(desk: Desk) -> pd.DataFrame:
    """Open tickets whose target is missed next."""
    frame = desk.query(DUE_NEXT, ("fct_open_tickets",))
    return pd.DataFrame(
        {
            **of_tickets(desk, frame),
            "Status": frame["status"].map(words.name),
            "Waits for": frame["waiting_on"].map(words.name),
            "Missed after": frame["breach_at"].map(words.moment),
        }
    )


def _few(frame: pd.DataFrame) -> list[str]:
    return [FEW_SAID if each else "" for each in frame["is_small"]]
