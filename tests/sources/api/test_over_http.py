"""The client and the sweep over real HTTP, against every fault the simulator knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from simulator import ORDERS, Account, Fault, Service, Switches, World, serve
from simulator.api import KINDS
from sources.sendcloud_support import (
    AccessError,
    AnswerError,
    GiveUpError,
    SendcloudCredentials,
    ThrottledError,
    TicketNotFoundError,
    UnavailableError,
)
from sources.sendcloud_support.api import SupportClient
from sources.sendcloud_support.records import UnknownValues
from tests.sources.api.test_pace import Time
from tests.sources.conftest import Naps
from tests.sources.planning.reading import (
    CLIENT,
    KEYS,
    SECRET_WORDS,
    SMALL,
    Reading,
    check_exact,
    connect_to,
    held_by,
    met_by,
    sweep_list,
)


@pytest.fixture
def read(service: Service, naps: Naps) -> Iterator[Callable[..., Reading]]:
    """Sweep the service's list, as a run does."""
    clients = []

    def sweep_it(credentials: dict[str, str] = KEYS, served: Service = service) -> Reading:
        clients.append(connect_to(served, naps, credentials))
        return sweep_list(clients[-1], served, naps)

    yield sweep_it
    for client in clients:
        client.close()


# --- a well-behaved API ------------------------------------------------------------------------


@pytest.mark.parametrize("credentials", [KEYS, CLIENT])
def test_both_kinds_of_credentials_read_the_whole_list(read, service, credentials):
    reading = read(credentials)

    check_exact(reading, service)
    pages = -(-service.account.total // 20)
    tokens = service.count(endpoint="token")
    assert tokens == (1 if credentials is CLIENT else 0)
    assert reading.client.requests == len(service.requests) == pages + 1 + tokens
    assert {(request.size, request.status) for request in service.requests if request.page} == {
        (20, 200)
    }


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_is_read_exactly_and_found_out(read, naps, order):
    with serve(Account(SMALL, order=order)) as other:
        reading = read(served=other)

        check_exact(reading, other)
        assert reading.sweep.order == ("unknown" if order == "shuffled" else order)


def test_a_ticket_is_the_same_by_the_list_and_by_its_own_address(read, service):
    reading = read()

    for number in list(reading.tickets)[::13]:
        detail, _ = reading.client.ticket(number)
        assert detail == reading.tickets[number]


def test_a_ticket_that_is_not_there_is_a_skip(read, service):
    reading = read()

    with pytest.raises(TicketNotFoundError, match=r"^GET ticket 999999: HTTP 404\. "):
        reading.client.ticket(999_999)


# --- every fault -------------------------------------------------------------------------------

PASSING: dict[str, dict[str, Any]] = {
    "bare_429": {"every": 3},
    "announced_429": {"every": 3, "seconds": 2},
    "500": {"every": 3},
    "502_html": {"every": 3},
    "503": {"every": 3, "seconds": 2},
    "reset": {"every": 3},
    "reset_in_body": {"every": 3},
    "cut_body": {"every": 3},
    "truncated_json": {"every": 3},
    "html": {"every": 3},
    "stall": {"every": 5, "seconds": 0.6},
    "shrinking_pages": {"page": 3, "times": 1},
}
"""Faults that a reading gets over, with nothing lost."""

FATAL: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "401": ({}, AccessError, r"HTTP 401 .* The key pair was refused\."),
    "redirect": ({"page": 2}, GiveUpError, r"HTTP 302 .* credentials do not follow\."),
    "wrong_page": ({"page": 2}, AnswerError, r"page 2: the API answered page 3\."),
    "repeated_page": ({"page": 3}, AnswerError, r"The API repeats a page,"),
    "missing_key": ({"page": 2, "key": "total"}, AnswerError, r"the answer lacks total\."),
    "items_not_a_list": ({"page": 2}, AnswerError, r"page 2: `items` is not a list\."),
    "no_counts": ({"page": 2}, AnswerError, r"page 2: the answer lacks total, pages\."),
}
"""Faults that no asking again would mend: one clear sentence."""

