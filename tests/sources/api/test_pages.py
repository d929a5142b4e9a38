"""Reading a page: every way in which an answer can contradict what was asked."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.sendcloud_support import AnswerError
from sources.sendcloud_support.api import read_page
from sources.sendcloud_support.api.pages import parse_page
from tests.sources.conftest import envelope, ticket

RECORDED = Path(__file__).parents[2] / "recorded" / "list-of-tickets.json"


def tickets(count: int) -> list[dict[str, object]]:
    return [ticket(id=number, resolution=None) for number in range(1, count + 1)]


def refusal(answer: object, asked: int = 1, size: int = 20) -> str:
    with pytest.raises(AnswerError) as caught:
        parse_page(answer, asked, size)
    return str(caught.value)


def test_the_vendors_own_example_is_a_page():
    """It holds two tickets where it counts 42: an example, and no reason to refuse a page."""
    recorded = json.loads(RECORDED.read_text())
    body = json.dumps(recorded.get("body", recorded)).encode()

    page = read_page(body, 1, 15)

    assert (page.number, page.size, page.total, page.pages) == (1, 15, 42, 3)
    assert [each["id"] for each in page.items] == [42, 87]
    assert not page.is_last


@pytest.mark.parametrize("key", ["total", "page", "pages", "size"])
def test_an_envelope_without_a_key_is_refused_by_its_name(key):
    answer = {name: value for name, value in envelope(ticket()).items() if name != key}

    assert refusal(answer) == f"GET tickets page 1: the answer lacks {key}."


def test_an_envelope_without_items_is_refused():
    answer = {name: value for name, value in envelope(ticket()).items() if name != "items"}

    assert refusal(answer) == "GET tickets page 1: the answer lacks items."


@pytest.mark.parametrize("items", [None, {}, {"87": ticket()}, "tickets", 5])
def test_items_that_are_no_list_are_refused(items):
    assert refusal(envelope() | {"items": items}) == "GET tickets page 1: `items` is not a list."


@pytest.mark.parametrize("key", ["total", "page", "pages", "size"])
@pytest.mark.parametrize("value", [None, -1, "1", 1.0, True, [1], 2**63])
def test_a_count_that_is_no_number_is_refused(key, value):
    assert refusal(envelope(ticket()) | {key: value}) == (
        f"GET tickets page 1: `{key}` should be a number of 0 or more."
    )


@pytest.mark.parametrize("answered", [0, 1, 3, 20])
def test_another_page_than_the_one_asked_for_is_refused(answered):
    answer = envelope(*tickets(20), number=answered, total=100)

    assert refusal(answer, asked=2) == (
        f"GET tickets page 2: the API answered page {answered}. Pages cannot be told apart."
    )


@pytest.mark.parametrize(("total", "pages"), [(41, 2), (41, 4), (20, 2), (21, 1), (1, 0), (0, 2)])
def test_counts_that_do_not_fit_each_other_are_refused(total, pages):
    answer = envelope(total=total) | {"pages": pages}

    assert refusal(answer).startswith(
        f"GET tickets page 1: the answer counts {total} tickets of 20 a page, so "
        f"{-(-total // 20)} pages, but says {pages}."
    )


@pytest.mark.parametrize("pages", [0, 1])
def test_an_empty_account_may_have_no_page_or_one(pages):
    page = parse_page(envelope(total=0) | {"pages": pages}, 1, 20)

    assert (page.items, page.total, page.pages, page.is_last) == ((), 0, pages, True)


def test_more_tickets_than_the_page_holds_are_refused():
    answer = envelope(*tickets(21), total=21) | {"size": 20, "pages": 2}

    assert refusal(answer) == (
        "GET tickets page 1: the answer says 20 tickets a page and holds 21."
    )


def test_a_page_of_no_size_is_refused():
    assert refusal(envelope(total=0) | {"size": 0}) == (
        "GET tickets page 1: the answer says 0 tickets a page and holds 0."
    )


def open_ticket(**changes: object) -> dict[str, object]:
    return ticket(resolution=None) | changes


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_copies_of_a_ticket_on_a_page_the_one_updated_last_counts(order):
    older = open_ticket(id=1, status="pending", updated_at="2026-03-01T08:00:00Z")
    newer = open_ticket(id=1, status="closed", updated_at="2026-03-01T09:00:00Z")
    first, second = [older, newer][::order]

    page = parse_page(envelope(first, open_ticket(id=2), second), 1, 20)

    assert sorted((item["id"], item["status"]) for item in page.items) == [
        (1, "closed"),
        (2, "claim_paid"),
    ]
    assert (page.ids, page.is_last) == ({1, 2}, True)


def test_of_two_copies_updated_at_once_the_last_counts():
    first, second = open_ticket(id=1, status="pending"), open_ticket(id=1, status="closed")

    page = parse_page(envelope(first, second), 1, 20)

    assert [item["status"] for item in page.items] == ["closed"]


def test_a_broken_ticket_leaves_the_others_their_places():
    page = parse_page(
        envelope(open_ticket(id=1), open_ticket(id=2, status=5), None, open_ticket(id=4)), 1, 20
    )

    assert [(place, item["id"]) for place, item in page.placed()] == [(0, 1), (3, 4)]
    assert (page.ids, len(page.nameless), page.is_last) == ({1, 2, 4}, 1, True)
    assert [
        (each.ticket_id, [tuple(breach) for breach in each.breaches]) for each in page.set_aside
    ] == [
        (2, [("status", "text", "an integer")]),
        (None, [("ticket", "an object", "null")]),
    ]


def test_a_server_that_insists_on_smaller_pages_is_believed():
    page = parse_page(envelope(*tickets(15), total=42, size=15), 1, 20)

    assert (page.size, page.pages, len(page.items), page.is_last) == (15, 3, 15, False)


def test_a_page_past_the_end_is_empty_and_the_last():
    page = parse_page(envelope(number=9, total=41), 9, 20)

    assert (page.items, page.pages, page.is_last) == ((), 3, True)


@pytest.mark.parametrize("wrap", [lambda items: items, lambda items: {"data": items}])
def test_a_list_without_counts_ends_with_its_short_page(wrap):
    full, short = parse_page(wrap(tickets(20)), 1, 20), parse_page(wrap(tickets(19)), 2, 20)

    assert (full.total, full.pages, full.is_last) == (None, None, False)
    assert (short.number, len(short.items), short.is_last) == (2, 19, True)


@pytest.mark.parametrize("answer", [[], {"data": []}])
def test_an_empty_list_without_counts_is_a_last_page(answer):
    page = parse_page(answer, 1, 20)

    assert (page.items, page.total, page.is_last) == ((), None, True)


def test_a_list_without_counts_that_is_too_long_is_refused():
    assert refusal(tickets(21)) == (
        "GET tickets page 1: asked for 20 tickets, got 21 without any page count. The API ignores "
        "the page parameters, so nothing tells where the list ends."
    )


@pytest.mark.parametrize("answer", [None, "tickets", 5, True])
def test_an_answer_that_is_neither_object_nor_list_is_refused(answer):
    assert refusal(answer) == "GET tickets page 1: the answer is neither an object nor a list."


def test_data_that_is_no_list_is_an_envelope_that_lacks_everything():
    assert refusal({"data": {"id": 1}}) == (
        "GET tickets page 1: the answer lacks total, page, pages, size, items."
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["items", "data", "total", "page", "id"]), inner)
    ),
    max_leaves=8,
)


@given(answer=json_values)
def test_no_answer_at_all_breaks_the_reading_of_a_page(answer: object):
    with suppress(AnswerError):
        page = parse_page(answer, 1, 20)
        assert page.items == ()
