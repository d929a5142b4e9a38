"""Creates the tables in the warehouse before anything is loaded.

dlt creates a table with its first row; an account without a single resolution would have no
`tickets__resolution`, and every view over it would break. Depends on dlt. Promises that after
`create_tables` all tables exist with all their columns, empty where nothing is known yet; safe to
call again, also after a run that was killed half-way.
"""

from __future__ import annotations

from collections.abc import Callable

import dlt
from dlt.common.schema import Schema
from dlt.common.schema.typing import TSchemaTables
from dlt.common.schema.utils import has_table_seen_data

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


def create_tables(pipeline: dlt.Pipeline, declare: Callable[[], Schema]) -> None:
    """Create all tables in the pipeline's warehouse, where they do not exist yet.

    Args:
        pipeline: The pipeline that will load the tickets.
        declare: Gives a schema of all tables; called only where the pipeline has none.
    """
    if not _are_declared(pipeline, SOURCE_NAME):
        pipeline.activate()  # some of a schema depends on what the destination can do
        pipeline.schemas.save_schema(_completed(pipeline, declare()))
    bring_up(pipeline, pipeline.schemas[SOURCE_NAME], TABLES)


def lost_tables(pipeline: dlt.Pipeline) -> list[str]:
    """Tables that the warehouse had, as its own bookkeeping says, and does not have any more."""
    if SOURCE_NAME not in pipeline.schemas:
        return []
    schema = pipeline.schemas[SOURCE_NAME]
    names = [name for name in TABLES if name in schema.tables]
    found = find_tables(pipeline, names)
    return [name for name in lacking(schema, found) if name in names]


def _are_declared(pipeline: dlt.Pipeline, schema_name: str) -> bool:
    if schema_name not in pipeline.schemas:
        return False
    tables = pipeline.schemas[schema_name].tables
    return all(_is_declared(tables, name) for name in TABLES)


def _is_declared(tables: TSchemaTables, name: str) -> bool:
    return name in tables and has_table_seen_data(tables[name])


def _completed(pipeline: dlt.Pipeline, declared: Schema) -> Schema:
    """What the warehouse is known to hold, fields that came later included, and what it lacks."""
    if declared.name not in pipeline.schemas:
        return declared
    known = pipeline.schemas[declared.name].clone()
    for name in TABLES:
        if not _is_declared(known.tables, name):
            known.update_table(declared.tables[name])
    return known
