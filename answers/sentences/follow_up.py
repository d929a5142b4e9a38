"""What to act on, in words: since yesterday, approved and not paid, what stands still.

Depends on the marts of a `desk`. Promises counts with the moment up to which they hold, and that
money without an amount or a currency is said.
"""

from __future__ import annotations

from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import UNKNOWN, approved, in_order_of_currencies

from .figures import NO_TICKETS, Figure

UNPAID = """
    select
        currency,
        cast(sum(tickets) as bigint) as tickets,
        sum(amount) as amount,
        cast(sum(case when age_band_no = 4 then tickets else 0 end) as bigint) as old_tickets,
        sum(case when age_band_no = 4 then amount else 0 end) as old_amount,
        cast(sum(missing_amounts) as bigint) as missing_amounts
    from mart_unpaid_approvals
    group by currency
    order by currency
"""
STEPS = """
    select next_step, cast(count(*) as bigint) as tickets
    from fct_unpaid_approvals
    group by next_step
    order by next_step
"""
TO_DO = {
    "ask_for_payment": "to ask the carrier for payment",
    "ask_for_amount": "to ask for the amount",
    "ask_for_currency": "to ask for the currency",
    "look_up": "to look up, as the API has them no longer",
    "wait": "to wait for, approved within 30 days",
    "none": "with an amount of 0",
}
STANDING = """
    select
        cast(sum(open_tickets) as bigint) as open_tickets,
        cast(sum(unchanged_7d) as bigint) as unchanged_7d,
        cast(sum(unchanged_14d) as bigint) as unchanged_14d,
        cast(sum(unchanged_30d) as bigint) as unchanged_30d,
        cast(sum(unchanged_7d_at_most) as bigint) as unchanged_7d_at_most,
        cast(sum(unchanged_30d_at_most) as bigint) as unchanged_30d_at_most
    from mart_standing_still
"""
KINDS = {
    "opened": ("ticket opened", "tickets opened"),
    "closed": ("closed", "closed"),
    "reopened": ("reopened", "reopened"),
    "approved": ("claim approved", "claims approved"),
    "paid": ("marked as paid", "marked as paid"),
    "vanished": ("vanished from the API", "vanished from the API"),
    "asked": ("document asked for", "documents asked for"),
}


def yesterday_answer(desk: Desk) -> list[str]:
    """What happened in the last 24 hours, and in those before."""
    frame = desk.mart("mart_since_yesterday").sort_values("kind_no", kind="stable")
    if frame.empty:
        return [NO_TICKETS]
    until = words.moment(frame["last_day_until"].iloc[0])
    return [
        f"In the 24 hours up to {until}: {_happened(frame, 'last_day')}.",
        f"In the 24 hours before: {_happened(frame, 'day_before')}.",
    ]


def _happened(frame: pd.DataFrame, column: str) -> str:
    parts = []
    for row in frame[frame["currency"] == "(all)"].itertuples():
        number = int(getattr(row, column))
        if not number:
            continue
        said = KINDS[row.kind][number != 1]
        parts.append(f"{words.count(number)} {said}{_worth(frame, row.kind, column)}")
    return words.listing(parts) or "nothing happened"


def _worth(frame: pd.DataFrame, kind: str, column: str) -> str:
    """What the claims of a kind come to, per currency; those without an amount are said."""
    rows = frame[(frame["kind"] == kind) & (frame["currency"] != "(all)") & (frame[column] > 0)]
    known = rows[(rows["currency"] != UNKNOWN) | (rows[f"{column}_amount"] > 0)]
    parts = [
        words.money(row[f"{column}_amount"], _currency(row["currency"]))
        for _, row in known.iterrows()
    ]
    missing = int(rows[f"{column}_missing_amounts"].sum())
    without = [f"{words.count(missing)} without an amount"] if missing else []
    return f" ({words.listing([*parts, *without])})" if parts or without else ""


def _currency(code: str) -> str:
    return "currency not known" if code == UNKNOWN else code


