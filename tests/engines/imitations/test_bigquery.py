"""BigQuery, by an imitation: it holds what DuckDB holds, and a killed run is made good."""

from __future__ import annotations

import json

from tests.engines.imitations.conftest import MakeBigQuery
from tests.engines.imitations.imitated import account
from tests.engines.steps import kill, steps
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import truth


def test_a_bigquery_holds_what_duckdb_holds_after_every_step(
    make: Make, make_bigquery: MakeBigQuery
) -> None:
    expected = dict(steps(make(account())))

    for step, found in steps(make_bigquery()):
        assert (step, found) == (step, expected[step])


def test_a_process_that_is_killed_is_made_good_by_the_next_and_all_is_forgotten(
    make_bigquery: MakeBigQuery,
) -> None:
    house = make_bigquery()
    kill(house, "dlt.destinations.job_client_impl:SqlLoadJob.run", 1, True)

    done = house.cli("sync")

    tickets = house.account.tickets()
    assert (done.code, house.held()) == (0, truth(tickets)), done.err
    assert len(house.statuses()) == len(tickets)
    assert json.loads(house.cli("status", "--json").out)["tables"]["tickets"] == len(tickets)
    assert house.cli("check").out.splitlines()[3:] == [
        "ok      Warehouse: bigquery is writable, dataset sendcloud has its tables.",
        (
            "note    bigquery is untried (its tests run on an imitation; the service itself was "
            "never reached): look well at what is loaded."
        ),
        (
            "note    Marts: `python -m pipelines marts` builds them on duckdb, postgres, ducklake, "
            "clickhouse and snowflake, not on bigquery."
        ),
    ]
    forgotten = house.cli("forget", "--all", "--yes")
    assert (forgotten.code, house.tables()) == (0, []), forgotten.err
