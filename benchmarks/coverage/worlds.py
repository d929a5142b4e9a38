"""A world's marts in memory, and what its tickets bring after the last look.

Depends on the tests' raw tables and compiled project, so that neither HTTP nor dbt stands in the
way of many worlds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import duckdb

from simulator import Truth, World
from tests.transform.project import Project
from tests.transform.raw import every, fill_duckdb, replay

LATER = timedelta(days=3 * 365)
TARGET_DAYS = 10
NEEDED = (
    *("mart_resolution_summary", "mart_outcome_incidence", "mart_approval_rates"),
    *("mart_claim_exposure", "mart_claims_to_come", "mart_ticket_value"),
    *("mart_payout_forecast", "mart_reopen_rates", "mart_request_summary"),
    *("mart_resolution_survival", "mart_watched_survival"),
    *("mart_claims_monthly", "mart_period_comparison", "mart_target_attainment"),
)


class Payout(NamedTuple):
    """What one ticket is approved for, as the API says it at some moment."""

    carrier: str
    created: datetime
    currency: str
    amount: float


class _Part(Project):
    """Only the marts whose intervals are judged, and what they are made of."""

    def __init__(self, project: Project) -> None:
        self.__dict__.update(project.__dict__)
        wanted: set[str] = set()
        waiting = [self.models[name]["unique_id"] for name in NEEDED]
        while waiting:
            node = waiting.pop()
            if node in self.nodes and node not in wanted:
                wanted.add(node)
                waiting += self.nodes[node]["depends_on"].get("nodes", [])
        self.models = {n: node for n, node in self.models.items() if node["unique_id"] in wanted}


def build(world: World, project: Project) -> duckdb.DuckDBPyConnection:
    """The world's marts in memory, on one thread."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set timezone = 'UTC'")
    fill_duckdb(connection, replay(world, every(24, world.start, world.end)))
    return _Part(project).build_in(connection, {}, {"sla_targets": list(_targets(world.truth))})


def _targets(truth: Truth) -> Iterator[Mapping[str, Any]]:
    for carrier in truth.carriers:
        for ticket_type in truth.types:
            yield {"carrier": carrier, "ticket_type": ticket_type, "days": TARGET_DAYS}


def payouts_of_open(world: World, days: float | None = None) -> Iterator[Payout]:
    """Of tickets that are open at the end and undecided: what they are approved for later."""
    end = int(world.end.timestamp())
    later = _later(world, days)
    for ticket_id in world.ids(world.end):
        story = world.story(ticket_id, end)
        if story and not story.is_closed(end) and not story.ticket(end)["resolution"]:
            yield from _payout(story.ticket(later))


def payouts(world: World, days: float | None = None) -> Iterator[Payout]:
    """Of all tickets that are there at the end, as the API says it so many days later."""
    for ticket_id in world.ids(world.end):
        if story := world.story(ticket_id, int(world.end.timestamp())):
            yield from _payout(story.ticket(_later(world, days)))


def hours_until_met(world: World) -> Iterator[float]:
    """Of all requests: infinite where the ticket closed or vanished first, or nothing ever came."""
    end = int(world.end.timestamp())
    for ticket_id in world.ids(world.end):
        story = world.story(ticket_id, end)
        for request in story.requests if story else ():
            gone = request.gone
            is_met = gone is not None and story.holds(gone) and not story.is_closed(gone)
            yield (gone - request.opened) / 3600 if is_met else math.inf


def _later(world: World, days: float | None) -> int:
    wait = LATER if days is None else timedelta(days=days)
    return int((world.end + wait).timestamp())


def _payout(ticket: Mapping[str, Any]) -> Iterator[Payout]:
    resolution = ticket["resolution"]
    if resolution and resolution["outcome"] == "claim_approved" and resolution["amount"]:
        yield Payout(
            ticket["carrier"] or "(none)",
            datetime.fromisoformat(ticket["created_at"]),
            resolution["currency"],
            float(resolution["amount"]),
        )
