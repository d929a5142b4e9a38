"""Reading a ticket: the contract's types, the edges of each, and what is refused by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from sources.sendcloud_support import AnswerError
from sources.sendcloud_support.api import read_ticket
from sources.sendcloud_support.records import ticket_row
from sources.sendcloud_support.records.tickets import (
    ACTION_FIELDS,
    RESOLUTION_FIELDS,
    TICKET_FIELDS,
    check_ticket,
    parse_json,
)
from tests.sources.conftest import ticket

OPENAPI = Path(__file__).parents[2] / "recorded" / "retrieve-a-support-ticket.yaml"
SCHEMAS = yaml.safe_load(OPENAPI.read_text())["components"]["schemas"]

ACTION = {"id": 301, "data_type": "sales_invoice", "created_at": "2026-03-16T09:00:00+00:00"}


def read(raw: dict[str, Any]) -> dict[str, Any]:
    """As from the wire: every value passes through JSON text."""
    return read_ticket(json.dumps(raw).encode(), raw["id"])


def refusal(raw: Any) -> str:
    with pytest.raises(AnswerError) as caught:
        check_ticket(parse_json(json.dumps(raw).encode()), "GET ticket 87")
    return str(caught.value)


def test_a_ticket_has_the_types_of_the_contract():
    assert read(ticket(requested_actions=[ACTION])) == {
        "id": 87,
        "status": "claim_paid",
        "stage": "manually_solved_stage",
        "type": "lost",
        "parcel_id": 55432,
        "carrier": "dpd",
        "order_number": "ORD-2026-5678",
        "brand_id": 1,
        "created_at": datetime(2026, 2, 1, 8, tzinfo=UTC),
        "updated_at": datetime(2026, 2, 20, 16, 45, tzinfo=UTC),
        "requested_actions": [
            {
                "id": 301,
                "data_type": "sales_invoice",
                "created_at": datetime(2026, 3, 16, 9, tzinfo=UTC),
            }
        ],
        "resolution": {
            "outcome": "claim_approved",
            "amount": Decimal("149.9900"),
            "currency": "EUR",
            "solved_at": datetime(2026, 2, 20, 16, 45, tzinfo=UTC),
        },
    }


def test_the_required_fields_alone_make_a_ticket():
    found = read(
        {
            "id": 1,
            "status": "pending",
            "stage": "in_progress",
            "created_at": "2026-01-01T00:00:00Z",
            "requested_actions": [],
        }
    )

    assert {name for name, value in found.items() if value is None} == {
        "type",
        "parcel_id",
        "carrier",
        "order_number",
        "brand_id",
        "updated_at",
        "resolution",
    }


# --- the vendor's contract ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        ("TicketResponse", TICKET_FIELDS),
        ("RequestedAction", ACTION_FIELDS),
        ("TicketResolution", RESOLUTION_FIELDS),
    ],
)
def test_required_and_nullable_fields_are_those_of_the_openapi(schema, fields):
    children = {"requested_actions", "resolution"}
    properties = set(SCHEMAS[schema]["properties"]) - children
    required = set(SCHEMAS[schema]["required"]) - children

    assert set(fields) == properties
    assert {name for name, (_, nullable) in fields.items() if not nullable} == required


def test_the_vendors_own_example_is_a_ticket():
    answers = yaml.safe_load(OPENAPI.read_text())["components"]["responses"]
    [content] = answers["TicketDetailResponse"]["content"].values()

    assert read(content["example"])["requested_actions"][0]["id"] == 301


# --- null and missing --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["id", "status", "stage", "created_at"])
@pytest.mark.parametrize("is_missing", [True, False])
def test_a_required_field_that_is_null_or_missing_is_refused(name, is_missing):
    raw = ticket(**{name: None})
    if is_missing:
        del raw[name]

    assert refusal(raw).startswith(f"GET ticket 87: ticket field `{name}` should be ")
    assert " came as null. " in refusal(raw)


@pytest.mark.parametrize("name", ["id", "data_type", "created_at"])
def test_a_required_field_of_a_request_that_is_null_is_refused(name):
    assert refusal(ticket(requested_actions=[ACTION | {name: None}])).startswith(
        f"GET ticket 87: requested_actions field `{name}` should be "
    )


def test_a_resolution_without_an_outcome_is_refused():
    assert refusal(ticket(resolution={"amount": 5})).startswith(
        "GET ticket 87: resolution field `outcome` should be text, came as null. "
    )


def test_a_resolution_may_have_an_outcome_and_nothing_else():
    assert read(ticket(resolution={"outcome": "delivered"}))["resolution"] == {
        "outcome": "delivered",
        "amount": None,
        "currency": None,
        "solved_at": None,
    }


@pytest.mark.parametrize("actions", [None, []])
def test_no_requests_are_an_empty_list(actions):
    assert read(ticket(requested_actions=actions))["requested_actions"] == []


# --- integers and text -------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)])
def test_an_id_of_64_bits_is_exact(value):
    found = read(ticket(id=value, parcel_id=value, brand_id=value))

    assert (found["id"], found["parcel_id"], found["brand_id"]) == (value, value, value)


@pytest.mark.parametrize(
    ("value", "came_as"),
    [
        (2**63, "an integer"),
        (-(2**63) - 1, "an integer"),
        (10**30, "an integer"),
        (42.0, "a number"),
        ("42", "text"),
        (True, "a boolean"),
        (False, "a boolean"),
        ([], "a list"),
    ],
)
@pytest.mark.parametrize("name", ["id", "parcel_id", "brand_id"])
def test_an_id_that_is_no_64_bit_integer_is_refused(name, value, came_as):
    assert refusal(ticket(**{name: value})).startswith(
        f"GET ticket 87: ticket field `{name}` should be a 64-bit integer, came as {came_as}. "
    )


@pytest.mark.parametrize("name", ["status", "stage", "type", "carrier", "order_number"])
@pytest.mark.parametrize("value", [5, 1.5, True, [], {}])
def test_text_that_is_none_is_refused(name, value):
    assert refusal(ticket(**{name: value})).startswith(
        f"GET ticket 87: ticket field `{name}` should be text, came as "
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("", ""),
        ("  padded ", "  padded "),
        ("Größe № 5 🎁", "Größe № 5 🎁"),
        ("a\tb\nc", "a\tb\nc"),
        ("nul\x00here", "nul\ufffdhere"),
        ("half \ud83d pair", "half \ufffd pair"),
    ],
)
def test_text_is_kept_but_for_what_no_warehouse_stores(sent, kept):
    assert read(ticket(order_number=sent))["order_number"] == kept


@pytest.mark.parametrize("raw", [None, 5, "ticket", [], True])
def test_a_ticket_that_is_no_object_is_refused(raw):
    assert refusal(raw).startswith("GET ticket 87: a ticket should be an object, came as ")


@pytest.mark.parametrize("actions", [{}, "none", 5, True])
def test_requests_that_are_no_list_are_refused(actions):
    assert refusal(ticket(requested_actions=actions)).startswith(
        "GET ticket 87: ticket field `requested_actions` should be a list of objects, came as "
    )


@pytest.mark.parametrize(
    ("children", "expected", "found"),
    [
        ({"requested_actions": [5]}, "a list of objects", "a list of other values"),
        ({"resolution": "approved"}, "an object", "text"),
    ],
)
def test_children_that_are_no_objects_are_refused(children, expected, found):
    [name] = children

    assert refusal(ticket(**children)).startswith(
        f"GET ticket 87: ticket field `{name}` should be {expected}, came as {found}. "
    )


# --- fields nobody knows yet -------------------------------------------------------------------


def test_an_unknown_field_is_kept_at_every_level():
    found = read(
        ticket(
            priority="high",
            requested_actions=[ACTION | {"due_at": "2026-04-01"}],
            resolution={"outcome": "delivered", "refund": {"iban": None}},
        )
    )

    assert found["priority"] == "high"
    assert found["requested_actions"][0]["due_at"] == "2026-04-01"
    assert found["resolution"]["refund"] == {"iban": None}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0.1234567890123", 0.1234567890123),
        (str(2**70), float(2**70)),
        ("1e400", Decimal("1e400")),
        ("0.12345678901234567890", Decimal("0.12345678901234567890")),
        (str(2**70 + 1), 2**70 + 1),
        (str(2**63 - 1), 2**63 - 1),
        ("true", True),
        ("null", None),
        ('"a\\u0000b"', "a\ufffdb"),
        ('{"a": [0.5, {"b\\ud800": 1}]}', {"a": [0.5, {"b\ufffd": 1}]}),
    ],
)
def test_an_unknown_value_takes_a_form_that_any_warehouse_stores(sent, kept):
    body = json.dumps(ticket(news="NEWS")).replace('"NEWS"', sent).encode()

    found = read_ticket(body, 87)["news"]

    assert (type(found), found) == (type(kept), kept)


# --- JSON and rows -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "Expecting value"),
        (b"{", "property name"),
        (b"<html>", "Expecting value"),
        (b"\xff\xfe\x00", "decode"),
        (b"[" * 100_000, "nested too deeply"),
        (b"01", "Extra data"),
    ],
)
def test_what_is_no_json_is_a_value_error(body, why):
    with pytest.raises(ValueError, match=why):
        parse_json(body)


def test_a_row_carries_its_id_into_its_children_and_wraps_the_resolution():
    seen, first = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    found = read(ticket(requested_actions=[ACTION]))

    row = ticket_row(found, seen, first)

    assert row["requested_actions"] == [found["requested_actions"][0] | {"ticket_id": 87}]
    assert row["resolution"] == [found["resolution"] | {"ticket_id": 87}]
    assert (row["first_seen_at"], row["last_seen_at"], row["vanished_at"]) == (first, seen, None)


def test_a_row_of_an_unresolved_ticket_has_no_resolution():
    now = datetime(2026, 3, 1, tzinfo=UTC)

    assert ticket_row(read(ticket(resolution=None)), now, now)["resolution"] == []


def test_what_we_say_of_a_ticket_wins_over_a_field_of_that_name():
    now = datetime(2026, 3, 1, tzinfo=UTC)

    row = ticket_row(read(ticket(vanished_at="2020-01-01", first_seen_at="x")), now, now)

    assert (row["vanished_at"], row["first_seen_at"]) == (None, now)
