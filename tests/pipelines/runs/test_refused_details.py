"""A detail that the API refuses for good: the ticket's own trouble, or everybody's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator import Account, Clock, Fault
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Rows, Warehouse, truth

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
ASKED = {"id": 1, "data_type": "other", "created_at": "2026-11-02T08:00:00Z"}


@pytest.fixture(autouse=True)
def _two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "2")


def desk(tickets: int = 45) -> Account:
    account = Account(clock=Clock(NINE))
    for _ in range(tickets):
        account.clock.advance(timedelta(minutes=1))
        account.insert(1)
    account.clock.advance(timedelta(hours=1))
    return account


def thin(make: Make) -> Warehouse:
    """A warehouse where each live ticket is asked for by its id."""
    account = desk()
    account.hold(3, requested_actions=[ASKED])
    warehouse = make(account)
    warehouse.sync()
    warehouse.service.switches.lists_without_actions = True
    for _ in range(2):
        warehouse.later(hours=1)
        warehouse.sync()
    warehouse.later(hours=1)
    warehouse.service.reset_log()
    return warehouse


def refuses(warehouse: Warehouse, kind: Any, *tickets: int) -> None:
    warehouse.service.switches.faults = [Fault(kind, on="detail", ticket=each) for each in tickets]


def set_aside(warehouse: Warehouse) -> Rows:
    return warehouse.rows(
        "select ticket_id, field, found, mended_at is not null from tickets_set_aside "
        "order by ticket_id"
    )


@pytest.mark.parametrize("kind", ["400", "403", "500"])
def test_one_refused_detail_is_set_aside_and_the_rest_goes_on(make: Make, kind: str) -> None:
    warehouse = thin(make)
    warehouse.account.hold(14, status="escalated")
    refuses(warehouse, kind, 13)

    done = warehouse.attempt()

    assert done.code == 4
    assert "The API refused the detail of ticket 13." in done.err
    assert "1 ticket is set aside, all others are loaded: see tickets_set_aside." in done.err
    assert set_aside(warehouse) == [(13, "detail", f"HTTP {kind}", False)]
    assert warehouse.held() == truth(warehouse.account.tickets())

    warehouse.later(hours=1)
    warehouse.service.switches.faults = []
    assert warehouse.attempt().code == 0
    assert set_aside(warehouse) == [(13, "detail", f"HTTP {kind}", True)]


def test_410_means_gone_like_404(make: Make) -> None:
    warehouse = thin(make)
    refuses(warehouse, "410", 13)

    warehouse.attempt()

    assert warehouse.held().vanished == [13]
    assert set_aside(warehouse) == []


def test_410_means_gone_for_a_refresh_too(make: Make) -> None:
    warehouse = make(desk())
    warehouse.sync()
    refuses(warehouse, "410", 13)

    record = warehouse.refresh(13)

    assert (record.is_complete, record.note) == (True, "The API has no ticket 13.")
    assert warehouse.held().vanished == [13]


@pytest.mark.parametrize(("kind", "code"), [("403", 3), ("500", 1)])
def test_when_the_list_is_refused_too_nothing_is_the_tickets_own(
    make: Make, kind: Any, code: int
) -> None:
    warehouse = thin(make)
    before = warehouse.everything()
    warehouse.service.switches.faults = [
        Fault(kind, on="detail"),
        Fault(kind, on="list", at=tuple(range(2, 99))),
    ]

    done = warehouse.attempt()

    assert done.code == code, done
    assert set_aside(warehouse) == []
    assert warehouse.held().vanished == []
    assert warehouse.everything()["statuses"] == before["statuses"]


def test_refused_keys_are_never_one_tickets_own(make: Make) -> None:
    warehouse = thin(make)
    warehouse.service.switches.faults = [Fault("401", on="detail")]

    assert warehouse.attempt().code == 3
    assert set_aside(warehouse) == []


def test_where_every_detail_is_refused_nobody_asks_on_for_ever(make: Make) -> None:
    warehouse = thin(make)
    warehouse.account.insert(1)
    warehouse.service.switches.faults = [Fault("403", on="detail")]

    done = warehouse.attempt()

    asked = [each for each in warehouse.service.requests if each.endpoint == "detail"]
    assert done.code == 4, done
    assert "It refused 9 in a row, so " in done.err
    assert len(asked) == 9
    assert 46 in {row[0] for row in warehouse.held().tickets}


def test_a_refresh_names_what_was_refused_and_loads_the_rest(make: Make) -> None:
    warehouse = make(desk())
    warehouse.sync()
    warehouse.later(hours=1)
    warehouse.account.hold(14, status="escalated")
    refuses(warehouse, "403", 13)

    record = warehouse.refresh(13, 14)

    assert record.is_complete is False
    assert record.note == (
        "The API refused the detail of ticket 13. Set aside, see tickets_set_aside: 13."
    )
    assert warehouse.held() == truth(warehouse.account.tickets())


def test_a_refresh_of_refused_tickets_alone_asks_whether_the_api_answers_at_all(
    make: Make,
) -> None:
    warehouse = make(desk())
    warehouse.sync()
    warehouse.service.reset_log()
    refuses(warehouse, "403", 13)

    assert warehouse.refresh(13).is_complete is False
    assert [each.endpoint for each in warehouse.service.requests] == ["detail", "list"]
    assert set_aside(warehouse) == [(13, "detail", "HTTP 403", False)]


def test_a_refused_ticket_is_not_called_vanished_nor_counted(make: Make) -> None:
    warehouse = make(desk())
    warehouse.sync()
    refuses(warehouse, "403", 13, 999)
    warehouse.refresh(13, 999)
    warehouse.later(hours=1)

    done = warehouse.attempt(full=True)

    assert done.code == 0, done
    assert warehouse.held().vanished == []
    assert set_aside(warehouse) == [
        (13, "detail", "HTTP 403", True),
        (999, "detail", "HTTP 403", True),
    ]
