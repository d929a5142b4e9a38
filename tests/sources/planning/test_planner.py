"""The planner against a list that has an order, changes, and moves while it is read.

The list is `listing.py`, independent of the simulator. What a plan promises is computed here from
the list itself: who was new, who was due, who is gone, and the cheapest cover.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.sendcloud_support.planning import COMPLETE, SWEEP, Known, Plan, Tickets
from tests.sources.planning.listing import Listing

ORDERS = ("newest_first", "oldest_first", "updated_first", "updated_last")
Drift = Callable[[Listing, int], None]


def known_of(listing: Listing) -> dict[int, Known]:
    return {key: Known(t["created_at"], t["updated_at"]) for key, t in listing.tickets.items()}


def follow(
    listing: Listing, plan: Plan, drift: Drift = lambda *_: None, limit: int = 3000
) -> dict[int, list[dict]]:
    """Answer what the plan asks for; returns every sighting by ticket."""
    sightings: dict[int, list[dict]] = {}
    for step in range(limit):
        request = plan.next_request
        if request is None:
            return sightings
        if request.page is not None:
            page = listing.page(request.page)
            plan.take_page(page)
            items = page.items
        elif request.ticket_id in listing.tickets:
            items = (listing.tickets[request.ticket_id],)
            plan.take_ticket(items[0])
        else:
            items = ()
            plan.take_gone(request.ticket_id)
        for item in items:
            sightings.setdefault(item["id"], []).append(item)
        drift(listing, step)
    pytest.fail(f"no end after {limit} requests")


def test_nothing_new_and_nothing_due_costs_one_request():
    listing = Listing("newest_first", 2000)
    plan = Plan(Tickets(known_of(listing)), "newest_first")

    follow(listing, plan)

    assert (plan.verdict, plan.read) == (COMPLETE, 1)


def test_an_empty_warehouse_is_left_to_a_sweep():
    plan = Plan(Tickets({}))

    assert (plan.verdict, plan.next_request) == (SWEEP, None)


def test_a_list_without_order_is_left_to_a_sweep():
    listing = Listing("shuffled", 500)
    plan = Plan(Tickets(known_of(listing), {7}), "newest_first")

    follow(listing, plan)

    assert plan.verdict == SWEEP


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("expected", [None, *ORDERS])
def test_a_wrong_guess_of_the_order_is_noticed_and_mended(order, expected):
    draw = random.Random(3)
    listing = Listing(order, 900)
    for key in listing.some(draw, 200):
        listing.update(key)
    known = known_of(listing)
    due = set(listing.some(draw, 15))
    for key in listing.some(draw, 30):
        listing.update(key)
    for _ in range(25):
        listing.insert()

    plan = Plan(Tickets(known, due), expected)
    sightings = follow(listing, plan)

    assert plan.verdict == COMPLETE
    assert plan.guess.name == order
    assert set(plan.tickets.known) == set(listing.tickets)
    assert due <= set(sightings)


def cheapest_cover(listing: Listing, new: set[int], due: set[int]) -> int:
    """Pages from the new end down to some rank, and one request for each due ticket below."""
    in_order = [
        item["id"]
        for number in range(1, -(-len(listing.tickets) // 20) + 1)
        for item in listing.page(number).items
    ]
    if listing.order in ("oldest_first", "updated_last"):
        in_order.reverse()
    wanted = [key in new or key in due for key in in_order]
    must_reach = max((place for place, key in enumerate(in_order) if key in new), default=-1)
    covers = (pages for pages in range(-(-len(in_order) // 20) + 1) if pages * 20 > must_reach)
    return min(pages + sum(wanted[pages * 20 :]) for pages in covers)


@pytest.mark.parametrize("order", ["newest_first", "oldest_first"])
@pytest.mark.parametrize("live", [0.02, 0.1, 0.55])
def test_it_costs_hardly_more_than_the_cheapest_cover(order, live):
    draw = random.Random(11)
    listing = Listing(order, 6000)
    known = known_of(listing)
    due = set(listing.some(draw, int(6000 * live)))
    for key in listing.some(draw, 60):
        listing.update(key)
    new = {listing.insert() for _ in range(20)}

    plan = Plan(Tickets(known, due), order)
    follow(listing, plan)
    cost = plan.read if plan.verdict == COMPLETE else plan.read + -(-len(listing.tickets) // 20)

    assert cost <= 1.05 * cheapest_cover(listing, new, due) + 3


@pytest.mark.parametrize("order", ORDERS)
def test_ten_tickets_gone_at_random_ages_are_found_without_a_sweep(order):
    draw = random.Random(5)
    listing = Listing(order, 6000)
    for key in listing.some(draw, 900):
        listing.update(key)
    known = known_of(listing)
    gone = set(listing.some(draw, 10))
    for key in gone:
        listing.delete(key)

    plan = Plan(Tickets(known), order)
    follow(listing, plan)

    assert (plan.verdict, plan.tickets.gone) == (COMPLETE, gone)
    assert plan.read < 120  # a sweep: 300


@pytest.mark.parametrize("order", ["newest_first", "oldest_first"])
def test_a_hole_in_what_is_held_is_found_by_halving(order):
    listing = Listing(order, 6000)
    known = known_of(listing)
    lost = {17, 3001, 3002}
    plan = Plan(Tickets({key: known[key] for key in known.keys() - lost}), order)

    follow(listing, plan)

    assert (plan.verdict, plan.tickets.new) == (COMPLETE, lost)
    assert plan.read < 60


def test_the_newest_tickets_gone_are_seen_at_the_top():
    listing = Listing("newest_first", 1000)
    known = known_of(listing)
    for key in (999, 1000):
        listing.delete(key)

    plan = Plan(Tickets(known), "newest_first")
    follow(listing, plan)

    assert (plan.verdict, plan.tickets.gone, plan.read) == (COMPLETE, {999, 1000}, 4)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    order=st.sampled_from(ORDERS),
    count=st.integers(1, 260),
    seed=st.integers(0, 10_000),
    changes=st.tuples(st.integers(0, 45), st.integers(0, 25), st.integers(0, 25)),
    live=st.floats(0, 1),
    ticking=st.integers(1, 4),
)
def test_whatever_changed_before_the_run_it_ends_exact(order, count, seed, changes, live, ticking):
    """New, updated and deleted before the run; equal times are common."""
    draw = random.Random(seed)
    listing = Listing(order, count, tie_every=ticking)
    known = known_of(listing)
    due = set(listing.some(draw, int(count * live)))
    inserts, updates, deletes = changes
    for key in listing.some(draw, updates):
        listing.update(key)
    for key in listing.some(draw, min(deletes, len(listing.tickets) - 1)):
        listing.delete(key)
    for _ in range(inserts):
        listing.insert()

    plan = Plan(Tickets(known, due), order if seed % 3 else None)
    sightings = follow(listing, plan)

    assert plan.verdict in (COMPLETE, SWEEP)
    if plan.verdict == COMPLETE:
        assert set(plan.tickets.known) == set(listing.tickets)
        assert due & set(listing.tickets) <= set(sightings)
        assert plan.tickets.gone == set(known) - set(listing.tickets)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    order=st.sampled_from(ORDERS),
    seed=st.integers(0, 10_000),
    every=st.integers(1, 6),
    amounts=st.tuples(st.integers(0, 7), st.integers(0, 4), st.integers(0, 4)),
    ends_after=st.integers(1, 60),
)
def test_a_list_that_moves_while_it_is_read_loses_nothing(order, seed, every, amounts, ends_after):
    """Whoever was there when the run began is known in the end, or known to be gone."""
    draw = random.Random(seed)
    listing = Listing(order, 700)
    for key in listing.some(draw, 150):
        listing.update(key)
    known = known_of(listing)
    due = set(listing.some(draw, 40))
    for _ in range(15):
        listing.insert()
    at_start = set(listing.tickets)

    def drift(moving: Listing, step: int) -> None:
        if step > ends_after or step % every:
            return
        inserts, updates, deletes = amounts
        for key in moving.some(draw, deletes):
            moving.delete(key)
        for key in moving.some(draw, updates):
            moving.update(key)
        for _ in range(inserts):
            moving.insert()

    plan = Plan(Tickets(known, due), order)
    sightings = follow(listing, plan, drift)

    if plan.verdict == COMPLETE:
        assert at_start & set(listing.tickets) <= set(plan.tickets.known)
        assert len(plan.tickets.known) == plan.total
        assert due - set(sightings) <= plan.tickets.gone
