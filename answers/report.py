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
    sections = [_claims(desk), _resolution(desk)]
    return render(sections, sentences.freshness(desk), sentences.is_complete(desk))


def _claims(desk: Desk) -> Section:
    section = Section(
        "claims",
        "What do claims pay out?",
        sentences.claims_answer(desk),
        sentences.claims_figures(desk),
    )
    known = currencies(desk)
    main = known[0] if known else "EUR"
    section.draw(payouts.by_month(desk))
    section.draw(payouts.heat_map(desk, main))
    section.draw(decisions.outcome_mix(desk))
    section.draw(decisions.approval_rates(desk, "carrier"))
    section.draw(payouts.payout_lag(desk))
    section.draw(payouts.left_out(desk))
    section.draw(claims_to_come.triangle(desk, main))
    section.draw(claims_to_come.exposure(desk, main, "ticket_type"))
    _list_claims(section, desk, known or [main])
    return section


def _list_claims(section: Section, desk: Desk, known: list[str]) -> None:
    for currency in known:
        section.list(
            f"Waiting for you, by money at risk, {currency}",
            "Open tickets that wait for the merchant. Expected: chance of approval at the ticket's "
            "age times the mean amount of its type.",
            f"No open ticket waits for the merchant with money in {currency}.",
            listings.money_at_risk(desk, currency),
        )
    for currency in known:
        section.list(
            f"Largest approved amounts, {currency}",
            "Spreads above its type: how unusual the amount is for its type; above 3.5 is unusual.",
            f"Nothing was approved in {currency}.",
            listings.largest_payouts(desk, currency),
        )
    section.list(
        "Approval rates",
        "Approved of all decided, tickets old enough; from and to: 95 % interval. Below 30 "
        "decided a rate can be anything.",
        "No claim is old enough for a rate.",
        listings.approvals(desk),
    )


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
            "median is over resolved tickets alone, and too short.",
            "There are no tickets.",
            listings.resolution_times(desk, segment_type),
        )
    return section
