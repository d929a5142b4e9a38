"""The source as somebody uses it who copied it with `dlt init`: into DuckDB, nothing else."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from sources.sendcloud_support import (
    AnswerError,
    SendcloudCredentials,
    create_all_tables,
    sendcloud_support,
)
from tests.sources.conftest import BASE_URL, KEY_PAIR, TICKETS_URL, envelope, ticket

Rows = list[tuple[Any, ...]]

ACTION = {"id": 301, "data_type": "sales_invoice", "created_at": "2026-03-16T09:00:00+01:00"}
DLT_COLUMNS = {"_dlt_id", "_dlt_load_id", "_dlt_parent_id", "_dlt_list_idx", "_dlt_root_id"}
SEEN_AT = {"first_seen_at", "last_seen_at"}


def pipeline_in(folder: Path) -> dlt.Pipeline:
    return dlt.pipeline(
        "desk",
        destination=dlt.destinations.duckdb(str(folder / "warehouse.duckdb")),
        dataset_name="sendcloud",
        pipelines_dir=str(folder / "work"),
    )


class Desk:
    """An account at the API, and a warehouse that it is loaded into."""

    def __init__(self, api: Any, folder: Path) -> None:
        self.held: list[dict[str, Any]] = []
        self.folder = folder
        api.get(TICKETS_URL, text=self._answer)
        api.get(re.compile(rf"{re.escape(TICKETS_URL)}/\d+$"), text=self._detail)

    def _detail(self, request: Any, context: Any) -> str:
        number = int(request.path.rpartition("/")[2])
        found = [each for each in self.held if isinstance(each, dict) and each.get("id") == number]
        context.status_code = 200 if found else 404
        return json.dumps(found[0] if found else {"errors": []})

    def _answer(self, request: Any, _: Any) -> str:
        number, size = int(request.qs["page"][0]), int(request.qs["size"][0])
        items = self.held[(number - 1) * size : number * size]
        return json.dumps(envelope(*items, number=number, total=len(self.held), size=size))

    def load(self, *held: dict[str, Any], loader_format: Any = "jsonl") -> None:
        self.held = list(held)
        source = sendcloud_support(SendcloudCredentials(**KEY_PAIR), BASE_URL, 0)
        pipeline_in(self.folder).run(source, loader_file_format=loader_format)

    def rows(self, sql: str) -> Rows:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'; set schema = 'sendcloud'")
            return connection.execute(sql).fetchall()

    def columns(self, table: str) -> dict[str, tuple[str, bool]]:
        """Type and whether null is allowed, by column, without dlt's own."""
        found = self.rows(
            "select column_name, data_type, is_nullable = 'YES' from information_schema.columns "
            f"where table_schema = 'sendcloud' and table_name = '{table}'"
        )
        return {name: (kind, nullable) for name, kind, nullable in found if name not in DLT_COLUMNS}

    def content(self) -> dict[str, Rows]:
        """Everything that does not depend on when it was loaded."""
        content = {}
        for table in ("tickets", "tickets__requested_actions", "tickets__resolution"):
            names = ", ".join(name for name in self.columns(table) if name not in SEEN_AT)
            content[table] = self.rows(f"select {names} from {table} order by all")
        return content


