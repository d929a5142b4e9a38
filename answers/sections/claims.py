"""Sections about money: what was approved, what is not paid, what is to come, what changed.

Depends on sentences, listings and pictures. Promises a section for each question.
"""

from __future__ import annotations

from answers import listings, sentences, words
from answers.desk import Desk
from answers.page import Section
from answers.pictures import claims_to_come, decisions, follow_up, payouts
from answers.summaries import by_what, currencies


def claims(desk: Desk) -> Section:
    """What was approved, and how claims are decided."""
    section = Section(
        "claims",
        "What do claims pay out?",
        sentences.claims_answer(desk),
        sentences.claims_figures(desk),
    )
    section.draw(payouts.by_month(desk))
    section.draw(payouts.heat_map(desk, main_currency(desk)))
    section.draw(decisions.outcome_mix(desk))
    section.draw(decisions.approval_rates(desk, "carrier"))
    section.draw(payouts.payout_lag(desk))
    section.list(
        "Approval rates",
        "Approved of all decided, tickets old enough; from and to: 95 % interval. Pale below 30 "
        "decided, where a rate can be anything and has no rank.",
        "No claim is old enough for a rate.",
        listings.approvals(desk),
    )
    section.list(
        "Unusual amounts",
        "Approved amounts more than 3.5 robust spreads from the median of their type and currency, "
        "on either side; of types with ten payouts or more. Unusual is not wrong.",
        "No approved amount is unusual for its type.",
        listings.unusual_payouts(desk),
    )
    return section


def unpaid(desk: Desk) -> Section:
    """Approved and not marked as paid, and whom to ask."""
    section = Section(
        "unpaid",
        "What is approved and not paid yet?",
        sentences.unpaid_answer(desk),
        sentences.unpaid_figures(desk),
    )
    section.draw(follow_up.unpaid(desk, main_currency(desk)))
    section.draw(payouts.left_out(desk))
    section.list(
        "To ask about",
        "Approved, not marked as paid, and not to be waited for any longer: of each currency the "
        "largest, at most 15. Ages are counted from the approval.",
        "There is nothing to ask about.",
        listings.unpaid_approvals(desk),
    )
    return section


def to_come(desk: Desk) -> Section:
    """Both totals of what is to come, and where it comes from."""
    section = Section(
        "to-come",
        "What is still to come?",
        _to_come_answer(desk),
        sentences.to_come_figures(desk),
    )
    section.draw(claims_to_come.triangle(desk, main_currency(desk)))
    section.draw(claims_to_come.exposure(desk, main_currency(desk), "ticket_type"))
    section.list(
        "The total, two ways",
        "Expected amounts with their 95 % ranges. By open tickets: chance times amount of each. By "
        "earlier months: the chain ladder, error by Mack; nothing where fewer than 30 claims tell.",
        "Nothing is expected.",
        listings.totals_to_come(desk),
    )
    section.list(
        "When it comes",
        "What tickets open now are expected to be approved for within so many days of their last "
        "sight, with 95 % ranges. Each horizon holds the one before. Pale: fewer than 30 open.",
        "Nothing is expected.",
        listings.forecast(desk),
    )
    for currency in currencies(desk) or [main_currency(desk)]:
        section.list(
            f"Waiting for you, by money at risk, {currency}",
            "Open tickets that wait for you, at most 20, first what is expected to bring most: "
            "chance of approval at the ticket's age times the mean amount of its type."
            + left_out(desk, currency),
            f"No open ticket waits for the merchant with money in {currency}.",
            listings.money_at_risk(desk, currency),
        )
    return section


def value(desk: Desk) -> Section:
    """What a ticket brings."""
    section = Section("value", "What does a ticket bring?", sentences.value_answer(desk), [])
    for segment_type in ("carrier", "ticket_type"):
        section.list(
            f"What a ticket brings, by {by_what(segment_type)}",
            "Chance of approval times the mean amount, in the row's currency, with 95 % intervals; "
            "tickets old enough for a decision. Pale below 30 tickets or claims, with no rank.",
            "Nothing was approved.",
            listings.ticket_values(desk, segment_type),
        )
    return section


def changes(desk: Desk) -> Section:
    """What became known of months that were over."""
    section = Section(
        "changes", "What changed in months already reported?", sentences.changes_answer(desk), []
    )
    section.list(
        "Changes of months that were over",
        "Each month of payout, and the later month in which a sync saw the change. Taken back: "
        "what is approved no longer. Of claims first seen decided nothing is known before.",
        "No month that was over has changed.",
        listings.changes(desk),
    )
    return section


def main_currency(desk: Desk) -> str:
    """The currency with most payouts."""
    return next(iter(currencies(desk)), "EUR")


def left_out(desk: Desk, currency: str) -> str:
    """How many tickets wait for the merchant although all that was asked for is answered."""
    number = listings.nothing_asked(desk, currency)
    if not number:
        return ""
    return f" Left out: {words.plural(number, 'ticket')} of which nothing is asked for any more."


def _to_come_answer(desk: Desk) -> list[str]:
    """How much, and right after it when."""
    first, *others = sentences.to_come_answer(desk)
    return [first, *sentences.forecast_answer(desk), *others]
