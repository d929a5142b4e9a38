"""Fields that the contract does not know: whatever they are called and hold, no other changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipelines.warehouse.warehouse import open_pipeline
from simulator import Account, Clock
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Warehouse, truth

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
ASKED = {"id": 1, "data_type": "other", "created_at": "2026-11-02T08:00:00Z"}
APPROVED = {
    "outcome": "claim_approved",
    "amount": 5,
    "currency": "EUR",
    "solved_at": "2026-11-02T08:00:00Z",
}
LONG = "a" * 300

ON_BOTH = pytest.mark.parametrize("postgres", [False, True], ids=["duckdb", "postgres"])


def served(make: Make, request: pytest.FixtureRequest, postgres: bool) -> Warehouse:
    account = Account(clock=Clock(NINE))
    account.insert(2)
    account.hold(1, requested_actions=[ASKED], resolution=APPROVED)
    account.clock.advance(timedelta(hours=1))
    return make(account, postgres=request.getfixturevalue("postgres_url") if postgres else "")


def adds(warehouse: Warehouse, **fields: Any) -> None:
    gives(warehouse, fields)


def gives(warehouse: Warehouse, fields: dict[str, Any]) -> None:
    """From now on ticket 1 has these fields too, and so have its request and its resolution."""

    def reshape(ticket: dict[str, Any]) -> dict[str, Any]:
        if ticket["id"] != 1:
            return ticket
        return (
            fields
            | ticket
            | {
                "requested_actions": [fields | each for each in ticket["requested_actions"]],
                "resolution": fields | ticket["resolution"],
            }
        )

    warehouse.service.switches.reshape = reshape


NAMES = {
    "Status": 1,
    "STATUS": 2,
    "createdAt": "soon",
    "created-at": "sooner",
    "order-number": 3,
    "resolution__amount": 4,
    "requestedActions": [{"id": 9}],
    "Id": 5,
    "ticketId": 6,
    "_dlt_id": "x",
    "_dlt_load_id": "y",
    "_dlt_parent_id": "z",
    "vanished_at": "never",
    "first_seen_at": 7,
    "lastSeenAt": 8,
    "ticket_id": 9,
    "dataType": 10,
    "Amount": 11,
    LONG: 12,
    LONG + "b": 13,
    "": 14,
    " ": 15,
    "日本": 16,
    "中国": 17,
    "foo": 18,
    "Foo": 19,
    "FOO": 20,
    "select": 21,
    'quo"te': 22,
    "weight__v_text": 23,
}


@ON_BOTH
def test_no_name_of_a_field_changes_what_a_known_column_holds(
    make: Make, request: pytest.FixtureRequest, postgres: bool
) -> None:
    warehouse = served(make, request, postgres)
    for fields in (NAMES, {}, NAMES):
        gives(warehouse, fields)
        done = warehouse.attempt()
        warehouse.later(hours=1)

        assert done.code == 0, done
        assert warehouse.held() == truth(warehouse.account.tickets())

    assert warehouse.rows(
        "select status__as_sent, created_at__as_sent, foo, vanished_at, vanished_at__as_sent "
        "from tickets where id = 1"
    ) == [(2.0, "sooner", 18.0, None, "never")]
    assert warehouse.rows("select ticket_id__as_sent from tickets__resolution") == [(9.0,)]


def values(warehouse: Warehouse, table: str = "tickets") -> list[dict[str, Any]]:
    """What columns of field `news` hold of ticket 1."""
    columns = [
        name
        for (name,) in warehouse.rows(
            "select column_name from information_schema.columns where table_schema = 'sendcloud' "
            f"and table_name = '{table}' and starts_with(column_name, 'news')"
        )
    ]
    key = "id" if table == "tickets" else "ticket_id"
    rows = warehouse.rows(f"select {', '.join(columns)} from {table} where {key} = 1")
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        for row in rows
    ]


CHANGES: list[list[tuple[Any, dict[str, Any]]]] = [
    [(7, {"news": 7.0}), (7.5, {"news": 7.5}), (8, {"news": 8.0})],
    [(True, {"news": True}), (7, {"news__v_double": 7.0}), (False, {"news": False})],
    [(7, {"news": 7.0}), (True, {"news__v_bool": True})],
    [
        (7, {"news": 7.0}),
        (2**63, {"news": 2.0**63}),
        (10**40 + 1, {"news__v_text": f"{10**40 + 1}"}),
    ],
    [(2**62 + 1, {"news": 2**62 + 1}), (0.5, {"news__v_double": 0.5})],
    [
        ({"a": 1}, {"news__a": 1.0}),
        ("text", {"news": "text"}),
        ({"a": "b"}, {"news__a__v_text": "b"}),
    ],
    [("007", {"news": "007"}), (7, {"news__v_double": 7.0}), (True, {"news__v_bool": True})],
    [
        ("2026-01-02T03:04:05Z", {"news": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)}),
        ("soon", {"news__v_text": "soon"}),
    ],
    [("soon", {"news": "soon"}), ("2026-01-02T03:04:05Z", {"news": "2026-01-02T03:04:05Z"})],
    [("nul\x00", {"news": "nul\ufffd"}), (None, {})],
]


@ON_BOTH
@pytest.mark.parametrize(
    "steps", CHANGES, ids=lambda steps: " then ".join(str(s[0]) for s in steps)
)
def test_a_field_may_change_its_type_and_no_value_is_turned_into_another(
    make: Make, request: pytest.FixtureRequest, postgres: bool, steps: Any
) -> None:
    warehouse = served(make, request, postgres)
    for value, columns in steps:
        adds(warehouse, news=value)
        done = warehouse.attempt()
        warehouse.later(hours=1)

        assert done.code == 0, done
        for table in ("tickets", "tickets__requested_actions", "tickets__resolution"):
            assert values(warehouse, table) == [columns]


def test_columns_of_a_warehouse_that_was_there_before_keep_their_types(make: Make) -> None:
    """They were made by dlt alone, which took the type of the first value."""
    account = Account(clock=Clock(NINE))
    account.insert(1)
    warehouse = make(account)
    warehouse.sync()
    pipeline = open_pipeline()
    schema = pipeline.schemas["sendcloud_support"]
    schema.tables["tickets"]["columns"]["news"] = {"name": "news", "data_type": "bigint"}
    pipeline.schemas.save_schema(schema)
    warehouse.release()
    pipeline.sync_schema("sendcloud_support")
    warehouse.service.switches.reshape = lambda ticket: ticket | {"news": account.total + 0.5}
    warehouse.later(hours=1)
    assert warehouse.attempt().code == 0
    assert values(warehouse) == [{"news__v_double": 1.5}]

    warehouse.service.switches.reshape = lambda ticket: ticket | {"news": 7}
    warehouse.later(hours=1)
    assert warehouse.attempt().code == 0
    assert values(warehouse) == [{"news": 7}]


@ON_BOTH
def test_a_request_that_stands_twice_in_a_ticket_is_one_row(
    make: Make, request: pytest.FixtureRequest, postgres: bool
) -> None:
    warehouse = served(make, request, postgres)
    later = ASKED | {"data_type": "damage_photo", "created_at": "2026-11-02T08:30:00Z"}
    warehouse.service.switches.reshape = lambda ticket: (
        ticket | {"requested_actions": [ASKED, later, ASKED, ASKED | {"id": 2}]}
        if ticket["id"] == 1
        else ticket
    )
    for _ in range(2):
        assert warehouse.attempt(full=True).code == 0
        warehouse.later(hours=1)

        half = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
        eight = datetime(2026, 11, 2, 8, tzinfo=UTC)
        expected = [(1, 1, "damage_photo", half), (1, 2, "other", eight)]
        assert warehouse.held().actions == expected
        assert [row[:4] for row in warehouse.actions()] == expected


@ON_BOTH
def test_a_ticket_that_stands_twice_on_a_page_is_one_row(
    make: Make, request: pytest.FixtureRequest, postgres: bool
) -> None:
    warehouse = served(make, request, postgres)
    warehouse.account.insert(3)
    warehouse.service.switches.reshape = lambda ticket: (
        ticket | {"id": 3} if ticket["id"] == 4 else ticket
    )

    assert warehouse.attempt().code == 4

    assert [row[0] for row in warehouse.held().tickets] == [1, 2, 3, 5]
    assert warehouse.rows("select amount from tickets__resolution") == [(Decimal(5),)]
