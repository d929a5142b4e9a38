"""The client: what it asks, how often it asks again, and what it says when it gives up."""

from __future__ import annotations

import json
import re
from base64 import b64encode

import pytest
import requests
from dlt.common import pendulum

from sources.sendcloud_support import (
    AccessError,
    AnswerError,
    GiveUpError,
    NotFoundError,
    ThrottledError,
    TicketNotFoundError,
    TryLaterError,
    UnavailableError,
)
from sources.sendcloud_support.patience import Patience
from tests.sources.conftest import (
    BASE_URL,
    CLIENT_ID,
    CLIENT_SECRET,
    KEY_PAIR,
    OAUTH,
    PUBLIC,
    SECRET,
    SECRETS,
    TICKETS_URL,
    TOKEN_URL,
    envelope,
    ticket,
)

BASIC = f"Basic {b64encode(f'{PUBLIC}:{SECRET}'.encode()).decode()}"
PAGE = {"json": envelope(ticket())}
HTML = "<!DOCTYPE html><html><body>Bad gateway, ask Jane Doe</body></html>"
BODY_WORDS = "Jane Doe of ORD-2026-5678"


def errors(code: str, status: int) -> dict[str, object]:
    entry = {"code": code, "detail": BODY_WORDS, "title": BODY_WORDS, "status": status}
    return {"errors": [entry]}


def check_discretion(error: BaseException) -> None:
    """No secret and nothing of the body: not in the message, not in what it was raised from."""
    seen = set()
    chain: BaseException | None = error
    while chain is not None and id(chain) not in seen:
        seen.add(id(chain))
        for words in (*SECRETS, "Jane", "ORD-2026", b64encode(SECRET.encode()).decode()):
            assert words not in f"{chain} {chain!r} {chain.args}"
        chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)


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


REFUSALS = [400, 405, 406, 409, 410, 413, 418, 422, 451]


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


# --- access ------------------------------------------------------------------------------------


def test_a_403_names_the_beta(api, connect, naps):
    api.get(TICKETS_URL, status_code=403, json=errors("forbidden", 403))
    client = connect()

    with pytest.raises(AccessError) as caught:
        client.page(1)

    assert client.requests == 1
    assert str(caught.value) == (
        "GET tickets page 1: HTTP 403 (code forbidden). The credentials are known but not allowed "
        "here. The Support API is a beta that Sendcloud opens per account: ask your Customer "
        "Success Manager for the opt-in."
    )


def test_a_401_for_a_key_pair_names_the_keys_and_the_oauth_tick(api, connect, naps):
    api.get(TICKETS_URL, status_code=401, json=errors("authentication_failed", 401))
    client = connect()

    with pytest.raises(AccessError) as caught:
        client.page(1)

    assert client.requests == 1
    assert str(caught.value) == (
        "GET tickets page 1: HTTP 401 (code authentication_failed). The key pair was refused. "
        "Check public_key and secret_key under [sources.sendcloud_support.credentials]. An "
        "integration ticked 'Use OAuth2 authentication' rejects key pairs: configure client_id "
        "and client_secret instead."
    )
    check_discretion(caught.value)


def token(value: str = "tok-hush-1", **changes: object) -> dict[str, object]:
    answer = {"access_token": value, "expires_in": 3600, "scope": "api", "token_type": "bearer"}
    return {"json": answer | changes}


def calls(api) -> list[tuple[str, str]]:
    return [(each.method, each.headers["Authorization"]) for each in api.request_history]


BASIC_CLIENT = f"Basic {b64encode(f'{CLIENT_ID}:{CLIENT_SECRET}'.encode()).decode()}"


def test_a_token_is_asked_for_as_documented_and_kept(api, connect):
    api.post(TOKEN_URL, **token())
    api.get(TICKETS_URL, **PAGE)
    client = connect(OAUTH)

    client.page(1)
    client.page(1)

    assert calls(api) == [
        ("POST", BASIC_CLIENT),
        ("GET", "Bearer tok-hush-1"),
        ("GET", "Bearer tok-hush-1"),
    ]
    assert api.request_history[0].text == "grant_type=client_credentials&scope=api"
    assert client.requests == 3


