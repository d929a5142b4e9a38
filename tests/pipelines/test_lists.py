"""Whether lists show outstanding requests: what is asked, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipelines.holdings import HeldAction
from pipelines.lists import ENOUGH_PAGES, ListDepth
from sources.sendcloud_support import Page
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import truth

DAY = datetime(2026, 11, 1, tzinfo=UTC)
OUTSTANDING = {7: HeldAction("photo_of_damage", DAY, DAY, DAY)}
MET = {7: HeldAction("photo_of_damage", DAY, DAY, DAY, first_missing_at=DAY)}


def ticket(number: int, status: str = "pending", *, actions: int = 0) -> dict[str, Any]:
    return {
        "id": number,
        "status": status,
        "stage": "unknown",
        "resolution": None,
        "requested_actions": [{"id": each} for each in range(actions)],
    }


def page(*tickets: dict[str, Any]) -> Page:
    return Page(1, 20, tickets)


def test_a_page_with_a_request_makes_every_question_needless() -> None:
    lists = ListDepth()
    assert lists.candidate(page(ticket(1, "action_required")), {}) is None
    assert lists.candidate(page(ticket(2), ticket(3, actions=1)), {}) is None
    assert lists.candidate(page(ticket(4)), {4: OUTSTANDING}) is None
    assert lists.last_candidate() is None
    assert not lists.are_thin


def test_a_ticket_that_should_have_requests_is_asked_for_when_ten_pages_told_nothing() -> None:
    lists = ListDepth()
    asked = [
        lists.candidate(page(ticket(number, "action_required")), {})
        for number in range(1, ENOUGH_PAGES + 3)
    ]
    assert asked == [None] * (ENOUGH_PAGES - 1) + [1, None, None]


def test_or_when_the_reading_ends_before_and_only_once() -> None:
    lists = ListDepth()
    assert lists.candidate(page(ticket(1), ticket(2, "action_required")), {}) is None
    assert [lists.last_candidate(), lists.last_candidate()] == [2, None]


def test_no_ticket_that_should_have_requests_no_question() -> None:
    lists = ListDepth()
    assert lists.candidate(page(ticket(1), ticket(2, "closed")), {}) is None
    assert lists.last_candidate() is None


def test_tickets_that_had_requests_are_asked_for_at_once_each_until_one_tells() -> None:
    lists = ListDepth()
    seen = page(ticket(1), ticket(2), ticket(3, "action_required"), ticket(4))
    held = {1: MET, 2: OUTSTANDING, 4: OUTSTANDING}
    assert lists.candidate(seen, held) == 2
    lists.compare(ticket(2))
    assert lists.candidate(seen, held) == 4
    lists.compare(None)
    assert lists.candidate(seen, held) is None
    assert lists.last_candidate() is None


@pytest.mark.parametrize("known", [False, True])
def test_a_detail_with_requests_tells_that_lists_are_thin_and_a_page_that_they_are_not(
    known: bool,
) -> None:
    lists = ListDepth(known)
    if not known:
        assert lists.candidate(page(ticket(2)), {2: OUTSTANDING}) == 2
        lists.compare(ticket(2, actions=1))
    assert lists.are_thin
    assert lists.candidate(page(ticket(3)), {3: OUTSTANDING}) is None
    lists = ListDepth(lists.are_thin)
    assert lists.candidate(page(ticket(4, actions=1)), {}) is None
    assert not lists.are_thin


def test_lists_that_begin_to_leave_requests_out_are_noticed_by_the_next_run(make: Make) -> None:
    """Nothing outstanding is held that could be missed, and no run reads ten pages."""
    warehouse = make()
    account = warehouse.account
    for each in account.tickets():
        if each["requested_actions"]:
            account.hold(each["id"], requested_actions=[], updated_at=each["updated_at"])
    warehouse.sync()
    assert warehouse.held().actions == []

    warehouse.later(hours=8)
    warehouse.service.switches.lists_without_actions = True
    for number in account.newest(2):
        asked = {"id": number, "data_type": "photo_of_damage", "created_at": account.clock.now()}
        account.hold(number, status="action_required", resolution=None, requested_actions=[asked])
    record = warehouse.sync()

    assert record.is_complete
    assert record.pages_read < ENOUGH_PAGES
    assert "Pages of the list leave out requested actions" in str(record.note)
    assert warehouse.held() == truth(account.tickets())