HONEST = {"bare_list": {}, "data_envelope": {}}
"""Shapes that are read whole, but without a count to prove it."""

ELSEWHERE = {"revoked_tokens", "short_list", "400", "403", "410"}


def test_every_fault_of_the_simulator_has_its_place_here():
    assert sorted([*PASSING, *FATAL, *HONEST, *ELSEWHERE]) == sorted(KINDS)


@pytest.mark.parametrize("kind", PASSING)
def test_a_fault_that_passes_costs_requests_and_nothing_else(read, service, monkeypatch, kind):
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "0.3")
    service.switches = Switches(faults=[Fault(kind, **PASSING[kind])])

    reading = read()

    check_exact(reading, service)
    struck = service.switches.faults[0].struck
    assert struck > 0
    assert reading.client.throttled == (struck if kind.endswith("429") else 0)


@pytest.mark.parametrize("kind", FATAL)
def test_a_fault_that_does_not_pass_ends_with_one_sentence(read, service, kind):
    fields, error, sentence = FATAL[kind]
    service.switches = Switches(faults=[Fault(kind, **fields)])

    with pytest.raises(error, match=sentence) as caught:
        read()

    for word in (*SECRET_WORDS, *(str(raw["parcel_id"]) for raw in service.account.tickets()[:5])):
        assert word not in str(caught.value)


@pytest.mark.parametrize("kind", HONEST)
def test_a_list_without_counts_is_read_whole_and_not_called_exact(read, service, kind):
    service.switches = Switches(faults=[Fault(kind)])

    reading = read()

    assert met_by(reading) == held_by(service)
    assert (reading.is_exact, reading.sweep.is_done) == (False, True)


@pytest.mark.parametrize(
    ("kind", "seconds"), [("bare_429", 60.5), ("announced_429", 2.5), ("503", 2.0)]
)
def test_the_wait_is_the_one_that_was_asked_for(read, service, kind, seconds):
    service.switches = Switches(faults=[Fault(kind, times=1, seconds=2)])

    assert [nap >= seconds for nap in read().naps] == [True]


def test_a_server_that_stays_down_is_given_up_after_the_attempts(read, service):
    service.switches = Switches(faults=[Fault("502_html", page=2)])

    with pytest.raises(UnavailableError) as caught:
        read()

    assert service.count(page=2) == 4
    assert str(caught.value) == (
        "GET tickets page 2: HTTP 502 (an HTML page). The API could not answer; try again later."
    )


def test_75_requests_against_the_bare_window_take_two_minutes_and_no_429(naps):
    """The client's pace and the server's window run on one fake clock; the wire is real."""
    time = Time()
    desk = World(tickets=1_470, months=12)
    with (
        serve(Account(desk), Switches(requests_per_minute=30), time=lambda: time.now / 1000) as api,
        mock.patch("pyrate_limiter.limiter.sleep", time.sleep),
    ):
        client = SupportClient(SendcloudCredentials(**KEYS), api.base_url, 30)
        client._session.get_adapter(api.base_url).window.clock = lambda: time.now
        begin = time.now
        reading = sweep_list(client, api, naps)
        client.close()

        assert (client.requests, client.throttled) == (75, 0)
        assert api.count(status=200) == 75
        assert time.now - begin <= 121_000
        check_exact(reading, api)


def test_an_unpaced_client_shows_that_the_window_is_there(read, service):
    service.switches = Switches(requests_per_minute=5)

    with pytest.raises(ThrottledError):
        read()


# --- tokens and access -------------------------------------------------------------------------


def test_tokens_that_are_revoked_are_renewed_and_nothing_is_lost(read, service):
    service.switches = Switches(faults=[Fault("revoked_tokens", at=(2, 5))])

    reading = read(CLIENT)

    check_exact(reading, service)
    assert service.count(endpoint="token") == 3