def test_a_refused_token_is_renewed_once(api, connect):
    api.post(TOKEN_URL, [token("tok-hush-1"), token("tok-hush-2")])
    api.get(TICKETS_URL, [{"status_code": 401, "json": errors("x", 401)}, PAGE])

    page, _ = connect(OAUTH).page(1)

    assert page.total == 1
    assert calls(api) == [
        ("POST", BASIC_CLIENT),
        ("GET", "Bearer tok-hush-1"),
        ("POST", BASIC_CLIENT),
        ("GET", "Bearer tok-hush-2"),
    ]


def test_a_second_401_in_a_row_is_the_end(api, connect, naps):
    api.post(TOKEN_URL, **token())
    api.get(TICKETS_URL, status_code=401, json=errors("authentication_failed", 401))

    with pytest.raises(AccessError) as caught:
        connect(OAUTH).page(1)

    assert [each.method for each in api.request_history] == ["POST", "GET", "POST", "GET"]
    assert naps.seconds == []
    assert str(caught.value) == (
        "GET tickets page 1: HTTP 401 (code authentication_failed). A fresh access token was "
        "refused. Check that this OAuth2 client belongs to the account at "
        "sources.sendcloud_support.base_url."
    )
    check_discretion(caught.value)


@pytest.mark.parametrize(("age", "renewals"), [(0, 1), (3_539, 1), (3_541, 2), (4_000, 2)])
def test_a_token_is_renewed_a_minute_before_it_ends(api, connect, monkeypatch, age, renewals):
    issued = pendulum.now()
    moment = [issued]
    monkeypatch.setattr(pendulum, "now", lambda *_: moment[0])
    api.post(TOKEN_URL, **token(expires_in=3600))
    api.get(TICKETS_URL, **PAGE)
    client = connect(OAUTH)

    client.page(1)
    moment[0] = issued.add(seconds=age)
    client.page(1)

    assert [each.method for each in api.request_history].count("POST") == renewals


@pytest.mark.parametrize("lifetime", [None, "soon", {}])
def test_a_token_that_does_not_say_how_long_it_lives_lives_an_hour(api, connect, lifetime):
    api.post(TOKEN_URL, **token(expires_in=lifetime))
    api.get(TICKETS_URL, **PAGE)
    client = connect(OAUTH)

    client.page(1)
    client.page(1)

    assert [each.method for each in api.request_history] == ["POST", "GET", "GET"]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_client_that_the_token_host_refuses_is_told_so(api, connect, naps, status):
    oauth_error = {
        "error": "invalid_client",
        "error_description": f"Client {CLIENT_SECRET} of {BODY_WORDS}",
        "error_hint": BODY_WORDS,
        "status_code": status,
    }
    api.post(TOKEN_URL, status_code=status, json=oauth_error)
    client = connect(OAUTH)

    with pytest.raises(AccessError) as caught:
        client.page(1)

    assert (client.requests, naps.seconds) == (1, [])
    assert str(caught.value) == (
        f"POST token: HTTP {status} (code invalid_client). The token host refuses this OAuth2 "
        "client: check client_id and client_secret under "
        "[sources.sendcloud_support.credentials], and that token_url is the right host."
    )
    check_discretion(caught.value)


def test_a_token_host_that_is_down_is_asked_again(api, connect):
    failures = [
        {"status_code": 503},
        {"exc": requests.ConnectionError("reset")},
        {"text": HTML},
    ]
    api.post(TOKEN_URL, [*failures, token()])
    api.get(TICKETS_URL, **PAGE)
    client = connect(OAUTH)

    client.page(1)

    assert (client.requests, client.throttled) == (5, 0)


def test_a_token_host_that_throttles_is_waited_for(api, connect, naps):
    api.post(TOKEN_URL, [{"status_code": 429, "headers": {"Retry-After": "7"}}, token()])
    api.get(TICKETS_URL, **PAGE)
    client = connect(OAUTH)

    client.page(1)

    assert (naps.seconds, client.throttled) == ([7.5], 1)


@pytest.mark.parametrize("answer", [{}, {"access_token": ""}, {"access_token": 5}, [], "tok"])
def test_an_answer_without_a_token_is_refused(api, connect, naps, answer):
    api.post(TOKEN_URL, json=answer)

    with pytest.raises(AnswerError) as caught:
        connect(OAUTH).page(1)

    assert naps.seconds == []
    assert str(caught.value) == ("POST token: the token host answered 200 without an access_token.")


# --- 429 ---------------------------------------------------------------------------------------

BARE = {"status_code": 429, "json": {"errors": []}}


