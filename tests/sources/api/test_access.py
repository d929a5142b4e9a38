"""Access: key pairs, tokens and the beta, and what is said when one of them is refused."""

from __future__ import annotations

from base64 import b64encode

import pytest
import requests
from dlt.common import pendulum

from sources.sendcloud_support import AccessError, AnswerError
from tests.sources.api.answers import BODY_WORDS, HTML, PAGE, check_discretion, errors
from tests.sources.conftest import (
    CLIENT_ID,
    CLIENT_SECRET,
    OAUTH,
    TICKETS_URL,
    TOKEN_URL,
)


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
        "sources.sendcloud_support.base_url. Or the token lacks a scope that reads support "
        "tickets: see https://sendcloud.dev/api/v3/scopes, and "
        "sources.sendcloud_support.credentials.scope."
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
