"""Whether lists show outstanding requests: what is asked, and when."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator import Account, Clock, Switches
from sources.sendcloud_support.api import Page
from sources.sendcloud_support.holdings.holdings import HeldAction
from sources.sendcloud_support.planning.lists import (
    ENOUGH_PAGES,
    QUESTIONS,
    THIN,
    ListDepth,
)
from tests.pipelines.conftest import SMALL, Make
from tests.pipelines.warehouses import truth

DAY = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
OUTSTANDING = {7: HeldAction("photo_of_damage", DAY, DAY, DAY)}
MET = {7: HeldAction("photo_of_damage", DAY, DAY, DAY, first_missing_at=DAY)}


def ticket(
    number: int, status: str = "pending", *, actions: int = 0, asked_at: datetime = DAY - HOUR
) -> dict[str, Any]:
    return {
        "id": number,
        "status": status,
        "stage": "unknown",
        "resolution": None,
        "requested_actions": [{"id": each, "created_at": asked_at} for each in range(actions)],
    }


def hear(lists: ListDepth, *tickets: dict[str, Any], held: Any = None) -> None:
    lists.hear(Page(1, 20, tickets), DAY, held or {})


def questions(lists: ListDepth, **known: Any) -> list[int]:
    """The tickets that are asked for, as long as their details have no requests."""
    asked = []
    while (number := lists.next_question(**known)) is not None:
        lists.compare(number, ticket(number, "action_required"))
        asked.append(number)
    return asked


def test_a_page_with_a_request_makes_every_question_needless() -> None:
    lists = ListDepth()
    hear(lists, ticket(1, "action_required"))
    hear(lists, ticket(2), ticket(3, actions=1))
    hear(lists, ticket(4), held={4: OUTSTANDING})

    assert questions(lists, is_end=True) == []
    assert (lists.are_thin, lists.are_full, lists.leave_out) == (False, True, False)


def test_nobody_is_asked_for_before_ten_pages_told_nothing_or_the_reading_ends() -> None:
    lists = ListDepth()
    for number in range(1, ENOUGH_PAGES):
        hear(lists, ticket(number, "action_required"))
        assert questions(lists) == []
    hear(lists, ticket(ENOUGH_PAGES, "closed"))
    assert sorted(questions(lists)) == list(range(1, ENOUGH_PAGES))

    early = ListDepth()
    hear(early, ticket(1, "closed"), ticket(2, "action_required"))
    assert (questions(early), questions(early, is_end=True)) == ([], [2])


def test_questions_are_bounded_and_spread_over_kinds_with_those_that_ask_for_something_first() -> (
    None
):
    lists = ListDepth()
    hear(lists, *(ticket(number, "hold") for number in range(10, 30)))
    hear(lists, *(ticket(number, "waiting_for_customer") for number in range(30, 50)))
    hear(lists, *(ticket(number, "closed") for number in range(50, 70)))

    asked = questions(lists, is_end=True)

    assert [number >= 30 for number in asked[:4]] == [True, False, True, True]
    assert len(asked) == QUESTIONS == 12
    assert sum(number < 30 for number in asked) == 4


def test_after_enough_silence_each_later_run_asks_for_one_other() -> None:
    lists, asked = ListDepth(), []
    for _ in range(7):
        lists = ListDepth.from_state(json.loads(json.dumps(lists.to_state())))
        hear(lists, *(ticket(number, "action_required") for number in range(1, 100)))
        asked.append(questions(lists, is_end=True))

    assert [len(each) for each in asked] == [12, 1, 1, 1, 1, 1, 1]
    assert len({number for each in asked for number in each}) == 18


def test_a_ticket_that_had_requests_is_asked_for_whatever_was_proven_before() -> None:
    for lists in (ListDepth(), ListDepth(are_full=True)):
        held = {1: MET, 2: OUTSTANDING, 4: OUTSTANDING}
        was_full = lists.are_full
        hear(lists, ticket(1), ticket(2), ticket(3, "action_required"), ticket(4), held=held)
        assert (lists.are_undecided, questions(lists)) == (True, [])
        asked = questions(lists, is_end=True)
        assert (sorted(asked[:2]), asked[2:]) == ([2, 4], [] if was_full else [3, 1])
        assert not lists.are_undecided


def test_a_detail_with_an_older_request_proves_lists_thin_and_a_page_the_contrary() -> None:
    lists = ListDepth()
    hear(lists, ticket(2), held={2: OUTSTANDING})
    assert lists.next_question(is_end=True) == 2
    lists.compare(2, ticket(2, actions=1))
    assert (lists.are_thin, lists.leave_out) == (True, True)
    assert lists.sentence() == THIN
    assert questions(lists, is_end=True) == []

    later = ListDepth.from_state(lists.to_state())
    assert later.are_thin
    hear(later, ticket(4, actions=1))
    assert (later.are_thin, later.leave_out) == (False, False)


def test_a_request_that_is_younger_than_the_page_proves_nothing() -> None:
    lists = ListDepth()
    hear(lists, ticket(2, "action_required"))
    assert lists.next_question(is_end=True) == 2
    lists.compare(2, ticket(2, actions=1, asked_at=DAY + HOUR))
    assert (lists.are_thin, lists.are_full, lists.leave_out) == (False, False, True)


def test_a_ticket_that_is_gone_proves_nothing_either() -> None:
    lists = ListDepth()
    hear(lists, ticket(2, "action_required"))
    assert lists.next_question(is_end=True) == 2
    lists.compare(2, None)
    assert (lists.are_thin, lists.are_full, lists.silent) == (False, False, {})


def test_the_state_of_the_version_before_is_understood() -> None:
    assert ListDepth.from_state({"lists_are_thin": True}).leave_out
    assert ListDepth.from_state({"lists_are_thin": False, "order": "newest_first"}).are_silent


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


def quiet(number_of_live: int) -> Account:
    """An account whose tickets ask for nothing, with so many live ones that might."""
    account = Account(SMALL, Clock(SMALL.end))
    for each in account.tickets():
        account.hold(each["id"], status="closed", requested_actions=[])
    for number in account.newest(number_of_live):
        account.hold(number, status="waiting_for_customer", stage="unknown", resolution=None)
    return account


def ask_for(account: Account, number: int) -> None:
    action = {
        "id": number,
        "data_type": "other",
        "created_at": account.ticket(number)["created_at"],
    }
    account.hold(number, requested_actions=[action])


def test_one_ticket_without_requests_does_not_make_the_others_lose_theirs(make: Make) -> None:
    """75 live tickets, 49 of them with requests; the ones asked for first have none."""
    account = quiet(75)
    live = account.newest(75)
    for number in live[26:]:
        ask_for(account, number)
    warehouse = make(account, Switches(lists_without_actions=True), settle_days=9_999)

    record = warehouse.sync()

    assert (record.is_complete, THIN in str(record.note)) == (True, True)
    assert len(warehouse.held().actions) == 49
    assert warehouse.held() == truth(account.tickets())


def test_requests_are_never_called_met_for_the_silence_of_a_list(make: Make) -> None:
    """Full at first, thin in the next run; and the first ticket asked for really met its own."""
    account = quiet(40)
    live = account.newest(40)
    for number in live[:30]:
        ask_for(account, number)
    warehouse = make(account)
    warehouse.sync()
    assert len(warehouse.held().actions) == 30

    warehouse.service.switches.lists_without_actions = True
    for number in live[:5]:
        account.hold(number, requested_actions=[])
    warehouse.later(hours=1)
    record = warehouse.sync()

    assert record.is_complete
    assert warehouse.held() == truth(account.tickets())
    met = warehouse.rows(
        "select ticket_id from requested_action_history where first_missing_at is not null"
    )
    assert sorted(met) == sorted((number,) for number in live[:5])


def test_where_nothing_shows_how_lists_are_the_note_says_what_is_believed(make: Make) -> None:
    warehouse = make(quiet(20))
    record = warehouse.sync()
    assert record.is_complete
    assert (
        "No page showed a requested action, nor did the details of 12 tickets that might have "
        "some: pages are believed to show them."
    ) in str(record.note)
    assert record.details_read == 12