@pytest.fixture(scope="module")
def with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse in which nothing was done but to create the tables."""
    folder = tmp_path_factory.mktemp("tables")
    create_all_tables(pipeline_in(folder))
    return folder


@pytest.fixture
def desk(api: Any, with_tables: Path, tmp_path: Path) -> Desk:
    return Desk(api, shutil.copytree(with_tables, tmp_path / "desk"))


TEXT, BIGINT, TIME = "VARCHAR", "BIGINT", "TIMESTAMP WITH TIME ZONE"

TICKETS = {
    "id": (BIGINT, False),
    "status": (TEXT, False),
    "stage": (TEXT, False),
    "type": (TEXT, True),
    "parcel_id": (BIGINT, True),
    "carrier": (TEXT, True),
    "order_number": (TEXT, True),
    "brand_id": (BIGINT, True),
    "created_at": (TIME, False),
    "updated_at": (TIME, True),
    "first_seen_at": (TIME, False),
    "last_seen_at": (TIME, False),
    "vanished_at": (TIME, True),
}
REQUESTED_ACTIONS = {
    "ticket_id": (BIGINT, False),
    "id": (BIGINT, False),
    "data_type": (TEXT, False),
    "created_at": (TIME, False),
}
RESOLUTION = {
    "ticket_id": (BIGINT, False),
    "outcome": (TEXT, False),
    "amount": ("DECIMAL(18,4)", True),
    "currency": (TEXT, True),
    "solved_at": (TIME, True),
}


def bare(number: int, **changes: Any) -> dict[str, Any]:
    """A ticket with the required fields only."""
    return {
        "id": number,
        "status": "pending",
        "stage": "in_progress",
        "created_at": "2026-01-01T00:00:00Z",
        "requested_actions": [],
    } | changes


def check_columns(desk: Desk) -> None:
    assert desk.columns("tickets") == TICKETS
    assert desk.columns("tickets__requested_actions") == REQUESTED_ACTIONS
    assert desk.columns("tickets__resolution") == RESOLUTION


def test_a_ticket_lands_with_its_children(desk):
    desk.load(ticket(requested_actions=[ACTION]))

    check_columns(desk)
    assert desk.content() == {
        "tickets": [
            (
                87,
                "claim_paid",
                "manually_solved_stage",
                "lost",
                55432,
                "dpd",
                "ORD-2026-5678",
                1,
                datetime(2026, 2, 1, 8, tzinfo=UTC),
                datetime(2026, 2, 20, 16, 45, tzinfo=UTC),
                None,
            )
        ],
        "tickets__requested_actions": [
            (87, 301, "sales_invoice", datetime(2026, 3, 16, 8, tzinfo=UTC))
        ],
        "tickets__resolution": [
            (
                87,
                "claim_approved",
                Decimal("149.9900"),
                "EUR",
                datetime(2026, 2, 20, 16, 45, tzinfo=UTC),
            )
        ],
    }


def test_an_empty_account_has_all_tables_with_all_columns(desk):
    desk.load()

    check_columns(desk)
    assert set(map(len, desk.content().values())) == {0}


def test_an_account_without_requests_and_resolutions_has_their_tables_and_columns(desk):
    desk.load(*(bare(number) for number in range(1, 46)))

    check_columns(desk)
    assert {table: len(rows) for table, rows in desk.content().items()} == {
        "tickets": 45,
        "tickets__requested_actions": 0,
        "tickets__resolution": 0,
    }


@pytest.mark.parametrize("loader_format", ["parquet", "insert_values"])
def test_every_loader_format_gives_the_same_tables(desk, loader_format):
    resolved = ticket(requested_actions=[ACTION])
    free = bare(2, resolution={"outcome": "delivered", "amount": 0})

    desk.load(resolved, bare(1), free, loader_format=loader_format)

    check_columns(desk)
    assert desk.rows("select ticket_id, amount from tickets__resolution order by 1") == [
        (2, Decimal("0.0000")),
        (87, Decimal("149.9900")),
    ]
    assert desk.rows("select id, updated_at from tickets order by 1") == [
        (1, None),
        (2, None),
        (87, datetime(2026, 2, 20, 16, 45, tzinfo=UTC)),
    ]


def test_loading_twice_gives_the_same_tables(desk):
    held = [bare(1, requested_actions=[ACTION]), ticket(), bare(2)]
    desk.load(*held)
    before = desk.content()

    desk.load(*held)

    assert desk.content() == before
    assert len(before["tickets"]) == 3


def test_children_grow_and_shrink_with_their_ticket(desk):
    """The first ticket changes from load to load; the other one and its children stay."""
    one, two = ACTION, ACTION | {"id": 302}
    paid = {"outcome": "claim_approved"}
    neighbour = ticket(requested_actions=[ACTION | {"id": 7}])
    seen = []

    for actions, resolution in (
        ([], None),
        ([one, two], paid),
        ([two], paid | {"amount": 1e-3}),
        ([], None),
    ):
        desk.load(bare(1, requested_actions=actions, resolution=resolution), neighbour)
        seen.append(
            (
                desk.rows("select ticket_id, id from tickets__requested_actions order by all"),
                desk.rows("select ticket_id, amount from tickets__resolution order by all"),
            )
        )

    action, amount = (87, 7), (87, Decimal("149.9900"))
    assert seen == [
        ([action], [amount]),
        ([(1, 301), (1, 302), action], [(1, None), amount]),
        ([(1, 302), action], [(1, Decimal("0.0010")), amount]),
        ([action], [amount]),
    ]


def test_a_ticket_that_changes_stays_one_row(desk):
    desk.load(bare(1, type="lost"))
    desk.load(bare(1, status="claim_paid", updated_at="2026-02-01T00:00:00+02:00"))

    assert desk.rows("select id, status, type, updated_at from tickets") == [
        (1, "claim_paid", None, datetime(2026, 1, 31, 22, tzinfo=UTC))
    ]


def test_a_new_field_becomes_a_column_at_every_level(desk):
    desk.load(bare(1), ticket(requested_actions=[ACTION]))
    refund = {"outcome": "claim_approved", "amount": 5, "reference": "R-1"}
    desk.load(
        bare(1),
        bare(2, priority="high", score=0.1234567890123, seen=True),
        ticket(requested_actions=[ACTION | {"urgent": True}], resolution=refund),
    )

    assert desk.rows("select id, priority, score, seen from tickets order by id") == [
        (1, None, None, None),
        (2, "high", 0.1234567890123, True),
        (87, None, None, None),
    ]
    assert desk.rows("select id, urgent from tickets__requested_actions") == [(301, True)]
    assert desk.rows("select amount, reference from tickets__resolution") == [
        (Decimal("5.0000"), "R-1")
    ]


WRONG_TYPES = [
    (bare(2, id="two"), "id"),
    (bare(2, created_at="yesterday"), "created_at"),
    (bare(2, parcel_id=1.5), "parcel_id"),
    (bare(2, resolution={"outcome": "claim_approved", "amount": "149,99"}), "resolution.amount"),
    (bare(2, requested_actions={"id": 1}), "requested_actions"),
]


def test_a_broken_ticket_is_set_aside_and_the_others_are_loaded(desk):
    desk.load(bare(1), ticket())

    for wrong, field in WRONG_TYPES:
        desk.load(bare(1, status="closed"), wrong)
        assert desk.rows("select id, status from tickets where id < 3") == [(1, "closed")]
        assert desk.rows("select field from tickets_set_aside where mended_at is null") == [
            (field,)
        ]

    desk.load(bare(1), bare(2))
    assert desk.rows("select id, status from tickets where id < 3 order by id") == [
        (1, "pending"),
        (2, "pending"),
    ]
    assert desk.rows("select ticket_id, field from tickets_set_aside order by all") == [
        (2, "created_at"),
        (2, "parcel_id"),
        (2, "requested_actions"),
        (2, "resolution.amount"),
        (None, "id"),
    ]
    assert desk.rows("select * from tickets_set_aside where mended_at is null") == []


def test_a_row_of_what_is_set_aside_keeps_when_it_was_first_seen(desk):
    for _ in range(3):
        desk.load(bare(1), bare(2, status=5))

    [(first, last)] = desk.rows("select first_seen_at, last_seen_at from tickets_set_aside")
    assert first < last


def test_a_list_much_of_which_is_broken_fails_clearly_and_leaves_the_tables(desk):
    desk.load(bare(1), ticket())
    before = desk.content()

    with pytest.raises(PipelineStepFailed) as caught:
        desk.load(*(bare(number, parcel_id="P-1") for number in range(1, 5)), bare(5))

    assert isinstance(caught.value.exception.__cause__, AnswerError)
    assert "4 of the 5 tickets read break the contract: ticket field `parcel_id`" in str(
        caught.value
    )
    assert desk.content() == before
    desk.load(bare(1, status="closed"))
    assert desk.rows("select status from tickets where id = 1") == [("closed",)]


def test_tickets_alone_are_loaded_as_ever_and_so_is_what_is_set_aside(desk):
    desk.held = [bare(1), bare(2, status=5)]
    for name, count in (("tickets", 1), ("tickets_set_aside", 1)):
        source = sendcloud_support(SendcloudCredentials(**KEY_PAIR), BASE_URL, 0)
        pipeline_in(desk.folder).run(source.with_resources(name), loader_file_format="jsonl")
        assert desk.rows(f"select count(*) from {name}") == [(count,)]

    alone = sendcloud_support(SendcloudCredentials(**KEY_PAIR), BASE_URL, 0)
    assert [row["id"] for row in alone.tickets] == [1]


def test_a_new_field_may_change_its_type_and_no_value_is_lost(desk):
    desk.load(bare(1, priority=5), bare(2, priority=5.5), bare(3, seen=True))
    desk.load(bare(1, priority="high"), bare(2, priority=2**53 + 1), bare(3, seen=7))
    desk.load(bare(4, priority=6), bare(5, seen=False))

    columns = "id, priority, priority__v_text, priority__v_bigint, seen, seen__v_double"
    assert desk.rows(f"select {columns} from tickets order by id") == [
        (1, None, "high", None, None, None),
        (2, None, None, 2**53 + 1, None, None),
        (3, None, None, None, None, 7.0),
        (4, 6.0, None, None, None, None),
        (5, None, None, None, False, None),
    ]


def test_the_same_ticket_on_two_pages_is_one_row(desk, api):
    """It moved down while the pages were read; its last sighting counts."""
    first = [bare(number) for number in range(40, 20, -1)]
    second = [bare(21, status="closed")] + [bare(number) for number in range(20, 1, -1)]
    answers = iter(
        [
            envelope(*first, number=1, total=39),
            envelope(*second, number=2, total=39),
        ]
    )
    last = envelope(*first[:-1], bare(21, status="closed"), number=1, total=39)
    api.get(TICKETS_URL, json=lambda *_: next(answers, last))

    source = sendcloud_support(SendcloudCredentials(**KEY_PAIR), BASE_URL, 0)
    pipeline_in(desk.folder).run(source)

    assert desk.rows("select count(*), count(distinct id) from tickets") == [(39, 39)]
    assert desk.rows("select status from tickets where id = 21") == [("closed",)]


def test_amounts_times_and_unknown_values_of_every_form_land_as_they_are(desk):
    amounts = [149.99, 150, 0, None, 1e-3, 12.345678]
    desk.load(
        *(
            bare(number, resolution={"outcome": "claim_approved", "amount": amount})
            for number, amount in enumerate(amounts, 1)
        ),
        bare(7, status="on_the_moon", type="moonstruck"),
        bare(8, updated_at="2026-03-15T10:30:00+02:00"),
        bare(9, updated_at="2026-03-15T10:30:00.123456-05:30"),
        bare(2**63 - 1),
    )

    assert desk.rows("select amount from tickets__resolution order by ticket_id") == [
        (Decimal("149.9900"),),
        (Decimal("150.0000"),),
        (Decimal("0.0000"),),
        (None,),
        (Decimal("0.0010"),),
        (Decimal("12.3457"),),
    ]
    assert desk.rows("select status, type from tickets where id = 7") == [
        ("on_the_moon", "moonstruck")
    ]
    assert desk.rows("select id, updated_at from tickets where id > 7 order by id") == [
        (8, datetime(2026, 3, 15, 8, 30, tzinfo=UTC)),
        (9, datetime(2026, 3, 15, 16, 0, 0, 123456, tzinfo=UTC)),
        (2**63 - 1, None),
    ]


def test_a_ticket_is_seen_when_it_was_read(desk):
    begin = datetime.now(UTC)
    desk.load(bare(1))
    end = datetime.now(UTC)

    [(first, last, vanished)] = desk.rows(
        "select first_seen_at, last_seen_at, vanished_at from tickets"
    )
    assert begin <= first <= last <= end  # its page, then its detail
    assert vanished is None
