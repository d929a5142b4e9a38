"""What changed in months that may have been reported, in words.

Depends on the marts of a `desk`. Promises that a change is told in its currency, with the month in
which it became known, and never as a sum of currencies.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import time_zone

from .figures import NO_TICKETS

CHANGES = """
    select
        currency,
        cast(sum(tickets) as bigint) as tickets,
        sum(change_amount) as change_amount
    from mart_changes_since
    where known_month >= cast(%s as date)
    group by currency
    order by currency
"""


def changes_answer(desk: Desk) -> list[str]:
    """What became known last of months before, and all of it since tickets are followed."""
    if not desk.tickets:
        return [NO_TICKETS]
    since = words.day(desk.mart("stg_as_of")["data_seen_since"].iloc[0])
    months = desk.mart("mart_changes_since")["known_month"]
    if months.empty:
        return [f"No approved amount of a month that was over has changed since {since}."]
    last, first = months.max(), months.min()
    both = "A claim that changed in two months counts in both."
    return [
        f"In {words.month(last)} it became known of earlier months: {_said(desk, last)}.",
        f"In all since tickets are followed, {since}: {_said(desk, first)}. {both}",
        f"Months by {time_zone(desk)}; each change is dated by the sync that saw it.",
    ]


def _said(desk: Desk, since: pd.Timestamp) -> str:
    rows = desk.query(CHANGES, ("mart_changes_since",), words.iso(since))
    parts = [
        f"{words.change(row.change_amount, row.currency)} ({words.plural(row.tickets, 'claim')})"
        for row in rows.itertuples()
    ]
    return words.listing(parts)
