"""Creates the tables in the warehouse before anything is loaded.

dlt creates a table with its first row; an account without a single resolution would have no
`tickets__resolution`, and every view over it would break. Depends on dlt. Promises that after
`create_tables` all tables exist with all their columns, empty where nothing is known yet; safe to
call again, also after a run that was killed half-way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import Any

import dlt
from dlt.common.schema import Schema
from dlt.common.schema.typing import TSchemaTables
from dlt.common.schema.utils import has_table_seen_data
from dlt.extract import DltSource

from ..settings import SOURCE_NAME
from .columns import (
    ACTION_HISTORY,
    REQUESTED_ACTIONS,
    RESOLUTION,
    RESOLUTION_HISTORY,
    STATUS_HISTORY,
    SYNC_RUNS,
    TICKETS,
    TICKETS_SET_ASIDE,
)
from .storage import bring_up, find_tables, lacking
from .tickets import ticket_row

TABLES = (
    TICKETS,
    REQUESTED_ACTIONS,
    RESOLUTION,
    STATUS_HISTORY,
    ACTION_HISTORY,
    RESOLUTION_HISTORY,
    TICKETS_SET_ASIDE,
    SYNC_RUNS,
)

SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def create_tables(pipeline: dlt.Pipeline, declaration: DltSource) -> None:
    """Create all tables in the pipeline's warehouse, where they do not exist yet.

    Args:
        pipeline: The pipeline that will load the tickets.
        declaration: `sendcloud_window(example_rows())`: the resources with their hints.
    """
    if not _are_declared(pipeline, declaration.name):
        learned = _learn_schema(pipeline, declaration)
        pipeline.schemas.save_schema(_completed(pipeline, learned))
    bring_up(pipeline, pipeline.schemas[declaration.name], TABLES)


def lost_tables(pipeline: dlt.Pipeline) -> list[str]:
    """Tables that the warehouse had, as its own bookkeeping says, and does not have any more."""
    if SOURCE_NAME not in pipeline.schemas:
        return []
    schema = pipeline.schemas[SOURCE_NAME]
    names = [name for name in TABLES if name in schema.tables]
    found = find_tables(pipeline, names)
    return [name for name in lacking(schema, found) if name in names]


def example_row() -> dict[str, Any]:
    """A ticket with a value in every table; no warehouse ever gets it."""
    action = {"id": 0, "data_type": "other", "created_at": SOME_TIME}
    ticket = {
        "id": 0,
        "status": "unknown",
        "stage": "unknown",
        "created_at": SOME_TIME,
        "requested_actions": [action],
        "resolution": {"outcome": "delivered"},
    }
    return ticket_row(ticket, SOME_TIME, SOME_TIME)


def example_status() -> dict[str, Any]:
    """A row of the status history in the same spirit."""
    return {"ticket_id": 0, "status": "unknown", "stage": "unknown", "seen_at": SOME_TIME}


def example_action() -> dict[str, Any]:
    """A row of the request history in the same spirit."""
    times = dict.fromkeys(("created_at", "first_seen_at", "last_seen_at"), SOME_TIME)
    return {"ticket_id": 0, "id": 0, "data_type": "other"} | times


def example_resolution() -> dict[str, Any]:
    """A row of the resolution history in the same spirit."""
    return {"ticket_id": 0, "outcome": "delivered", "seen_at": SOME_TIME}


def example_set_aside() -> dict[str, Any]:
    """A ticket set aside in the same spirit."""
    times = dict.fromkeys(("first_seen_at", "last_seen_at"), SOME_TIME)
    return {"ticket_id": 0, "field": "id", "expected": "", "found": ""} | times


def example_run() -> dict[str, Any]:
    """A run in the same spirit."""
    times = {"started_at": SOME_TIME, "finished_at": SOME_TIME}
    return {"run_id": "", "mode": "", "is_complete": False} | times


def _are_declared(pipeline: dlt.Pipeline, schema_name: str) -> bool:
    if schema_name not in pipeline.schemas:
        return False
    tables = pipeline.schemas[schema_name].tables
    return all(_is_declared(tables, name) for name in TABLES)


def _is_declared(tables: TSchemaTables, name: str) -> bool:
    return name in tables and has_table_seen_data(tables[name])


def _completed(pipeline: dlt.Pipeline, learned: Schema) -> Schema:
    """What the warehouse is known to hold, fields that came later included, and what it lacks."""
    if learned.name not in pipeline.schemas:
        return learned
    known = pipeline.schemas[learned.name].clone()
    for name in TABLES:
        if not _is_declared(known.tables, name):
            known.update_table(learned.tables[name])
    return known


def _learn_schema(pipeline: dlt.Pipeline, declaration: DltSource) -> Schema:
    """Let dlt work out every column, its own included, in a pipeline that is thrown away.

    A merge touches only child tables whose rows were seen once; the example rows count as seen,
    and the package that holds them goes with the folder.
    """
    with TemporaryDirectory() as folder:
        learner = dlt.pipeline(
            pipeline.pipeline_name,
            pipelines_dir=folder,
            destination=pipeline.destination,
            dataset_name=pipeline.dataset_name,
        )
        try:
            learner.extract(declaration)
            learner.normalize()
            return learner.schemas[declaration.name].clone()
        finally:
            learner.deactivate()
            pipeline.activate()
