"""Names in full: every statement says in which dataset its tables are.

Depends on sqlglot, which knows where in a statement a table is named, and on `dialects`. Promises
that a table without a schema is that of our dataset and never one of the same name on the search
path, which a user may have in `main` or `public`; that names given in full, names of a statement's
own (`with … as`) and all other text stay to the letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import exp

from .dialects import is_rewritten, translated

A_VALUE = "10"
"""Stands for `%s` while a statement is parsed: as long, and a value in any place."""


def qualified(client: Any, sql: str) -> str:
    """The statement with its tables' names in full, as the client's warehouse writes them."""
    if is_rewritten(client):
        return translated(client, sql)
    parts, names = _parts(sql)
    full = [client.make_qualified_table_name(name) for name in names]
    return "".join([parts[0], *(name + part for name, part in zip(full, parts[1:], strict=True))])


def named_tables(sql: str) -> list[str]:
    """The tables of our dataset that a statement names, each once."""
    _, names = _parts(sql)
    return list(dict.fromkeys(names))


@cache
def _parts(sql: str) -> tuple[list[str], list[str]]:
    """The text around the names that are not in full, and these names."""
    tree = sqlglot.parse_one(sql.replace("%s", A_VALUE), read="postgres")
    own = {each.alias for each in tree.find_all(exp.CTE)}
    tables = [each for each in tree.find_all(exp.Table) if not each.db and each.name not in own]
    places = sorted((each.this.meta["start"], each.this.meta["end"] + 1) for each in tables)
    return list(_between(sql, places)), [sql[start:end] for start, end in places]


def _between(sql: str, places: list[tuple[int, int]]) -> Iterator[str]:
    edges = [(0, 0), *places, (len(sql), len(sql))]
    for (_, start), (end, _) in pairwise(edges):
        yield sql[start:end]
