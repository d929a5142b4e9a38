"""`python -m benchmarks engines NAME --marts N`: the marts of a large desk, without a sync.

Depends on `places` and on the tests' raw tables, which go into the engine as the sync would have
left them. The figures are of `python -m pipelines marts` alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from pipelines.warehouse import open_pipeline
from simulator import World
from sources.sendcloud_support import create_all_tables

from .places import ADDRESS, PLACES, Given, Place, use_of_children

Rows = dict[str, list[dict[str, Any]]]

WATCHED = timedelta(days=60)
METHOD = """\
Raw tables of a desk of {tickets:,} tickets in 22 months, watched every 12 hours for its last 60 \
days. `marts` has nothing compiled yet, `marts again` is the nightly case; both hold the start of \
Python and of dbt and all data tests. Beside it what a server of the engine used, and the peak of \
its memory since it began, with what filled it.

| engine | tickets | run | CPU s | server's CPU s | peak MB | server's MB | wall s |
|---|---:|---|---:|---:|---:|---:|---:|"""


def measure_marts(name: str, tickets: int, packages: Path | None, folder: Path) -> Iterator[str]:
    """The lines of the table, as the builds end."""
    rows = _raw(tickets)
    with PLACES[name](Given(folder, "http://127.0.0.1:1", packages)) as place:
        os.environ.update(place.environment)
        _fill(place, rows)
        rows.clear()
        for run in ("marts", "marts again"):
            before = use_of_children()
            cost = place.run("marts")
            server = use_of_children().since(before)
            beside = f"{server.cpu_seconds:.1f}", f"{server.megabytes:.0f}"
            cpu, megabytes = beside if server.processes else ("", "")
            yield (
                f"| {name} | {tickets:,} | {run} | {cost.cpu_seconds:.1f} | {cpu} "
                f"| {cost.megabytes:.0f} | {megabytes} | {cost.seconds:.1f} |"
            )


def _raw(tickets: int) -> Rows:
    from tests.transform.raw import every, replay

    world = World(tickets=tickets)
    return replay(world, every(12, max(world.start, world.end - WATCHED), world.end))


def _fill(place: Place, rows: Rows) -> None:
    import duckdb

    from tests.postgres import connect
    from tests.transform.raw import fill_duckdb, fill_postgres

    address = place.environment[ADDRESS]
    if place.name == "postgres":
        with closing(connect(address)) as opened:
            fill_postgres(opened, rows)
    elif place.name == "clickhouse":
        _fill_clickhouse(address, rows)
    else:
        with duckdb.connect(address) as file:
            fill_duckdb(file, rows)


def _fill_clickhouse(address: str, rows: Rows) -> None:
    import clickhouse_connect  # type: ignore[import-not-found]

    from tests.transform.raw import TABLES, as_arrow

    create_all_tables(open_pipeline())
    port = int(address.partition("http_port=")[2].partition("&")[0])
    with closing(clickhouse_connect.get_client(host="127.0.0.1", port=port)) as client:
        for table, columns in TABLES.items():
            client.insert_arrow(f"sendcloud___{table}", as_arrow(columns, rows[table]))
