"""The tables as they are declared, beside what dlt makes of a row of each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import pytest

from sources.sendcloud_support.records import declared_schema, sendcloud_window, ticket_row

SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)
SEEN = dict.fromkeys(("first_seen_at", "last_seen_at"), SOME_TIME)


def example_rows() -> dict[str, list[dict[str, Any]]]:
    """A row with a value in every column that has to have one, by the arguments of the source."""
    state = {"status": "unknown", "stage": "unknown"}
    action = {"id": 0, "data_type": "other", "created_at": SOME_TIME}
    ticket = state | {
        "id": 0,
        "created_at": SOME_TIME,
        "requested_actions": [action],
        "resolution": {"outcome": "delivered"},
    }
    run = {"run_id": "", "mode": "", "is_complete": False}
    return {
        "rows": [ticket_row(ticket, SOME_TIME, SOME_TIME)],
        "statuses": [state | {"ticket_id": 0, "seen_at": SOME_TIME}],
        "actions": [action | SEEN | {"ticket_id": 0}],
        "resolutions": [{"ticket_id": 0, "outcome": "delivered", "seen_at": SOME_TIME}],
        "runs": [run | {"started_at": SOME_TIME, "finished_at": SOME_TIME}],
        "broken": [SEEN | {"ticket_id": 0, "field": "id", "expected": "", "found": ""}],
    }


@pytest.fixture
def pipeline(tmp_path: Path) -> dlt.Pipeline:
    destination = dlt.destinations.duckdb(str(tmp_path / "w.duckdb"))
    folder = str(tmp_path / "pipelines")
    return dlt.pipeline("p", pipelines_dir=folder, destination=destination, dataset_name="d")


def told(schema: dlt.Schema) -> dict[str, Any]:
    """All of a schema but how often it was changed."""
    whole = schema.to_dict()
    return {
        name: value
        for name, value in whole.items()
        if name not in {"version", "version_hash", "previous_hashes"}
    }


def test_the_declared_tables_are_what_dlt_learns_from_a_row_of_each(pipeline: dlt.Pipeline) -> None:
    declared = declared_schema()

    pipeline.extract(sendcloud_window(**example_rows()))
    pipeline.normalize()
    learned = pipeline.schemas[declared.name]

    assert told(declared) == told(learned)
    assert {name: list(table["columns"]) for name, table in declared.tables.items()} == {
        name: list(table["columns"]) for name, table in learned.tables.items()
    }
