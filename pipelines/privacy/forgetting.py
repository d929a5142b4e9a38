"""Forgetting: tickets, or an account, are deleted wherever this program put them.

Depends on `traces` and the warehouse. Promises that no run is under way meanwhile, that the rows of
a ticket go from all tables in one transaction, and that what is said at the end is what was done
and what is left to do: marts, backups and the API itself are not this program's to delete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import dlt

from sources.sendcloud_support.holdings import connected, counted, named

from ..accounts import Account
from ..warehouse import drop_relation, duckdb_file, only_run, relations, start_up
from .traces import (
    OF_TICKETS,
    blot_notes,
    drop_journals,
    drop_state,
    empty_folder,
    erase_account,
    erase_children,
    erase_rows,
    is_ours,
    relations_in,
)

OF_MARTS = r"(_as_of_\d{8}(_\d{6})?)?(_staging)?"
"""How the marts' schemas go on behind their name, with what dbt keeps beside them; others may begin
like them."""

COMES_BACK = (
    "A ticket that the API still has comes back with the next sync: have it deleted at Sendcloud "
    "first."
)
COPIES = "Backups of the warehouse, reports and published tables are yours to delete."


def forget_tickets(
    account: Account, ticket_ids: Sequence[int], now: datetime, together: str = ""
) -> Iterator[str]:
    """Delete these tickets; sentences on what was done.

    Args:
        account: Whose tickets they are.
        ticket_ids: Sendcloud's ids.
        now: The moment it is done.
        together: The schema in which the marts of several accounts stand.
    """
    pipeline = account.pipeline()
    with only_run(pipeline):
        start_up(pipeline, now)  # packages that wait are dropped, and tables are there
        answers = drop_journals(pipeline)
        with connected(pipeline) as client, client.begin_transaction():
            erase_children(pipeline, ticket_ids)
            rows = {table: erase_rows(pipeline, table, ticket_ids) for table in OF_TICKETS}
            notes = blot_notes(pipeline, ticket_ids)
            drop_state(pipeline)
        pipeline.drop()
        start_up(pipeline, now)
        marts = _schemas_of_marts(pipeline, account.marts_schema, together)
    yield f"Forgot {counted(len(ticket_ids), 'ticket')} in {account.dataset}: {_told(rows)}."
    if notes:
        yield f"Taken out of {counted(notes, 'note')} in {account.dataset}.sync_runs."
    if answers:
        yield "Answers that waited to be loaded were deleted too; the next sync reads them again."
    if marts:
        yield _about_marts(account, marts)
    yield COMES_BACK
    yield COPIES


def forget_account(account: Account, together: str = "") -> Iterator[str]:
    """Delete all tables of the account, its marts, and what is kept on this machine.

    Its rows in the marts of all accounts, in `together`, too.
    """
    pipeline = account.pipeline()
    with only_run(pipeline):
        pipeline.sync_destination()
        own, staging = account.schemas[:2]
        of_marts = _schemas_of_marts(pipeline, account.marts_schema)
        dropped = {schema: _drop_all(pipeline, schema) for schema in (own, staging, *of_marts)}
        shared = {
            schema: erase_account(pipeline, schema, account.name)
            for schema in _schemas_of_marts(pipeline, together)
        }
        pipeline.drop()
        empty_folder(pipeline)
    for schema, count in dropped.items():
        if count:
            yield f"Dropped {counted(count, 'table or view', 'tables and views')} of {schema}."
    for schema, count in shared.items():
        yield f"Deleted its rows from {counted(count, 'table')} of {schema}."
    yield "Deleted what waited on this machine: journal, packages, state."
    file = duckdb_file(pipeline)
    if file is not None:
        yield _about_file(file, account)
    yield "Keys stand in .dlt/secrets.toml or your environment as before."
    yield COPIES


def _about_file(file: Path, account: Account) -> str:
    if account.name:
        return f"The file {file.name} is left; other accounts may be in it."
    return f"The file {file.name} is left, without tickets; delete it to be rid of it too."


def _told(rows: dict[str, int]) -> str:
    told = [f"{table} {count}" for table, count in rows.items() if count]
    return f"rows of {', '.join(told)}" if told else "nothing was held of them"


def _about_marts(account: Account, marts: Sequence[str]) -> str:
    own, build = account.marts_schema, f"python -m pipelines marts{account.option}"
    if list(marts) == [own]:
        return f"{own} holds them until its next build: {build}"
    return (
        f"{named(marts, most=20)} hold them: build {own} again ({build}), and "
        "build or drop those as of a moment."
    )


def _schemas_of_marts(pipeline: dlt.Pipeline, *marts: str) -> list[str]:
    """The schemas of these marts that are there, those as of a moment too."""
    ours = re.compile(f"({'|'.join(map(re.escape, filter(None, marts)))}){OF_MARTS}")
    if not any(marts):
        return []
    with connected(pipeline) as client:
        return sorted({each.schema for each in relations(client) if ours.fullmatch(each.schema)})


def _drop_all(pipeline: dlt.Pipeline, schema: str) -> int:
    """Drop the tables of a schema; of the dataset only those that are ours."""
    found = [
        each
        for each in relations_in(pipeline, schema)
        if schema != pipeline.dataset_name or is_ours(pipeline, each.name)
    ]
    with connected(pipeline) as client:
        for each in sorted(found, key=lambda each: not each.is_view):
            drop_relation(client, each)
    return len(found)
