"""Whatever the contract allows in one ticket, every table is built for all the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipelines.marts.marts import run_marts
from pipelines.warehouse.warehouse import open_pipeline
from simulator import Account, Clock
from tests.pipelines.conftest import make  # noqa: F401 (fixture)
from tests.transform.conftest import open_marts, warehouse_of
from tests.transform.project import Project
from tests.transform.raw import fill_duckdb
from tests.transform.test_scenarios import resolution, ticket

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
STATUSES = ["pending", "waiting_for_carrier", "claim_paid", "solved", "closed", "hush", ""]
OUTCOMES = ["claim_approved", "claim_declined", "delivered", "impossible_to_open_claim", "beamed"]

NEAR = st.integers(-90 * 86_400 * 10**6, 90 * 86_400 * 10**6).map(
    lambda microseconds: NOW + timedelta(microseconds=microseconds)
)
EDGES = st.sampled_from(
    [
        datetime.min.replace(tzinfo=UTC),
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2024, 2, 29, tzinfo=UTC),
        NOW - timedelta(microseconds=1),
        NOW,
        NOW + timedelta(microseconds=1),
        NOW + timedelta(hours=12),
        datetime.max.replace(tzinfo=UTC),
    ]
)
MOMENTS = st.one_of(NEAR, EDGES)
AMOUNTS = st.one_of(
    st.sampled_from([Decimal(0), Decimal("0.0001"), Decimal("-12.5")]),
    st.sampled_from([Decimal("90000000000000.5"), Decimal("-90000000000000.5")]),
    st.decimals(-500, 500, places=2),
)
WORDS = st.sampled_from(["dpd", "ups", "x / y", "y", " ", "", "all", "(none)"])
RESOLUTIONS = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(OUTCOMES),
        "amount": st.none() | AMOUNTS,
        "currency": st.none() | st.sampled_from(["EUR", "eur", " GBP", "", "(none)"]),
        "solved_at": st.none() | MOMENTS,
    }
)
ANSWERS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(STATUSES),
        "stage": st.sampled_from(["in_progress", "action_required", ""]),
        "type": st.none() | WORDS,
        "carrier": st.none() | WORDS,
        "order_number": st.none() | st.sampled_from(["A1", ""]),
        "parcel_id": st.none() | st.sampled_from([-(2**63), 0, 2**63 - 1]),
        "brand_id": st.none() | st.just(-1),
        "created_at": MOMENTS,
        "updated_at": st.none() | MOMENTS,
        "resolution": st.none() | RESOLUTIONS,
        "requested_actions": st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.integers(-2, 3),
                    "data_type": st.sampled_from(["sales_invoice", ""]),
                    "created_at": MOMENTS,
                }
            ),
            max_size=3,
            unique_by=lambda action: action["id"],
        ),
    }
)
LIVES = st.lists(st.lists(ANSWERS, min_size=1, max_size=3), min_size=1, max_size=12)
"""Tickets, and how each of them is answered from one sync to the next."""

EXAMPLES = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def raw_tables(lives: list[list[dict[str, Any]]], sights: list[datetime]) -> dict[str, Any]:
    """What a loader leaves that saw the tickets so at these moments, whatever its clock said."""
    tables: dict[str, list[dict[str, Any]]] = {
        "tickets": [],
        "tickets__resolution": [],
        "ticket_status_history": [],
        "requested_action_history": [],
        "resolution_history": [],
    }
    for number, answers in enumerate(lives):
        last, seen = answers[-1], sights[: len(answers)]
        plain = {name: value for name, value in last.items() if not isinstance(value, list | dict)}
        plain.pop("resolution", None)
        tables["tickets"].append(
            plain | {"id": number, "first_seen_at": seen[0], "last_seen_at": seen[-1]}
        )
        if last["resolution"]:
            tables["tickets__resolution"].append(last["resolution"] | {"ticket_id": number})
        for place, answer in enumerate(answers):
            tables["ticket_status_history"].append(
                {
                    "ticket_id": number,
                    "status": answer["status"],
                    "stage": answer["stage"],
                    "changed_at": answer["updated_at"] if place else None,
                    "seen_at": sights[place],
                    "previously_seen_at": sights[place - 1] if place else None,
                }
            )
            told = (answers[place - 1]["resolution"] or {}) if place else {}
            if (answer["resolution"] or {}) != told:
                tables["resolution_history"].append(
                    (answer["resolution"] or {})
                    | {
                        "ticket_id": number,
                        "seen_at": sights[place],
                        "previously_seen_at": sights[place - 1] if place else None,
                    }
                )
        tables["requested_action_history"] += [
            action
            | {
                "ticket_id": number,
                "first_seen_at": seen[0],
                "last_seen_at": seen[0],
                "first_missing_at": seen[-1] if len(seen) > 1 else None,
            }
            for action in answers[0]["requested_actions"]
        ]
    return tables


@given(lives=LIVES, sights=st.lists(MOMENTS, min_size=3, max_size=3, unique=True))
@settings(EXAMPLES, max_examples=40)
def test_every_mart_is_built_of_whatever_the_contract_allows(
    project: Project, lives: list[list[dict[str, Any]]], sights: list[datetime]
) -> None:
    """Our own clock may have been wrong at any sync, too; the invariants hold all the same."""
    marts = project.build(raw_tables(lives, sights))

    found = {
        name: marts.execute(project.statement(test)).fetchall()
        for name, test in project.tests.items()
        if test["config"]["severity"].lower() == "error"
        or name in {"spans_tile_a_lifetime", "waits_are_the_open_time"}
    }
    assert {name: rows for name, rows in found.items() if rows} == {}
    [(tickets,)] = marts.execute("select count(*) from fct_ticket_resolution").fetchall()
    assert tickets == len(lives)


@given(lives=LIVES)
@settings(EXAMPLES, max_examples=2, phases=[Phase.generate])
def test_after_real_syncs_every_mart_is_built(
    make: Callable[..., Any],  # noqa: F811
    lives: list[list[dict[str, Any]]],
) -> None:
    """Over HTTP, by the command's own way: code 0."""
    account = Account(None, Clock(NOW))
    warehouse = make(account)
    for round_ in range(3):
        for number, answers in enumerate(lives, start=1):
            if round_ < len(answers):
                account.hold(number, **answers[round_])
        assert warehouse.sync().is_complete
        warehouse.later(hours=26)
    warehouse.release()
    said: list[str] = []

    assert run_marts(open_pipeline(), said.append) == 0, said
    warehouse.file.unlink()


