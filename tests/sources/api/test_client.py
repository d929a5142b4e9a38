"""The client: what it asks, what it asks again, and what it says when it gives up."""

from __future__ import annotations

import json

import pytest
import requests

from sources.sendcloud_support import (
    AnswerError,
    GiveUpError,
    NotFoundError,
    TicketNotFoundError,
    UnavailableError,
)
from sources.sendcloud_support.api.patience import Patience
from tests.sources.api.answers import BASIC, BODY_WORDS, HTML, PAGE, check_discretion, errors
from tests.sources.conftest import (
    BASE_URL,
    TICKETS_URL,
    envelope,
    ticket,
)

# --- what is asked ---------------------------------------------------------------------------


def test_a_page_is_asked_for_by_number_and_the_largest_size(api, connect):
    api.get(TICKETS_URL, json=envelope(ticket(), number=3, total=41))

    page, body = connect().page(3)

    [request] = api.request_history
    assert (request.method, request.url) == ("GET", f"{TICKETS_URL}?page=3&size=20")
    assert request.headers["Authorization"] == BASIC
    assert (page.number, page.size, page.total, page.pages, page.ids) == (3, 20, 41, 3, {87})
    assert json.loads(body) == envelope(ticket(), number=3, total=41)


def test_filters_are_passed_on_beside_the_page(api, connect):
    api.get(TICKETS_URL, **PAGE)

    connect().page(1, filters={"updated_after": "2026-01-01T00:00:00Z"})

    assert api.last_request.qs == {
        "page": ["1"],
        "size": ["20"],
        "updated_after": ["2026-01-01t00:00:00z"],
    }


def test_a_ticket_is_asked_for_by_its_id(api, connect):
    api.get(f"{TICKETS_URL}/87", json=ticket())

    found, _ = connect().ticket(87)

    assert found["id"] == 87
    assert api.last_request.url == f"{TICKETS_URL}/87"


def test_an_answer_about_another_ticket_is_refused(api, connect):
    api.get(f"{TICKETS_URL}/42", json=ticket(id=87))

    with pytest.raises(AnswerError) as caught:
        connect().ticket(42)
    assert str(caught.value) == "GET ticket 42: the API answered another ticket."


def test_a_slash_behind_the_base_url_changes_nothing(api, connect):
    api.get(TICKETS_URL, **PAGE)

    connect(base_url=f"{BASE_URL}/").page(1)

    assert api.last_request.path == "/api/v3/dsf/tickets"


# --- what is tried again -----------------------------------------------------------------------

PASSING = [
    {"status_code": 500, "json": errors("internal_error", 500)},
    {"status_code": 502, "text": HTML},
    {"status_code": 503, "text": ""},
    {"status_code": 504, "json": {"detail": BODY_WORDS}},
    {"status_code": 408, "text": ""},
    {"exc": requests.ConnectionError("Connection reset by peer")},
    {"exc": requests.ConnectTimeout("secret host")},
    {"exc": requests.ReadTimeout("secret host")},
    {"exc": requests.exceptions.ChunkedEncodingError("InvalidChunkLength")},
    {"exc": requests.exceptions.ContentDecodingError("gzip")},
    {"exc": requests.exceptions.SSLError("handshake")},
    {"exc": requests.exceptions.ProxyError("proxy")},
    {"status_code": 200, "text": '{"total": 1, "items": [{"id": 8'},
    {"status_code": 200, "text": HTML},
    {"status_code": 200, "text": ""},
]


@pytest.mark.parametrize("failure", PASSING)
def test_what_passes_is_asked_for_again(api, connect, naps, failure):
    api.get(TICKETS_URL, [failure, failure, PAGE])
    client = connect()

    page, _ = client.page(1)

    assert (page.total, client.requests, client.throttled) == (1, 3, 0)
    assert len(naps.seconds) == 2


@pytest.mark.parametrize("failure", PASSING)
def test_what_does_not_pass_is_given_up_after_the_configured_attempts(api, connect, naps, failure):
    api.get(TICKETS_URL, [failure])
    client = connect(patience=Patience(attempts=4, sleep=naps))

    with pytest.raises(UnavailableError) as caught:
        client.page(1)

    assert (client.requests, len(naps.seconds)) == (4, 3)
    assert str(caught.value).startswith("GET tickets page 1: ")
    check_discretion(caught.value)


def test_the_waits_grow_and_are_bounded(api, connect, naps):
    api.get(TICKETS_URL, status_code=500)

    with pytest.raises(UnavailableError):
        connect(patience=Patience(attempts=12, max_delay_seconds=60, sleep=naps)).page(1)

    bounds = [min(2**n, 60) for n in range(11)]
    assert all(0 <= nap <= bound for nap, bound in zip(naps.seconds, bounds, strict=True))


def test_a_503_that_says_when_is_asked_again_then(api, connect, naps):
    api.get(TICKETS_URL, [{"status_code": 503, "headers": {"Retry-After": "40"}}, PAGE])

    connect().page(1)

    assert naps.seconds == [40.0]


REFUSALS = [400, 405, 406, 409, 413, 418, 422, 451]


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_is_asked_once(api, connect, naps, status):
    api.get(TICKETS_URL, status_code=status, json=errors("bad_request", status))
    client = connect()

    with pytest.raises(GiveUpError) as caught:
        client.page(1)

    assert (client.requests, naps.seconds) == (1, [])
    assert str(caught.value) == (
        f"GET tickets page 1: HTTP {status} (code bad_request). The request was refused; check "
        "sources.sendcloud_support.base_url."
    )
    check_discretion(caught.value)


def test_a_list_that_is_not_there_names_the_address_and_the_beta(api, connect, naps):
    api.get(TICKETS_URL, status_code=404, json=errors("not_found", 404))
    client = connect()

    with pytest.raises(NotFoundError) as caught:
        client.page(1)

    assert (client.requests, naps.seconds) == (1, [])
    assert str(caught.value) == (
        "GET tickets page 1: HTTP 404 (code not_found). There is nothing at this address: check "
        "sources.sendcloud_support.base_url, and that Sendcloud has opened the Support API, a "
        "beta, for this account."
    )


def test_a_ticket_that_is_not_there_is_skipped(api, connect):
    api.get(f"{TICKETS_URL}/42", status_code=404, json=errors("bad_request", 404))

    with pytest.raises(TicketNotFoundError) as caught:
        connect().ticket(42)

    assert str(caught.value) == (
        "GET ticket 42: HTTP 404. The ticket does not exist or belongs to another organization."
    )


def test_a_404_page_of_a_web_server_is_not_a_missing_ticket(api, connect):
    api.get(f"{TICKETS_URL}/42", status_code=404, text=HTML)

    with pytest.raises(GiveUpError) as caught:
        connect().ticket(42)

    assert not isinstance(caught.value, NotFoundError)
    assert str(caught.value) == (
        "GET ticket 42: HTTP 404 (an HTML page). The request was refused; check "
        "sources.sendcloud_support.base_url."
    )
