"""The complete sweep against a list that changes between any two pages.

A pass that calls itself exact must have met what the API held. The lists, their changes and their
sizes are hypothesis' choice; the API's own memory of what it held is the truth.
"""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sources.sendcloud_support.exceptions import AnswerError
from sources.sendcloud_support.planning.sweep import Sweep
from tests.sources.planning.list_api import ORDERS, SHUFFLED, ListApi
from tests.sources.planning.list_reader import HOUR, Event, Reader, happen

ticks = st.integers(0, 1)
places = st.integers(0, 60)
events = st.one_of(
    st.tuples(st.just("insert"), ticks, st.integers(0, 1)),
    st.tuples(st.just("delete"), places, st.just(0)),
    st.tuples(st.just("update"), places, ticks),
)
drifts = st.lists(st.lists(events, max_size=4), max_size=25)


@st.composite
def lists(draw: st.DrawFn, order: str) -> ListApi:
    """A list with a history of its own, on pages of any size, that rested a while or did not."""
    api = ListApi(ORDERS[order], size=draw(st.integers(1, 6)))
    for event in draw(st.lists(events, max_size=40)):
        happen(api, event)
    api.now += draw(st.sampled_from([0, HOUR]))
    return api


@st.composite
def shuffled_lists(draw: st.DrawFn) -> ListApi:
    api = ListApi(SHUFFLED, size=20)
    for _ in range(draw(st.integers(21, 70))):
        api.insert()
    api.now += draw(st.sampled_from([0, HOUR]))
    return api


def sweep_of(reader: Reader) -> Sweep:
    """A page of one or two tickets can move by exactly a page, and back: that looks repeated."""
    try:
        return reader.sweep()
    except AnswerError:
        assume(reader.api.size > 2)
        raise


def check_claim(reader: Reader, sweep: Sweep) -> None:
    """What a pass that says it is exact has promised."""
    walk = sweep.current
    if not walk.is_exact:
        return
    stayed = set.intersection(*reader.held)
    assert stayed <= walk.evidence.met
    assert walk.evidence.met in reader.held
    if walk.proof.is_closed:
        assert walk.evidence.met == reader.api.ids


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_a_pass_that_says_it_is_exact_met_what_the_api_holds(order: str, data: st.DataObject):
    reader = Reader(data.draw(lists(order)), data.draw(drifts))

    check_claim(reader, sweep_of(reader))


@given(api=shuffled_lists(), drift=st.lists(st.lists(events, max_size=4), max_size=8))
def test_a_shuffled_list_is_called_exact_only_with_what_it_held(api: ListApi, drift: list):
    reader = Reader(api, drift)

    check_claim(reader, reader.sweep())


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_an_insert_and_a_delete_between_the_same_two_pages_hide_nothing(order, data):
    """`total` stands still, so only the places can tell."""
    api = data.draw(lists(order))
    pairs = st.lists(st.tuples(places, ticks, ticks), max_size=2)
    drift = [
        [event for place, tick, updated in pair for event in swap(place, tick, updated)]
        for pair in data.draw(st.lists(pairs, min_size=1, max_size=12))
    ]
    reader = Reader(api, drift)

    check_claim(reader, sweep_of(reader))


def swap(place: int, tick: int, updated: int) -> list[Event]:
    return [("delete", place, 0), ("insert", tick, updated)]


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_a_sweep_goes_on_from_its_state_after_any_page(order: str, data: st.DataObject):
    api, drift = data.draw(lists(order)), data.draw(drifts)
    restarts = frozenset(data.draw(st.sets(st.integers(1, 40), min_size=1)))
    reader = Reader(api, drift, restarts)

    check_claim(reader, sweep_of(reader))


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_an_api_that_answers_404_past_the_end_changes_no_promise(order: str, data: st.DataObject):
    reader = Reader(data.draw(lists(order)), data.draw(drifts), refuses_past_the_end=True)

    check_claim(reader, sweep_of(reader))


@settings(max_examples=30)
@given(count=st.integers(0, 60), size=st.integers(1, 20))
def test_any_page_size_the_server_insists_on_is_walked(count: int, size: int):
    api = ListApi(ORDERS["newest_first"], size)
    for _ in range(count):
        api.insert()
    api.now += HOUR

    sweep = Reader(api).sweep()

    assert (sweep.current.is_exact, sweep.evidence.met) == (True, api.ids)
