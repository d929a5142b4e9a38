"""Rights: whether the warehouse lets a run do all that it will have to.

Depends on the warehouse's client. Promises to try it on tables of its own, which it drops, and to
leave nothing behind but the schemas that a sync makes anyway.
"""

from __future__ import annotations

from typing import Any

import dlt
from dlt.common.utils import uniq_id

from sources.sendcloud_support.holdings import connected

from .warehouse import MARTS

TRIAL = "_check"


def try_writing(pipeline: dlt.Pipeline) -> None:
    """Make, fill, empty and drop a table in the dataset and in its staging area."""
    with connected(pipeline) as client:
        _try_dataset(client)
        with client.with_staging_dataset():
            if not client.has_dataset():
                client.create_dataset()
            _try_dataset(client)


def missing_for_marts(pipeline: dlt.Pipeline) -> str | None:
    """What the warehouse's user lacks to build the marts, None for nothing."""
    kind = pipeline.destination.destination_type.rsplit(".", 1)[-1]
    if kind == "duckdb":
        return None
    if kind != "postgres":
        return (
            f"Marts: `python -m pipelines marts` builds them on duckdb and postgres, not on {kind}."
        )
    with connected(pipeline) as client:
        rows = client.execute_sql(
            "select coalesce((select pg_catalog.has_schema_privilege(nspname, 'create, usage') "
            f"from pg_catalog.pg_namespace where nspname = '{MARTS}'), "
            "pg_catalog.has_database_privilege(current_database(), 'create'))"
        )
    if rows and rows[0][0]:
        return None
    return (
        f"Marts: the warehouse's user may not make schema {MARTS}. Grant it `create` on the "
        "database, or let an administrator create that schema for it."
    )


def _try_dataset(client: Any) -> None:
    table = client.make_qualified_table_name(f"{TRIAL}_{uniq_id(8)}")
    client.execute_sql(f"create table {table} (id integer)")
    try:
        client.execute_sql(f"insert into {table} (id) values (%s)", 1)
        client.execute_sql(f"delete from {table} where id = %s", 1)
    finally:
        client.execute_sql(f"drop table {table}")
