"""The incremental sync: few requests, nothing missed, whatever the list does."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from simulator import ORDERS, Account, Clock, Switches
from sources.sendcloud_support.holdings.run_record import RunRecord
from tests.pipelines.conftest import DESK, Make
from tests.pipelines.loading.sightings import Sighting, Watch, quiet_since
from tests.pipelines.warehouses import Warehouse, truth

Desk = Callable[..., Watch]

SIZE = 20
KNOWN_ORDERS = [order for order in ORDERS if order != "shuffled"]


def pages_of(watch: Watch) -> list[list[int]]:
    """The ids on each page of the list, the page of the new end first."""
    account = watch.warehouse.account
    ids = [ticket["id"] for ticket in account.tickets()]
    pages = [ids[start : start + SIZE] for start in range(0, len(ids), SIZE)]
    return pages if account.order in {"newest_first", "updated_first"} else pages[::-1]


def cheapest_cover(pages: list[list[int]], new: set[int], due: set[int]) -> int:
    """Requests of the best cut: so many pages from the new end, and a detail for each one below.

    New tickets are not known before they are seen, so pages have to reach them.
    """
    must = max((place for place, page in enumerate(pages, 1) if new & set(page)), default=1)
    wanted = new | due
    below = len(wanted)
    best = math.inf
    for place, page in enumerate(pages, 1):
        below -= len(wanted & set(page))
        if place >= must:
            best = min(best, place + below)
    return int(best)


def due_of(watch: Watch, dormant: float = 60) -> set[int]:
    """What a sync now has to see, by what was seen before."""
    now = watch.warehouse.account.clock.now()
    return watch.live(now, timedelta(days=14), timedelta(days=dormant))


def ids_of(account: Account) -> set[int]:
    return {ticket["id"] for ticket in account.tickets()}


def few(optimum: int) -> int:
    """How many requests are few: five in a hundred and three more than the best cut."""
    return int(1.05 * optimum) + 3


def assert_kept(watch: Watch, record: RunRecord, due: set[int]) -> None:
    """The promise of a sync that ends with code 0, on an account that stood still meanwhile."""
    warehouse, account = watch.warehouse, watch.warehouse.account
    there = ids_of(account)
    assert record.is_complete
    assert record.held_total == record.api_total == account.total
    assert record.requests == len(warehouse.service.requests)
    assert there <= watch.seen.keys()
    assert {each for each in due if watch.last_seen(each) < record.started_at} <= {
        each for (each,) in warehouse.rows("select id from tickets where vanished_at is not null")
    }
    held = {row[0]: row for row in warehouse.held().tickets}
    assert held.keys() == there
    seen = {each for each in there if watch.last_seen(each) >= record.started_at}
    assert [held[each] for each in sorted(seen)] == truth(
        ticket for ticket in account.tickets() if ticket["id"] in seen
    ).tickets
    assert warehouse.everything()["children"] == watch.children()
    assert warehouse.statuses() == watch.statuses()
    assert warehouse.actions() == watch.actions()


def a_day_goes_by(watch: Watch) -> set[int]:
    """One in a hundred moves, twenty come, and the law goes on; those that are new."""
    account = watch.warehouse.account
    watch.warehouse.later(hours=24)
    for number in [0] * 20 + account.pick(30, live=True):
        watch.warehouse.later(seconds=7)
        _ = account.update(number) if number else account.insert()
    watch.warehouse.later(minutes=10)
    return ids_of(account) - watch.seen.keys()


@pytest.mark.parametrize("order", KNOWN_ORDERS)
def test_a_day_later_few_requests_see_all_that_is_new_or_live(desk: Desk, order: str) -> None:
    watch = desk(order)
    new, due = a_day_goes_by(watch), due_of(watch)
    optimum = cheapest_cover(pages_of(watch), new, due)

    record = watch.warehouse.sync()

    assert_kept(watch, record, due)
    assert record.mode == "sync"
    assert record.tickets_new == len(new) >= 20
    assert record.requests <= few(optimum)


@pytest.mark.parametrize("order", ["oldest_first", "updated_first"])
def test_without_any_change_the_live_tickets_alone_are_read(desk: Desk, order: str) -> None:
    watch = desk(order)
    watch.warehouse.later(minutes=20)
    due = due_of(watch)
    pages = pages_of(watch)
    optimum = cheapest_cover(pages, ids_of(watch.warehouse.account) - watch.seen.keys(), due)
    needed = {each for page in pages if due & set(page) for each in page} | set(pages[0] + pages[1])

    record = watch.warehouse.sync()

    assert_kept(watch, record, due)
    assert record.requests <= few(optimum)
    assert {each for each in watch.seen if watch.last_seen(each) >= record.started_at} <= needed


@pytest.mark.parametrize("order", ["newest_first", "updated_last"])
def test_where_more_than_half_of_all_tickets_are_live_a_sync_costs_no_more_than_a_sweep(
    desk: Desk, order: str
) -> None:
    watch = desk(order, dormant_days=0, full_sweep_days=0)
    hear = watch.warehouse.service.switches.reshape
    assert hear is not None
    open_again = {"status": "waiting_for_carrier", "stage": "in_progress", "resolution": None}
    watch.warehouse.service.switches.reshape = lambda ticket: hear(
        ticket | (open_again if ticket["id"] % 20 < 11 else {})
    )
    watch.warehouse.sync(full=True)
    watch.warehouse.service.reset_log()
    new = a_day_goes_by(watch)
    due = due_of(watch, dormant=10_000)
    assert len(due) > 1_500

    record = watch.warehouse.sync()

    assert record.is_complete
    assert {each for each in due if watch.last_seen(each) < record.started_at} == set()
    assert record.requests <= few(cheapest_cover(pages_of(watch), new, due))


@pytest.mark.parametrize(
    ("order", "count"), [*((each, 10) for each in KNOWN_ORDERS), ("newest_first", 1)]
)
def test_settled_tickets_that_vanish_are_found_by_halving(
    desk: Desk, order: str, count: int
) -> None:
    watch = desk(order)
    warehouse, account = watch.warehouse, watch.warehouse.account
    warehouse.later(minutes=20)
    due = due_of(watch)
    new = ids_of(account) - watch.seen.keys()
    settled = sorted(ids_of(account) - due - new)
    gone = random.Random(count).sample(settled, count)
    for number in gone:
        account.drop(number)
    optimum = cheapest_cover(pages_of(watch), new, due)

    record = warehouse.sync()

    assert_kept(watch, record, due)
    assert record.tickets_vanished == count
    assert warehouse.held().vanished == sorted(gone)
    assert warehouse.service.count(endpoint="detail", status=404) == count
    halvings = count * (math.log2(len(pages_of(watch)) / count) + 2)  # and one to confirm
    assert record.requests <= few(optimum) + halvings


@pytest.mark.parametrize("order", ["newest_first", "updated_last"])
def test_a_hole_in_the_warehouse_is_found_by_halving(desk: Desk, order: str) -> None:
    watch = desk(order)
    warehouse, account = watch.warehouse, watch.warehouse.account
    warehouse.later(minutes=20)
    due = due_of(watch)
    lost = sorted(ids_of(account) - due)[1_234]
    before = warehouse.held()
    warehouse.rows("delete from tickets where id = ?", lost)
    optimum = cheapest_cover(pages_of(watch), ids_of(account) - watch.seen.keys(), due)

    record = warehouse.sync()

    assert record.is_complete
    assert lost in {row[0] for row in warehouse.held().tickets}
    assert [row for row in warehouse.held().tickets if row[0] == lost] == [
        row for row in before.tickets if row[0] == lost
    ]
    assert record.requests <= few(optimum) + math.log2(len(pages_of(watch))) + 2


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("newest_first", "oldest_first"),
        ("oldest_first", "updated_first"),
        ("updated_first", "newest_first"),
        ("newest_first", "updated_last"),
        ("newest_first", "shuffled"),
    ],
)
def test_an_order_that_is_no_longer_true_is_noticed_and_repaired_in_the_same_run(
    desk: Desk, make: Make, was: str, now: str
) -> None:
    old = desk(was)
    moment = old.warehouse.account.clock.now()
    watch = Watch(make(Account(DESK, Clock(moment), now)), old.seen)  # type: ignore[arg-type]
    watch.warehouse.belongs_to_this_account()
    a_day_goes_by(watch)
    due = due_of(watch)

    record = watch.warehouse.sync()

    assert_kept(watch, record, due)
    expected = "unknown" if now == "shuffled" else now
    assert f"Order of the list: {expected}." in str(record.note)


def test_a_list_without_order_is_swept_and_the_note_says_so(desk: Desk) -> None:
    watch = desk("shuffled")
    watch.warehouse.later(hours=24)
    gone = watch.warehouse.account.pick(2)
    for number in gone:
        watch.warehouse.account.drop(number)

    record = watch.warehouse.sync()

    assert (record.mode, record.tickets_vanished) == ("full", 2)
    assert record.note == (
        "A complete sweep was needed: the list has no order that is known. "
        "Complete sweep. Order of the list: unknown."
    )
    assert_kept(watch, record, due_of(watch))
    assert watch.warehouse.held() == truth(watch.warehouse.account.tickets(), gone)


# --- what is configured -----------------------------------------------------------------------


def test_a_due_sweep_is_made_by_sync_itself(make: Make) -> None:
    warehouse = make(full_sweep_days=7)
    warehouse.sync()
    gone = warehouse.account.pick(1)
    modes = []
    for days in (6.9, 0.2, 1):
        warehouse.later(days=days)
        if days == 0.2:
            warehouse.account.drop(gone[0])
        modes.append(warehouse.sync().mode)

    assert modes == ["sync", "full", "sync"]
    assert warehouse.held().vanished == gone

    warehouse.later(days=400)
    assert warehouse.sync(full_sweep_days=0).mode == "sync"


def test_a_live_ticket_seen_lately_can_wait(make: Make) -> None:
    warehouse = make(live_max_age_minutes=60)
    watch = Watch(warehouse)
    warehouse.sync()
    requests = []
    for minutes in (30, 45):
        warehouse.later(minutes=minutes)
        due = due_of(watch)
        record = warehouse.sync()
        requests.append(record.requests)
        assert record.is_complete

    assert due
    assert requests[0] <= 2 < requests[1]
    assert {each for each in due if watch.last_seen(each) < record.started_at} == set()


@pytest.mark.parametrize("settings", [{"max_requests": 4}, {"max_minutes": 0.3}], ids=str)
def test_a_bounded_sweep_goes_on_in_later_runs_and_marks_only_at_its_end(
    make: Make, settings: dict[str, Any]
) -> None:
    warehouse = make()
    warehouse.sync()
    warehouse.tick = timedelta(seconds=1)  # two looks at the clock for each request
    gone = sorted(warehouse.account.pick(5))
    for number in gone:
        warehouse.account.drop(number)
    warehouse.later(minutes=20)
    warehouse.service.reset_log()

    ended = [warehouse.attempt(full=True, **settings)]
    while ended[-1].code == 4 and len(ended) < 10:
        has_met_every_page = "Complete sweep." in ended[-1].err  # and today's changes are to come
        assert warehouse.held().vanished == (gone if has_met_every_page else [])
        assert "The next run goes on from here." in ended[-1].err
        warehouse.later(minutes=10)
        ended.append(warehouse.attempt(full=True, **settings))

    codes = [done.code for done in ended]
    assert codes == [4] * (len(codes) - 1) + [0]
    assert len(codes) >= 3
    assert len(warehouse.service.requests) <= 14  # ten pages, the new end again, what came since
    assert warehouse.held().vanished == gone


def test_a_bounded_first_load_keeps_what_it_has_and_ends_exact(make: Make) -> None:
    warehouse = make(max_requests=4)
    codes, counts = [], []
    for _ in range(3):
        codes.append(warehouse.attempt().code)
        counts.append(len(warehouse.held().tickets))
        warehouse.later(seconds=0.2)

    assert codes == [4, 4, 0]
    assert counts == [80, 160, 200]
    assert warehouse.held() == truth(warehouse.account.tickets())
    assert warehouse.runs("requests, is_complete, api_total") == [
        (4, False, None),
        (4, False, None),
        (4, True, 200),  # two pages, the new end again, and what came since the first run
    ]


@pytest.mark.parametrize("order", ["newest_first", "updated_last", "shuffled"])
def test_live_tickets_get_their_details_where_lists_leave_out_requests(
    make: Make, order: str
) -> None:
    warehouse = make(order=order, switches=Switches(lists_without_actions=True))
    account = warehouse.account
    live = {
        ticket["id"]: ticket
        for ticket in account.tickets()
        if ticket["id"] in live_by_the_guide(account)
    }
    assert any(ticket["requested_actions"] for ticket in live.values())

    record = warehouse.sync()
    assert record.is_complete
    assert "Pages of the list leave out requested actions" in str(record.note)
    assert record.details_read <= len(live) + 1
    assert_actions(warehouse, live)

    warehouse.later(hours=8)
    for number in account.pick(10, live=True):
        account.update(number)
    live = {each: ticket for each in live_by_the_guide(account) if (ticket := account.ticket(each))}
    again = warehouse.sync()
    assert again.is_complete
    assert "Pages of the list leave out requested actions" in str(again.note)
    assert_actions(warehouse, live)
    pages = -(-account.total // SIZE)
    assert again.requests <= len(live) + 5 + (2 * pages + 3 if order == "shuffled" else 0)


def live_by_the_guide(account: Account) -> set[int]:
    """Live as the guide says: open and touched in 60 days, or closed in the last 14."""
    watch: dict[int, list[Sighting]] = {
        ticket["id"]: [Sighting(account.clock.now(), ticket)] for ticket in account.tickets()
    }
    now = account.clock.now()
    return {
        number
        for number, sightings in watch.items()
        if now - quiet_since(sightings) <= timedelta(days=14 if sightings[0].is_closed else 60)
    }


def assert_actions(warehouse: Warehouse, live: dict[int, dict[str, Any]]) -> None:
    """The requests of all live tickets are as the API has them."""
    found = [row for row in warehouse.held().actions if row[0] in live]
    assert found == truth(live.values()).actions
    outstanding = [row[:4] for row in warehouse.actions() if row[0] in live and row[6] is None]
    assert outstanding == found
