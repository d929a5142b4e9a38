"""OAuth2 scopes over real HTTP: the old world with one, the newer with fine ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simulator import Fault, Service, Switches
from simulator.api import FINE_SCOPES
from sources.sendcloud_support import AccessError, SendcloudCredentials
from sources.sendcloud_support.api import SupportClient
from sources.sendcloud_support.api.patience import Patience
from tests.sources.conftest import Naps
from tests.sources.planning.reading import CLIENT

LEFT_OUT = (
    "The token host does not grant the scope that was asked for (invalid_scope); a token without "
    "one was taken, which has all that the integration was granted. Set "
    'sources.sendcloud_support.credentials.scope = "", or to scopes of '
    "https://sendcloud.dev/api/v3/scopes."
)
LACKS = (
    " Or the token lacks a scope that reads support tickets: see "
    "https://sendcloud.dev/api/v3/scopes, and sources.sendcloud_support.credentials.scope."
)

Connect = Callable[..., tuple[SupportClient, list[str]]]


@pytest.fixture
def connect(service: Service, naps: Naps) -> Iterator[Connect]:
    """A client of the service, and what it remarked."""
    clients = []

    def connected(**credentials: str) -> tuple[SupportClient, list[str]]:
        spec = SendcloudCredentials(**CLIENT | credentials, token_url=service.token_url)
        said: list[str] = []
        patience = Patience(attempts=2, sleep=naps)
        clients.append(SupportClient(spec, service.base_url, 0, patience, remark=said.append))
        return clients[-1], said

    yield connected
    for client in clients:
        client.close()


def asked(service: Service) -> list[tuple[str, int]]:
    return [(request.endpoint, request.status) for request in service.requests]


def test_by_default_the_one_documented_scope_is_asked_for(connect, service):
    client, said = connect()

    page, _ = client.page(1)

    assert (page.total, said) == (service.account.total, [])
    assert asked(service) == [("token", 200), ("list", 200)]


def test_an_empty_scope_is_left_out_and_gives_all_that_was_granted(connect, service):
    service.switches = Switches(fine_scopes=True)
    client, said = connect(scope="")

    page, _ = client.page(1)

    assert (page.total, said) == (service.account.total, [])
    assert asked(service) == [("token", 200), ("list", 200)]


def test_several_scopes_are_asked_for_with_spaces_between_them(connect, service):
    service.switches = Switches(fine_scopes=True)
    client, said = connect(scope=" ".join(FINE_SCOPES))

    page, _ = client.page(1)

    assert (page.total, said) == (service.account.total, [])
    assert asked(service) == [("token", 200), ("list", 200)]


@pytest.mark.parametrize("scope", ["api", "read:what-nobody-knows"])
def test_a_scope_that_is_not_granted_is_left_out_once_and_said_once(connect, service, scope):
    service.switches = Switches(fine_scopes=True, token_seconds=1)  # each request asks anew
    client, said = connect(scope=scope)

    client.page(1)
    client.page(2)

    assert said == [LEFT_OUT]
    assert asked(service) == [
        ("token", 400),
        ("token", 200),
        ("list", 200),
        ("token", 200),
        ("list", 200),
    ]
    assert client.requests == 5


def test_a_token_without_the_scope_for_tickets_is_told_where_scopes_are_listed(connect, service):
    service.switches = Switches(fine_scopes=True)
    client, said = connect(scope="read:order")

    with pytest.raises(AccessError) as caught:
        client.page(1)

    assert str(caught.value) == (
        "GET tickets page 1: HTTP 403 (code forbidden). The credentials are known but not allowed "
        "here. The Support API is a beta that Sendcloud opens per account: ask your Customer "
        f"Success Manager for the opt-in.{LACKS}"
    )
    assert (said, asked(service)) == ([], [("token", 200), ("list", 403)])


def test_a_fresh_token_that_is_refused_names_the_scopes_too(connect, service):
    service.switches.faults = [Fault("401")]
    client, _ = connect()

    with pytest.raises(AccessError) as caught:
        client.page(1)

    assert str(caught.value) == (
        "GET tickets page 1: HTTP 401 (code authentication_failed). A fresh access token was "
        "refused. Check that this OAuth2 client belongs to the account at "
        f"sources.sendcloud_support.base_url.{LACKS}"
    )


def test_a_client_that_is_refused_for_its_secret_is_not_tried_without_scope(connect, service):
    client, said = connect(client_secret="wrong")

    with pytest.raises(AccessError, match=r"^POST token: HTTP 401 \(code invalid_client\)\. "):
        client.page(1)

    assert (said, asked(service)) == ([], [("token", 401)])


def test_a_token_host_that_grants_nothing_either_way_is_the_end(connect, api):
    refusal = {"error": "invalid_scope", "error_description": "hush"}
    spec = SendcloudCredentials(**CLIENT, token_url="https://account.test/oauth2/token")
    api.post(spec.token_url, status_code=400, json=refusal)
    client = SupportClient(spec, "https://api.test/api/v3", 0)

    with pytest.raises(AccessError) as caught:
        client.page(1)

    assert [each.text for each in api.request_history] == [
        "grant_type=client_credentials&scope=api",
        "grant_type=client_credentials",
    ]
    assert str(caught.value) == (
        "POST token: HTTP 400 (code invalid_scope). The token host grants this OAuth2 client no "
        "token, with or without a scope: give its integration scopes that read support tickets, "
        "see https://sendcloud.dev/api/v3/scopes."
    )
