"""Tables of claims: what to act on, what was approved, and the rates behind the pictures.

Depends on the marts of a `desk`. Promises one currency to a table, the tickets that wait for
somebody first by what is at stake, and no rank where few claims tell.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import FEW, UNUSUAL, named

from .columns import RESTS_ON, days, money, of_tickets, percents, rests_on

AT_RISK = """
    select
        ticket_id, order_number, carrier, ticket_type, status, age_minutes, oldest_request_minutes,
        p_approval, expected_amount_if_approved, expected_payout_amount
    from fct_open_claim_exposure
    where waiting_on = 'merchant' and currency = %s and expected_payout_amount > 0
        and not is_nothing_outstanding
    order by expected_payout_amount desc, ticket_id
    limit 20
"""
NOTHING_ASKED = """
    select cast(count(*) as bigint) as tickets
    from fct_open_claim_exposure
    where waiting_on = 'merchant' and currency = %s and expected_payout_amount > 0
        and is_nothing_outstanding
"""
UNUSUAL_ONES = """
    select ticket_id, order_number, carrier, ticket_type, solved_at, currency, amount, robust_z
    from mart_payout_sizes
    where abs(robust_z) > %s
    order by currency, abs(robust_z) desc, ticket_id
    limit 20
"""


def nothing_asked(desk: Desk, currency: str) -> int:
    """Tickets left out of `money_at_risk`: all that was asked for is answered."""
    found = desk.query(NOTHING_ASKED, ("fct_open_claim_exposure",), currency)
    return int(found["tickets"].iloc[0])


def money_at_risk(desk: Desk, currency: str) -> pd.DataFrame:
    """Open tickets that wait for the merchant, by what they are expected to bring."""
    frame = desk.query(AT_RISK, ("fct_open_claim_exposure",), currency)
    return pd.DataFrame(
        {
            **of_tickets(desk, frame),
            "Status": frame["status"].map(words.name),
            "Open for, days": days(frame["age_minutes"]),
            "Asked for, days ago": days(frame["oldest_request_minutes"]),
            "Chance of approval, %": percents(frame["p_approval"]),
            f"If approved, {currency}": frame["expected_amount_if_approved"].astype(float).round(2),
            f"Expected, {currency}": frame["expected_payout_amount"].astype(float).round(2),
        }
    )


def unusual_payouts(desk: Desk) -> pd.DataFrame:
    """Approved amounts that are far from what their type usually brings, of every currency."""
    frame = desk.query(UNUSUAL_ONES, ("mart_payout_sizes",), UNUSUAL)
    return pd.DataFrame(
        {
            **of_tickets(desk, frame),
            "Approved on": frame["solved_at"].map(words.iso),
            "Currency": frame["currency"],
            "Approved amount": money(frame["amount"]),
            "Spreads from its type": frame["robust_z"].astype(float).round(1) + 0.0,
        }
    )


def approvals(desk: Desk) -> pd.DataFrame:
    """Approval rates of carriers with intervals, as they are and with everybody's mix.

    The highest first; after them those that rest on few, by their number: they have no rank.
    """
    frame = desk.mart("mart_approval_rates")
    frame = frame[frame["segment_type"] == "carrier"].copy()
    frame["is_few"] = frame["decided"] < FEW
    frame["merit"] = frame["approval_rate"].where(~frame["is_few"], 0.0)
    frame = frame.sort_values(
        ["is_few", "merit", "decided", "segment"], ascending=[True, False, False, True]
    )
    shares = ("approval_rate", "approval_rate_lo", "approval_rate_hi", "mix_adjusted_rate")
    rate, low, high, adjusted = (percents(frame[name]).array for name in shares)
    return pd.DataFrame(
        {
            "Carrier": named(desk, "carrier", frame["segment"]),
            "Decided": list(frame["decided"]),
            "Approved, %": rate,
            "from": low,
            "to": high,
            "With everybody's mix, %": adjusted,
            RESTS_ON: rests_on(frame["decided"]),
        }
    )
