"""The marts of several accounts in one place: each table with the column `account` before all.

Depends on `publishing` and the warehouse. Promises that nothing is added over accounts: the rows
are those of each account's own marts; that readers find either the tables as they were or all of
the new ones; and that an account whose marts are not there, or are of another form, is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dlt

from sources.sendcloud_support.holdings import connected, is_clickhouse

from ..accounts import Account, account_of_all, marts_of_all
from ..warehouse import Relation, drop_relation, kind_of, only_run
from .as_of import AsOf
from .clickhouse_tables import clickhouse_columns
from .publishing import UNPUBLISHED, discard, publish

Say = Callable[[str], object]
Tables = dict[str, list[str]]

ENGINES = ("duckdb", "postgres", "ducklake", "clickhouse")
"""Those on which the tables can take the places of the old ones at once."""

COLUMNS = """
    select table_name, column_name
    from information_schema.columns
    where table_catalog = current_database() and table_schema = %s
    order by table_name, ordinal_position
"""


def build_together(accounts: Sequence[Account], say: Say, as_of: AsOf | None = None) -> None:
    """Put together what the marts of these accounts hold, last night's or as of a moment."""

    def schema(nightly: str) -> str:
        return as_of.beside(nightly) if as_of else nightly

    if (together := account_of_all(accounts)) is None:
        say("The accounts are not in one warehouse: the marts of each stay in its own.")
        return
    pipeline = together.pipeline()
    if (kind := kind_of(pipeline)) not in ENGINES:
        say(f"The marts of all accounts are not put together on {kind}; each account has its own.")
        return
    marts = {account.name: schema(account.marts_schema) for account in accounts}
    with only_run(pipeline):
        for sentence in put_together(pipeline, marts, schema(marts_of_all())):
            say(sentence)


def put_together(pipeline: dlt.Pipeline, marts: Mapping[str, str], target: str) -> list[str]:
    """Copy the marts of all accounts into one schema; sentences on what was done.

    Args:
        pipeline: On the warehouse that holds them all.
        marts: By the account's name the schema of its marts.
        target: The schema for all.
    """
    discard(pipeline, target)
    with connected(pipeline) as client:
        found = {name: _tables(client, schema) for name, schema in marts.items()}
        there = {name: tables for name, tables in found.items() if tables}
        form = max(there.values(), key=list(there.values()).count, default={})
        alike = {name: tables for name, tables in there.items() if tables == form}
        _make_schema(client, target)
        with client.begin_transaction():
            for table, columns in form.items():
                copied = {marts[name]: name for name in alike}
                client.execute_sql(_copy(client, target, table, columns, copied))
            for table in set(_tables(client, target)) - set(form):
                drop_relation(client, Relation(target, table, is_view=False))
    publish(pipeline, target)
    missing, odd = sorted(set(marts) - set(there)), sorted(set(there) - set(alike))
    return [
        *_left_out(missing, "they have none yet"),
        *_left_out(odd, "another version built theirs, and `python -m pipelines marts` mends that"),
        f"{target} holds the marts of {', '.join(alike) or 'no account'}, by account.",
    ]


def _tables(client: Any, schema: str) -> Tables:
    """The published tables of a schema, each with its columns in their order."""
    if is_clickhouse(client):
        rows = [(table, column) for table, column, _ in clickhouse_columns(client, schema)]
    else:
        rows = client.execute_sql(COLUMNS, schema) or []
    tables: Tables = {}
    for table, column in rows:
        if not table.endswith(UNPUBLISHED):
            tables.setdefault(table, []).append(column)
    return tables


def _make_schema(client: Any, schema: str) -> None:
    """Where there are schemas it has to be there."""
    with client.with_alternative_dataset_name(schema):
        if not is_clickhouse(client) and not client.has_dataset():
            client.create_dataset()


def _copy(
    client: Any, target: str, table: str, columns: Sequence[str], accounts: Mapping[str, str]
) -> str:
    """A statement that makes the table, from the schemas of the accounts that are named.

    The names are those of the configuration, which are checked, and of our own models.
    """

    def full(schema: str, name: str) -> str:
        return ".".join(
            client.make_qualified_table_name_path(name, dataset_name=schema, casefold=False)
        )

    listed = ", ".join(f'"{column}"' for column in columns)
    selects = " union all ".join(
        f"select cast('{account}' as varchar) as account, {listed} from {full(schema, table)}"
        for schema, account in accounts.items()
    )
    engine = "engine = MergeTree order by tuple()" if is_clickhouse(client) else ""
    return f"create table {full(target, table + UNPUBLISHED)} {engine} as {selects}"


def _left_out(names: Sequence[str], why: str) -> list[str]:
    return [f"Not among the marts of all accounts: {', '.join(names)}, as {why}."] if names else []
