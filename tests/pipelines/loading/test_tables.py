"""The tables of tickets, whole, against what the API holds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from simulator import ORDERS, Account, Clock, Fault, Switches
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import TABLES, Rows, moment, truth

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)

COLUMNS = {
    "tickets": "id status stage type parcel_id carrier order_number brand_id created_at updated_at "
    "first_seen_at last_seen_at vanished_at",
    "tickets__requested_actions": "ticket_id id data_type created_at",
    "tickets__resolution": "ticket_id outcome amount currency solved_at",
    "ticket_status_history": "ticket_id status stage changed_at seen_at previously_seen_at",
    "requested_action_history": "ticket_id id data_type created_at first_seen_at last_seen_at "
    "first_missing_at",
    "resolution_history": "ticket_id outcome amount currency solved_at seen_at previously_seen_at",
    "tickets_set_aside": "ticket_id field expected found first_seen_at last_seen_at mended_at",
    "sync_runs": "run_id mode started_at finished_at requests throttled pages_read details_read "
    "tickets_seen tickets_new tickets_changed tickets_vanished api_total held_total is_complete "
    "note",
}
"""From the design, section 4."""

KINDS = {
    "amount": "DECIMAL(18,4)",
    "is_complete": "BOOLEAN",
    **dict.fromkeys(("id", "ticket_id", "parcel_id", "brand_id"), "BIGINT"),
    **dict.fromkeys(("requests", "throttled", "pages_read", "details_read"), "BIGINT"),
    **dict.fromkeys(("api_total", "held_total"), "BIGINT"),
}


def kind_of(column: str) -> str:
    if column.startswith("tickets_"):
        return "BIGINT"
    return "TIMESTAMP WITH TIME ZONE" if column.endswith("_at") else KINDS.get(column, "VARCHAR")


def by_hand() -> Account:
    """An account without a single ticket, at nine in the morning."""
    return Account(clock=Clock(NINE))


def action(number: int, data_type: str = "sales_invoice") -> dict[str, object]:
    return {"id": number, "data_type": data_type, "created_at": NINE}


def seen_again(tables: dict[str, Rows]) -> dict[str, Rows]:
    """All tables without the times that each sighting moves."""
    return tables | {
        "tickets": [row[:-2] + row[-1:] for row in tables["tickets"]],
        "actions": [row[:5] + row[6:] for row in tables["actions"]],
    }


@pytest.mark.parametrize("order", ORDERS)
def test_the_first_load_holds_what_the_api_holds(make: Make, order: str) -> None:
    warehouse = make(order=order)
    started_at = warehouse.account.clock.now()

    record = warehouse.sync()

    expected = truth(warehouse.account.tickets())
    assert warehouse.held() == expected
    seen = {
        number: times
        for number, *times in warehouse.rows("select id, first_seen_at, last_seen_at from tickets")
    }
    assert all(started_at < first <= last for first, last in seen.values())
    assert warehouse.statuses() == [
        (row[0], row[1], row[2], None, seen[row[0]][0], None) for row in expected.tickets
    ]
    assert warehouse.actions() == [(*row, *seen[row[0]], None) for row in expected.actions]
    assert warehouse.resolutions() == [
        (*row, seen[row[0]][0], None) for row in expected.resolutions
    ]
    assert (record.mode, record.tickets_new, record.api_total, record.held_total) == (
        "full",
        200,
        200,
        200,
    )
    assert record.is_complete


def test_so_does_a_load_of_several_windows(make: Make) -> None:
    warehouse = make(window_tickets=60)

    for _ in range(2):
        assert warehouse.sync(full=True).is_complete
        assert warehouse.held() == truth(warehouse.account.tickets())
        warehouse.later(hours=1)


@pytest.mark.parametrize("full", [False, True], ids=["sync", "full"])
def test_runs_without_change_leave_the_tables_as_they_were(make: Make, full: bool) -> None:
    warehouse = make()
    warehouse.sync()
    before = warehouse.everything()

    warehouse.later(seconds=0.5)  # the account's time has whole seconds: nothing happens
    record = warehouse.sync(full)

    after = warehouse.everything()
    assert seen_again(after) == seen_again(before)
    assert [row[-2] for row in after["tickets"]] >= [row[-2] for row in before["tickets"]]
    assert (record.tickets_new, record.tickets_changed, record.tickets_vanished) == (0, 0, 0)


def test_children_come_and_go_with_their_ticket(make: Make) -> None:
    warehouse = make(by_hand())
    account = warehouse.account
    approved = {
        "outcome": "claim_approved",
        "amount": 149.99,
        "currency": "EUR",
        "solved_at": NINE,
    }
    one, two, three = action(1), action(2, "other"), action(3, "damage_photo")
    steps = {
        41: [
            {"requested_actions": [one, two]},
            {"requested_actions": [two, three]},
            {"requested_actions": []},
        ],
        42: [{}, {"requested_actions": [one], "resolution": approved}, {"resolution": None}],
        43: [
            {"resolution": approved},
            {"resolution": approved | {"amount": 150, "currency": "GBP", "solved_at": None}},
            {"requested_actions": [three]},
        ],
    }
    held = []
    for turn in range(3):
        for ticket, changes in steps.items():
            account.hold(ticket, **changes[turn])
        warehouse.sync()
        assert warehouse.held() == truth(account.tickets())
        held.append(
            (
                [row[:2] for row in warehouse.held().actions],
                [row[:4] for row in warehouse.held().resolutions],
            )
        )
        warehouse.later(hours=1)

    paid = ("claim_approved", Decimal("149.9900"), "EUR")
    assert held == [
        ([(41, 1), (41, 2)], [(43, *paid)]),
        ([(41, 2), (41, 3), (42, 1)], [(42, *paid), (43, "claim_approved", Decimal(150), "GBP")]),
        ([(42, 1), (43, 3)], [(43, "claim_approved", Decimal(150), "GBP")]),
    ]


@pytest.mark.parametrize("tickets", [0, 3])
def test_all_tables_have_all_columns_when_no_ticket_ever_needed_them(
    make: Make, tickets: int
) -> None:
    account = by_hand()
    account.insert(tickets)
    warehouse = make(account)

    assert warehouse.sync().is_complete

    described = warehouse.rows(
        "select table_name, column_name, data_type from information_schema.columns "
        "where table_schema = 'sendcloud' and not starts_with(column_name, '_dlt') "
        "and not starts_with(table_name, '_') order by table_name, column_name"
    )
    assert described == sorted(
        (table, column, kind_of(column))
        for table, columns in COLUMNS.items()
        for column in columns.split()
    )
    counts = [warehouse.rows(f"select count(*) from {table}")[0][0] for table in TABLES]
    assert counts == [tickets, 0, 0, tickets, 0, 0, 0, 1]


def test_a_second_run_on_an_empty_account_is_as_good_as_the_first(make: Make) -> None:
    warehouse = make(by_hand())
    warehouse.sync()
    warehouse.later(hours=1)

    record = warehouse.sync()

    assert (record.is_complete, record.api_total, record.held_total) == (True, 0, 0)
    assert record.requests <= 2


def test_what_a_finished_sweep_does_not_meet_is_marked_and_unmarked_when_it_comes_back(
    make: Make,
) -> None:
    warehouse = make()
    account = warehouse.account
    warehouse.sync()
    lost = sorted(account.pick(3))
    last_rows = warehouse.rows(f"select * from tickets where id in {tuple(lost)} order by id")
    for number in lost:
        account.drop(number)
    warehouse.later(seconds=0.2)

    account_fails = [Fault("500", on="list", page=5)]
    warehouse.service.switches.faults = account_fails
    assert warehouse.attempt(full=True).code == 1
    assert warehouse.held().vanished == []

    warehouse.service.switches.faults = []
    warehouse.later(seconds=0.2)
    record = warehouse.sync(full=True)
    assert (record.tickets_vanished, record.held_total, record.is_complete) == (3, 197, True)
    assert warehouse.held() == truth(account.tickets(), vanished=lost)
    marked = warehouse.rows(
        f"select * replace (null as vanished_at) from tickets where id in {tuple(lost)} order by id"
    )
    assert marked == last_rows

    account.hold(lost[0], updated_at=None, created_at=last_rows[0][8])
    warehouse.later(hours=1)
    again = warehouse.sync(full=True)
    assert (again.tickets_vanished, again.held_total, again.is_complete) == (0, 198, True)
    assert warehouse.held() == truth(account.tickets(), vanished=lost[1:])


def test_a_ticket_that_answers_404_is_marked_at_once(make: Make) -> None:
    warehouse = make()
    warehouse.sync()
    [gone, other] = warehouse.account.pick(2)
    warehouse.account.drop(gone)
    moved = warehouse.account.hold(other, status="escalated")
    warehouse.later(seconds=0.2)

    record = warehouse.refresh(gone, other, gone)

    assert (record.mode, record.requests, record.tickets_vanished) == ("refresh", 2, 1)
    assert record.note == f"The API has no ticket {gone}."
    assert warehouse.held() == truth(warehouse.account.tickets(), vanished=[gone])
    assert warehouse.rows("select status from tickets where id = ?", other) == [(moved["status"],)]


def test_a_new_field_becomes_a_column(make: Make) -> None:
    warehouse = make(by_hand())
    warehouse.account.insert(2)
    warehouse.sync()
    warehouse.later(hours=1)

    warehouse.service.switches.new_field = "priority"
    warehouse.account.insert(1)
    assert warehouse.sync().is_complete

    assert warehouse.rows("select id, priority from tickets order by id") == [
        (1, "high"),
        (2, "high"),
        (3, "high"),
    ]


def test_a_new_field_that_holds_a_list_becomes_a_table(make: Make) -> None:
    warehouse = make(by_hand())
    switches = warehouse.service.switches
    nothing: dict[str, Any] = {"tags": [], "grid": [], "mark": [{"name": "red"}]}
    something: dict[str, Any] = {
        "tags": [{"name": "urgent", "people": [7, 8]}],
        "grid": [[1, 2], [3]],
        "mark": "blue",
    }
    for number in (1, 2):
        warehouse.account.hold(number, requested_actions=[action(number)])
    switches.reshape = lambda ticket: ticket | (something if ticket["id"] == 1 else nothing)
    warehouse.sync()
    warehouse.later(hours=1)
    warehouse.account.insert(1)
    warehouse.sync(full=True)

    assert warehouse.held() == truth(warehouse.account.tickets())
    assert warehouse.rows(
        "select tickets.id, tags.name, people.value from tickets "
        "join tickets__tags as tags on tags._dlt_parent_id = tickets._dlt_id "
        "join tickets__tags__people as people on people._dlt_parent_id = tags._dlt_id order by all"
    ) == [(1, "urgent", 7), (1, "urgent", 8)]
    grid = warehouse.rows("select value from tickets__grid__list order by all")
    assert grid == [(1,), (2,), (3,)]
    assert warehouse.rows(
        "select id, mark, name from tickets "
        "left join tickets__mark on _dlt_parent_id = tickets._dlt_id order by id"
    ) == [(1, "blue", None), (2, None, "red"), (3, None, "red")]


def test_an_unknown_status_loads_and_is_noted_once_with_its_count(make: Make) -> None:
    warehouse = make(by_hand(), Switches(unknown_status="carrier_on_strike"))
    warehouse.account.insert(25)  # they are pending
    warehouse.account.hold(99, status="processing")

    note = warehouse.sync().note

    assert note is not None
    sentence = "Unknown status 'carrier_on_strike': 25 tickets, loaded as it came."
    assert note.count("carrier_on_strike") == note.count(sentence) == 1
    assert warehouse.rows("select status, count(*) from tickets group by 1 order by 1") == [
        ("carrier_on_strike", 25),
        ("processing", 1),
    ]


LOOKALIKES = {
    "UUIDs": ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "b1ffcd00-AD1C-5f09-8c7e-7CCAce491b22"],
    "dates": ["2026-1-2", "2026-01-03"],
    "times": ["12:30", "07:05:00"],
    "moments": ["2026-01-02T10:00:00+02:00", "2026-01-02 10:00:00"],
    "numbers": ["007", "1e5", "+1", "1.50"],
    "words of other languages": ["true", "null", "NULL", "\\N", "NaN", "[1]", '{"a": 1}'],
    "punctuation": ["", " ", "a,b", '"', "''", "\\", "a\nb", "a\tb", "%s", "\u00e9\U0001f4e6"],
}
"""Text that a database takes for something else if it is left to guess."""


@pytest.mark.parametrize("texts", LOOKALIKES.values(), ids=LOOKALIKES)
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_text_is_loaded_to_the_letter_whatever_it_looks_like(
    make: Make, request: pytest.FixtureRequest, engine: str, texts: list[str]
) -> None:
    postgres = request.getfixturevalue("postgres_url") if engine == "postgres" else ""
    warehouse = make(by_hand(), postgres=postgres)
    for number, text in enumerate(texts, 1):
        warehouse.account.hold(number, order_number=text, carrier=text)

    warehouse.sync()

    rows = warehouse.rows("select id, order_number, carrier from sendcloud.tickets order by id")
    assert rows == [(number, text, text) for number, text in enumerate(texts, 1)]


def test_updated_at_may_be_null_on_every_ticket(make: Make) -> None:
    warehouse = make(switches=Switches(null_updated_at=True), order="updated_first")
    for _ in range(2):
        assert warehouse.sync().is_complete
        assert [row[-1] for row in warehouse.held().tickets] == [None] * 200
        assert warehouse.held() == truth(
            ticket | {"updated_at": None} for ticket in warehouse.account.tickets()
        )
        warehouse.later(seconds=0.2)


def test_times_with_mixed_offsets_are_one_time(make: Make) -> None:
    written = {
        1: "2026-05-31T23:30:00+02:00",
        2: "2026-05-31T21:30:00Z",
        3: "2026-05-31T21:30:00",
        4: "2026-05-31T16:30:00.000000-05:00",
        5: "2026-06-01T03:00:00.123456+05:30",
    }
    warehouse = make(by_hand())
    for number, text in written.items():
        warehouse.account.hold(number, created_at=text, updated_at=text)

    warehouse.sync()

    half_past = datetime(2026, 5, 31, 21, 30, tzinfo=UTC)
    times = [half_past] * 4 + [half_past.replace(microsecond=123456)]
    assert warehouse.rows("select id, created_at, updated_at from tickets order by id") == [
        (number, time, time) for number, time in enumerate(times, 1)
    ]
    assert moment(written[1]) == half_past


def test_amounts_are_exact_decimals_with_four_places(make: Make) -> None:
    amounts = [149.99, 150, 0, None, 1e-3, 12.345678, 0.00015, 0.1 + 0.2, -5]
    warehouse = make(by_hand())
    for number, amount in enumerate(amounts, 1):
        resolution = {"outcome": "claim_approved", "amount": amount, "currency": "EUR"}
        warehouse.account.hold(number, status="solved", resolution=resolution | {"solved_at": None})

    warehouse.sync()

    exact = "149.9900 150.0000 0.0000 - 0.0010 12.3457 0.0002 0.3000 -5.0000".split()
    assert warehouse.rows("select ticket_id, amount from tickets__resolution order by 1") == [
        (number, None if text == "-" else Decimal(text)) for number, text in enumerate(exact, 1)
    ]


def test_ids_may_be_as_large_as_the_contract_allows(make: Make) -> None:
    warehouse = make(by_hand())
    warehouse.account.hold(2**63 - 1, parcel_id=2**63 - 1, requested_actions=[action(2**63 - 1)])

    warehouse.sync()

    assert warehouse.rows("select id, parcel_id from tickets") == [(2**63 - 1, 2**63 - 1)]
    assert [row[:2] for row in warehouse.held().actions] == [(2**63 - 1, 2**63 - 1)]
