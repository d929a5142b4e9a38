"""Publishing the marts: tables built and checked beside the old ones replace them all at once.

Depends on `warehouse`. Promises that readers find either all tables of the last good build or all
of the new one, but on Snowflake, which takes no two names in one transaction, each table whole by
itself; that a build that failed leaves nothing behind, and that an odd ticket is told by its number
alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import dlt

from sources.sendcloud_support.holdings import connected

from ..warehouse import kind_of, with_dependents
from . import clickhouse_tables, snowflake_tables

UNPUBLISHED = "__next"
"""Behind the name of a table that is not checked yet."""

ATTACHED = "warehouse"
"""What dbt calls a DuckDB file (transform/profiles.yml)."""

NAMED = 3

WAITING = """
    select table_schema, table_name
    from information_schema.tables
    where table_catalog = current_database()
        and table_schema in (%s, %s)
        and right(table_name, %s) = %s
    order by table_schema, table_name
"""


def publish(pipeline: dlt.Pipeline, marts: str) -> None:
    """Put the new tables in the places of the old ones, in one transaction, or one statement."""
    if kind_of(pipeline) == "clickhouse":
        with connected(pipeline) as client:
            clickhouse_tables.publish(client, marts, UNPUBLISHED)
        return
    if kind_of(pipeline) == "snowflake":
        with connected(pipeline) as client:
            snowflake_tables.publish(client, _waiting(client, marts), UNPUBLISHED)
        return
    with connected(pipeline) as client, client.begin_transaction():
        for schema, table in _waiting(client, marts):
            name = table.removesuffix(UNPUBLISHED)
            end = with_dependents(client)
            client.execute_sql(f'drop table if exists "{schema}"."{name}" {end}')
            client.execute_sql(f'alter table "{schema}"."{table}" rename to "{name}"')


def discard(pipeline: dlt.Pipeline, marts: str) -> None:
    """Drop what a failed build, or one that was killed, has left."""
    if kind_of(pipeline) == "clickhouse":
        with connected(pipeline) as client:
            clickhouse_tables.discard(client, marts, UNPUBLISHED)
        return
    with connected(pipeline) as client, client.begin_transaction():
        for schema, table in _waiting(client, marts):
            client.execute_sql(f'drop table "{schema}"."{table}" {with_dependents(client)}')


def _waiting(client: Any, marts: str) -> Sequence[tuple[str, str]]:
    written = client.capabilities.casefold_identifier
    schemas = written(marts), written(f"{marts}_staging")
    rows = client.execute_sql(WAITING, *schemas, len(UNPUBLISHED), written(UNPUBLISHED))
    return [(schema, table) for schema, table in rows or ()]


def name_tickets(pipeline: dlt.Pipeline, results: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line for each check of single tickets that warns: how many tickets, and the first numbers.

    Args:
        pipeline: On the warehouse where the tables still are as they were checked.
        results: dbt's, of checks that warn.
    """
    for result in results:
        name = str(result["unique_id"]).split(".")[2]
        numbers = _numbers(pipeline, result["compiled_code"])
        yield f"{name}: {_listing(numbers, result['failures'])}" if numbers else f"{name}: warn"


def _numbers(pipeline: dlt.Pipeline, check: str) -> list[int]:
    """The first tickets that the check names; none if it judges something else."""
    here = check.replace(f'"{ATTACHED}".', "")
    sql = f"select * from (\n{here}\n) as odd"
    if kind_of(pipeline) == "clickhouse":
        sql += clickhouse_tables.clickhouse_settings()
    with connected(pipeline) as client, client.execute_query(sql) as cursor:
        columns = [column[0].lower() for column in cursor.description]
        if "ticket_id" not in columns:
            return []
        place = columns.index("ticket_id")
        return sorted({row[place] for row in cursor.fetchall()})


def _listing(numbers: Sequence[int], tickets: int) -> str:
    more = len(numbers) - NAMED
    named = ", ".join(str(number) for number in numbers[:NAMED])
    rest = f" and {more:,} more" if more > 0 else ""
    return f"{tickets:,} ticket{'s' * (tickets != 1)} ({named}{rest})"
