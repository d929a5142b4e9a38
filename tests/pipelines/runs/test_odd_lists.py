"""Lists without a count, with an early end, or empty for a moment."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import Account, Clock, Fault
from tests.pipelines.conftest import SMALL, Make
from tests.pipelines.warehouses import Warehouse, truth

NO_COUNT = "The API gave no count of tickets, so nothing proves that all were met."
CUT = "The API gives no page of its list after page 5: "


def end_after(warehouse: Warehouse, pages: int, **answer: Any) -> None:
    """The list gives no page beyond this one, though it counts all tickets."""
    warehouse.service.switches.deepest_page = pages
    for name, value in answer.items():
        setattr(warehouse.service.switches, name, value)


# --- no count ------------------------------------------------------------------------------------


@pytest.mark.parametrize("past_the_end", ["empty", "404"])
@pytest.mark.parametrize("kind", ["data_envelope", "bare_list"])
@pytest.mark.parametrize("tickets", [195, 200])
def test_without_a_count_every_run_reads_what_is_there(
    make: Make, kind: Any, past_the_end: Any, tickets: int
) -> None:
    account = Account(SMALL, Clock(SMALL.end))
    for number in account.newest(len(account.tickets()) - tickets):
        account.drop(number)
    warehouse = make(account)
    warehouse.service.switches.faults = [Fault(kind, on="list")]
    warehouse.service.switches.past_the_end = past_the_end
    for _ in range(3):
        record = warehouse.sync()
        assert (record.is_complete, record.api_total) == (False, None)
        assert NO_COUNT in str(record.note)
        assert "Continued a sweep" not in str(record.note)
        assert warehouse.held() == truth(account.tickets())
        warehouse.later(hours=6)
        account.insert(30)
        account.update(account.newest(40)[-1])


def test_a_sweep_without_a_count_that_was_killed_is_gone_on_with_once(make: Make) -> None:
    warehouse = make()
    warehouse.service.switches.faults = [Fault("data_envelope", on="list"), Fault("500", page=8)]
    assert warehouse.attempt().code == 1
    warehouse.service.switches.faults = [Fault("data_envelope", on="list")]
    warehouse.service.reset_log()

    assert "Continued a sweep" in str(warehouse.sync().note)
    assert warehouse.service.count(endpoint="list") <= 5
    assert warehouse.held() == truth(warehouse.account.tickets())
    assert "Continued a sweep" not in str(warehouse.sync().note)


# --- empty for a moment --------------------------------------------------------------------------


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("left", [0, 3])
def test_a_list_that_loses_most_tickets_for_a_moment_marks_nothing(
    make: Make, full: bool, left: int
) -> None:
    warehouse = make()
    warehouse.sync()
    before = warehouse.held()
    warehouse.later(hours=2)
    account = warehouse.account
    before = truth(account.tickets())
    short = Fault("short_list", on="list", shows=left, times=1 if full else 2)
    warehouse.service.switches.faults = [short]

    record = warehouse.sync(full=full)

    assert warehouse.held() == before == truth(account.tickets())
    assert record.tickets_vanished == 0
    assert record.is_complete


def test_a_list_that_stays_empty_while_its_tickets_are_there_is_not_believed(make: Make) -> None:
    warehouse = make()
    warehouse.sync()
    warehouse.service.switches.faults = [Fault("short_list", on="list")]
    warehouse.later(hours=2)

    for full in (False, True):
        record = warehouse.sync(full=full)
        assert (record.is_complete, record.tickets_vanished) == (False, 0)
        assert "The list left out most tickets, and yet the API gives some" in str(record.note)
    assert warehouse.held() == truth(warehouse.account.tickets())


@pytest.mark.parametrize("left", [0, 1, 60])
def test_an_account_that_really_lost_most_tickets_is_believed_after_a_second_proof(
    make: Make, left: int
) -> None:
    warehouse = make()
    warehouse.sync()
    account = warehouse.account
    for each in account.tickets()[left:]:
        account.drop(each["id"])
    warehouse.service.reset_log()

    record = warehouse.sync(full=True)

    assert (record.is_complete, record.held_total) == (True, left)
    assert warehouse.service.count(endpoint="detail") == 5
    assert warehouse.held().tickets == truth(account.tickets()).tickets
    assert len(warehouse.held().vanished) == 200 - left


# --- an end before the end -----------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["400", "404", "422", "empty"])
@pytest.mark.parametrize("order", ["newest_first", "updated_first", "oldest_first"])
def test_a_list_that_ends_early_gives_what_it_has_and_the_run_says_what_is_out_of_reach(
    make: Make, order: str, answer: Any
) -> None:
    account = Account(SMALL, Clock(SMALL.end), order)  # type: ignore[arg-type]
    warehouse = make(account)
    end_after(warehouse, 5, past_the_deepest=answer)

    record = warehouse.sync()

    assert (record.is_complete, record.api_total, record.held_total) == (False, 200, 100)
    assert f"{CUT}100 of 200 tickets can be reached." in str(record.note)
    assert record.requests <= 14
    if order != "newest_first":
        return
    warehouse.later(hours=3)
    account.insert(7)
    record = warehouse.sync()
    assert (record.tickets_new, record.held_total) == (7, 107)
    assert warehouse.held().vanished == []


def test_a_list_that_begins_to_end_early_keeps_live_tickets_fresh_and_marks_nothing(
    make: Make,
) -> None:
    warehouse = make(settle_days=9_999, dormant_days=0)
    warehouse.sync()
    end_after(warehouse, 2)
    warehouse.later(hours=3)
    account = warehouse.account
    account.insert(3)
    oldest = account.newest(190)[-1]
    account.hold(oldest, status="escalated", updated_at=account.clock.now())

    record = warehouse.sync()

    assert not record.is_complete
    assert "after page 2: 40 of 203 tickets can be reached." in str(record.note)
    assert warehouse.held() == truth(account.tickets())
