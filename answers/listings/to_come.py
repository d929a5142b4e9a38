"""Tables of what is to come, and of what changed in months that were over.

Depends on the marts of a `desk`. Promises one currency to a row.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.sentences import both_totals

from .columns import estimates, money

MEETING = {True: "meet", False: "do not meet"}


def totals_to_come(desk: Desk) -> pd.DataFrame:
    """By open tickets and by how earlier months grew, per currency, with their ranges."""
    frame = both_totals(desk)
    amounts = {
        "By open tickets": "open_tickets_amount",
        "from": "open_tickets_amount_lo",
        "to": "open_tickets_amount_hi",
        "By earlier months": "ladder_amount",
        "from ": "ladder_amount_lo",
        "to ": "ladder_amount_hi",
    }
    shown = {name: estimates(frame[column]).array for name, column in amounts.items()}
    return pd.DataFrame(
        {
            "Currency": list(frame["currency"]),
            **shown,
            "Months not projected": list(frame["ladder_months_not_projected"]),
            "The ranges": [_meeting(each) for each in frame["do_ranges_meet"]],
        }
    )


def _meeting(told: object) -> str:
    return words.MISSING if words.is_missing(told) else MEETING[bool(told)]


def changes(desk: Desk) -> pd.DataFrame:
    """What changed in months that were over: the last known first."""
    frame = desk.mart("mart_changes_since").sort_values(
        ["known_month", "payout_month", "currency"], ascending=[False, False, True]
    )
    amounts = {
        "Payouts known late": "payout_amount",
        "Corrections": "correction_amount",
        "Taken back": "reversal_amount",
        "Change": "change_amount",
    }
    return pd.DataFrame(
        {
            "Month": [words.month(each) for each in frame["payout_month"]],
            "Known in": [words.month(each) for each in frame["known_month"]],
            "Currency": list(frame["currency"]),
            "Claims": list(frame["tickets"]),
            **{name: money(frame[each]) for name, each in amounts.items()},
        }
    )