def test_tokens_of_a_second_are_renewed_for_every_request(read, service):
    service.switches = Switches(token_seconds=1)

    reading = read(CLIENT)

    check_exact(reading, service)
    assert service.count(endpoint="token") == service.count(endpoint="list")


@pytest.mark.parametrize("kind", ["500", "502_html", "503", "reset", "bare_429"])
def test_a_token_host_that_stumbles_is_asked_again(read, service, kind):
    service.switches = Switches(faults=[Fault(kind, on="token", times=2)])

    reading = read(CLIENT)

    check_exact(reading, service)
    assert service.count(endpoint="token") == 3


def test_a_token_without_its_key_is_refused(read, service):
    service.switches = Switches(faults=[Fault("missing_key", on="token")])

    with pytest.raises(AnswerError, match=r"answered 200 without an access_token\.$"):
        read(CLIENT)


def test_a_wrong_client_secret_is_told_by_the_token_host(read, service):
    with pytest.raises(AccessError, match=r"^POST token: HTTP 401 \(code invalid_client\)\. "):
        read(CLIENT | {"client_secret": "wrong"})

    assert [request.endpoint for request in service.requests] == ["token"]


def test_an_integration_that_demands_oauth_says_so_to_a_key_pair(read, service):
    service.switches = Switches(demands_oauth=True)

    with pytest.raises(AccessError, match="'Use OAuth2 authentication' rejects key pairs"):
        read(KEYS)
    check_exact(read(CLIENT), service)


@pytest.mark.parametrize("credentials", [KEYS, CLIENT])
def test_an_account_without_the_beta_is_told_to_opt_in(read, service, credentials):
    service.switches = Switches(beta=False)

    with pytest.raises(AccessError, match="ask your Customer Success Manager for the opt-in"):
        read(credentials)

    assert service.count(endpoint="list") == 1


# --- switches ----------------------------------------------------------------------------------


def test_a_server_that_insists_on_fifteen_a_page_is_read_exactly(read, service):
    service.switches = Switches(ignores_size=True)

    reading = read()

    check_exact(reading, service)
    assert service.count(endpoint="list") == -(-service.account.total // 15) + 1


def test_updates_that_are_null_are_read_exactly(read, service):
    service.switches = Switches(null_updated_at=True)

    reading = read()

    check_exact(reading, service)
    assert {ticket["updated_at"] for ticket in reading.tickets.values()} == {None}


def test_a_new_field_is_kept(read, service):
    service.switches = Switches(new_field="priority")

    reading = read()

    check_exact(reading, service)
    assert all("priority" in ticket for ticket in reading.tickets.values())


def test_tickets_of_a_changed_type_are_met_and_not_read(read, service):
    service.switches = Switches(parcel_id_as_text=True)

    reading = read()

    whole = {raw["id"] for raw in service.account.tickets() if raw["parcel_id"] is None}
    assert reading.is_exact
    assert reading.sweep.evidence.met == {raw["id"] for raw in service.account.tickets()}
    assert reading.tickets.keys() == whole


def test_an_unknown_status_is_counted_once_for_each_ticket(read, service):
    service.switches = Switches(unknown_status="on_the_moon")
    pending = Counter(raw["status"] for raw in service.account.tickets())["pending"]
    unknown = UnknownValues()

    reading = read()
    for _ in range(2):
        for ticket in reading.tickets.values():
            unknown.add(ticket)

    assert pending > 0
    assert unknown.counts == {("status", "on_the_moon"): pending}


def test_a_filter_is_passed_on_and_obeyed(read, service):
    service.switches = Switches(updated_since="updated_after")
    reading = read()
    since = service.account.clock.now() - timedelta(days=10)

    page, _ = reading.client.page(1, filters={"updated_after": since.isoformat()})

    assert page.total is not None
    assert 0 < page.total < service.account.total
    assert all((ticket["updated_at"] or ticket["created_at"]) >= since for ticket in page.items)
