"""The tables of a warehouse as Arrow has them, some rows at a time.

Depends on the warehouse's client, on `marts` for what ClickHouse calls its columns, and on pyarrow.
Promises the rows and exact amounts of the warehouse, and all times in UTC with their zone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from sources.sendcloud_support.holdings import is_clickhouse

from ..marts import UNPUBLISHED, clickhouse_columns

ROWS_AT_A_TIME = 20_000
MOMENT = pa.timestamp("us", tz="UTC")
TYPES = {
    **dict.fromkeys(("smallint", "integer", "bigint", "hugeint", "ubigint"), pa.int64()),
    **dict.fromkeys(("float", "real", "double", "double precision"), pa.float64()),
    **dict.fromkeys(("timestamp", "timestamp with time zone"), MOMENT),
    "timestamp without time zone": MOMENT,  # UTC, as all times of the marts
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
"""By the warehouse's names; every other type is text."""
DECIMAL = re.compile(r"(?:decimal|numeric)\((\d+), ?(\d+)\)")
WIDEST = pa.decimal128(38, 9)

COLUMNS = """
    select
        table_name,
        column_name,
        case
            when data_type = 'numeric' and numeric_precision is not null
                then 'numeric(' || numeric_precision || ',' || numeric_scale || ')'
            else data_type
        end as data_type
    from information_schema.columns
    where table_schema = %s and table_catalog = current_database()
    order by table_name, ordinal_position
"""


def find_tables(client: Any, dataset: str) -> dict[str, pa.Schema]:
    """The tables of a dataset, each with its columns."""
    fields: dict[str, list[pa.Field]] = {}
    for table, column, kind in _columns(client, dataset):
        if not table.endswith(UNPUBLISHED):
            fields.setdefault(table, []).append(pa.field(column, _type(kind.lower())))
    return {table: pa.schema(columns) for table, columns in fields.items()}


def _columns(client: Any, dataset: str) -> Iterable[tuple[str, str, str]]:
    """Table, column and type of all columns."""
    if is_clickhouse(client):
        return clickhouse_columns(client, dataset)
    return client.execute_sql(COLUMNS, dataset) or ()


def _type(kind: str) -> pa.DataType:
    exact = DECIMAL.fullmatch(kind)
    if exact:
        return pa.decimal128(int(exact[1]), int(exact[2]))
    return WIDEST if kind == "numeric" else TYPES.get(kind, pa.string())


def rows_of(client: Any, dataset: str, table: str, columns: pa.Schema) -> pa.RecordBatchReader:
    """The rows, some at a time; deltalake asks for them from a thread of its own."""
    names = ", ".join(f'"{name}"' for name in columns.names)
    path = client.make_qualified_table_name_path(table, dataset_name=dataset, casefold=False)
    sql = f"select {names} from {'.'.join(path)}"

    def batches() -> Iterator[pa.RecordBatch]:
        with client.execute_query(sql) as cursor:
            for rows in cursor.iter_fetch(ROWS_AT_A_TIME):
                yield pa.record_batch(list(_arrays(rows, columns)), schema=columns)

    return pa.RecordBatchReader.from_batches(columns, batches())


def _arrays(rows: Sequence[Sequence[Any]], columns: pa.Schema) -> Iterable[pa.Array]:
    for field, values in zip(columns, zip(*rows, strict=True), strict=True):
        is_text = pa.types.is_string(field.type)
        yield pa.array(map(_text, values) if is_text else values, field.type)


def _text(value: Any) -> str | None:
    """What is no text in the warehouse (a list, a document) as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, default=str)
