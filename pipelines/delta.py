"""Publish: the tables of a warehouse as Delta tables, for engines that it cannot be loaded into.

Depends on the warehouse, pyarrow and the package `deltalake`, which is an extra. Promises whole
tables with the rows and exact amounts of the warehouse; that who reads a table meanwhile finds it
as it was or as it is now; that all tables are of one state of the warehouse; and that nothing of an
address that may be secret is printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa  # type: ignore[import-untyped]
from dlt.common.configuration.exceptions import ConfigurationValueError

from sources.sendcloud_support import SendcloudError
from sources.sendcloud_support.holdings import connected

from .accounts import Account
from .failures import DONE, FAILED
from .marts import UNPUBLISHED
from .warehouse import NoFileError, one_look, only_run

Say = Callable[[str], object]

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
WITHOUT_BOUNDS = {"delta.dataSkippingNumIndexedCols": "0"}
"""No least and greatest values beside a table: an engine may take them for a column's only value,
and they are decimal text, from which Sail reads a number that differs in the last place."""
MISSING = (
    "The package that writes Delta tables is not installed. Install it: "
    '.venv/bin/python -m pip install "deltalake>=1.6,<2"'
)


class PublishError(SendcloudError):
    """A table could not be written; those written before it are whole."""


def run_publish(account: Account, say: Say, to: str) -> int:
    """Write all tables below a folder or an address of a bucket; the exit code."""
    place = _place(to)
    try:
        pipeline = account.look()
    except NoFileError as error:
        say(str(error))
        return FAILED
    write, raw, marts = _writer(), account.dataset, account.marts_schema
    with only_run(account.pipeline()), one_look(pipeline), connected(pipeline) as client:
        found = {dataset: _tables(client, dataset) for dataset in (raw, marts)}
        for dataset, tables in found.items():
            for table, columns in tables.items():
                write(f"{place}/{dataset}/{table}", _rows(client, dataset, table, columns))
    if not found[raw]:
        say("Nothing is loaded in this warehouse yet. Run `python -m pipelines sync` first.")
        return FAILED
    for dataset, tables in found.items():
        say(f"Published {len(tables)} tables of {dataset} to {place}/{dataset}.")
    if not found[marts]:
        say("There are no marts yet. Build them: python -m pipelines marts")
    return DONE


def _place(to: str) -> str:
    """Where the tables go.

    Raises:
        ConfigurationValueError: The address holds what could be a secret.
    """
    parts = urlsplit(to)
    if not parts.scheme or len(parts.scheme) == 1:  # C:\\folder
        return str(Path(to).absolute())
    if parts.password is not None or parts.query:
        raise ConfigurationValueError(
            "The address of --to holds a password or a token. Take it out, and let the environment "
            "have it (AWS_SECRET_ACCESS_KEY, AZURE_STORAGE_SAS_TOKEN and the like)."
        )
    return to.rstrip("/")


def _writer() -> Callable[[str, pa.RecordBatchReader], None]:
    """Writes one table, in one commit, in the place of what it was."""
    try:
        from deltalake import write_deltalake
        from deltalake.exceptions import DeltaError
    except ImportError:
        raise ConfigurationValueError(MISSING) from None

    def write(place: str, rows: pa.RecordBatchReader) -> None:
        try:
            write_deltalake(
                place,
                rows,
                mode="overwrite",
                schema_mode="overwrite",
                configuration=WITHOUT_BOUNDS,
            )
        except (DeltaError, OSError) as error:
            raise PublishError(
                f"{place} could not be written ({type(error).__name__}). The tables before it are "
                "whole, and it is as it was. See that this user may write there, and that the "
                "environment has what the bucket asks for; then publish again."
            ) from error

    return write


def _tables(client: Any, dataset: str) -> dict[str, pa.Schema]:
    """The tables of a dataset, each with its columns."""
    rows = client.execute_sql(COLUMNS, dataset) or []
    fields: dict[str, list[pa.Field]] = {}
    for table, column, kind in rows:
        if not table.endswith(UNPUBLISHED):
            fields.setdefault(table, []).append(pa.field(column, _type(kind.lower())))
    return {table: pa.schema(columns) for table, columns in fields.items()}


def _type(kind: str) -> pa.DataType:
    exact = DECIMAL.fullmatch(kind)
    if exact:
        return pa.decimal128(int(exact[1]), int(exact[2]))
    return WIDEST if kind == "numeric" else TYPES.get(kind, pa.string())


def _rows(client: Any, dataset: str, table: str, columns: pa.Schema) -> pa.RecordBatchReader:
    """The rows, some at a time; deltalake asks for them from a thread of its own."""
    names = ", ".join(f'"{name}"' for name in columns.names)
    sql = f'select {names} from "{dataset}"."{table}"'

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
