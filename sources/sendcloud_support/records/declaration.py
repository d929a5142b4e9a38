"""All tables in a schema, as dlt would work them out from a row of each.

Depends on dlt's schema. dlt adds its own columns with the first row, and a merge touches only child
tables whose rows were seen once. Promises the schema that dlt itself would come to, without a
pipeline that is thrown away, which took half a CPU-second.
"""

from __future__ import annotations

from typing import cast

from dlt.common.schema import Schema
from dlt.common.schema.typing import TColumnSchema, TTableSchema
from dlt.common.schema.utils import pipeline_state_table

from .columns import CHILDREN, ROOTS, TICKETS


def complete(schema: Schema) -> Schema:
    """Complete a schema that a source has told by its hints alone."""
    for name in ROOTS:
        _complete(schema, {"name": name}, [_own("_dlt_load_id"), _row_key()])
    for name in CHILDREN:
        _complete(schema, {"name": name, "parent": TICKETS}, [*_places_in_parent(), _row_key()])
    _complete(schema, _state(), [_row_key()])
    return schema


def _state() -> TTableSchema:
    """dlt's table of its own state, as its resource declares it."""
    table = pipeline_state_table()
    del table["description"]
    return table


def _complete(schema: Schema, table: TTableSchema, own: list[TColumnSchema]) -> None:
    columns = table.get("columns", {}) | {column["name"]: column for column in own}
    seen = {"columns": columns, "x-normalizer": {"seen-data": True}}
    schema.update_table(cast(TTableSchema, table | seen))


def _places_in_parent() -> list[TColumnSchema]:
    return [
        _own("_dlt_root_id", root_key=True),
        _own("_dlt_parent_id", parent_key=True),
        _own("_dlt_list_idx", "bigint"),
    ]


def _row_key() -> TColumnSchema:
    return _own("_dlt_id", unique=True, row_key=True)


def _own(name: str, data_type: str = "text", **hints: bool) -> TColumnSchema:
    column = {"name": name, "data_type": data_type, "nullable": False} | hints
    return cast(TColumnSchema, column)
