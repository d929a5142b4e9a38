"""The documented values, compared with the vendor's OpenAPI, and the count of all others."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sources.sendcloud_support.records import UnknownValues
from sources.sendcloud_support.records.vocabulary import (
    DATA_TYPES,
    OUTCOMES,
    STAGES,
    STATUSES,
    TYPES,
)
from tests.sources.conftest import ticket

OPENAPI = Path(__file__).parents[2] / "recorded" / "retrieve-a-support-ticket.yaml"
SCHEMAS = yaml.safe_load(OPENAPI.read_text())["components"]["schemas"]


@pytest.mark.parametrize(
    ("ours", "theirs", "count"),
    [
        (STATUSES, SCHEMAS["TicketStatus"], 28),
        (STAGES, SCHEMAS["TicketResponse"]["properties"]["stage"], 5),
        (TYPES, SCHEMAS["TicketResponse"]["properties"]["type"], 8),
        (OUTCOMES, SCHEMAS["TicketResolution"]["properties"]["outcome"], 10),
        (DATA_TYPES, SCHEMAS["RequestedAction"]["properties"]["data_type"], 11),
    ],
)
def test_the_known_values_are_those_of_the_openapi(ours, theirs, count):
    assert ours == {value for value in theirs["enum"] if value is not None}
    assert len(ours) == count


def action(number: int, data_type: str) -> dict[str, object]:
    return {"id": number, "data_type": data_type, "created_at": None}


def test_known_values_are_not_counted():
    unknown = UnknownValues()

    unknown.add(ticket(type=None))
    unknown.add(ticket(resolution=None, requested_actions=[action(1, "other")]))

    assert (unknown.counts, unknown.sentences()) == ({}, [])


def test_an_unknown_value_counts_once_for_each_ticket():
    """Two requests of the new kind on one ticket, and the ticket seen twice, are one ticket."""
    unknown = UnknownValues()
    twice = ticket(id=1, requested_actions=[action(1, "x_ray"), action(2, "x_ray")])

    unknown.add(twice)
    unknown.add(twice)
    unknown.add(ticket(id=2, requested_actions=[action(3, "x_ray")]))

    assert unknown.counts == {("requested_actions.data_type", "x_ray"): 2}


def test_each_field_has_its_sentence():
    unknown = UnknownValues()
    strange = {"status": "on_the_moon", "stage": "moon_stage", "type": "moonstruck"}

    unknown.add(ticket(id=1, **strange, resolution={"outcome": "eclipse"}))
    unknown.add(ticket(id=2, status="on_the_moon"))

    assert unknown.sentences() == [
        "Unknown resolution.outcome 'eclipse': 1 ticket, loaded as it came.",
        "Unknown stage 'moon_stage': 1 ticket, loaded as it came.",
        "Unknown status 'on_the_moon': 2 tickets, loaded as it came.",
        "Unknown type 'moonstruck': 1 ticket, loaded as it came.",
    ]


@pytest.mark.parametrize("words", ["Jane Doe, 5 Main Street", "", "x" * 65])
def test_a_value_that_may_be_somebodys_words_is_not_repeated(words):
    unknown = UnknownValues()

    unknown.add(ticket(status=words))

    assert unknown.sentences() == [
        f"Unknown status (text of {len(words)} characters): 1 ticket, loaded as it came."
    ]
