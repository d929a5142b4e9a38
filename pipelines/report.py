"""The report: the answers on one page, for people without Python.

Depends on `answers`. Promises one HTML file that asks no network, with the data's age and the
completeness of the last sync at its top, in which what tickets say is text and nothing else; and
that an old report stays until the new one is whole.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dlt

from .answers import (
    claims_to_come,
    decisions,
    endings,
    listings,
    payouts,
    sentences,
    theme,
    times,
    waiting,
)
from .answers.desk import Desk
from .answers.opening import NotReadyError, open_desk, source_name
from .answers.page import Section, render
from .outcome import DONE, FAILED
from .whole_file import write_whole

BYTES_IN_A_MEGABYTE = 1_000_000


def run_report(
    out: Path, say: Callable[[str], object], pipeline: dlt.Pipeline | None = None
) -> int:
    """Write the report; the exit code.

    Args:
        out: The HTML file, a pipe, a device, or `-` for standard output.
        say: Is told what was written, or why nothing was.
        pipeline: Another warehouse than the configured one (or the demo's).
    """
    try:
        desk = open_desk(pipeline)
    except NotReadyError as error:
        say(str(error))
        return FAILED
    page = make_page(desk).encode()
    try:
        write_whole(out, page)
    except OSError as error:
        say(f"The report could not be written to {out}: {error.strerror}.")
        return FAILED
    size = len(page) / BYTES_IN_A_MEGABYTE
    say(f"Read {source_name(desk)}; wrote {out} ({size:.1f} MB). Open it with any browser.")
    return DONE


def make_page(desk: Desk) -> str:
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
    currencies = list(payouts.currencies(desk)["currency"])
    main = currencies[0] if currencies else "EUR"
    for currency in currencies or [main]:
        section.draw(payouts.paid_by_month(desk, currency))
    section.draw(payouts.heat_map(desk, main))
    section.draw(decisions.outcome_mix(desk))
    section.draw(decisions.approval_rates(desk, "carrier"))
    section.draw(payouts.payout_lag(desk))
    section.draw(payouts.left_out(desk))
    section.draw(claims_to_come.triangle(desk, main))
    section.draw(claims_to_come.exposure(desk, main, "ticket_type"))
    _list_claims(section, desk, currencies or [main])
    return section


def _list_claims(section: Section, desk: Desk, currencies: list[str]) -> None:
    for currency in currencies:
        section.list(
            f"Waiting for you, by money at risk, {currency}",
            "Open tickets that wait for the merchant. Expected: chance of approval at the ticket's "
            "age times the mean amount of its type.",
            f"No open ticket waits for the merchant with money in {currency}.",
            listings.money_at_risk(desk, currency),
        )
    for currency in currencies:
        section.list(
            f"Largest payouts, {currency}",
            "Spreads above its type: how unusual the amount is for its type; above 3.5 is unusual.",
            f"Nothing was paid in {currency}.",
            listings.largest_payouts(desk, currency),
        )
    section.list(
        "Approval rates",
        "Approved of all decided, tickets old enough; from and to: 95 % interval.",
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
            f"Resolution time by {times.by_what(segment_type)}",
            "Open tickets are counted in; from and to: 95 % interval of the median. The usual "
            "median is over resolved tickets alone, and too short.",
            "There are no tickets.",
            listings.resolution_times(desk, segment_type),
        )
    return section
