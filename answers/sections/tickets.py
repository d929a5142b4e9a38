"""Sections about tickets: since yesterday, by period, how long they take, what stands still.

Depends on sentences, listings and pictures. Promises a section for each question.
"""

from __future__ import annotations

from answers import listings, sentences
from answers.desk import Desk
from answers.page import Section
from answers.pictures import endings, follow_up, times, waiting
from answers.pictures import periods as pictures_of_periods
from answers.summaries import by_what

SEGMENTS = ("carrier", "ticket_type")


def yesterday(desk: Desk) -> Section:
    """What happened since yesterday."""
    section = Section(
        "yesterday", "What happened since yesterday?", sentences.yesterday_answer(desk), []
    )
    section.list(
        "The last 24 hours, and those before",
        "Counted back from the moment that the data are as of. Claims are dated by the API's "
        "solved_at; a payment, and what vanished, by the sync that saw it.",
        "There are no tickets.",
        listings.since_yesterday(desk),
    )
    return section


def periods(desk: Desk) -> Section:
    """This month and quarter against the ones before."""
    section = Section(
        "periods", "How was this month, against the one before?", sentences.periods_answer(desk), []
    )
    for segment_type in SEGMENTS:
        section.draw(pictures_of_periods.volume(desk, segment_type))
    section.list(
        "Month and quarter beside those before",
        "In brackets: 95 % intervals. Approved of decided: decisions that fell in the period. Half "
        "resolved within: tickets created in it, open ones counted in. Net: opened and reopened, "
        "less closed and vanished.",
        "There are no tickets.",
        listings.periods(desk),
    )
    for segment_type in SEGMENTS:
        section.list(
            f"Volume by {by_what(segment_type)}",
            "Counts of this month and the one before, up to the same moment in it.",
            "There are no tickets.",
            listings.volumes(desk, segment_type),
        )
    return section


def resolution(desk: Desk) -> Section:
    """How long tickets take, how they end, and who they wait for."""
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
    for segment_type in SEGMENTS:
        section.list(
            f"Resolution time by {by_what(segment_type)}",
            "Open tickets are counted in; from and to: 95 % interval of the median. The usual "
            "median is over resolved tickets alone, and too short. Pale: fewer than 30 tickets.",
            "There are no tickets.",
            listings.resolution_times(desk, segment_type),
        )
    return section


def standing(desk: Desk) -> Section:
    """Open tickets in which nothing happens."""
    section = Section("standing", "What stands still?", sentences.standing_answer(desk), [])
    section.draw(follow_up.standing_still(desk))
    section.list(
        "By who must act",
        "Open tickets, and how many were unchanged for so long when they were last seen. The "
        "median is of open tickets so far, not how long the status lasts. Pale: below 30 open.",
        "No ticket is open.",
        listings.standing_still(desk),
    )
    section.list(
        "The longest unchanged",
        "Open tickets unchanged for 7 days or more, those that wait for the merchant first; at "
        "most 30 of them.",
        "No open ticket has been unchanged for 7 days.",
        listings.longest_unchanged(desk),
    )
    return section


def targets(desk: Desk) -> Section:
    """Whether targets are met, and what is missed next."""
    section = Section("targets", "Are targets met?", sentences.targets_answer(desk), [])
    section.list(
        "By month of creation and carrier",
        "First resolution within the days of transform/seeds/sla_targets.csv. A month with tickets "
        "not due looks better than it will be. Pale: fewer than 30 decided.",
        "No target is set.",
        listings.targets(desk),
    )
    section.list(
        "Missed next",
        "Open tickets with a target, the soonest first; at most 30 of them.",
        "No open ticket has a target that is not missed yet.",
        listings.due_next(desk),
    )
    return section
