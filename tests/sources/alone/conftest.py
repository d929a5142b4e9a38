"""Somebody's own dlt pipeline, and the served account that it loads.

Depends on the simulator and the source. `desk` is such a pipeline on each destination, `duck` is on
DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pytest

from simulator import Account, Clock, Service, Switches, World, serve
from sources.sendcloud_support import sendcloud_support
from tests.pipelines.conftest import KEYS
from tests.pipelines.warehouses import INSTANT, truth
from tests.postgres import connect, postgres_server, postgres_url  # noqa: F401 (fixtures)

DATASET = "support"
WORLD = World(tickets=1_000)
CLOCK = "sources.sendcloud_support.extraction.extraction.system_clock"
HISTORIES = ("ticket_status_history", "requested_action_history", "resolution_history")
TABLES = (
    "tickets",
    "tickets__requested_actions",
    "tickets__resolution",
    *HISTORIES,
    "sync_runs",
)


class Desk:
    """A served account, and a pipeline of somebody's that loads it."""

    def __init__(self, service: Service, folder: Path, destination: Any) -> None:
        self.service, self.folder, self.destination = service, folder, destination

    @property
    def account(self) -> Account:
        return self.service.account

    @property
    def pipeline(self) -> dlt.Pipeline:
        return dlt.pipeline(
            "whatever",
            destination=self.destination,
            dataset_name=DATASET,
            pipelines_dir=str(self.folder / "work"),
        )

    def source(self, **arguments: Any) -> Any:
        return sendcloud_support(
            credentials={"public_key": KEYS[0], "secret_key": KEYS[1]},
            base_url=self.service.base_url,
            **{"requests_per_minute": 0} | arguments,
        )

    def run(self, **arguments: Any) -> dict[str, Any]:
        """One run, and its row."""
        return self.load(self.source(**arguments))

    def load(self, source: Any, **how: Any) -> dict[str, Any]:
        """One run of a source that was changed, or run in another way, and its row."""
        self.service.reset_log()
        self.pipeline.run(source, **how)
        return self.last_run()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.pipeline.sql_client() as client:
            if "duckdb" in str(self.pipeline.destination.destination_type):
                client.execute_sql("set timezone = 'UTC'")
            return [tuple(row) for row in client.execute_sql(sql) or []]

    def last_run(self) -> dict[str, Any]:
        columns = "mode, requests, tickets_new, tickets_changed, tickets_vanished, api_total"
        columns += ", held_total, is_complete, note"
        [row] = self.rows(f"select {columns} from sync_runs order by started_at desc limit 1")
        return dict(zip(columns.split(", "), row, strict=True))

    def check(self) -> None:
        """Tables hold what the account holds, and what it does not is marked."""
        columns = "id, status, stage, type, parcel_id, carrier, order_number, brand_id, created_at"
        there = truth(self.account.tickets())
        held = f"select {columns}, updated_at from tickets where vanished_at is null order by id"
        is_held = "where ticket_id in (select id from tickets where vanished_at is null)"
        assert self.rows(held) == there.tickets
        assert there.actions == self.rows(
            "select ticket_id, id, data_type, created_at from tickets__requested_actions "
            f"{is_held} order by ticket_id, id"
        )
        assert there.resolutions == self.rows(
            "select ticket_id, outcome, amount, currency, solved_at from tickets__resolution "
            f"{is_held} order by ticket_id"
        )
        for table in HISTORIES:
            assert self.rows(f"select count(*) - count(distinct _dlt_id) from {table}") == [(0,)]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    account = Account(WORLD, Clock(WORLD.end))
    monkeypatch.setattr(CLOCK, lambda: account.clock.advance(INSTANT))
    with serve(account, Switches(), keys=KEYS) as served:
        yield served


@pytest.fixture(params=["duckdb", "postgres"])
def desk(request: pytest.FixtureRequest, service: Service, tmp_path: Path) -> Desk:
    if request.param == "duckdb":
        return Desk(service, tmp_path, dlt.destinations.duckdb(str(tmp_path / "own.duckdb")))
    url = request.getfixturevalue("postgres_url")
    return Desk(service, tmp_path, dlt.destinations.postgres(url))


@pytest.fixture
def duck(service: Service, tmp_path: Path) -> Desk:
    return Desk(service, tmp_path, dlt.destinations.duckdb(str(tmp_path / "own.duckdb")))
