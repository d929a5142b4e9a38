"""Every misbehaviour over real HTTP: it does what its name says, when it says, and no more."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
import requests

from simulator import Account, Drift, Fault, Switches
from simulator.api import KINDS, Kind

from .conftest import SMALL, Client


def statuses(client: Client, count: int, path: str = "/dsf/tickets") -> list[int]:
    return [client.get(path).status_code for _ in range(count)]


# --- when ----------------------------------------------------------------------------------


def test_every_nth_and_at_nth_count_the_requests_from_one(served) -> None:
    client = served(faults=[Fault("500", every=3, at=(1, 5))])
    assert statuses(client, 7) == [500, 200, 500, 200, 500, 500, 200]


def test_without_numbers_a_fault_meets_every_request_until_it_is_taken_away(served) -> None:
    client = served(faults=[Fault("500")])
    assert statuses(client, 2) == [500, 500]
    client.service.switches.faults.clear()
    assert statuses(client, 2) == [200, 200]


def test_a_fault_set_while_serving_counts_from_then(served) -> None:
    client = served()
    assert statuses(client, 3) == [200, 200, 200]
    client.service.switches.faults.append(Fault("500", at=(2,)))
    assert statuses(client, 3) == [200, 500, 200]


def test_times_limits_how_often(served) -> None:
    client = served(faults=[Fault("500", every=2, times=1)])
    assert statuses(client, 4) == [200, 500, 200, 200]


def test_a_fault_can_be_for_one_endpoint_or_one_page(served) -> None:
    client = served(faults=[Fault("500", on="detail"), Fault("503", page=2, times=1)])
    assert statuses(client, 2) == [200, 200]
    assert statuses(client, 1, "/dsf/tickets/1") == [500]
    pages = [client.get("/dsf/tickets", page=page).status_code for page in (1, 2, 2, 3)]
    assert pages == [200, 503, 200, 200]
    assert client.token().status_code == 200
    client.service.switches.faults.append(Fault("500", on="token"))
    assert client.token().status_code == 500


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "nonsense"}, "No fault 'nonsense'; there are bare_429, announced_429"),
        ({"kind": "500", "on": "lists"}, "No endpoint 'lists'; there are any, list"),
        ({"kind": "500", "every": 0}, "every= counts from 1"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault(**settings)


def test_every_fault_has_its_line_of_help() -> None:
    assert list(KINDS) == list(get_args(Kind))


# --- answers instead -----------------------------------------------------------------------


def test_a_429_comes_bare_or_announced(served) -> None:
    client = served(faults=[Fault("bare_429", at=(1,)), Fault("announced_429", at=(2,), seconds=7)])
    bare, announced = client.get("/dsf/tickets"), client.get("/dsf/tickets")
    assert (bare.status_code, bare.headers.get("Retry-After")) == (429, None)
    assert (announced.status_code, announced.headers["Retry-After"]) == (429, "7")
    assert bare.json() == announced.json()


def test_servers_and_gateways_fail_in_their_own_way(served) -> None:
    kinds: list[Kind] = ["500", "502_html", "503"]
    client = served(faults=[Fault(kind, at=(n,)) for n, kind in enumerate(kinds, 1)])
    broken, gateway, busy = (client.get("/dsf/tickets") for _ in kinds)
    assert broken.json()["errors"][0]["status"] == broken.status_code == 500
    assert (gateway.status_code, gateway.headers["content-type"]) == (
        502,
        "text/html; charset=utf-8",
    )
    assert "502 Bad Gateway" in gateway.text
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "1")


def test_a_401_can_come_although_the_keys_are_right(served) -> None:
    client = served(faults=[Fault("401", at=(1,))])
    assert statuses(client, 2) == [401, 200]


def test_tokens_can_be_revoked_by_a_request(served) -> None:
    client = served(faults=[Fault("revoked_tokens", at=(2,))])
    client.session.auth = None
    client.session.headers["Authorization"] = client.bearer()
    assert statuses(client, 3) == [200, 401, 401]


def test_a_redirect_leads_where_it_was_told_to(served) -> None:
    client = served(faults=[Fault("redirect", location="http://127.0.0.2:1/x")])
    answer = client.get("/dsf/tickets")
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.2:1/x")


def test_a_stall_is_silence_and_then_the_answer(served) -> None:
    client = served(faults=[Fault("stall", at=(1,), seconds=60), Fault("stall", seconds=0.05)])
    with pytest.raises(requests.ReadTimeout):
        client.session.get(f"{client.service.base_url}/dsf/tickets", timeout=0.3)
    assert client.get("/dsf/tickets").status_code == 200
    assert client.service.count(status=0) == client.service.count(status=200) == 1


# --- broken connections and bodies ---------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("reset", "Connection reset by peer"),
        ("reset_in_body", "Connection reset by peer"),
        ("cut_body", "IncompleteRead"),
    ],
)
def test_a_broken_connection_looks_broken_and_the_next_one_works(served, kind, told) -> None:
    client = served(faults=[Fault(kind, at=(1,))])
    with pytest.raises(requests.RequestException, match=told):
        client.get("/dsf/tickets")
    assert client.get("/dsf/tickets").status_code == 200
    first, second = client.service.requests
    assert (first.status, first.faults) == ({"reset": 0}.get(kind, 200), (kind,))
    assert (second.status, second.faults) == (200, ())


def test_half_of_the_body_arrives_before_the_cut(served) -> None:
    client = served()
    whole = client.get("/dsf/tickets").content
    client.service.switches.faults.append(Fault("cut_body"))
    url = f"{client.service.base_url}/dsf/tickets"
    with client.session.get(url, stream=True, timeout=10) as answer:
        assert int(answer.headers["Content-Length"]) == len(whole)
        arrived = answer.raw.read(len(whole) // 2)
    assert arrived == whole[: len(whole) // 2]


def test_truncated_json_is_a_whole_answer_of_half_a_text(served) -> None:
    client = served()
    whole = client.get("/dsf/tickets").content
    client.service.switches.faults.append(Fault("truncated_json"))
    answer = client.get("/dsf/tickets")
    assert (answer.status_code, answer.content) == (200, whole[: len(whole) // 2])
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content)


@pytest.mark.parametrize("on", ["list", "detail", "token"])
def test_html_can_come_with_status_200_everywhere(served, on) -> None:
    client = served(faults=[Fault("html", on=on)])
    number = SMALL.ids(SMALL.end)[0]
    answers = {
        "list": client.get("/dsf/tickets"),
        "detail": client.get(f"/dsf/tickets/{number}"),
        "token": client.token(),
    }
    types = {name: answer.headers["content-type"] for name, answer in answers.items()}
    assert types == dict.fromkeys(answers, "application/json") | {on: "text/html; charset=utf-8"}


# --- wrong envelopes -----------------------------------------------------------------------


@pytest.fixture
def third_page(served) -> Any:
    """The honest third page of twenty, and the one with this fault."""
    client = served()

    def both(fault: Fault) -> tuple[Any, Any]:
        client.service.switches.faults.clear()
        honest = client.page(3)
        client.service.switches.faults.append(fault)
        return honest, client.page(3)

    return both


def test_the_envelope_echoes_another_page(third_page) -> None:
    honest, spoilt = third_page(Fault("wrong_page"))
    assert spoilt == honest | {"page": 4}


def test_the_items_of_the_page_before_come_again(served) -> None:
    client = served()
    before, honest = client.page(2), client.page(3)
    client.service.switches.faults.append(Fault("repeated_page", page=3))
    assert client.page(3) == honest | {"items": before["items"]}


def test_pages_shrink(third_page) -> None:
    honest, spoilt = third_page(Fault("shrinking_pages"))
    assert spoilt == honest | {"total": 380, "pages": 19}


@pytest.mark.parametrize("key", ["total", "page", "pages", "size", "items", None])
def test_a_key_of_the_envelope_is_missing(third_page, key: str | None) -> None:
    honest, spoilt = third_page(Fault("missing_key", key=key))
    assert spoilt == {name: honest[name] for name in honest if name != (key or "items")}


def test_counts_are_missing(third_page) -> None:
    honest, spoilt = third_page(Fault("no_counts"))
    assert spoilt == {name: honest[name] for name in ("page", "size", "items")}


def test_items_are_no_list(third_page) -> None:
    honest, spoilt = third_page(Fault("items_not_a_list"))
    assert spoilt == honest | {"items": {str(item["id"]): item for item in honest["items"]}}


def test_the_list_comes_bare_or_in_the_other_envelope(third_page) -> None:
    honest, bare = third_page(Fault("bare_list"))
    assert bare == honest["items"]
    honest, other = third_page(Fault("data_envelope"))
    assert other == {"data": honest["items"]}


def test_a_token_answer_may_lack_its_token(served) -> None:
    client = served(faults=[Fault("missing_key", on="token")])
    assert client.token().json() == {"expires_in": 3600, "scope": "api", "token_type": "bearer"}


def test_envelope_faults_leave_details_and_errors_alone(served) -> None:
    number = SMALL.ids(SMALL.end)[0]
    for kind in ("wrong_page", "repeated_page", "bare_list", "no_counts", "items_not_a_list"):
        client = served(faults=[Fault(kind)])
        assert client.get(f"/dsf/tickets/{number}").json() == client.service.account.ticket(number)
        assert client.get("/dsf/tickets", size=21).status_code == 400


# --- what the vendor does not document -----------------------------------------------------


def test_lists_without_actions_keep_them_for_the_detail(served) -> None:
    client = served(lists_without_actions=True)
    held = client.service.account.tickets()
    asked = [ticket for ticket in held if ticket["requested_actions"]]
    listed = [ticket for page in range(1, 21) for ticket in client.page(page)["items"]]
    assert listed == [ticket | {"requested_actions": []} for ticket in held]
    assert client.get(f"/dsf/tickets/{asked[0]['id']}").json() == asked[0]


def test_an_ignored_size_gives_fifteen(served) -> None:
    answer = served(ignores_size=True).page(2, size=20)
    assert (answer["size"], answer["pages"], len(answer["items"])) == (15, 27, 15)


def test_a_page_past_the_end_may_be_a_404(served) -> None:
    client = served(past_the_end="404")
    asked = [client.get("/dsf/tickets", page=page, size=20).status_code for page in (1, 20, 21)]
    assert asked == [200, 200, 404]
    empty = served(Account(), past_the_end="404")
    assert empty.get("/dsf/tickets").status_code == 200


def test_a_change_filter_is_obeyed_or_ignored(served) -> None:
    client = served(updated_since="changed_after")
    everything = client.service.account.tickets()
    since = "2026-10-20T00:00:00+00:00"
    changed = [t for t in everything if (t["updated_at"] or t["created_at"]) >= since]
    first, last = client.page(1, changed_after=since), client.page(2, changed_after=since)
    assert 20 < first["total"] == len(changed) < 400
    assert first["items"] + last["items"] == changed[:40]
    assert client.page(1, updated_after=since)["total"] == 400
    client.service.switches.obeys_updated_since = False
    assert client.page(1, changed_after=since)["total"] == 400


def test_a_page_past_the_end_may_be_refused_or_be_the_last_again(served) -> None:
    client = served(past_the_end="422")
    assert client.get("/dsf/tickets", page=21, size=20).status_code == 422
    client.service.switches.past_the_end = "last"
    assert client.page(23) == client.page(20)


def test_a_page_may_be_larger_or_a_larger_one_be_clamped(served) -> None:
    client = served(largest_size=50)
    assert len(client.page(1, size=50)["items"]) == 50
    assert client.get("/dsf/tickets", size=51).status_code == 400
    client.service.switches.above_largest = "clamped"
    assert client.page(1, size=51) == client.page(1, size=50)


def test_a_filter_by_creation_leaves_out_what_was_made_before_and_changed_since(served) -> None:
    client = served(created_since="made_after", updated_since="changed_after")
    everything = client.service.account.tickets()
    since = "2026-10-20T00:00:00+00:00"
    made = [each for each in everything if each["created_at"] >= since]
    assert client.page(1, made_after=since)["total"] == len(made) > 20
    assert client.page(1, made_after=since)["items"] == made[:20]
    assert client.page(1, changed_after=since)["total"] > len(made)
    assert client.page(1, made_after=since, changed_after="2026-12-01")["total"] == 0


def test_a_filter_by_value_may_have_the_name_of_a_field_or_another(served) -> None:
    client = served(equal_filters=("status", "carrier_code=carrier"))
    everything = client.service.account.tickets()
    both = [t for t in everything if (t["status"], t["carrier"]) == ("solved", "dpd")]
    answer = client.page(1, status="solved", carrier_code="dpd", carrier="ups")
    assert (answer["total"], answer["items"]) == (len(both), both[:20])
    assert both


@pytest.mark.parametrize("validation", ["errors", "fastapi"])
def test_a_wrong_or_unknown_parameter_is_refused_and_named(served, validation) -> None:
    client = served(
        updated_since="since",
        bounds_are_dates=True,
        unknown_parameters="refused",
        validation=validation,
    )
    wrong = [{"since": "2026-10-20T00:00:00+00:00"}, {"until": "2026-10-20"}]
    told = [client.get("/dsf/tickets", **query) for query in wrong]
    assert [answer.status_code for answer in told] == [400 if validation == "errors" else 422] * 2
    assert [name in answer.text for name, answer in zip(("since", "until"), told, strict=True)] == [
        True,
        True,
    ]
    assert client.get("/dsf/tickets", since="2026-10-20").status_code == 200


def test_fields_may_change_their_shape(served) -> None:
    account = Account()
    account.hold(1, parcel_id=7)
    account.hold(2, parcel_id=None, status="solved")
    client = served(account)
    plain = client.page()["items"]
    shapes: dict[str, tuple[Any, list[dict[str, Any]]]] = {
        "null_updated_at": (True, [{"updated_at": None}, {"updated_at": None}]),
        "parcel_id_as_text": (True, [{}, {"parcel_id": "P-7"}]),
        "new_field": ("priority", [{"priority": "high"}, {"priority": "high"}]),
        "unknown_status": ("teleported", [{}, {"status": "teleported"}]),
        "reshape": (lambda ticket: ticket | {"brand_id": [1]}, [{"brand_id": [1]}] * 2),
    }
    for name, (value, changes) in shapes.items():
        client.service.switches = Switches()
        setattr(client.service.switches, name, value)
        expected = [ticket | change for ticket, change in zip(plain, changes, strict=True)]
        assert client.page()["items"] == expected
        assert client.get("/dsf/tickets/1").json() == expected[1]
    client.service.switches = Switches()
    assert client.page()["items"] == plain


# --- drift ---------------------------------------------------------------------------------


def walk(client: Client) -> list[int]:
    return [client.page(page)["total"] for page in range(1, 7)]


def test_new_tickets_come_after_every_second_page(served) -> None:
    client = served(drift=Drift(every=2, inserts=7))
    known = set(SMALL.ids(SMALL.end))
    assert walk(client) == [400, 400, 407, 407, 414, 414]
    first_page = [ticket["id"] for ticket in client.page()["items"]]
    assert not known & set(first_page)


def test_tickets_vanish_by_chance_or_from_the_top(served) -> None:
    by_chance = served(drift=Drift(every=1, deletes=5, times=2))
    assert walk(by_chance) == [400, 395, 390, 390, 390, 390]
    newest = SMALL.ids(SMALL.end)[-10:]
    left = {ticket["id"] for ticket in by_chance.service.account.tickets()}
    assert not set(newest) <= set(SMALL.ids(SMALL.end)) - left
    from_the_top = served(drift=Drift(every=1, deletes=5, deletes_newest=True, times=2))
    walk(from_the_top)
    left = {ticket["id"] for ticket in from_the_top.service.account.tickets()}
    assert set(SMALL.ids(SMALL.end)) - left == set(newest)


def test_open_tickets_move_to_the_top_of_an_order_by_update(served) -> None:
    account = Account(SMALL, order="updated_first")
    client = served(account, drift=Drift(every=1, updates=3, times=1))
    before = {ticket["id"]: ticket for ticket in account.tickets()}
    client.page()
    top = client.page()["items"][:3]
    assert {ticket["updated_at"] for ticket in top} == {SMALL.end.isoformat()}
    assert all(before[ticket["id"]]["status"] != ticket["status"] for ticket in top)
    assert all(ticket["resolution"] is None for ticket in top)
    assert account.total == 400


def test_all_three_at_once_keep_the_sum(served) -> None:
    client = served(drift=Drift(every=1, inserts=4, deletes=1, updates=2))
    assert walk(client) == [400, 403, 406, 409, 412, 415]
