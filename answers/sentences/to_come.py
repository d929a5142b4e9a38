"""What is still to come, in words and figures: by open tickets, and by how earlier months grew.

Depends on the marts of a `desk`. Promises both totals with their ranges side by side, and what it
means where they differ.
"""

from __future__ import annotations

from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import in_order_of_currencies

from .figures import NO_TICKETS, Figure, if_few, range_of_payout

NOT_THE_SAME = (
    "The two are not the same thing: earlier months tell nothing of tickets created in the month "
    "in progress, open tickets nothing of those that will be reopened."
)
DOES_NOT_FIT = (
    "one of the two does not fit this account: few claims, another pace than before, or months "
    "that are not alike"
)


def expected(desk: Desk) -> pd.DataFrame:
    """What open tickets are expected to pay, per currency, in the order of `currencies`."""
    frame = desk.mart("mart_claim_exposure")
    frame = frame[(frame["segment_type"] == "all") & (frame["expected_payout_amount"] > 0)]
    return in_order_of_currencies(desk, frame)


def to_come_answer(desk: Desk) -> list[str]:
    """What is to come by both ways, and what a difference means."""
    if not desk.tickets:
        return [NO_TICKETS]
    ladder = _with_ladder(desk)
    return [
        *(open_tickets_sentence(desk) or ["No open ticket is expected to bring anything."]),
        *_ladder_sentence(ladder),
        *_not_projected_sentence(desk),
        *([NOT_THE_SAME] if not ladder.empty else []),
        *_apart_sentence(ladder),
        *_young_sentence(desk),
    ]


def open_tickets_sentence(desk: Desk) -> list[str]:
    """The total by open tickets, per currency."""
    parts = [
        f"{row.currency} {words.rough(row.expected_payout_amount)} ({range_of_payout(row)})"
        for row in expected(desk).itertuples()
    ]
    return (
        [f"Tickets still open are expected to bring another {words.listing(parts)}."]
        if parts
        else []
    )


def both_totals(desk: Desk) -> pd.DataFrame:
    """Both totals per currency, in the order of `currencies`."""
    return in_order_of_currencies(desk, desk.mart("mart_claims_to_come"))


def _with_ladder(desk: Desk) -> pd.DataFrame:
    frame = both_totals(desk)
    return frame[frame["ladder_amount"].notna()]


def _ladder_sentence(frame: pd.DataFrame) -> list[str]:
    parts = [
        f"{row.currency} {words.rough(row.ladder_amount)} "
        f"(95 %: {words.rough_range(row.ladder_amount_lo, row.ladder_amount_hi)})"
        for row in frame.itertuples()
    ]
    if not parts:
        return []
    return [
        (
            f"By how earlier months grew (chain ladder) it is {words.listing(parts)}, from tickets "
            "of months that are over."
        )
    ]


def _not_projected_sentence(desk: Desk) -> list[str]:
    frame = both_totals(desk)
    codes = list(frame.loc[frame["ladder_amount"].isna(), "currency"])
    if not codes:
        return []
    return [
        (
            f"In {words.listing(codes)} earlier months tell nothing: fewer than 30 claims stand "
            "behind how they grew."
        )
    ]


def _apart_sentence(frame: pd.DataFrame) -> list[str]:
    apart = frame[frame["do_ranges_meet"].eq(False).fillna(False)]
    if apart.empty:
        return []
    return [
        f"In {words.listing(list(apart['currency']))} their ranges do not meet: {DOES_NOT_FIT}."
    ]


def _young_sentence(desk: Desk) -> list[str]:
    if expected(desk)["is_followed_enough"].astype(bool).all():
        return []
    return [
        "The account is young, so open tickets will bring more than this: late yeses are missing."
    ]


def expected_figures(desk: Desk) -> list[Figure]:
    """What open tickets are expected to pay, a figure per currency."""
    return [
        Figure(
            f"Expected from open tickets, {row.currency}",
            f"{row.currency} {words.rough(row.expected_payout_amount)}",
            f"{range_of_payout(row)}; "
            f"{words.plural(row.open_tickets, 'open ticket')}, {words.day(desk.as_of)}"
            f"{if_few(row.open_tickets)}",
        )
        for row in expected(desk).itertuples()
    ]


def to_come_figures(desk: Desk) -> list[Figure]:
    """Both totals, a figure each per currency."""
    return [
        *expected_figures(desk),
        *(_ladder_figure(row) for row in _with_ladder(desk).itertuples()),
    ]


def _ladder_figure(row: Any) -> Figure:
    return Figure(
        f"By how earlier months grew, {row.currency}",
        f"{row.currency} {words.rough(row.ladder_amount)}",
        f"95 %: {words.rough_range(row.ladder_amount_lo, row.ladder_amount_hi)}; "
        f"{words.plural(row.ladder_months, 'month')} of creation that are over",
    )
