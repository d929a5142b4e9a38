"""What the simulator answers is what the vendor's own document describes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from simulator import Account, Clock, World
from simulator.world import (
    CLOSED,
    DATA_TYPES,
    GROUPS,
    OUTCOME_GROUPS,
    OUTCOMES,
    STAGES,
    STATUSES,
    TYPES,
)

from .conftest import RECORDED, recorded

OPENAPI = yaml.safe_load((RECORDED / "retrieve-a-support-ticket.yaml").read_text(encoding="utf-8"))
SCHEMAS = OPENAPI["components"]["schemas"]
TICKET = SCHEMAS["TicketResponse"]["properties"]
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

formats = FormatChecker()
formats.checks("date-time")(
    lambda value: not isinstance(value, str) or bool(RFC3339.fullmatch(value))
)

WORLD = World(seed=11, tickets=3_000, months=8)
FAR = WORLD.end + timedelta(days=700)


def validator(schema: str) -> Draft202012Validator:
    document = {"$ref": f"#/components/schemas/{schema}", "components": OPENAPI["components"]}
    return Draft202012Validator(document, format_checker=formats)


def moments_of_every_kind(world: World) -> Iterator[tuple[int, datetime]]:
    """For every status, outcome and data type one ticket and a moment at which it shows."""
    met: set[Any] = set()
    for number in world.ids(world.end):
        for moment, status, _ in world.history(number, FAR):
            ticket = world.ticket(number, moment)
            assert ticket is not None
            kinds = {("status", status), ("type", ticket["type"]), ("end", outcome_of(ticket))}
            kinds |= {("data", data_type) for data_type in data_types_of(ticket)}
            if kinds - met:
                met |= kinds
                yield number, moment


def outcome_of(ticket: dict[str, Any]) -> str | None:
    return ticket["resolution"] and ticket["resolution"]["outcome"]


def data_types_of(ticket: dict[str, Any]) -> list[str]:
    return [action["data_type"] for action in ticket["requested_actions"]]


@cache
def samples() -> list[dict[str, Any]]:
    return [WORLD.ticket(*sample) for sample in moments_of_every_kind(WORLD)]


def test_the_recorded_list_is_valid_by_the_recorded_document() -> None:
    for ticket in recorded("list-of-tickets.json")["body"]["items"]:
        validator("TicketResponse").validate(ticket)


def test_the_vocabulary_is_the_documents() -> None:
    resolution = SCHEMAS["TicketResolution"]["properties"]
    request = SCHEMAS["RequestedAction"]["properties"]
    assert set(STATUSES) == set(SCHEMAS["TicketStatus"]["enum"])
    assert set(STAGES.values()) == set(TICKET["stage"]["enum"])
    assert {*TYPES, None} == set(TICKET["type"]["enum"])
    assert set(OUTCOMES) - {None} == set(resolution["outcome"]["enum"])
    assert set(DATA_TYPES) == set(request["data_type"]["enum"])
    assert (len(STATUSES), len(TYPES), len(OUTCOMES) - 1, len(DATA_TYPES)) == (28, 8, 10, 11)
    assert set(OUTCOME_GROUPS.values()) == set(GROUPS)
    assert set(STATUSES) > CLOSED


def test_every_word_of_the_contract_occurs_in_a_world() -> None:
    assert {ticket["status"] for ticket in samples()} == set(SCHEMAS["TicketStatus"]["enum"])
    assert {ticket["stage"] for ticket in samples()} == set(TICKET["stage"]["enum"])
    assert {ticket["type"] for ticket in samples()} == set(TICKET["type"]["enum"])
    assert {outcome_of(ticket) for ticket in samples()} == set(OUTCOMES)
    assert {name for ticket in samples() for name in data_types_of(ticket)} == set(DATA_TYPES)


def test_a_ticket_of_every_kind_is_valid_by_the_document() -> None:
    for ticket in samples():
        validator("TicketResponse").validate(ticket)


@pytest.mark.parametrize("days_before_the_end", [0, 1, 45, 200])
def test_a_whole_world_is_valid_by_the_document(days_before_the_end: int) -> None:
    moment = WORLD.end - timedelta(days=days_before_the_end)
    valid = validator("TicketResponse").is_valid
    tickets = [WORLD.ticket(number, moment) for number in WORLD.ids(moment)]
    assert [ticket for ticket in tickets if not valid(ticket)] == []
    assert len(tickets) > 300


def test_a_ticket_says_every_field_of_the_document_in_its_order() -> None:
    documented = list(TICKET)
    assert {tuple(ticket) for ticket in samples()} == {tuple(documented)}


def test_a_hand_made_ticket_is_valid_by_the_document() -> None:
    account = Account(clock=Clock(datetime(2026, 3, 15, tzinfo=UTC)))
    account.hold(1)
    account.hold(2, status="solved", resolution={"outcome": "delivered"})
    for ticket in account.tickets():
        validator("TicketResponse").validate(ticket)


def test_the_detail_answer_over_http_is_valid(served) -> None:
    client = served()
    number = client.page()["items"][0]["id"]
    answer = client.get(f"/dsf/tickets/{number}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    validator("TicketResponse").validate(answer.json())
    assert answer.json() == client.page()["items"][0]


def test_the_list_answers_in_the_vendors_shape(served) -> None:
    example = recorded("list-of-tickets.json")["body"]
    account = Account()
    for number in range(1, 41):
        account.hold(number, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    for ticket in example["items"]:
        account.hold(**{"ticket_id" if key == "id" else key: ticket[key] for key in ticket})
    answer = served(account).get("/dsf/tickets").json()
    assert list(answer) == list(example)
    assert answer | {"items": []} == example | {"items": []}
    assert answer["items"][:2] == example["items"]
    assert len(answer["items"]) == 15


@pytest.mark.parametrize("name", ["ticket-not-found.json", "rate-limit-exceeded.json"])
def test_the_documented_errors_are_answered_to_the_letter(served, name: str) -> None:
    expected = recorded(name)
    client = served(requests_per_minute=30)
    answers = [client.get("/dsf/tickets/1") for _ in range(31)]
    answer = answers[0 if expected["status"] == 404 else -1]
    assert (answer.status_code, answer.json()) == (expected["status"], expected["body"])
    validator("ErrorsResponseSchema").validate(answer.json())
