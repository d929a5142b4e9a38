"""Statements in the dialect of a warehouse that does not read PostgreSQL's.

Depends on sqlglot. Promises that a statement means there what it means in PostgreSQL, with tables
named in full, as long as the connection has the settings of `CLICKHOUSE`; and that its values stay
in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

A_VALUE = "@value@"
"""Stands for `%s` as a text while a statement is translated."""

TRANSLATED = ("bigquery", "clickhouse")
"""The dialects in which a statement is written anew; elsewhere it runs to the letter."""

CLICKHOUSE = {
    "join_use_nulls": 1,  # else a row that is not there is zeros and empty texts
    "aggregate_functions_null_for_empty": 1,  # else the latest of nothing is 1970
    "mutations_sync": 1,  # an update has happened when it returns
    "lightweight_deletes_sync": 1,  # so has a deletion
}
"""Settings of a connection without which ClickHouse means something else."""


def is_rewritten(client: Any) -> bool:
    """Whether statements are written anew for the client's warehouse."""
    return client.capabilities.sqlglot_dialect in TRANSLATED


def is_clickhouse(client: Any) -> bool:
    """Whether the client's warehouse is a ClickHouse."""
    return bool(client.capabilities.sqlglot_dialect == "clickhouse")


def has_transactions(client: Any) -> bool:
    """Whether statements of a transaction come into force together; where not, order heals."""
    return client.capabilities.supports_transactions is not False


def is_unknown_database(error: Exception) -> bool:
    """Whether the whole database is missing, which dlt takes for a table that is not there yet."""
    return "Code: 81." in str(error)


def declared(client: Any, kinds: Mapping[str, str]) -> str:
    """What follows the name of a table that is made: its columns, all of which may be null."""
    if not is_clickhouse(client):
        return f"({', '.join(f'{column} {kind}' for column, kind in kinds.items())})"
    columns = ", ".join(f"{column} Nullable({kind})" for column, kind in kinds.items())
    return f"({columns}) engine = MergeTree order by tuple()"


def translated(client: Any, sql: str) -> str:
    """The statement as the client's warehouse writes it."""

    def full_name(table: str) -> tuple[str, ...]:
        return tuple(client.make_qualified_table_name_path(table, quote=False))

    return _translated(sql, client.capabilities.sqlglot_dialect, _Named(full_name, full_name("_")))


class _Named:
    """How tables are called in full; told from another by what a table `_` is called."""

    def __init__(self, name: Callable[[str], tuple[str, ...]], sample: tuple[str, ...]) -> None:
        self.name, self.sample = name, sample

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Named) and other.sample == self.sample

    def __hash__(self) -> int:
        return hash(self.sample)


@cache
def _translated(sql: str, dialect: str, named: _Named) -> str:
    tree = sqlglot.parse_one(sql.replace("%s", f"'{A_VALUE}'"), read="postgres")
    own = {each.alias for each in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if not table.db and table.name not in own:
            _name(table, named.name(table.name))
    if dialect == "clickhouse" and isinstance(tree, exp.Update):
        text = _altered(tree, dialect)
    else:
        text = tree.sql(dialect=dialect)
    return text.replace(f"'{A_VALUE}'", "%s")


def _name(table: exp.Table, path: tuple[str, ...]) -> None:
    """The full name, under which the statement still knows the table by its own."""
    changes = isinstance(table.parent, exp.Insert | exp.Schema | exp.Delete | exp.Update | exp.Drop)
    if not table.alias and not changes:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
    *above, name = (exp.to_identifier(part, quoted=True) for part in path)
    table.set("this", name)
    for place, part in zip(("db", "catalog"), reversed(above), strict=False):
        table.set(place, part)


def _altered(update: exp.Update, dialect: str) -> str:
    """ClickHouse changes rows by a mutation of the table."""
    changes = ", ".join(each.sql(dialect=dialect) for each in update.expressions)
    where = update.args["where"].sql(dialect=dialect)
    return f"ALTER TABLE {update.this.sql(dialect=dialect)} UPDATE {changes} {where}"