def limited(detail: str) -> dict[str, object]:
    entry = {"code": "hit_rate_limit", "detail": detail, "title": "Rate limit exceeded"}
    return {"status_code": 429, "json": {"errors": [entry | {"status": 429}]}}


def announced(value: str) -> dict[str, object]:
    return {"status_code": 429, "headers": {"Retry-After": value}, "json": {"errors": []}}


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        (BARE, [60.5]),
        (limited("Rate limit exceeded: 30 per 1 minute"), [60.5]),
        (limited("Rate limit exceeded: 100 per 2 minute"), [120.5]),
        (limited("Rate limit exceeded: 5 per 30 second"), [30.5]),
        (limited("30/minute"), [60.5]),
        (limited("Slow down, please"), [60.5]),
        (announced("12"), [12.5]),
        (announced("0"), [0.5]),
        (announced("soon"), [60.5]),
        (announced("-3"), [60.5]),
        (announced("Fri, 31 Dec 1999 23:59:59 GMT"), [0.5]),
        ({"status_code": 429, "text": HTML}, [60.5]),
        ({"status_code": 429, "text": ""}, [60.5]),
    ],
)
def test_a_429_is_waited_for_as_long_as_it_asks(api, connect, naps, answer, waits):
    api.get(TICKETS_URL, [answer, PAGE])
    client = connect()

    client.page(1)

    assert (naps.seconds, client.requests, client.throttled) == (waits, 2, 1)


def test_a_429_that_names_a_header_and_a_window_is_taken_by_the_header(api, connect, naps):
    both = limited("30 per 1 minute") | {"headers": {"Retry-After": "5"}}
    api.get(TICKETS_URL, [both, PAGE])

    connect().page(1)

    assert naps.seconds == [5.5]


def test_the_second_429_in_a_row_is_outlasted_by_a_whole_minute(api, connect, naps):
    api.get(TICKETS_URL, [announced("1"), announced("1"), announced("90"), PAGE])
    client = connect()

    client.page(1)

    assert (naps.seconds, client.throttled) == ([1.5, 60.5, 90.5], 3)


def test_429s_are_given_up_on_only_after_the_configured_time(api, connect, naps):
    """15 minutes hold fourteen waits of 60.5 s; the fifteenth would end after them."""
    api.get(TICKETS_URL, [limited("30 per 1 minute")])
    client = connect(patience=Patience(throttled_minutes=15, sleep=naps))

    with pytest.raises(ThrottledError) as caught:
        client.page(1)

    assert naps.seconds == [60.5] * 14
    assert client.throttled == 15
    assert str(caught.value) == (
        "GET tickets page 1: HTTP 429 (code hit_rate_limit). It asks to wait 60 s. Another user "
        "of this key may be using up its requests; lower "
        "sources.sendcloud_support.requests_per_minute or give this job a key of its own."
    )


def test_a_window_is_outlasted_even_with_no_patience_at_all(api, connect, naps):
    api.get(TICKETS_URL, [BARE])

    with pytest.raises(ThrottledError):
        connect(patience=Patience(throttled_minutes=0, sleep=naps)).page(1)

    assert naps.seconds == [60.5]


@pytest.mark.parametrize(
    "answer", [limited("1000 per 1 hour"), limited("9 per 1 day"), announced("86400")]
)
def test_a_wait_beyond_all_patience_is_not_begun(api, connect, naps, answer):
    api.get(TICKETS_URL, [answer])

    with pytest.raises(ThrottledError, match=r"It asks to wait (3600|86400) s\."):
        connect().page(1)

    assert naps.seconds == []


def test_429s_and_failures_have_patience_of_their_own(api, connect, naps):
    down = {"status_code": 500}
    api.get(TICKETS_URL, [down, BARE, down, BARE, BARE, PAGE])
    client = connect(patience=Patience(attempts=3, sleep=naps))

    client.page(1)

    assert (client.requests, client.throttled) == (6, 3)


def test_every_wait_is_announced_before_it_begins(api, connect):
    heard: list[tuple[str, float]] = []

    def announce(error: TryLaterError, seconds: float) -> None:
        heard.append((type(error).__name__, seconds))

    api.get(TICKETS_URL, [announced("9"), PAGE])

    connect(announce=announce).page(1)

    assert heard == [("ThrottledError", 9.5)]


# --- the shapes of error bodies ------------------------------------------------------------------


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