def unpaid_answer(desk: Desk) -> list[str]:
    """Approved and not marked as paid: how much, how old, and what to do."""
    if not desk.tickets:
        return [NO_TICKETS]
    frame = _unpaid(desk)
    if frame.empty:
        if approved(desk).empty:
            return ["No claim has been approved yet."]
        return ["Every approved claim is marked as paid."]
    known = frame[(frame["currency"] != UNKNOWN) & (frame["amount"] > 0)]
    sums = words.listing([words.money(r.amount, r.currency) for r in known.itertuples()])
    claims = words.plural(int(frame["tickets"].sum()), "approved claim")
    worth = f", {sums}" if sums else ""
    return [
        f"On {words.day(desk.as_of)} {claims} {_is(frame)} not marked as paid{worth}.",
        *_old_sentence(frame),
        *_without_sentence(frame),
        _to_do_sentence(desk),
        (
            "Status claim_paid is the API's only word on payment: a carrier may have paid without "
            "anybody moving the ticket."
        ),
    ]


def _has(number: int) -> str:
    return "has" if number == 1 else "have"


def _unpaid(desk: Desk) -> pd.DataFrame:
    return in_order_of_currencies(desk, desk.query(UNPAID, ("mart_unpaid_approvals",)))


def _is(frame: pd.DataFrame) -> str:
    return "is" if frame["tickets"].sum() == 1 else "are"


def _old_sentence(frame: pd.DataFrame) -> list[str]:
    tickets = int(frame["old_tickets"].sum())
    if not tickets:
        return ["None of them is older than 90 days."]
    known = frame[(frame["currency"] != UNKNOWN) & (frame["old_amount"] > 0)]
    sums = words.listing([words.money(r.old_amount, r.currency) for r in known.itertuples()])
    were = "was" if tickets == 1 else "were"
    worth = f", {sums}" if sums else ""
    return [f"{words.count(tickets)} of them {were} approved more than 90 days ago{worth}."]


def _without_sentence(frame: pd.DataFrame) -> list[str]:
    missing = int(frame["missing_amounts"].sum())
    placeless = frame[(frame["currency"] == UNKNOWN) & (frame["amount"] > 0)]
    said = []
    if missing:
        are = "is" if missing == 1 else "are"
        said.append(f"{words.count(missing)} of them {are} without an amount and in no sum.")
    if not placeless.empty:
        amount = float(placeless["amount"].iloc[0])
        said.append(f"Another {amount:,.2f} is in no sum: its currency is not known.")
    return said


def _to_do_sentence(desk: Desk) -> str:
    steps = desk.query(STEPS, ("fct_unpaid_approvals",))
    told = dict(zip(steps["next_step"], steps["tickets"], strict=True))
    parts = [f"{words.count(told[step])} {said}" for step, said in TO_DO.items() if step in told]
    return f"Of all {words.count(steps['tickets'].sum())}: {words.listing(parts)}."


def unpaid_figures(desk: Desk) -> list[Figure]:
    """Approved and not marked as paid, per currency."""
    return [_unpaid_figure(row) for row in _unpaid(desk).itertuples() if row.currency != UNKNOWN]


def _unpaid_figure(row: Any) -> Figure:
    old = f"{words.money(row.old_amount, row.currency)} for more than 90 days"
    return Figure(
        f"Approved, not marked as paid, {row.currency}",
        words.money(row.amount, row.currency),
        f"{words.plural(row.tickets, 'claim')}; {old}",
    )


def standing_answer(desk: Desk) -> list[str]:
    """How many open tickets nothing happens in."""
    if not desk.tickets:
        return [NO_TICKETS]
    row = desk.query(STANDING, ("mart_standing_still",)).iloc[0]
    if words.is_missing(row["open_tickets"]) or not row["open_tickets"]:
        return ["No ticket is open."]
    tickets, week = words.plural(row["open_tickets"], "open ticket"), row["unchanged_7d"]
    if not row["unchanged_7d_at_most"]:
        return [f"None of {tickets} stands still for 7 days or more."]
    return [
        (
            f"Of {tickets} {words.count(week)} {_has(week)} stood still for 7 days or more, "
            f"{words.count(row['unchanged_14d'])} for 14 and {words.count(row['unchanged_30d'])} "
            "for 30."
        ),
        (
            "Unchanged up to the last sight of each: same status, same stage, nothing asked for or "
            f"met. A change between two syncs has no exact moment: at most "
            f"{words.count(row['unchanged_7d_at_most'])} for 7 days and "
            f"{words.count(row['unchanged_30d_at_most'])} for 30. {words.moment(desk.as_of)}."
        ),
    ]
