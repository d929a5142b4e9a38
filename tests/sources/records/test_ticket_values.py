"""Money and time of a ticket: every form they come in, and what they are kept as."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.sendcloud_support import AnswerError
from sources.sendcloud_support.api import read_ticket
from sources.sendcloud_support.records.tickets import check_ticket, parse_json, parse_time
from tests.sources.conftest import ticket


def read(raw: dict[str, Any]) -> dict[str, Any]:
    """As from the wire: every value passes through JSON text."""
    return read_ticket(json.dumps(raw).encode(), raw["id"])


def refusal(raw: Any) -> str:
    with pytest.raises(AnswerError) as caught:
        check_ticket(parse_json(json.dumps(raw).encode()), "GET ticket 87")
    return str(caught.value)


# --- money -------------------------------------------------------------------------------------

AMOUNTS = [
    ("149.99", "149.9900"),
    ("150", "150.0000"),
    ("150.0", "150.0000"),
    ("0", "0.0000"),
    ("0.0", "0.0000"),
    ("-0.0", "0.0000"),
    ("1e-3", "0.0010"),
    ("1.5E+2", "150.0000"),
    ("12.345678", "12.3457"),
    ("0.00005", "0.0000"),
    ("0.00015", "0.0002"),
    ("0.00025", "0.0002"),
    ("-12.5", "-12.5000"),
    ("0.1", "0.1000"),
    ("99999999999999.9999", "99999999999999.9999"),
    ("-99999999999999.9999", "-99999999999999.9999"),
    ("1e-999999999", "0.0000"),
    ("0." + "3" * 4_000, "0.3333"),
]


def with_amount(text: str) -> bytes:
    raw = json.dumps(ticket(resolution={"outcome": "claim_approved", "amount": 4711}))
    return raw.replace("4711", text).encode()


@pytest.mark.parametrize(("text", "amount"), AMOUNTS)
def test_an_amount_is_exact_to_four_places_and_rounded_half_to_even(text, amount):
    found = read_ticket(with_amount(text), 87)["resolution"]["amount"]

    assert (type(found), found, found.as_tuple().exponent) == (Decimal, Decimal(amount), -4)


def test_an_amount_may_be_null():
    assert read_ticket(with_amount("null"), 87)["resolution"]["amount"] is None


@pytest.mark.parametrize(
    "text",
    [
        "100000000000000",
        "-100000000000000",
        "99999999999999.99995",
        "1e14",
        "1e400",
        "1e999999999",
        "9" * 4_000,
    ],
)
def test_an_amount_too_large_for_its_column_is_refused(text):
    with pytest.raises(AnswerError, match=r"`amount` should be a number below 10\^14, came as "):
        read_ticket(with_amount(text), 87)


@pytest.mark.parametrize(
    ("text", "came_as"),
    [
        ("NaN", "NaN or Infinity"),
        ("-Infinity", "NaN or Infinity"),
        ("1e99999999999999999999", "NaN or Infinity"),
        ('"149.99"', "text"),
        ("true", "a boolean"),
        ("[149.99]", "a list"),
        ('{"value": 149.99}', "an object"),
    ],
)
def test_an_amount_that_is_no_number_is_refused_without_repeating_it(text, came_as):
    with pytest.raises(AnswerError) as caught:
        read_ticket(with_amount(text), 87)

    assert str(caught.value) == (
        f"GET ticket 87: resolution field `amount` should be a number, came as {came_as}. Nothing "
        "of this answer was loaded; the contract may have changed, see CHANGELOG.md for a version "
        "of this connector that knows the new type."
    )


@given(st.decimals(min_value=Decimal("-1e13"), max_value=Decimal("1e13"), places=4))
def test_any_amount_of_four_places_is_kept_as_it_is(amount: Decimal):
    assert read_ticket(with_amount(f"{amount:f}"), 87)["resolution"]["amount"] == amount


# --- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-15T10:30:00+00:00", datetime(2026, 3, 15, 10, 30, tzinfo=UTC)),
        ("2026-03-15T10:30:00Z", datetime(2026, 3, 15, 10, 30, tzinfo=UTC)),
        ("2026-03-15T10:30:00+02:00", datetime(2026, 3, 15, 8, 30, tzinfo=UTC)),
        ("2026-03-15T10:30:00-05:30", datetime(2026, 3, 15, 16, 0, tzinfo=UTC)),
        ("2026-03-15T23:30:00-01:00", datetime(2026, 3, 16, 0, 30, tzinfo=UTC)),
        ("2026-03-15T10:30:00", datetime(2026, 3, 15, 10, 30, tzinfo=UTC)),
        ("2026-03-15 10:30:00", datetime(2026, 3, 15, 10, 30, tzinfo=UTC)),
        ("2026-03-15T10:30:00.123456Z", datetime(2026, 3, 15, 10, 30, 0, 123456, tzinfo=UTC)),
        ("2026-03-15T10:30:00.123456789Z", datetime(2026, 3, 15, 10, 30, 0, 123456, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_utc_whatever_its_offset(text, moment):
    found = read(ticket(created_at=text))["created_at"]

    assert (found, found.utcoffset().total_seconds()) == (moment, 0)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        1_773_570_600,
        True,
        {"date": "2026-03-15"},
        ["2026"],
    ],
)
def test_what_is_no_time_is_refused(value):
    assert refusal(ticket(updated_at=value)).startswith(
        "GET ticket 87: ticket field `updated_at` should be an ISO 8601 time, came as "
    )


@given(st.datetimes(timezones=st.timezones() | st.none()))
def test_the_instant_of_any_time_is_kept(moment: datetime):
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        expected = datetime.fromisoformat(aware.isoformat()).astimezone(UTC)
    except OverflowError:
        return
    assert parse_time(moment.isoformat()) == expected
