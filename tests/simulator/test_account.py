"""The account follows its clock and its hands, in every order of the list."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from simulator import ORDERS, Account, Clock, Order, World

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
WORLD = World(seed=5, tickets=600, months=6)
LOSING = World(seed=5, tickets=600, months=6, vanishing=0.2)


@pytest.fixture
def account() -> Account:
    return Account(clock=Clock(NOON))


def ids(account: Account) -> list[int]:
    return [ticket["id"] for ticket in account.tickets()]


# --- hands ---------------------------------------------------------------------------------


def test_a_new_ticket_gets_the_simplest_values_of_the_contract(account: Account) -> None:
    assert account.hold(42) == {
        "id": 42,
        "status": "pending",
        "stage": "in_progress",
        "type": "damaged",
        "parcel_id": 90000042,
        "carrier": "postnl",
        "order_number": "ORD-42",
        "brand_id": 1,
        "created_at": "2026-03-15T12:00:00+00:00",
        "updated_at": "2026-03-15T12:00:00+00:00",
        "requested_actions": [],
        "resolution": None,
    }


def test_a_change_moves_updated_at_and_the_stage_and_keeps_the_rest(account: Account) -> None:
    before = account.hold(42, carrier="dpd")
    account.clock.advance(timedelta(hours=1))
    after = account.hold(42, status="claim_paid")
    moved = {
        "status": "claim_paid",
        "stage": "manually_solved_stage",
        "updated_at": "2026-03-15T13:00:00+00:00",
    }
    assert after == before | moved
    assert account.ticket(42) == after


def test_what_is_said_wins_over_what_would_follow(account: Account) -> None:
    solved = {"outcome": "claim_approved", "amount": Decimal("149.99"), "solved_at": NOON}
    held = account.hold(
        42,
        status="teleported",
        stage="action_required",
        updated_at=None,
        created_at="2026-03-15T13:00:00+01:00",
        resolution=solved,
        brand_new="field",
    )
    assert (held["status"], held["stage"]) == ("teleported", "action_required")
    assert (held["updated_at"], held["created_at"]) == (None, "2026-03-15T13:00:00+01:00")
    assert held["resolution"] == {
        "outcome": "claim_approved",
        "amount": 149.99,
        "solved_at": "2026-03-15T12:00:00+00:00",
    }
    assert held["brand_new"] == "field"


def test_what_is_returned_is_a_copy(account: Account) -> None:
    account.hold(42, requested_actions=[{"id": 1}])["requested_actions"].clear()
    (account.ticket(42) or {})["status"] = "closed"
    assert account.ticket(42) == account.hold(42)
    assert account.hold(42)["requested_actions"] == [{"id": 1}]


def test_a_dropped_ticket_is_gone_and_comes_back_as_it_was(account: Account) -> None:
    account.hold(42, carrier="dpd")
    account.drop(42)
    assert (account.ticket(42), account.total, account.tickets()) == (None, 0, [])
    with pytest.raises(KeyError, match="No ticket 42 to drop"):
        account.drop(42)
    assert account.hold(42)["carrier"] == "dpd"
    assert account.total == 1


def test_a_ticket_that_was_held_has_left_the_law() -> None:
    account = Account(WORLD, Clock(WORLD.end))
    number = next(t["id"] for t in account.tickets() if t["stage"] == "in_progress")
    law = account.ticket(number) or {}
    held = account.hold(number, carrier="ups")
    assert held == law | {"carrier": "ups", "updated_at": WORLD.end.isoformat()}
    account.clock.advance(timedelta(days=365))
    assert account.ticket(number) == held
    assert WORLD.ticket(number, account.clock.now()) != held


def test_dropping_a_ticket_of_the_world_leaves_the_others() -> None:
    account = Account(WORLD, Clock(WORLD.end))
    account.drop(WORLD.ids(WORLD.end)[10])
    assert account.total == 599
    assert Account(WORLD, Clock(WORLD.end)).total == 600


# --- orders --------------------------------------------------------------------------------


def newest(ticket: dict[str, Any]) -> tuple[Any, ...]:
    return (ticket["created_at"], ticket["id"])


def updated(ticket: dict[str, Any]) -> tuple[Any, ...]:
    return (ticket["updated_at"] or ticket["created_at"], ticket["id"])


BY: dict[Order, tuple[Callable[[dict[str, Any]], tuple[Any, ...]], bool]] = {
    "newest_first": (newest, True),
    "oldest_first": (newest, False),
    "updated_first": (updated, True),
    "updated_last": (updated, False),
}


@pytest.mark.parametrize("order", BY)
@pytest.mark.parametrize("world", [WORLD, LOSING], ids=["keeping", "losing"])
def test_every_order_is_what_it_says_at_any_moment(order: Order, world: World) -> None:
    account = Account(world, Clock(world.end - timedelta(days=40)), order)
    key, backwards = BY[order]
    for days in (0, 1, 39, 60, -30, 7):
        now = account.clock.advance(timedelta(days=days))
        expected = [world.ticket(number, now) for number in world.ids(now)]
        assert account.tickets() == sorted(expected, key=key, reverse=backwards)


def test_equal_times_stand_in_the_order_of_their_ids(account: Account) -> None:
    orders = {order: Account(clock=Clock(NOON), order=order) for order in BY}
    for each in orders.values():
        for number in (7, 3, 9, 5):
            each.hold(number)
    rising, falling = [3, 5, 7, 9], [9, 7, 5, 3]
    assert {order: ids(each) for order, each in orders.items()} == {
        "newest_first": falling,
        "oldest_first": rising,
        "updated_first": falling,
        "updated_last": rising,
    }


def test_mixed_offsets_are_compared_as_moments() -> None:
    account = Account(clock=Clock(NOON), order="oldest_first")
    account.hold(1, created_at="2026-03-15T12:00:00+02:00")
    account.hold(2, created_at="2026-03-15T11:00:00Z")
    account.hold(3, created_at="2026-03-15T10:30:00+00:00")
    assert ids(account) == [1, 3, 2]


def test_shuffled_is_neither_order_and_stays_when_tickets_come_and_go() -> None:
    account = Account(WORLD, Clock(WORLD.end), "shuffled")
    before = ids(account)
    assert sorted(before) == WORLD.ids(WORLD.end)
    assert before not in (sorted(before), sorted(before, reverse=True))
    account.drop(before[100])
    account.clock.advance(timedelta(days=10))
    after = ids(account)
    assert [number for number in after if number in set(before)] == before[:100] + before[101:]
    assert after[: len(before)] != before


def test_an_unknown_order_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="No order 'random'; there are newest_first, oldest_first"):
        Account(order="random")  # type: ignore[arg-type]
    assert len(ORDERS) == 5


# --- the clock -----------------------------------------------------------------------------


def test_a_clock_stands_still_until_it_is_moved() -> None:
    clock = Clock(NOON)
    assert clock.now() == clock.now() == NOON
    assert clock.advance(timedelta(minutes=5)) == clock.now() == NOON + timedelta(minutes=5)
    assert clock.move(NOON) == clock.now() == NOON


def test_a_running_clock_runs_at_its_speed() -> None:
    seconds = iter([100.0, 101.0, 101.0, 102.5, 103.5])
    clock = Clock(NOON, speed=60, monotonic=lambda: next(seconds))
    assert clock.now() == NOON + timedelta(minutes=1)
    clock.move(NOON)
    assert clock.now() == NOON + timedelta(minutes=1.5)
    assert clock.now() == NOON + timedelta(minutes=2.5)


def test_written_answers_follow_the_clock_forwards_and_backwards() -> None:
    account = Account(WORLD, Clock(WORLD.end), "updated_first").prepare()
    numbers = WORLD.ids(WORLD.end)
    for days in (0, 3, 30, -20, 1):
        now = account.clock.advance(timedelta(days=days))
        written = [account.written(number) for number in numbers]
        fresh = [Account(WORLD, Clock(now)).written(number) for number in numbers[-5:]]
        assert written[-5:] == fresh


def test_still_holds_the_moment_for_one_answer() -> None:
    account = Account(WORLD, Clock(WORLD.end))
    with account.still():
        account.clock.advance(timedelta(days=30))
        assert account.total == 600
    assert account.total > 600


# --- drift ---------------------------------------------------------------------------------


def test_inserted_tickets_are_the_newest_and_lead_a_life_by_the_law() -> None:
    account = Account(WORLD, Clock(WORLD.end))
    last = WORLD.ids(WORLD.end)[-1]
    made = account.insert(3)
    assert made == [last + 1, last + 2, last + 3]
    assert ids(account)[:4] == [last + 3, last + 2, last + 1, last]
    assert {(account.ticket(number) or {})["status"] for number in made} == {"pending"}
    assert {(account.ticket(n) or {})["created_at"] for n in made} == {WORLD.end.isoformat()}
    account.clock.advance(timedelta(days=400))
    assert any((account.ticket(number) or {})["resolution"] for number in made)
    assert account.tickets()[0]["id"] > made[-1]


def test_inserted_tickets_come_and_go_with_the_clock() -> None:
    account = Account(WORLD, Clock(WORLD.end))
    account.insert(2)
    account.clock.advance(timedelta(days=-1))
    assert account.total == len(WORLD.ids(account.clock.now()))
    account.clock.move(WORLD.end)
    assert account.total == 602


def test_tickets_inserted_into_an_account_without_a_world_are_held() -> None:
    account = Account(clock=Clock(NOON))
    account.hold(9)
    assert account.insert(2) == [10, 11]
    assert [ticket["status"] for ticket in account.tickets()] == ["pending"] * 3


def test_an_update_lasts_until_the_law_moves_the_ticket_on() -> None:
    account = Account(WORLD, Clock(WORLD.end), "updated_first")
    number = next(t["id"] for t in account.tickets() if t["status"] == "waiting_for_carrier")
    law = account.ticket(number) or {}
    updated = account.update(number)
    assert updated["status"] != law["status"]
    assert updated["updated_at"] == WORLD.end.isoformat()
    assert ids(account)[0] == number
    later = [at for at, _, _ in WORLD.history(number, WORLD.end + timedelta(days=900))]
    following = min(at for at in later if at > WORLD.end)
    account.clock.move(following - timedelta(seconds=1))
    assert account.ticket(number) == updated
    account.clock.move(following)
    assert account.ticket(number) == WORLD.ticket(number, following)
    account.clock.move(WORLD.end - timedelta(seconds=1))
    assert account.ticket(number) == law
    account.clock.move(WORLD.end)
    assert account.ticket(number) == updated
    assert ids(account)[0] == number


def test_picked_tickets_are_different_and_live_if_asked() -> None:
    account = Account(WORLD, Clock(WORLD.end))
    open_ones = {
        t["id"] for t in account.tickets() if not t["resolution"] and t["status"] != "closed"
    }
    assert len(set(account.pick(100))) == 100
    assert set(account.pick(20, live=True)) < open_ones
    assert set(account.pick(10_000, live=True)) <= open_ones
    assert account.newest(3) == ids(account)[:3]


def test_many_threads_may_ask_and_change_at_once() -> None:
    account = Account(WORLD, Clock(WORLD.end), "updated_first")
    problems: list[BaseException] = []

    def work(offset: int) -> None:
        try:
            for step in range(40):
                account.hold(100 + offset * 40 + step)
                account.tickets()
                account.clock.advance(timedelta(minutes=1))
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(offset,)) for offset in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert account.total == 120 + len(WORLD.ids(account.clock.now()))
