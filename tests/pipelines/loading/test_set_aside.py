"""A ticket that breaks the contract is set aside: the others are loaded, and it comes in later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator import Account, Clock
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Rows, Warehouse, truth

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
RESOLVED = {"outcome": "claim_approved", "currency": "EUR", "solved_at": "2026-11-02T08:00:00Z"}
ASKED = {"id": 1, "data_type": "other", "created_at": "2026-11-02T08:00:00Z"}

Wrong = Mapping[str, Any]
COLUMNS = "ticket_id, field, expected, found"
ONE = "1 ticket is set aside, all others are loaded: see tickets_set_aside."


def desk(tickets: int = 45) -> Account:
    """Open tickets, a minute apart; the newest asks for something, so pages show what is asked."""
    account = Account(clock=Clock(NINE))
    for _ in range(tickets):
        account.clock.advance(timedelta(minutes=1))
        account.insert(1)
    account.hold(tickets, requested_actions=[ASKED])
    account.clock.advance(timedelta(hours=1))
    return account


def breaks(warehouse: Warehouse, *ids: int, **fields: Any) -> None:
    """From now on the API gives these tickets with these fields."""
    warehouse.service.switches.reshape = lambda ticket: (
        ticket | fields if ticket["id"] in ids else ticket
    )


def replaces(warehouse: Warehouse, ticket_id: int, other: Any) -> None:
    """From now on the API gives this in the place of a ticket."""
    warehouse.service.switches.reshape = lambda ticket: (
        other if ticket["id"] == ticket_id else ticket
    )


def mends(warehouse: Warehouse) -> None:
    warehouse.service.switches.reshape = None


def set_aside(warehouse: Warehouse, columns: str = COLUMNS) -> Rows:
    return warehouse.rows(f"select {columns} from tickets_set_aside order by ticket_id, field")


def others(account: Account, *ids: int) -> list[dict[str, Any]]:
    return [ticket for ticket in account.tickets() if ticket["id"] not in ids]


KINDS: list[tuple[Any, str, str, str]] = [
    ({"resolution": RESOLVED | {"amount": "12,50"}}, "resolution.amount", "a number", "text"),
    (
        {"resolution": RESOLVED | {"amount": 10**14}},
        "resolution.amount",
        "a number below 10^14",
        "an integer",
    ),
    (
        {"resolution": RESOLVED | {"amount": float("nan")}},
        "resolution.amount",
        "a number",
        "NaN or Infinity",
    ),
    ({"resolution": []}, "resolution", "an object", "a list"),
    (
        {"requested_actions": [{"data_type": "other", "created_at": ASKED["created_at"]}]},
        "requested_actions.id",
        "a 64-bit integer",
        "null",
    ),
    (
        {"requested_actions": [{"id": 7, "data_type": "other"}]},
        "requested_actions.created_at",
        "an ISO 8601 time",
        "null",
    ),
    ({"requested_actions": {"7": ASKED}}, "requested_actions", "a list of objects", "an object"),
    (
        {"requested_actions": [None]},
        "requested_actions",
        "a list of objects",
        "a list of other values",
    ),
    ({"status": 5}, "status", "text", "an integer"),
    ({"parcel_id": True}, "parcel_id", "a 64-bit integer", "a boolean"),
    ({"created_at": "yesterday"}, "created_at", "an ISO 8601 time", "text"),
    ({"created_at": "0000-01-01T00:00:00Z"}, "created_at", "an ISO 8601 time", "text"),
    ({"created_at": "9999-12-31T23:59:59-14:00"}, "created_at", "an ISO 8601 time", "text"),
    ({"stage": None}, "stage", "text", "null"),
]


@pytest.mark.parametrize(
    ("wrong", "field", "expected", "found"), KINDS, ids=[f"{k[1]} {k[3]}" for k in KINDS]
)
def test_one_ticket_that_breaks_the_contract_keeps_no_other_out(
    make: Make, wrong: Wrong, field: str, expected: str, found: str
) -> None:
    warehouse = make(desk())
    breaks(warehouse, 13, **wrong)

    done = warehouse.attempt()

    assert done.code == 4
    assert done.err.endswith(f"{ONE} Every other ticket is proven to be in.")
    assert warehouse.held() == truth(others(warehouse.account, 13))
    assert set_aside(warehouse) == [(13, field, expected, found)]
    assert warehouse.runs("is_complete, held_total, api_total") == [(False, 44, 45)]


NO_TICKETS = [(None, "null"), ("a ticket", "text"), ([1], "a list")]


@pytest.mark.parametrize(("other", "found"), NO_TICKETS, ids=[found for _, found in NO_TICKETS])
def test_what_is_no_ticket_at_all_is_set_aside_without_an_id(
    make: Make, other: Any, found: str
) -> None:
    warehouse = make(desk())
    replaces(warehouse, 13, other)

    done = warehouse.attempt()

    assert (done.code, ONE in done.err) == (4, True)
    assert warehouse.held() == truth(others(warehouse.account, 13))
    assert set_aside(warehouse) == [(None, "ticket", "an object", found)]


@pytest.mark.parametrize(
    ("number", "found"),
    [("thirteen", "text"), (None, "null"), (2**63, "an integer"), (True, "a boolean")],
)
def test_a_ticket_without_a_readable_id_is_set_aside_without_one(
    make: Make, number: Any, found: str
) -> None:
    warehouse = make(desk())
    breaks(warehouse, 13, id=number)

    done = warehouse.attempt()

    assert (done.code, ONE in done.err) == (4, True)
    assert warehouse.held() == truth(others(warehouse.account, 13))
    assert set_aside(warehouse) == [(None, "id", "a 64-bit integer", found)]


def test_what_is_nested_too_deeply_costs_its_own_ticket_only(make: Make) -> None:
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    warehouse = make(desk())
    breaks(warehouse, 13, news=deep)

    assert warehouse.attempt().code == 4
    assert set_aside(warehouse) == [(13, "news", "nested at most 100 levels deep", "a list")]
    assert warehouse.held() == truth(others(warehouse.account, 13))


def test_each_broken_field_has_its_row(make: Make) -> None:
    warehouse = make(desk())
    breaks(warehouse, 13, status=5, resolution=RESOLVED | {"amount": "12,50"})

    done = warehouse.attempt()

    assert set_aside(warehouse) == [
        (13, "resolution.amount", "a number", "text"),
        (13, "status", "text", "an integer"),
    ]
    assert ONE in done.err


@pytest.mark.parametrize("postgres", [False, True], ids=["duckdb", "postgres"])
@pytest.mark.parametrize("full", [False, True], ids=["sync", "full"])
def test_a_ticket_that_breaks_later_stays_as_it_was_until_it_is_whole_again(
    make: Make, request: pytest.FixtureRequest, full: bool, postgres: bool
) -> None:
    warehouse = make(desk(), postgres=request.getfixturevalue("postgres_url") if postgres else "")
    account = warehouse.account
    account.hold(13, requested_actions=[ASKED])
    warehouse.sync()
    before, row = warehouse.everything(), "select * from tickets where id = 13"
    held = warehouse.rows(row)
    warehouse.later(hours=1)

    account.hold(13, status="escalated", requested_actions=[])
    account.hold(14, status="escalated")
    breaks(warehouse, 13, parcel_id="P-1")
    done = warehouse.attempt(full)

    assert (done.code, ONE in done.err) == (4, True)
    assert warehouse.rows(row) == held
    assert warehouse.held().vanished == []
    after = warehouse.everything()
    for table in ("children", "statuses", "actions"):
        assert of_ticket(after[table], 13) == of_ticket(before[table], 13)
    assert warehouse.rows("select status from tickets where id = 14") == [("escalated",)]
    [(first, last, mended)] = set_aside(warehouse, "first_seen_at, last_seen_at, mended_at")
    assert (first == last, mended) == (True, None)

    warehouse.later(hours=1)
    assert warehouse.attempt(full).code == 4
    [(again, later, mended)] = set_aside(warehouse, "first_seen_at, last_seen_at, mended_at")
    assert (again, later > last, mended) == (first, True, None)

    warehouse.later(hours=1)
    mends(warehouse)
    done = warehouse.attempt(full)

    assert done.code == 0, done
    assert warehouse.held() == truth(account.tickets())
    [(again, stood, mended)] = set_aside(warehouse, "first_seen_at, last_seen_at, mended_at")
    assert (again, stood, mended > later) == (first, later, True)
    [(missing,)] = warehouse.rows(
        "select first_missing_at from requested_action_history where ticket_id = 13"
    )
    assert missing == mended

    warehouse.later(hours=1)
    breaks(warehouse, 13, parcel_id="P-1")
    assert warehouse.attempt(full).code == 4
    assert [row[::2] for row in set_aside(warehouse, "first_seen_at, field, mended_at")] == [
        (first, None)
    ]


def of_ticket(rows: Rows, ticket_id: int) -> Rows:
    return [row for row in rows if row[0] == ticket_id]


def test_a_sweep_marks_what_vanished_and_not_what_is_broken(make: Make) -> None:
    warehouse = make(desk())
    warehouse.sync()
    warehouse.later(hours=1)
    warehouse.account.drop(20)
    breaks(warehouse, 13, status=5)

    assert warehouse.attempt(full=True).code == 4

    assert warehouse.held().vanished == [20]
    assert warehouse.runs("tickets_vanished")[-1] == (1,)


def test_a_broken_ticket_that_is_gone_is_marked_and_its_row_is_closed(make: Make) -> None:
    warehouse = make(desk())
    warehouse.sync()
    warehouse.later(hours=1)
    breaks(warehouse, 13, status=5)
    assert warehouse.attempt().code == 4
    warehouse.later(hours=1)
    warehouse.account.drop(13)

    done = warehouse.attempt()

    assert done.code == 0, done
    assert warehouse.held().vanished == [13]
    assert warehouse.rows("select count(*) from tickets_set_aside where mended_at is null") == [
        (0,)
    ]


def test_of_tickets_without_an_id_the_unmet_are_asked_for_one_by_one(make: Make) -> None:
    """Any ticket that the list does not show may be the one that cannot be told."""
    warehouse = make(desk())
    warehouse.sync()
    warehouse.later(hours=1)
    warehouse.account.drop(20)
    warehouse.service.switches.reshape = lambda ticket: (
        ticket | {"id": "thirteen"} if ticket["id"] == 13 else ticket
    )
    warehouse.service.reset_log()

    done = warehouse.attempt(full=True)

    asked = [each.ticket_id for each in warehouse.service.requests if each.endpoint == "detail"]
    assert done.code == 4
    assert sorted(asked) == [13, 20]
    assert warehouse.held().vanished == [20]
    assert {13} <= {row[0] for row in warehouse.held().tickets}


def test_a_second_sync_is_incremental_though_a_ticket_stays_broken(make: Make) -> None:
    account = desk(400)
    account.clock.advance(timedelta(days=90))
    account.insert(5)
    account.hold(405, requested_actions=[ASKED])
    warehouse = make(account, dormant_days=30)
    breaks(warehouse, 13, status=5)
    warehouse.sync()
    for _ in range(2):
        warehouse.later(hours=1)
        account.insert(1)
        warehouse.service.reset_log()

        record = warehouse.sync()

        assert (record.mode, record.is_complete) == ("sync", False)
        assert record.requests <= 3
        assert {row[0] for row in warehouse.held().tickets} == {
            ticket["id"] for ticket in others(account, 13)
        }


def test_a_ticket_without_an_id_does_not_send_each_run_on_a_sweep(make: Make) -> None:
    account = desk(400)
    account.clock.advance(timedelta(days=90))
    account.insert(5)
    account.hold(405, requested_actions=[ASKED])
    warehouse = make(account, dormant_days=30)
    breaks(warehouse, 13, id="thirteen")
    warehouse.sync()
    warehouse.later(hours=1)
    account.insert(1)

    record = warehouse.sync()

    assert (record.mode, record.is_complete, record.requests <= 3) == ("sync", False, True)
    assert set_aside(warehouse) == [(None, "id", "a 64-bit integer", "text")]


def test_two_tickets_without_an_id_are_two_rows_however_often_they_are_seen(make: Make) -> None:
    warehouse = make(desk())
    warehouse.service.switches.reshape = lambda ticket: (
        ticket | {"id": str(ticket["id"])} if ticket["id"] in {13, 31} else ticket
    )
    for _ in range(2):
        done = warehouse.attempt(full=True)
        warehouse.later(hours=1)

        assert "2 tickets are set aside" in done.err
        assert set_aside(warehouse) == [(None, "id", "a 64-bit integer", "text")] * 2


def test_when_more_than_a_tenth_breaks_the_contract_nothing_is_loaded(make: Make) -> None:
    warehouse = make(desk(60))
    warehouse.sync()
    before = warehouse.everything()
    warehouse.later(hours=1)
    warehouse.account.insert(1)
    breaks(warehouse, *range(1, 8), parcel_id="P-1")

    done = warehouse.attempt(full=True)

    assert done.code == 1
    assert done.err.startswith(
        "7 of the 61 tickets read break the contract: ticket field `parcel_id` should be "
        "a 64-bit integer, came as text (7 times). That is more than a tenth"
    )
    assert warehouse.everything() == before
    assert set_aside(warehouse) == []

    warehouse.later(hours=1)
    mends(warehouse)
    assert warehouse.attempt().code == 0
    assert warehouse.held() == truth(warehouse.account.tickets())


def test_a_tenth_is_not_too_much(make: Make) -> None:
    warehouse = make(desk(60))
    breaks(warehouse, *range(1, 7), parcel_id="P-1")

    done = warehouse.attempt()

    assert done.code == 4
    assert "6 tickets are set aside, all others are loaded" in done.err


def test_a_small_account_may_have_two_broken_tickets(make: Make) -> None:
    warehouse = make(desk(5))
    breaks(warehouse, 1, 2, parcel_id="P-1")

    assert warehouse.attempt().code == 4
    assert len(warehouse.held().tickets) == 3


def test_a_run_that_reads_little_looks_at_all_before_it_judges(make: Make) -> None:
    """Three broken tickets on the first page are many of one page and few of the account."""
    account = desk(400)
    account.clock.advance(timedelta(days=90))
    account.insert(5)
    account.hold(405, requested_actions=[ASKED])
    warehouse = make(account, dormant_days=30)
    warehouse.sync()
    warehouse.later(hours=1)
    breaks(warehouse, 403, 404, 405, parcel_id="P-1")

    first = warehouse.attempt()
    warehouse.later(hours=1)
    second = warehouse.attempt()

    assert (first.code, second.code) == (4, 4)
    assert warehouse.runs("mode, requests > 15") == [
        ("full", True),
        ("full", True),
        ("sync", False),
    ]


def test_a_contract_that_changed_for_all_is_told_after_three_pages(make: Make) -> None:
    warehouse = make(desk(200))
    breaks(warehouse, *range(1, 201), parcel_id="P-1")

    done = warehouse.attempt()

    assert (done.code, len(warehouse.service.requests)) == (1, 3)


def test_windows_wait_until_it_can_be_judged(make: Make) -> None:
    warehouse = make(desk(100), window_tickets=20)
    breaks(warehouse, *range(92, 98), parcel_id="P-1")

    assert warehouse.attempt().code == 4
    assert warehouse.held() == truth(others(warehouse.account, *range(92, 98)))


def test_status_and_refresh_tell_of_it(make: Make) -> None:
    warehouse = make(desk())
    breaks(warehouse, 13, status=5)
    warehouse.sync()
    warehouse.later(hours=1)

    record = warehouse.refresh(13, 14)
    assert record.is_complete is False
    assert record.note == "Set aside, see tickets_set_aside: 13."

    warehouse.later(hours=1)
    assert warehouse.refresh(14).is_complete
    mends(warehouse)
    assert warehouse.refresh(13).is_complete
    assert warehouse.held() == truth(warehouse.account.tickets())


def test_no_value_of_a_ticket_is_in_a_row_or_a_message(make: Make) -> None:
    warehouse = make(desk())
    breaks(warehouse, 13, status={"secret": "Mrs Miller"}, news="Mrs Miller")

    done = warehouse.cli("sync")

    assert done.code == 4
    assert "Miller" not in done.out + done.err + str(warehouse.rows("select * from sync_runs"))
    assert "Miller" not in str(warehouse.rows("select * from tickets_set_aside"))
