"""What claims pay out, in words and figures.

Depends on the marts of a `desk`. Promises that approved, marked as paid, and approved but not
marked are three figures; that every estimate has its interval; and that money without a currency is
said.
"""

from __future__ import annotations

from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import UNKNOWN, approved, time_zone

from .figures import NO_TICKETS, Figure, if_few, row_of_all
from .to_come import expected_figures, open_tickets_sentence

OLD_ENOUGH = """
    select
        cast(count(*) as bigint) as claims,
        cast(sum(case when is_decided then 1 else 0 end) as bigint) as decided
    from fct_claim_payouts
    where is_mature
"""
UNPLACED = """
    select
        cast(count(*) as bigint) as claims,
        sum(amount) as amount
    from fct_claim_payouts
    where amount_status = 'paid' and currency = '(none)'
"""


def claims_answer(desk: Desk) -> list[str]:
    """What claims pay out: the answer, and what belongs to it."""
    if not desk.tickets:
        return [NO_TICKETS]
    known = _known(desk)
    answer = "No claim has been approved with an amount yet."
    if not known.empty:
        sums = _sums(known, "approved_amount")
        claims = words.plural(int(known["payouts"].sum()), "claim")
        answer = f"Carriers approved {sums} on {claims}{_period(known)}."
    return [
        answer,
        *_marked_sentence(known),
        *_unplaced_sentence(desk),
        *_approval_sentence(desk),
        *open_tickets_sentence(desk),
    ]


def _known(desk: Desk) -> pd.DataFrame:
    """Approved amounts whose currency is known."""
    frame = approved(desk)
    return frame[(frame["payouts"] > 0) & (frame["currency"] != UNKNOWN)]


def _sums(frame: pd.DataFrame, column: str) -> str:
    pairs = zip(frame["currency"], frame[column], strict=True)
    return words.listing([words.money(amount, currency) for currency, amount in pairs])


def _period(frame: pd.DataFrame) -> str:
    """By the months in which the claims ended; nothing where no claim is dated."""
    first, last = frame["first_month"].min(), frame["last_month"].max()
    if words.is_missing(first):
        return ""
    if first == last:
        return f" in {words.month(first)}"
    return f" from {words.month(first)} to {words.month(last)}"


def _marked_sentence(known: pd.DataFrame) -> list[str]:
    if known.empty:
        return []
    unmarked = known[known["unmarked_amount"] > 0]
    if unmarked.empty:
        return ["All of it is marked as paid."]
    return [
        (
            f"Of that {_sums(known, 'marked_amount')} is marked as paid, "
            f"{_sums(unmarked, 'unmarked_amount')} is not."
        )
    ]


def _unplaced_sentence(desk: Desk) -> list[str]:
    """Money that belongs to no currency is said, as it is in no sum."""
    found = desk.query(UNPLACED, ("fct_claim_payouts",)).iloc[0]
    if not found["claims"]:
        return []
    claims, amount = int(found["claims"]), f"{float(found['amount']):,.2f}"
    if claims == 1:
        return [f"One more amount, {amount}, is in no sum: its currency is not known."]
    return [
        (
            f"The amounts of {words.count(claims)} more approved claims, {amount} in all, "
            "are in no sum: their currency is not known."
        )
    ]


def _approval_sentence(desk: Desk) -> list[str]:
    rate = approval(desk)
    if rate is None:
        return []
    span = words.percent_range(rate["approval_rate_lo"], rate["approval_rate_hi"])
    claims = int(desk.query(OLD_ENOUGH, ("fct_claim_payouts",)).iloc[0]["claims"])
    return [
        (
            f"Of the {words.plural(claims, 'claim')} old enough to be decided "
            f"{words.count(rate['decided'])} {_was(rate['decided'])} decided, and of these "
            f"{words.percent(rate['approval_rate'])} approved (95 %: {span})."
        )
    ]


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def approval(desk: Desk) -> dict[str, Any] | None:
    """The account's approval rate with its interval; None without mature decisions."""
    return row_of_all(desk.mart("mart_approval_rates"))


def claims_figures(desk: Desk) -> list[Figure]:
    """The headline figures of claims."""
    if not desk.tickets:
        return []
    return [
        *_money_figures(desk),
        *_approval_figures(desk),
        *_lag_figures(desk),
        *_missing_figures(desk),
        *expected_figures(desk),
    ]


def _money_figures(desk: Desk) -> list[Figure]:
    """Approved, marked as paid, and the rest: three figures for each currency."""
    zone = time_zone(desk)
    return [figure for row in _known(desk).itertuples() for figure in _three_figures(row, zone)]


def _three_figures(row: Any, zone: str) -> list[Figure]:
    code, unmarked = row.currency, row.payouts - row.marked
    period = _period(pd.DataFrame([row._asdict()])).strip()
    share = words.percent(float(row.unmarked_amount) / float(row.approved_amount))
    return [
        Figure(
            f"Approved, {code}",
            words.money(row.approved_amount, code),
            f"{words.plural(row.payouts, 'claim')}, {period or 'not dated'}, {zone}",
        ),
        Figure(
            f"Of it marked as paid, {code}",
            words.money(row.marked_amount, code),
            words.plural(row.marked, "claim"),
        ),
        Figure(
            f"Approved, not marked as paid, {code}",
            words.money(row.unmarked_amount, code),
            f"{words.plural(unmarked, 'claim')}, {share} of the approved amount",
        ),
    ]


def _approval_figures(desk: Desk) -> list[Figure]:
    rate = approval(desk)
    if rate is None:
        return []
    span = words.percent_range(rate["approval_rate_lo"], rate["approval_rate_hi"])
    note = (
        f"95 %: {span}; of {words.count(rate['decided'])} decided, at least "
        f"{maturity_days(desk)} days old{if_few(rate['decided'])}"
    )
    return [Figure("Approval rate", words.percent(rate["approval_rate"]), note)]


def maturity_days(desk: Desk) -> str:
    """The age from which on a claim counts in rates, in days."""
    days = desk.mart("int_maturity")["maturity_days"]
    return words.MISSING if days.isna().all() else words.count(days.iloc[0])


def _lag_figures(desk: Desk) -> list[Figure]:
    lag = row_of_all(desk.mart("mart_payout_lag"))
    if lag is None:
        return []
    note = (
        f"of creation; nine tenths within {words.days(lag['ninety_percent_hours'])}; "
        f"{words.plural(lag['approvals'], 'approval')}{if_few(lag['approvals'])}"
    )
    return [Figure("Half of the approvals come within", words.days(lag["half_hours"]), note)]


def _missing_figures(desk: Desk) -> list[Figure]:
    frame = approved(desk)
    claims, without = int(frame["approved"].sum()), int(frame["without_amount"].sum())
    if not claims:
        return []
    note = f"of {words.plural(claims, 'approved claim')}; in no sum"
    return [Figure("Approved without an amount", words.count(without), note)]
