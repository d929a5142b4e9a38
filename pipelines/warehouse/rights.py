"""Rights: whether the warehouse lets a run do all that it will have to.

Depends on the warehouse's client. Promises to try it on tables of its own, which it drops, and to
leave nothing behind but the schemas that a sync makes anyway.
"""

from __future__ import annotations

from typing import Any

import dlt
from dlt.common.utils import uniq_id

from sources.sendcloud_support import SendcloudError
from sources.sendcloud_support.holdings import connected, execute, make_own_table, query

TRIAL = "_check"


class UnfaithfulWarehouseError(SendcloudError):
    """The warehouse took a row and did not give it back, or kept it when it was deleted."""

    def __init__(self) -> None:
        super().__init__(
            "The warehouse does not keep what it takes: a row was written and not found, or "
            "deleted and still there. Look whether a replica answers, or whether it delays "
            "deletions."
        )


def try_writing(pipeline: dlt.Pipeline) -> None:
    """Write a row, read it, take it back, in the dataset and in its staging area."""
    with connected(pipeline) as client:
        _try_dataset(pipeline, client)
        with client.with_staging_dataset():
            if not client.has_dataset():
                client.create_dataset()
            _try_dataset(pipeline, client)


def missing_for_marts(pipeline: dlt.Pipeline, marts: str) -> str | None:
    """What the warehouse's user lacks to build the marts, None for nothing."""
    kind = pipeline.destination.destination_type.rsplit(".", 1)[-1]
    if kind in {"duckdb", "ducklake", "clickhouse", "snowflake"}:
        return None
    if kind != "postgres":
        return (
            "Marts: `python -m pipelines marts` builds them on duckdb, postgres, ducklake, "
            f"clickhouse and snowflake, not on {kind}."
        )
    with connected(pipeline) as client:
        rows = client.execute_sql(
            "select coalesce((select pg_catalog.has_schema_privilege(nspname, 'create, usage') "
            "from pg_catalog.pg_namespace where nspname = %s), "
            "pg_catalog.has_database_privilege(current_database(), 'create'))",
            marts,
        )
    if rows and rows[0][0]:
        return None
    return (
        f"Marts: the warehouse's user may not make schema {marts}. Grant it `create` on the "
        "database, or let an administrator create that schema for it."
    )


def _try_dataset(pipeline: dlt.Pipeline, client: Any) -> None:
    table = f"{TRIAL}_{uniq_id(8)}"
    make_own_table(pipeline, table, {"id": "bigint"})
    try:
        execute(pipeline, f"insert into {table} (id) values (%s)", 1)
        written = query(pipeline, f"select id from {table}")
        execute(pipeline, f"delete from {table} where id = %s", 1)
        left = query(pipeline, f"select id from {table}")
    finally:
        client.execute_sql(f"drop table {client.make_qualified_table_name(table)}")
    if (written, left) != ([(1,)], []):
        raise UnfaithfulWarehouseError
