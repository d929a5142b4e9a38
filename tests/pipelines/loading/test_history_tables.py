"""Rows of the histories are held to the letter, however many and whatever they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import dlt
import duckdb
import pytest
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.loading import bulk_rows
from pipelines.loading.history_tables import write_histories
from pipelines.warehouse import duckdb_destination, open_pipeline, start_up
from sources.sendcloud_support.records import HISTORY_KEYS, RESOLUTION_HISTORY
from tests.postgres import connect

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
COLUMNS = ("ticket_id", "outcome", "amount", "currency", "solved_at", "seen_at")
COLUMNS += ("previously_seen_at",)
Row = dict[str, Any]


SELECT = f"select {', '.join(COLUMNS)} from sendcloud.{RESOLUTION_HISTORY}"


class Target(NamedTuple):
    """A warehouse, and what its own driver says it holds."""

    pipeline: dlt.Pipeline
    read: Callable[[], list[tuple[Any, ...]]]

    def put(self, rows: list[Row]) -> None:
        write_histories(self.pipeline, {RESOLUTION_HISTORY: rows})

    def held(self) -> Counter[tuple[Any, ...]]:
        return Counter(self.read())


@pytest.fixture(params=["duckdb", "postgres", "value by value"])
def target(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Target]:
    if request.param == "value by value":
        monkeypatch.setattr(bulk_rows, "READERS", {})
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        destination = dlt.destinations.postgres(url, destination_name="warehouse")
        opened = Target(open_pipeline(destination, tmp_path), lambda: of_postgres(url))
    else:
        file = str(tmp_path / "any.duckdb")
        local = duckdb_destination(DuckDbCredentials(file))
        opened = Target(open_pipeline(local, tmp_path), lambda: of_duckdb(file))
    start_up(opened.pipeline, NOON)
    yield opened
    opened.pipeline.deactivate()


def of_postgres(url: str) -> list[tuple[Any, ...]]:
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(SELECT)
        return cursor.fetchall()


def of_duckdb(file: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(file) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(SELECT).fetchall()


def table_of(rows: Iterable[Row]) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row[name] for name in COLUMNS) for row in rows)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "ticket_id": st.integers(-(2**63), 2**63 - 1),
            "outcome": st.none() | TEXT | st.sampled_from(["%s", "%", "{}", "null", "'; --", "\\"]),
            "amount": st.none() | st.decimals(-(10**13), 10**13, places=4),
            "currency": st.none() | TEXT,
            "solved_at": st.none() | TIMES,
            "seen_at": TIMES,
            "previously_seen_at": st.none() | TIMES,
        }
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: (row["ticket_id"], row["seen_at"]),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, others=ROWS)
def test_rows_are_held_to_the_letter_and_take_the_place_of_those_with_their_key(
    target: Target, rows: list[Row], others: list[Row]
) -> None:
    before = target.held()
    key = HISTORY_KEYS[RESOLUTION_HISTORY]
    written = {tuple(row[name] for name in key): row for row in rows + others}
    taken = {(row[0], row[5]) for row in before} & written.keys()

    for _ in range(2):
        target.put(rows)
        target.put(others)

    kept = Counter({row: n for row, n in before.items() if (row[0], row[5]) not in taken})
    assert target.held() == kept + table_of(written.values())


def test_more_rows_than_one_statement_takes_are_all_held(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_rows, "ROWS_IN_TEXT", 100)
    rows = [row(number) for number in range(1_001)]

    target.put(rows)
    target.put([row(500) | {"outcome": "delivered"}])

    assert target.held() == table_of(
        each | ({"outcome": "delivered"} if each["ticket_id"] == 500 else {}) for each in rows
    )


def row(number: int) -> Row:
    """A resolution of a ticket of that number."""
    return {
        "ticket_id": number,
        "outcome": "claim_approved",
        "amount": Decimal(number) / 8,
        "currency": "EUR",
        "solved_at": None,
        "seen_at": NOON + timedelta(microseconds=number),
        "previously_seen_at": None,
    }


def test_rows_that_cannot_all_be_written_leave_the_tables_as_they_were(target: Target) -> None:
    target.put([row(1)])

    with pytest.raises(DatabaseException):
        target.put([row(1) | {"outcome": "delivered"}, row(2) | {"amount": Decimal(10) ** 15}])

    assert target.held() == table_of([row(1)])
