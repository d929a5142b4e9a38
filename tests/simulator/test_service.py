"""The well-behaved API over a real socket: pages, details, keys, tokens, errors, the log."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
import requests

from simulator import Account, Fault, Request, Switches, serve

from .conftest import KEYS, SMALL


def test_all_pages_together_are_the_account(served) -> None:
    client = served()
    pages = [client.page(page) for page in range(1, 21)]
    assert [
        ticket for page in pages for ticket in page["items"]
    ] == client.service.account.tickets()
    assert [(page["page"], page["pages"], page["size"], page["total"]) for page in pages] == [
        (number, 20, 20, 400) for number in range(1, 21)
    ]


def test_page_and_size_have_the_documented_defaults(served) -> None:
    answer = served().get("/dsf/tickets").json()
    assert (answer["page"], answer["size"], answer["pages"]) == (1, 15, 27)
    assert len(answer["items"]) == 15


def test_the_last_page_is_short_and_the_one_after_it_empty(served) -> None:
    client = served()
    last = client.page(58, size=7)
    assert (len(last["items"]), last["pages"]) == (1, 58)
    assert client.page(59, size=7) == {
        "total": 400,
        "page": 59,
        "pages": 58,
        "size": 7,
        "items": [],
    }


def test_an_empty_account_has_no_pages(served) -> None:
    assert served(Account()).page() == {"total": 0, "page": 1, "pages": 0, "size": 20, "items": []}


@pytest.mark.parametrize("query", [{"size": 21}, {"size": 0}, {"page": 0}, {"page": "one"}])
def test_parameters_out_of_range_are_refused_not_clamped(served, query: dict[str, Any]) -> None:
    client = served()
    refused = client.get("/dsf/tickets", **query)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "bad_request")
    client.service.switches.validation = "fastapi"
    refused = client.get("/dsf/tickets", **query)
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["query", *query])


def test_unknown_parameters_are_silently_ignored(served) -> None:
    client = served()
    assert client.page(3, status="claim_paid", updated_after="2026-10-01") == client.page(3)


def test_the_detail_has_no_wrapper_and_knows_only_whole_numbers(served) -> None:
    client = served()
    ticket = client.service.account.tickets()[7]
    assert client.get(f"/dsf/tickets/{ticket['id']}").json() == ticket
    assert client.get("/dsf/tickets/99").status_code == 404
    assert client.get("/dsf/tickets/ninety").status_code == 400


def test_a_moved_clock_and_a_hand_show_in_the_next_answer(served) -> None:
    client = served(Account())
    client.service.account.hold(42)
    assert [ticket["id"] for ticket in client.page()["items"]] == [42]
    client.service.account.hold(42, status="closed")
    assert client.page()["items"] == [client.get("/dsf/tickets/42").json()]
    assert client.page()["items"][0]["status"] == "closed"


# --- who may ask ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "auth", [None, ("public", "wrong"), ("wrong", "secret"), ("client", "client-secret")]
)
def test_wrong_keys_get_the_documented_401(served, auth: tuple[str, str] | None) -> None:
    client = served()
    client.session.auth = auth
    answer = client.get("/dsf/tickets")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (
        401,
        "authentication_failed",
    )
    assert "wrong" not in answer.text


def test_a_token_opens_every_endpoint(served) -> None:
    client = served()
    answer = client.token()
    assert answer.status_code == 200
    assert answer.json() | {"access_token": ""} == {
        "access_token": "",
        "expires_in": 3600,
        "scope": "api",
        "token_type": "bearer",
    }
    assert answer.json()["access_token"].startswith("ory_at_")
    client.session.auth = None
    client.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    number = client.page()["items"][0]["id"]
    assert client.get(f"/dsf/tickets/{number}").status_code == 200
    assert client.get("/user/auth/metadata").json()["data"].keys() == {"user_id", "integration_id"}


@pytest.mark.parametrize(
    ("client", "form", "status", "code"),
    [
        (("client", "wrong"), {}, 401, "invalid_client"),
        (None, {"client_id": "client", "client_secret": "client-secret"}, 401, "invalid_client"),
        (("client", "client-secret"), {"grant_type": "password"}, 400, "unsupported_grant_type"),
        (("client", "client-secret"), {"scope": "everything"}, 400, "invalid_scope"),
    ],
)
def test_the_token_endpoint_refuses_in_the_oauth_shape(served, client, form, status, code) -> None:
    answer = served().token(client, **form)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["status_code"] == status
    assert "error_description" in answer.json()


def test_the_token_url_answers_with_a_trailing_slash_too(served) -> None:
    client = served()
    client.service.token_url += "/"
    assert client.token().status_code == 200


def test_a_token_expires_by_the_servers_timer() -> None:
    now = [1_000.0]
    with serve(Account(), time=lambda: now[0]) as service:
        token = requests.post(
            service.token_url,
            data={"grant_type": "client_credentials", "scope": "api"},
            auth=("client", "client-secret"),
            timeout=10,
        ).json()["access_token"]
        statuses = []
        for moment in (1_000.0, 4_599.0, 4_600.0):
            now[0] = moment
            answer = requests.get(
                f"{service.base_url}/dsf/tickets",
                headers={"Authorization": f"Bearer {token}"},
                timeout=10,
            )
            statuses.append(answer.status_code)
    assert statuses == [200, 200, 401]


@pytest.mark.parametrize(
    ("asked", "status", "granted"),
    [
        ("", 200, "read:order read:parcel read:made-up-tickets"),
        ("read:made-up-tickets", 200, "read:made-up-tickets"),
        ("read:order read:parcel", 200, "read:order read:parcel"),
        ("api", 400, None),
        ("read:order read:unknown", 400, None),
    ],
)
def test_where_scopes_are_fine_a_token_carries_what_was_asked_or_all(
    served, asked: str, status: int, granted: str | None
) -> None:
    client = served(fine_scopes=True)

    answer = client.token(scope=asked)

    assert (answer.status_code, answer.json().get("scope")) == (status, granted)


def test_revoked_tokens_are_refused_and_new_ones_work(served) -> None:
    client = served()
    client.session.auth = None
    client.session.headers["Authorization"] = client.bearer()
    assert client.get("/dsf/tickets").status_code == 200
    client.service.revoke_tokens()
    assert client.get("/dsf/tickets").status_code == 401
    client.session.headers["Authorization"] = client.bearer()
    assert client.get("/dsf/tickets").status_code == 200


def test_an_integration_that_demands_oauth_rejects_basic(served) -> None:
    client = served(demands_oauth=True)
    assert client.get("/dsf/tickets").status_code == 401
    client.session.auth = None
    client.session.headers["Authorization"] = client.bearer()
    assert client.get("/dsf/tickets").status_code == 200


def test_without_oauth_no_token_is_given(served) -> None:
    assert served(oauth=False).token().status_code == 401


def test_without_beta_access_the_keys_are_right_and_the_tickets_forbidden(served) -> None:
    client = served(beta=False)
    for path in ("/dsf/tickets", "/dsf/tickets/1"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "forbidden")
    assert client.get("/user/auth/metadata").status_code == 200


def test_other_keys_can_be_chosen() -> None:
    with serve(Account(), keys=("k", "s:with:colons"), client=("a b", "c/d")) as service:
        url, auth = f"{service.base_url}/dsf/tickets", ("k", "s:with:colons")
        assert requests.get(url, auth=auth, timeout=10).status_code == 200
        assert requests.get(url, auth=KEYS, timeout=10).status_code == 401
        form = {"grant_type": "client_credentials"}
        plain = requests.post(service.token_url, data=form, auth=("a b", "c/d"), timeout=10)
        encoded = requests.post(service.token_url, data=form, auth=("a+b", "c%2Fd"), timeout=10)
        assert (plain.status_code, encoded.status_code) == (200, 200)


# --- the server ----------------------------------------------------------------------------


def test_paths_and_methods_that_are_not_there_get_the_error_envelope(served) -> None:
    client = served()
    posted = client.session.post(f"{client.service.base_url}/dsf/tickets", json={}, timeout=10)
    for answer, status in ((client.get("/nonsense"), 404), (posted, 405)):
        assert (answer.status_code, answer.json()["errors"][0]["status"]) == (status, status)


def test_the_log_tells_every_request_without_secrets(served) -> None:
    client = served(faults=[Fault("500", at=(3,))])
    client.page(2)
    client.get("/dsf/tickets/77")
    client.page(2, updated_after="x")
    client.token()
    untimed = [vars(request) | {"time": 0.0} for request in client.service.requests]
    common: dict[str, Any] = {"method": "GET", "scheme": "basic", "time": 0.0, "faults": ()}
    listed = common | {"path": "/api/v3/dsf/tickets", "endpoint": "list", "page": 2, "size": 20}
    query = {"page": "2", "size": "20"}
    assert untimed == [
        vars(Request(**listed, number=1, query=query, status=200)),
        vars(
            Request(
                **common,
                number=2,
                path="/api/v3/dsf/tickets/77",
                endpoint="detail",
                ticket_id=77,
                status=404,
            )
        ),
        vars(
            Request(
                **(listed | {"faults": ("500",)}),
                number=3,
                query=query | {"updated_after": "x"},
                status=500,
            )
        ),
        vars(
            Request(
                **(common | {"method": "POST"}),
                number=4,
                path="/oauth2/token",
                endpoint="token",
                status=200,
            )
        ),
    ]
    assert not any(word in repr(client.service.requests) for word in ("secret", "ory_at"))
    assert client.service.count() == 4
    assert client.service.count(endpoint="list", status=200) == 1
    client.service.reset_log()
    assert client.service.requests == []


def test_leaving_the_block_frees_the_port_and_the_thread_even_while_a_request_stalls() -> None:
    before = threading.active_count()
    caught: list[Exception] = []
    with serve(Account(), Switches(faults=[Fault("stall", seconds=600)])) as service:

        def ask() -> None:
            try:
                requests.get(f"{service.base_url}/dsf/tickets", auth=KEYS, timeout=60)
            except requests.ConnectionError as problem:
                caught.append(problem)

        asking = threading.Thread(target=ask)
        asking.start()
        while not service.requests:
            pass
    asking.join()
    assert len(caught) == 1
    assert threading.active_count() == before
    with socket.create_server(("127.0.0.1", service.port)):
        pass


def test_a_port_can_be_chosen_and_an_error_in_the_block_comes_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ZeroDivisionError), serve(Account(SMALL), port=port):
        _ = 1 / 0
    with serve(Account(SMALL), port=port) as service:
        assert service.base_url == f"http://127.0.0.1:{port}/api/v3"
        assert service.token_url == f"http://127.0.0.1:{port}/oauth2/token"
