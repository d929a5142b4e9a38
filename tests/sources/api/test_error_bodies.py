"""Error bodies of every shape, and failures of the wire: told without a word of theirs."""

from __future__ import annotations

import re

import pytest
import requests

from sources.sendcloud_support import AnswerError, GiveUpError, UnavailableError
from sources.sendcloud_support.api.patience import Patience
from tests.sources.api.answers import BODY_WORDS, HTML, check_discretion, errors
from tests.sources.conftest import (
    KEY_PAIR,
    PUBLIC,
    SECRET,
    TICKETS_URL,
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errors": [{"code": "a_code", "detail": BODY_WORDS, "status": 400}]}, "code a_code"),
        ({"errors": [{"id": "1", "status": "400", "code": "a_code", "meta": {}}]}, "code a_code"),
        ({"errors": [{"code": "one"}, {"code": "two"}, {"code": "one"}]}, "code one, two"),
        ({"errors": {"code": "a_code", "detail": BODY_WORDS}}, "code a_code"),
        ({"error": {"code": "a_code", "message": BODY_WORDS}}, "code a_code"),
        ({"error": {"code": 400, "message": BODY_WORDS}}, "JSON without an error code"),
        ({"error": "invalid_request", "error_description": BODY_WORDS}, "code invalid_request"),
        ({"error": BODY_WORDS}, "JSON without an error code"),
        ({"detail": BODY_WORDS}, "JSON without an error code"),
        ({"detail": [{"loc": ["query"], "msg": BODY_WORDS, "type": "missing"}]}, "code missing"),
        ({"message": BODY_WORDS}, "JSON without an error code"),
        ({"errors": BODY_WORDS}, "JSON without an error code"),
        ({"errors": [BODY_WORDS, None, 5]}, "JSON without an error code"),
        ({"errors": [{"code": BODY_WORDS}]}, "JSON without an error code"),
        ({"errors": []}, "JSON without an error code"),
        ([], "JSON without an error code"),
        (BODY_WORDS, "JSON without an error code"),
        (False, "JSON without an error code"),
    ],
)
def test_an_error_body_of_any_shape_is_told_by_its_code_alone(api, connect, body, said):
    api.get(TICKETS_URL, status_code=400, json=body)

    with pytest.raises(GiveUpError) as caught:
        connect().page(1)

    assert str(caught.value).startswith(f"GET tickets page 1: HTTP 400 ({said}). ")
    check_discretion(caught.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (HTML, "an HTML page"),
        (f"  <html>{BODY_WORDS}", "an HTML page"),
        ("", "an empty body"),
        ("   ", "an empty body"),
        (BODY_WORDS, "a body that is no JSON"),
        ("[" * 100_000, "a body that is no JSON"),
        ('{"errors": [', "a body that is no JSON"),
    ],
)
def test_an_error_body_that_is_no_json_is_told_by_its_kind(api, connect, body, said):
    api.get(TICKETS_URL, status_code=400, text=body)

    with pytest.raises(GiveUpError) as caught:
        connect().page(1)

    assert str(caught.value).startswith(f"GET tickets page 1: HTTP 400 ({said}). ")
    check_discretion(caught.value)


def test_an_envelope_of_errors_with_status_200_is_no_page(api, connect):
    api.get(TICKETS_URL, json=errors("internal_error", 500))

    with pytest.raises(AnswerError) as caught:
        connect().page(1)

    assert str(caught.value) == (
        "GET tickets page 1: the answer lacks total, page, pages, size, items."
    )


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (requests.ReadTimeout("x"), "no answer in time"),
        (requests.ConnectionError("[Errno 111] Connection refused"), "the connection was refused"),
        (requests.ConnectionError("Failed to resolve 'x'"), "the host name is not known"),
        (requests.exceptions.SSLError("x"), "the TLS handshake failed"),
        (requests.ConnectionError("x"), "the connection broke before the answer was whole"),
    ],
)
def test_a_failure_of_the_network_is_told_without_addresses(api, connect, naps, failure, said):
    api.get(TICKETS_URL, exc=failure)

    with pytest.raises(UnavailableError) as caught:
        connect(patience=Patience(attempts=1, sleep=naps)).page(1)

    assert str(caught.value) == f"GET tickets page 1: {said}."


def test_a_request_that_cannot_be_made_is_not_tried_again(api, connect, naps):
    api.get(TICKETS_URL, exc=requests.exceptions.InvalidHeader(f"Basic {SECRET}"))

    with pytest.raises(GiveUpError) as caught:
        connect().page(1)

    assert str(caught.value) == "GET tickets page 1: could not be sent (InvalidHeader)."
    check_discretion(caught.value)


def test_the_public_key_may_be_named_and_the_secret_never(connect):
    client = connect(KEY_PAIR)

    assert not re.search("hush", f"{client!r} {vars(client)!r}")
    assert PUBLIC  # the public half is no secret
