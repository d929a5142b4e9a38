"""The report's page, section by section: the answers in sentences, figures, pictures and tables.

Depends on everything else in this room. Promises the data's age and the completeness of the last
sync at its top.
"""

from __future__ import annotations

from . import listings, sentences
from .desk import Desk
from .page import Section, render
from .pictures import claims_to_come, decisions, endings, payouts, theme, times, waiting
from .summaries import by_what, currencies


def report_page(desk: Desk) -> str:
    """The report's HTML."""
    theme.use_renderer()
    sections = [_claims(desk), _to_come(desk), _changes(desk), _resolution(desk)]
    return render(sections, sentences.freshness(desk), sentences.is_complete(desk))


def _claims(desk: Desk) -> Section:
    section = Section(
        "claims",
        "What do claims pay out?",
        sentences.claims_answer(desk),
        sentences.claims_figures(desk),
    )
    section.draw(payouts.by_month(desk))
    section.draw(payouts.heat_map(desk, _main(desk)))
    section.draw(decisions.outcome_mix(desk))
    section.draw(decisions.approval_rates(desk, "carrier"))
    section.draw(payouts.payout_lag(desk))
    section.draw(payouts.left_out(desk))
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


def _to_come(desk: Desk) -> Section:
    section = Section(
        "to-come",
        "What is still to come?",
        sentences.to_come_answer(desk),
        sentences.to_come_figures(desk),
    )
    section.draw(claims_to_come.triangle(desk, _main(desk)))
    section.draw(claims_to_come.exposure(desk, _main(desk), "ticket_type"))
    section.list(
        "The total, two ways",
        "Expected amounts with their 95 % ranges. By open tickets: chance times amount of each. By "
        "earlier months: the chain ladder, error by Mack; nothing where fewer than 30 claims tell.",
        "Nothing is expected.",
        listings.totals_to_come(desk),
    )
    for currency in currencies(desk) or [_main(desk)]:
        section.list(
            f"Waiting for you, by money at risk, {currency}",
            "The 20 open tickets that wait for the merchant and are expected to bring most: chance "
            "of approval at the ticket's age times the mean amount of its type.",
            f"No open ticket waits for the merchant with money in {currency}.",
            listings.money_at_risk(desk, currency),
        )
    return section


def _changes(desk: Desk) -> Section:
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


def _main(desk: Desk) -> str:
    """The currency with most payouts."""
    return next(iter(currencies(desk)), "EUR")


def _resolution(desk: Desk) -> Section:
    section = Section(
        "resolution",
        "How long does a resolution take?",
        sentences.resolution_answer(desk),
        sentences.resolution_figures(desk),
    )
    section.draw(times.survival(desk, "carrier"))
    section.draw(times.survival(desk, "ticket_type"))
    section.draw(times.quantiles(desk, "carrier"))
    section.draw(times.months(desk))
    section.draw(endings.endings(desk))
    section.draw(waiting.backlog(desk))
    section.draw(waiting.ages(desk))
    section.draw(waiting.shares(desk, "carrier"))
    section.draw(waiting.documents(desk))
    for segment_type in ("carrier", "ticket_type"):
        section.list(
            f"Resolution time by {by_what(segment_type)}",
            "Open tickets are counted in; from and to: 95 % interval of the median. The usual "
            "median is over resolved tickets alone, and too short. Pale: fewer than 30 tickets.",
            "There are no tickets.",
            listings.resolution_times(desk, segment_type),
        )
    return section
