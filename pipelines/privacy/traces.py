"""Traces of tickets: the tables that hold them, and the copies on this machine.

Depends on the warehouse. Knows where a ticket may be: the tables of the dataset and of the one that
loads go through, dlt's state, the journals, packages that wait.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence

import dlt

from sources.sendcloud_support import SOURCE_NAME
from sources.sendcloud_support.holdings import (
    ROWS_IN_STATEMENT,
    Journal,
    connected,
    execute,
    query,
)
from sources.sendcloud_support.records import SYNC_RUNS, TABLES, TICKETS

from ..warehouse import LOCK, Relation, own_folder, relations

STATE = "_dlt_pipeline_state"
OWN = ("_dlt", "_sendcloud", f"{TICKETS}__", "dlt_sentinel_table")
"""How tables begin that are ours beside those of the contract: dlt's, our own, of new fields."""


def key_of(table: str) -> str:
    """The column that names the ticket."""
    return "id" if table == TICKETS else "ticket_id"


def erase_rows(pipeline: dlt.Pipeline, table: str, ticket_ids: Sequence[int]) -> int:
    """Delete the rows of these tickets; how many there were."""
    deleted = 0
    for start in range(0, len(ticket_ids), ROWS_IN_STATEMENT):
        some = ticket_ids[start : start + ROWS_IN_STATEMENT]
        condition = f"{key_of(table)} in ({', '.join(['%s'] * len(some))})"
        counted = query(pipeline, f"select count(*) from {table} where {condition}", *some)
        deleted += counted[0][0] if counted else 0
        if counted:
            execute(pipeline, f"delete from {table} where {condition}", *some)
    return deleted


OF_TICKETS = tuple(sorted(set(TABLES) - {SYNC_RUNS}, key=lambda table: table == TICKETS))
"""The contract's tables that hold something of a ticket, that of tickets last."""


def erase_children(pipeline: dlt.Pipeline, ticket_ids: Sequence[int]) -> None:
    """Delete what new fields of these tickets brought: dlt joins such tables by ids of its own."""
    known = set(TABLES)
    for table in _in_schema(pipeline):
        if table.startswith(f"{TICKETS}__") and table not in known:
            _erase_grandchildren(pipeline, table, ticket_ids)


def _erase_grandchildren(pipeline: dlt.Pipeline, table: str, ticket_ids: Sequence[int]) -> None:
    marks = ", ".join(["%s"] * len(ticket_ids))
    execute(
        pipeline,
        f"delete from {table} where _dlt_root_id in "
        f"(select _dlt_id from {TICKETS} where id in ({marks}))",
        *ticket_ids,
    )


def blot_notes(pipeline: dlt.Pipeline, ticket_ids: Iterable[int]) -> int:
    """Take these ids out of the notes of runs; how many notes named one."""
    named = re.compile(rf"\b({'|'.join(map(str, ticket_ids))})\b")
    rows = query(pipeline, f"select run_id, note from {SYNC_RUNS} where note is not null")
    changed = [(run_id, named.sub("…", note)) for run_id, note in rows if named.search(note)]
    for run_id, note in changed:
        execute(pipeline, f"update {SYNC_RUNS} set note = %s where run_id = %s", note, run_id)
    return len(changed)


def drop_journals(pipeline: dlt.Pipeline) -> int:
    """Delete answers that wait to be loaded, be it of which account; how many files there were."""
    files = [each for each in (own_folder(pipeline) / "journal").glob("*") if each.is_file()]
    for file in files:
        Journal(file, "").drop()
    return len(files)


def drop_state(pipeline: dlt.Pipeline) -> None:
    """Delete what dlt remembers of how far the reading had come; it may name tickets."""
    if query(pipeline, f"select count(*) from {STATE}"):
        execute(pipeline, f"delete from {STATE} where 1 = 1")


def empty_folder(pipeline: dlt.Pipeline) -> None:
    """Delete all on this machine that belongs to the warehouse, but for the lock that is held."""
    for each in own_folder(pipeline).glob("*"):
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        elif each.name != LOCK:
            each.unlink(missing_ok=True)


def relations_in(pipeline: dlt.Pipeline, schema: str) -> list[Relation]:
    """Tables and views of a schema."""
    with connected(pipeline) as client:
        return [each for each in relations(client) if each.schema == schema]


def erase_account(pipeline: dlt.Pipeline, schema: str, account: str) -> int:
    """Delete the rows of an account from the marts of all; of how many tables they were."""
    tables = [each.name for each in relations_in(pipeline, schema)]
    with connected(pipeline) as client, client.with_alternative_dataset_name(schema):
        for name in tables:
            full = client.make_qualified_table_name(name)
            client.execute_sql(f"delete from {full} where account = %s", account)
    return len(tables)


def is_ours(pipeline: dlt.Pipeline, table: str) -> bool:
    """Whether a table of the dataset is one that this program or dlt made in it."""
    return table in TABLES or table.startswith(OWN) or table in _in_schema(pipeline)


def _in_schema(pipeline: dlt.Pipeline) -> list[str]:
    """The tables that dlt knows."""
    schemas = pipeline.schemas
    return list(schemas[SOURCE_NAME].tables) if SOURCE_NAME in schemas else []
