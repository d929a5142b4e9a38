"""The walk of the sweep, page by page: which pages it asks for, and what they cost."""

from __future__ import annotations

import json

import pytest

from sources.sendcloud_support.api.pages import Page, parse_page
from sources.sendcloud_support.exceptions import AnswerError
from sources.sendcloud_support.planning.sweep import PASSES, Sweep
from tests.sources.planning.list_api import EPOCH, ORDERS, SHUFFLED, ListApi
from tests.sources.planning.list_reader import HOUR, Reader, rested


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 40, 41, 200, 201])
def test_a_list_that_rests_takes_its_pages_and_at_most_one_more(order: str, count: int):
    api = ListApi(ORDERS[order], size=20)
    for index in range(count):
        api.insert(after=7, updated=index % 3 > 0)
    for index in range(0, count, 4):
        api.update(index)
    api.now += HOUR
    reader = Reader(api)

    sweep = reader.sweep()

    assert (sweep.passes, sweep.current.is_exact, sweep.evidence.met) == (1, True, api.ids)
    assert api.pages <= len(reader.asked) <= api.pages + 1


@pytest.mark.parametrize("count", [1, 20, 21, 200])
def test_a_shuffled_list_that_rests_takes_exactly_its_pages(count: int):
    api = ListApi(SHUFFLED, size=20)
    for _ in range(count):
        api.insert()
    api.now += HOUR
    reader = Reader(api)

    sweep = reader.sweep()

    assert sweep.current.is_exact
    assert reader.asked == list(range(1, api.pages + 1))


def test_a_list_that_shrank_by_pages_is_followed_to_its_new_end_after_a_404():
    drift = [[], [("delete", -1, 0)] * 7]
    reader = Reader(rested("oldest_first", 12), drift, refuses_past_the_end=True)

    sweep = reader.sweep()

    assert reader.asked[:5] == [1, 6, 5, 4, 3]
    assert sweep.current.is_exact
    assert sweep.evidence.met == {1, 2, 3, 4, 5}


def test_newest_first_is_read_downwards_and_closed_at_the_top():
    reader = Reader(rested("newest_first", 6))

    sweep = reader.sweep()

    assert reader.asked == [1, 2, 3, 1]
    assert sweep.order == "newest_first or updated_first"


def test_oldest_first_is_read_upwards_and_closed_at_the_bottom():
    reader = Reader(rested("oldest_first", 6))

    sweep = reader.sweep()

    assert reader.asked == [1, 3, 2, 3]
    assert sweep.order == "oldest_first or updated_last"


def test_tickets_that_come_in_during_the_walk_are_met_at_the_top():
    reader = Reader(rested("newest_first", 6), [[], [("insert", 1, 1)] * 3])

    sweep = reader.sweep()

    assert reader.asked == [1, 2, 3, 4, 5, 1, 2, 1]
    assert sweep.current.is_exact
    assert sweep.evidence.met == {1, 2, 3, 4, 5, 6, 7, 8, 9}


def test_a_deletion_above_the_reader_sends_it_back_to_what_was_pulled_past_it():
    """6 is gone after page 1 (6, 5), so 4 stands on page 1 and page 2 starts with 3."""
    reader = Reader(rested("newest_first", 6), [[], [("delete", 0, 0)]])

    sweep = reader.sweep()

    assert reader.asked[:4] == [1, 2, 1, 2]
    assert (sweep.passes, sweep.current.is_exact) == (2, True)
    assert sweep.evidence.met == {1, 2, 3, 4, 5}


def test_a_ticket_pulled_onto_the_first_page_of_an_upward_walk_is_met():
    """1 goes and 7 comes between the first two reads: `total` is 6 all along, 3 is on page 1."""
    reader = Reader(rested("oldest_first", 6), [[], [("delete", 0, 0), ("insert", 1, 1)]])

    sweep = reader.sweep()

    assert reader.asked[:5] == [1, 3, 2, 1, 3]
    assert (sweep.passes, sweep.current.is_exact) == (2, True)
    assert sweep.evidence.met == {2, 3, 4, 5, 6, 7}


def test_a_ticket_pulled_up_between_two_pages_of_an_upward_walk_is_met():
    """1 goes and 7 comes after the last page was read: 3 moves to page 1 before page 2 is read."""
    reader = Reader(rested("oldest_first", 6), [[], [], [("delete", 0, 0), ("insert", 1, 1)]])

    sweep = reader.sweep()

    assert reader.asked[:5] == [1, 3, 2, 3, 1]
    assert (sweep.passes, sweep.current.is_exact) == (2, True)
    assert sweep.evidence.met == {2, 3, 4, 5, 6, 7}


def test_a_new_ticket_of_the_newest_second_may_hide_behind_the_top_page():
    """4, 5 and then 6 are of one second, in the order of their ids; 1 goes as 6 comes."""
    api = ListApi(ORDERS["newest_first, ties by id"], size=2)
    for after in (1, 1, 1, 1, 0):
        api.insert(after)
    reader = Reader(api, [[], [], [], [("delete", -1, 0), ("insert", 0, 1)]])

    sweep = reader.sweep()

    assert reader.asked[:5] == [1, 2, 3, 1, 2]
    assert sweep.current.is_exact
    assert sweep.evidence.met == {2, 3, 4, 5, 6}


def test_a_deletion_while_the_top_is_closed_begins_the_closing_anew():
    """5, 6, 7 come; 7 goes after page 1 was read, so 5 moves up unseen; 8 makes up for 7."""
    inserts = [("insert", 1, 1)] * 3
    drift = [[], [], inserts, [("delete", 0, 0)], [("insert", 1, 1)]]
    reader = Reader(rested("newest_first", 4), drift)

    sweep = reader.sweep()

    assert reader.asked[:6] == [1, 2, 1, 2, 1, 2]
    assert sweep.current.is_exact
    assert sweep.evidence.met == {1, 2, 3, 4, 5, 6, 8}


