"""The marts of an imitation of Snowflake are those of DuckDB on the same raw tables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.warehouse import open_pipeline, open_to_look
from sources.sendcloud_support import create_all_tables
from tests.engines.beside import (
    DESK,
    built,
    differing,
    on_duckdb,
    reported,
    tables_of,
)
from tests.engines.imitations.conftest import MakeSnowflake
from tests.transform.raw import TABLES, as_arrow, every, replay

if os.environ.get("TEST_IMITATED_MARTS") != "1":
    pytest.skip("This takes a minute: TEST_IMITATED_MARTS=1.", allow_module_level=True)


def of_dlt(rows: pa.Table) -> pa.Table:
    """The rows with what dlt has in each."""
    numbers = pa.array([str(number) for number in range(len(rows))])
    for name in ("_dlt_id", "_dlt_load_id", "_dlt_root_id", "_dlt_parent_id"):
        rows = rows.append_column(name, numbers)
    return rows.append_column("_dlt_list_idx", pa.array(range(len(rows)), pa.int64()))


def test_every_mart_is_the_one_of_duckdb(make_snowflake: MakeSnowflake, tmp_path: Path) -> None:
    raw: dict[str, list[dict[str, Any]]] = replay(DESK, every(12, DESK.start, DESK.end))
    beside = on_duckdb(tmp_path, raw)
    expected = tables_of(tmp_path / "beside.duckdb", built(beside))
    house = make_snowflake()
    create_all_tables(open_pipeline())
    for table, columns in TABLES.items():
        house.fill(table, of_dlt(as_arrow(columns, raw[table])), tmp_path)

    built(open_pipeline())

    assert len(expected) > 50
    for table, (columns, rows) in expected.items():
        schema, name = table.split("___")
        found = house.rows(f"select {', '.join(columns)} from {name}", schema=schema)
        assert differing(table, found, rows) == []
    assert reported(open_to_look(), None) == reported(beside, None)
