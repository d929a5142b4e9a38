"""Whether dlt's memory on this machine and the warehouse's own agree, and whose word counts.

Depends on dlt. A warehouse may have been restored from a copy, emptied, or loaded from another
machine since dlt last worked here. dlt believes its own folder where that is newer; here the
warehouse is believed, always.
"""

from __future__ import annotations

from typing import Any

import dlt
from dlt.common import json
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.pipeline.state_sync import load_pipeline_state_from_destination

from sources.sendcloud_support import SOURCE_NAME
from sources.sendcloud_support.holdings import refuse_unreadable

STATE, LOADS, VERSIONS = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"
"""dlt's own tables."""


def agrees(pipeline: dlt.Pipeline) -> bool:
    """Whether state and schema are the same here and there; a folder without any agrees too."""
    if not pipeline.state.get("_version_hash"):
        return True
    with pipeline.destination_client() as client:
        state, schema = _stored_state(pipeline, client), _stored_schema(pipeline, client)
    here = pipeline.schemas.get(SOURCE_NAME)
    is_same_schema = (schema and schema.version_hash) == (here and here.stored_version_hash)
    is_same_state: bool = state.get("_version_hash") == pipeline.state["_version_hash"]
    return is_same_state and is_same_schema


def restore_schema(pipeline: dlt.Pipeline) -> None:
    """Take the schema from the warehouse also where it has lost the state that names it."""
    if SOURCE_NAME in pipeline.schemas:
        return
    with pipeline.destination_client() as client:
        stored = _stored_schema(pipeline, client)
    if stored is not None:
        pipeline.schemas.save_schema(Schema.from_stored_schema(json.loads(stored.schema)))


def _stored_state(pipeline: dlt.Pipeline, client: Any) -> Any:
    try:
        return load_pipeline_state_from_destination(pipeline.pipeline_name, client) or {}
    except DestinationUndefinedEntity:
        refuse_unreadable(pipeline, (STATE, LOADS))
        return {}


def _stored_schema(pipeline: dlt.Pipeline, client: Any) -> Any:
    try:
        return client.get_stored_schema(SOURCE_NAME)
    except DestinationUndefinedEntity:
        refuse_unreadable(pipeline, (VERSIONS,))
        return None
