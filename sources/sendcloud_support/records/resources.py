"""The dlt resources: each table with its key, its columns and how it is written.

Depends on dlt, `columns`, `tables` and `placement`. Promises that a table has the same key, columns
and contract whoever loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import dlt
from dlt.common.schema import Schema
from dlt.common.schema.typing import TTableSchemaColumns, TWriteDisposition
from dlt.extract import DltResource

from ..settings import SOURCE_NAME
from .columns import (
    ACTION_HISTORY,
    CONTRACT,
    HISTORY_KEYS,
    RESOLUTION_HISTORY,
    STATUS_HISTORY,
    SYNC_RUNS,
    TICKETS,
    TICKETS_SET_ASIDE,
    action_history_columns,
    nested_hints,
    resolution_history_columns,
    set_aside_columns,
    status_history_columns,
    sync_run_columns,
    ticket_columns,
)
from .declaration import complete
from .placement import Placement
from .tables import create_tables
from .tickets import is_by_contract

Row = dict[str, Any]
Data = Iterable[Any] | Callable[[], Iterator[Any]]
"""Rows, or a generator function that gives them when dlt asks."""


@dlt.source(name=SOURCE_NAME)
def sendcloud_window(
    rows: Iterable[Row | list[Row]] = (),
    statuses: Iterable[Row] = (),
    actions: Iterable[Row] = (),
    resolutions: Iterable[Row] = (),
    runs: Iterable[Row] = (),
    broken: Iterable[Row] = (),
    progress: Row | None = None,
) -> Iterable[DltResource]:
    """Rows that were made from answers read already, loaded by the same tables and rules.

    Args:
        rows: Rows of `ticket_row`, one by one or in lists.
        statuses, actions, resolutions, runs: Rows of `ticket_status_history`,
            `requested_action_history`, `resolution_history` and `sync_runs`. They are declared
            here; `pipelines` writes them by SQL, because they have to go in before or after the
            tickets they belong to.
        progress: Plain values to keep in the state of resource `tickets`, in one package with the
            rows: how far the reading had come.
    """
    return (
        tickets(_with_progress(rows, progress)),
        status_history(statuses),
        action_history(actions),
        resolution_history(resolutions),
        sync_runs(runs),
        tickets_set_aside(broken),
    )


def create_all_tables(pipeline: dlt.Pipeline) -> None:
    """Create the tables with all their columns before the first load, empty where need be."""
    create_tables(pipeline, declared_schema)


def declared_schema() -> Schema:
    """All tables as dlt knows them once it has seen a row of each; for the active pipeline."""
    return complete(sendcloud_window().discover_schema())


def tickets(rows: Data) -> DltResource:
    """One row per ticket as last seen; merge, so that a second sighting replaces the first.

    Children are deleted and inserted with their ticket; of two copies in one load the one seen
    last wins.
    """
    return _merged(_placed(rows), TICKETS, "id", ticket_columns(), nested_hints=nested_hints())


def status_history(rows: Data) -> DltResource:
    """One row per change of status or stage that was seen; merge, so that reloading is harmless."""
    return _merged(rows, STATUS_HISTORY, HISTORY_KEYS[STATUS_HISTORY], status_history_columns())


def action_history(rows: Data) -> DltResource:
    """One row per request ever seen; merge, because its times move with each sighting."""
    return _merged(rows, ACTION_HISTORY, HISTORY_KEYS[ACTION_HISTORY], action_history_columns())


def resolution_history(rows: Data) -> DltResource:
    """One row per resolution as it was seen; merge, so that reloading is harmless."""
    key, columns = HISTORY_KEYS[RESOLUTION_HISTORY], resolution_history_columns()
    return _merged(rows, RESOLUTION_HISTORY, key, columns)


def sync_runs(rows: Data) -> DltResource:
    """One row per run; append. Declared here, written by `pipelines` when a run ends."""
    return _declared(rows, SYNC_RUNS, "run_id", sync_run_columns(), write_disposition="append")


def tickets_set_aside(rows: Data, write_disposition: TWriteDisposition = "append") -> DltResource:
    """One row per ticket and field that breaks the contract.

    The source alone replaces the table by what it is after the sweep; `pipelines` writes it by SQL.
    """
    columns = set_aside_columns()
    return _declared(rows, TICKETS_SET_ASIDE, (), columns, write_disposition=write_disposition)


def _with_progress(rows: Iterable[Row | list[Row]], progress: Row | None) -> Iterator[Any]:
    yield from rows
    if progress is not None:
        dlt.current.resource_state(TICKETS)["progress"] = progress


def _placed(rows: Data) -> Iterator[Any]:
    """Rows with the values of unknown fields in columns that can hold them."""
    placement = None
    for some in rows() if callable(rows) else rows:
        batch = some if isinstance(some, list) else [some]
        if all(not isinstance(row, dict) or is_by_contract(row) for row in batch):
            yield some
            continue
        placement = placement or Placement(dlt.current.source_schema())
        yield [placement.place(row) if isinstance(row, dict) else row for row in batch]


def _merged(
    rows: Data,
    name: str,
    key: str | tuple[str, ...],
    columns: TTableSchemaColumns,
    **hints: Any,
) -> DltResource:
    disposition = {"disposition": "merge", "strategy": "delete-insert"}
    return _declared(rows, name, key, columns, write_disposition=disposition, **hints)


def _declared(
    rows: Any,
    name: str,
    key: str | tuple[str, ...],
    columns: TTableSchemaColumns,
    **hints: Any,
) -> DltResource:
    resource: DltResource = dlt.resource(
        rows, name=name, primary_key=key, columns=columns, schema_contract=CONTRACT, **hints
    )
    return resource
