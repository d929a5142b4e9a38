"""The world is a pure function, and looks like a support desk."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from simulator import World

END = datetime(2026, 11, 1, tzinfo=UTC)
DESK = World(tickets=6_000)
FAR = END + timedelta(days=1_000)


def created(ticket: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(ticket["created_at"])


def tickets(world: World, at: datetime) -> list[dict[str, Any]]:
    """Those created before the end, as they are at that moment."""
    return [ticket for number in world.ids(END) if (ticket := world.ticket(number, at))]


def test_the_same_seed_and_time_give_the_same_tickets_in_any_order_of_asking() -> None:
    one, other = World(seed=3, tickets=200, months=2), World(seed=3, tickets=200, months=2)
    numbers = one.ids(one.end)
    forwards = {number: one.ticket(number, one.end) for number in numbers}
    other.ids(other.end + timedelta(days=900))
    backwards = {number: other.ticket(number, other.end) for number in reversed(numbers)}
    assert forwards == backwards


def test_another_seed_gives_another_desk() -> None:
    one, other = World(seed=3, tickets=200), World(seed=4, tickets=200)
    assert tickets(one, END) != tickets(other, END)


def test_the_first_ticket_of_the_default_world_is_what_it_always_was() -> None:
    # written down once, so that no change of Python, machine or code shifts the world unnoticed
    assert World().ticket(1483, END) == {
        "id": 1483,
        "status": "closed",
        "stage": "manually_solved_stage",
        "type": "other_shipping",
        "parcel_id": 90010381,
        "carrier": "dpd",
        "order_number": "ORD-090010381",
        "brand_id": 4,
        "created_at": "2025-01-01T05:58:58+00:00",
        "updated_at": "2025-01-15T08:39:08+00:00",
        "requested_actions": [],
        "resolution": {
            "outcome": "claim_declined",
            "amount": None,
            "currency": None,
            "solved_at": "2025-01-15T08:39:08+00:00",
        },
    }


def test_more_tickets_in_the_same_months_change_nothing_but_the_times() -> None:
    fewer, more = World(tickets=200, months=2), World(tickets=300, months=2)
    timeless = ("id", "type", "parcel_id", "carrier", "order_number", "brand_id")
    for number in fewer.ids(fewer.end):
        one, other = fewer.ticket(number, FAR), more.ticket(number, FAR)
        assert one is not None
        assert other is not None
        assert {name: one[name] for name in timeless} == {name: other[name] for name in timeless}
        assert one["requested_actions"] == [] or one["resolution"] is None


def test_later_times_only_append_tickets() -> None:
    weeks = [DESK.ids(END - timedelta(weeks=week)) for week in range(60, -10, -10)]
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(weeks))
    assert all(len(later) > len(earlier) for earlier, later in pairwise(weeks))


@pytest.mark.parametrize("number_of_tickets", [0, 1, 19, 500])
def test_exactly_so_many_tickets_come_before_the_end(number_of_tickets: int) -> None:
    world = World(tickets=number_of_tickets, months=3)
    assert len(world.ids(world.end)) == number_of_tickets
    assert world.ids(world.start) == []


def test_ids_and_creation_times_rise_together() -> None:
    desk = tickets(DESK, END)
    assert [t["id"] for t in desk] == sorted({t["id"] for t in desk})
    assert [created(t) for t in desk] == sorted(created(t) for t in desk)
    assert DESK.start <= created(desk[0])
    assert created(desk[-1]) < END


def test_a_ticket_is_unknown_before_it_is_created_and_pending_at_that_moment() -> None:
    for number in DESK.ids(END)[:50]:
        moment = created(DESK.ticket(number, END) or {})
        assert DESK.ticket(number, moment - timedelta(seconds=1)) is None
        assert (DESK.ticket(number, moment) or {})["status"] == "pending"


def test_an_id_that_is_nobodys_is_unknown() -> None:
    assert [DESK.ticket(number, END) for number in (-1, 0, 42, 10**15)] == [None] * 4


def test_mondays_and_december_are_busy_sundays_and_nights_are_not() -> None:
    times = [created(ticket) for ticket in tickets(DESK, END)]
    weekday = Counter(time.weekday() for time in times)
    hour = Counter(time.hour for time in times)
    month = Counter((time.year, time.month) for time in times)
    assert max(weekday, key=weekday.__getitem__) == 0
    assert min(weekday, key=weekday.__getitem__) == 6
    assert hour[11] > 10 * hour[3]
    assert month[2025, 12] > 1.3 * month[2025, 10]
    assert month[2026, 9] > month[2025, 9]


def test_the_status_is_the_last_of_the_history_and_updated_at_its_moment() -> None:
    for number in DESK.ids(END)[:400]:
        history = DESK.history(number, END)
        ticket = DESK.ticket(number, END) or {}
        moment, status, stage = history[-1]
        assert [at for at, _, _ in history] == sorted({at for at, _, _ in history})
        assert (ticket["status"], ticket["stage"]) == (status, stage)
        never_moved = len(history) == 1
        assert ticket["updated_at"] in (
            [moment.isoformat(), None] if never_moved else [moment.isoformat()]
        )


def test_updated_at_is_null_until_the_first_change_for_some() -> None:
    first = [DESK.ticket(n, DESK.history(n, END)[0][0]) or {} for n in DESK.ids(END)[:2_000]]
    assert 0.25 < sum(ticket["updated_at"] is None for ticket in first) / 2_000 < 0.35


def test_some_of_every_nullable_field_is_null() -> None:
    desk = tickets(DESK, FAR)
    shares = {
        name: sum(ticket[name] is None for ticket in desk) / len(desk)
        for name in ("carrier", "type", "order_number", "parcel_id", "brand_id")
    }
    expected = {"carrier": 0.01, "type": 0.01, "order_number": 0.02, "parcel_id": 0.04}
    for name, share in (expected | {"brand_id": 0.05}).items():
        assert shares[name] == pytest.approx(share, abs=0.01)


def test_money_is_told_in_all_its_shades() -> None:
    ends = [ticket["resolution"] for ticket in tickets(DESK, FAR) if ticket["resolution"]]
    approved = [end for end in ends if end["outcome"] == "claim_approved"]
    declined = [end for end in ends if end["outcome"] == "claim_declined"]
    rest = [end for end in ends if end["outcome"] not in {"claim_approved", "claim_declined"}]
    assert {end["currency"] for end in approved} == {"EUR", "GBP", "PLN", None}
    assert {end["amount"] is None for end in approved} == {True, False}
    assert all(end["amount"] is None or end["amount"] > 0 for end in approved)
    assert {end["amount"] for end in declined} == {0, None}
    assert {end["outcome"] for end in rest if end["amount"]} == {"claim_closed_in_carrier_portal"}
    assert all((end["amount"] is None) == (end["currency"] is None) for end in ends)
    assert {end["solved_at"] is None for end in ends} == {True, False}
    assert max(end["amount"] for end in approved if end["currency"] == "EUR") == 500


def test_an_approved_claim_is_paid_at_once_later_or_never() -> None:
    statuses = Counter(
        (ticket["status"], ticket["resolution"]["solved_at"] == ticket["updated_at"])
        for ticket in tickets(DESK, FAR)
        if ticket["resolution"] and ticket["resolution"]["outcome"] == "claim_approved"
        if ticket["resolution"]["solved_at"]
    )
    assert set(statuses) == {("claim_paid", True), ("claim_paid", False), ("solved", True)}


def test_a_resolution_is_there_only_while_the_ticket_is_closed() -> None:
    closed = {"claim_paid", "manually_solved", "solved", "closed", "solved_by_automation"}
    reopened = 0
    for number in DESK.ids(END)[:1_500]:
        for moment, status, _ in DESK.history(number, FAR):
            ticket = DESK.ticket(number, moment) or {}
            assert ticket["resolution"] is None or status in closed
            assert ticket["resolution"] is None or ticket["requested_actions"] == []
        statuses = [status in closed for _, status, _ in DESK.history(number, FAR)]
        reopened += (True, False) in pairwise(statuses)
    assert 0.015 < reopened / 1_500 < 0.05


def test_requests_open_with_a_status_and_vanish_one_by_one_without_a_trace() -> None:
    number = next(
        number for number in DESK.ids(END) if len(set(outstanding_over_time(DESK, number))) > 3
    )
    counts = outstanding_over_time(DESK, number)
    assert counts[0] == counts[-1] == 0
    assert max(counts) == 3


def outstanding_over_time(world: World, number: int) -> list[int]:
    history = world.history(number, FAR)
    first, last = history[0][0], history[-1][0]
    moments = [first + (last - first) * step / 400 for step in range(401)]
    return [len((world.ticket(number, at) or {})["requested_actions"]) for at in moments]


def test_some_tickets_are_never_resolved_and_keep_what_was_asked() -> None:
    open_for_good = [ticket for ticket in tickets(DESK, FAR) if not ticket["resolution"]]
    stuck = [
        t for t in open_for_good if t["stage"] in {"in_progress", "action_required", "unknown"}
    ]
    assert 0.01 < len(stuck) / 6_000 < 0.03
    assert any(ticket["requested_actions"] for ticket in stuck)


def test_request_ids_are_unique() -> None:
    asked = {
        (number, action["id"], action["data_type"], action["created_at"])
        for number in DESK.ids(END)[:1_500]
        for moment, _, _ in DESK.history(number, FAR)
        for action in (DESK.ticket(number, moment) or {})["requested_actions"]
    }
    assert len({action for _, action, _, _ in asked}) == len(asked) > 500


def test_vanishing_tickets_are_gone_for_good_and_the_others_stay_as_they_were() -> None:
    keeping, losing = World(tickets=2_000), World(tickets=2_000, vanishing=0.1)
    left = losing.ids(FAR)
    lost = set(keeping.ids(END)) - set(left)
    assert 0.07 < len(lost) / 2_000 < 0.13
    assert all(losing.ticket(number, FAR) is None for number in lost)
    assert [losing.ticket(n, END) for n in left[:500]] == [
        keeping.ticket(n, END) for n in left[:500]
    ]
    assert set(losing.ids(END)) > set(left) & set(keeping.ids(END))


def test_the_first_resolution_can_be_asked_for() -> None:
    resolved = [number for number in DESK.ids(END)[:300] if DESK.resolved_at(number, FAR)]
    for number in resolved:
        first = next(
            at
            for at, _, stage in DESK.history(number, FAR)
            if stage.endswith("solved_stage") or stage == "solved_by_automation_stage"
        )
        assert DESK.resolved_at(number, FAR) == first
        assert DESK.resolved_at(number, first - timedelta(seconds=1)) is None
    assert len(resolved) > 280