def test_a_ticket_updated_before_it_was_created_is_named_and_stops_nothing(
    tmp_path: Path,
) -> None:
    """One second is enough, and one created twelve hours after its last sight."""
    created = NOW - timedelta(days=2)
    odd = [
        ticket(
            4711,
            created_at=created,
            updated_at=created - timedelta(seconds=1),
            first_seen_at=created + timedelta(hours=26),
            last_seen_at=NOW,
        ),
        ticket(4712, created_at=NOW + timedelta(hours=12), first_seen_at=NOW, last_seen_at=NOW),
        *[ticket(number, last_seen_at=NOW) for number in range(1, 9)],
    ]
    file = tmp_path / "odd.duckdb"
    with duckdb.connect(str(file)) as connection:
        fill_duckdb(connection, {"tickets": odd})
    said: list[str] = []

    assert run_marts(warehouse_of(str(file), tmp_path), said.append) == 0, said
    assert said[1:] == ["moments_are_in_order: 2 tickets (4711, 4712)"]
    with open_marts(file) as marts:
        assert marts.execute(
            "select ticket_id, created_at, last_seen_at from fct_ticket_resolution "
            "where ticket_id > 4000 order by 1"
        ).fetchall() == [
            (4711, created.replace(tzinfo=None), NOW.replace(tzinfo=None)),
            (4712, NOW.replace(tzinfo=None), NOW.replace(tzinfo=None)),
        ]
        assert marts.execute(
            "select sum(open_at_end) from fct_daily_backlog where date_day = '2026-03-10'"
        ).fetchall() == [(10,)]


def test_amounts_that_fit_add_up_though_their_sum_does_not_fit_the_column(
    project: Project,
) -> None:
    largest = Decimal("99999999999999.9999")
    marts = project.build(
        {
            "tickets": [ticket(number, status="claim_paid") for number in range(3)],
            "tickets__resolution": [
                resolution(number, amount=largest, currency="EUR") for number in range(3)
            ],
        }
    )

    assert marts.execute("select paid_amount from mart_payouts_monthly").fetchall() == [
        (3 * largest,)
    ]
    assert marts.execute(
        "select cumulative_paid_amount from mart_claim_development where dev_month = 0"
    ).fetchall() == [(3 * largest,)]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Marts of nine tickets, as published by a good night."""
    file = tmp_path / "nights.duckdb"
    with duckdb.connect(str(file)) as connection:
        fill_duckdb(connection, {"tickets": [ticket(number) for number in range(9)]})
    assert run_marts(warehouse_of(str(file), tmp_path), [].append) == 0
    return file


def test_a_night_that_fails_leaves_the_tables_of_the_night_before(published: Path) -> None:
    """A ticket that is there twice makes sums untrue: no table of the new night is seen."""
    with duckdb.connect(str(published)) as connection:
        connection.execute("insert into sendcloud.tickets from sendcloud.tickets where id > 6")
    said: list[str] = []

    assert run_marts(warehouse_of(str(published), published.parent), said.append) == 1
    assert "source_unique_sendcloud_tickets_id: fail" in said
    with duckdb.connect(str(published)) as connection:
        tables = {row[0] for row in connection.execute("from duckdb_tables()").fetchall()}
        count = "select sum(tickets) from sendcloud_marts.dim_carrier"
        assert connection.execute(count).fetchall() == [(9,)]
        assert not any(name.endswith("__next") for name in tables)
        connection.execute("delete from sendcloud.tickets where id > 6")

    assert run_marts(warehouse_of(str(published), published.parent), said.append) == 0
    with duckdb.connect(str(published)) as connection:
        assert connection.execute(count).fetchall() == [(7,)]


def test_a_mart_that_is_false_is_not_published_either(published: Path) -> None:
    """The check that fails looks at marts alone, when all of them are built."""
    with duckdb.connect(str(published)) as connection:
        connection.execute("insert into sendcloud.tickets (id) values (77)")
    said: list[str] = []

    assert run_marts(warehouse_of(str(published), published.parent), said.append) == 1, said
    with duckdb.connect(str(published)) as connection:
        count = "select count(*) from sendcloud_marts.dim_carrier"
        assert connection.execute(count).fetchall() == [(1,)]