def test_a_shuffled_list_is_not_trusted_when_one_goes_as_another_comes():
    """One of page 1 goes, one of page 2 moves up unseen, a new one at the end makes up for it."""
    api = ListApi(lambda row: row.id if row.id > 40 else row.id * 16 % 41, size=20)
    for _ in range(40):
        api.insert()
    api.now += HOUR
    reader = Reader(api, [[], [("delete", 0, 0), ("insert", 1, 1)]])

    sweep = reader.sweep()

    assert reader.asked == [1, 2, 1, 2, 1, 2]
    assert (sweep.order, sweep.passes, sweep.current.is_exact) == ("unknown", 3, True)
    assert sweep.evidence.met == api.ids


def test_an_upward_walk_starts_lower_when_the_list_shrank_by_pages():
    reader = Reader(rested("oldest_first", 12), [[], [("delete", -1, 0)] * 7])

    sweep = reader.sweep()

    assert reader.asked[:4] == [1, 6, 3, 2]
    assert sweep.current.is_exact
    assert sweep.evidence.met == {1, 2, 3, 4, 5}


def test_many_tickets_of_one_second_on_top_do_not_cost_a_second_pass():
    """Twenty-one tickets came in the second before the sweep; the top page is all ties."""
    api = ListApi(ORDERS["newest_first"], size=5)
    for _ in range(30):
        api.insert()
    api.update(20)
    for _ in range(21):
        api.insert(after=0)
    reader = Reader(api)

    sweep = reader.sweep()

    assert (sweep.passes, sweep.current.is_exact) == (1, True)


def test_a_list_that_never_rests_is_not_called_exact():
    reader = Reader(rested("newest_first", 12), [[("delete", 0, 0), ("insert", 1, 1)]] * 200)

    sweep = reader.sweep()

    assert (sweep.passes, sweep.is_done, sweep.current.is_exact) == (PASSES, True, False)


def test_counts_that_flip_between_two_answers_do_not_keep_the_walk_going_for_ever():
    """Two copies of the database behind one address, one of them late by a ticket."""
    late = [[("delete", 0, 0)], [("insert", 1, 1)]] * 500
    reader = Reader(rested("newest_first", 40), late)

    sweep = reader.sweep()

    assert sweep.is_done
    assert len(reader.asked) <= 3 * (4 * 21 + 21)


def test_a_sweep_that_an_older_version_left_is_gone_on_with():
    """It knew nothing yet of pages that are not given, nor of tickets without a readable id."""
    reader = Reader(rested("newest_first", 6))
    sweep = Sweep.begin(reader.now())
    sweep.take(reader.api.page(1), reader.now())
    state = json.loads(json.dumps(sweep.to_state()))
    for later in ("nameless", "missing", "misses", "reach"):
        del state["pass"][later]

    assert Sweep.from_state(state, sweep.evidence.met) == sweep


def raw(*ids: int) -> list[dict[str, object]]:
    return [
        {"id": each, "status": "x", "stage": "x", "created_at": f"2026-01-{each:02}T00:00:00Z"}
        for each in ids
    ]


def counted(*ids: int, number: int, total: int) -> Page:
    pages = -(-total // 2)
    answer = {"total": total, "page": number, "pages": pages, "size": 2, "items": raw(*ids)}
    return parse_page(answer, number, 2)


def uncounted(*ids: int, number: int) -> Page:
    return parse_page(raw(*ids), number, 2)


def test_an_api_that_repeats_a_page_stops_the_sweep_with_a_sentence():
    walk = Sweep.begin(EPOCH).current
    walk.take(counted(9, 8, number=1, total=6))
    walk.take(counted(9, 8, number=2, total=6))
    assert walk.next_page == 1

    with pytest.raises(AnswerError) as caught:
        walk.take(counted(9, 8, number=1, total=6))
    assert str(caught.value) == (
        "GET tickets page 1: the same 2 tickets as on the page beside it. The API repeats a page, "
        "so the walk would never see the others."
    )


def test_a_list_that_moved_by_exactly_a_page_is_no_repetition():
    """Two tickets of page 3 were updated and stand on page 1 now."""
    api = rested("updated_first", 6)
    reader = Reader(api, [[], [("update", 5, 1), ("update", 5, 1)]])

    sweep = reader.sweep()

    assert reader.asked[:4] == [1, 2, 1, 2]
    assert (sweep.passes, sweep.current.is_exact) == (1, True)


def test_a_list_without_counts_is_read_to_its_short_page_and_proves_nothing():
    sweep = Sweep.begin(EPOCH)
    asked = []
    for ids in ((5, 4), (3, 2), (1,)):
        asked.append(sweep.next_page)
        sweep.take(uncounted(*ids, number=len(asked)), EPOCH)

    assert (asked, sweep.is_done, sweep.passes) == ([1, 2, 3], True, 1)
    assert (sweep.evidence.met, sweep.current.is_exact) == ({1, 2, 3, 4, 5}, False)


def test_an_api_that_ignores_the_page_number_and_counts_nothing_is_noticed():
    sweep = Sweep.begin(EPOCH)
    sweep.take(uncounted(5, 4, number=1), EPOCH)
    sweep.take(uncounted(5, 4, number=2), EPOCH)

    with pytest.raises(AnswerError, match="repeats a page"):
        sweep.take(uncounted(5, 4, number=1), EPOCH)


def test_an_empty_list_is_one_request():
    reader = Reader(ListApi(ORDERS["newest_first"], size=20))

    sweep = reader.sweep()

    assert (reader.asked, sweep.current.is_exact, sweep.evidence.met) == ([1], True, set())
