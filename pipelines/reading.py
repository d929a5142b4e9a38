"""Reading the marts: whole tables or a query over them, as a DataFrame.

Depends on `warehouse`, `marts`, pandas and pyarrow. Promises to change nothing, to keep money exact
(amounts are `Decimal`, not float), and to answer a mart that is not there with a sentence.

    from pipelines.reading import read_mart, read_query
    payouts = read_mart("mart_payouts_monthly")
    open_ones = read_query("select * from fct_ticket_resolution where is_open")
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import dlt
import pandas as pd  # type: ignore[import-untyped]
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from sources.sendcloud_support.holdings import is_clickhouse, qualified

from .accounts import only_account
from .marts import clickhouse_settings
from .warehouse import NoFileError, marts_beside

NAME = re.compile(r"[a-z_][a-z0-9_]*")
KEY_COLUMNS = 4

# a column's type by what the driver says of it: its name, or PostgreSQL its number
WHOLE, REAL, YES_NO, DAY, MOMENT, TEXT = "Int64", "float64", "boolean", "date", "moment", "str"
KINDS = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT"), WHOLE),
    **dict.fromkeys(("20", "21", "23"), WHOLE),
    **dict.fromkeys(("FLOAT", "DOUBLE", "700", "701"), REAL),
    **dict.fromkeys(("BOOLEAN", "16"), YES_NO),
    **dict.fromkeys(("DATE", "1082"), DAY),
    **dict.fromkeys(("TIMESTAMP", "1114"), MOMENT),
    **dict.fromkeys(("VARCHAR", "25", "1043"), TEXT),
    **dict.fromkeys(("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32"), WHOLE),
    **dict.fromkeys(("UInt64",), WHOLE),
    **dict.fromkeys(("Float32", "Float64"), REAL),
    **dict.fromkeys(("Bool",), YES_NO),
    **dict.fromkeys(("Date", "Date32"), DAY),
    **dict.fromkeys(("DateTime", "DateTime64"), MOMENT),
    **dict.fromkeys(("String",), TEXT),
}
OF_SNOWFLAKE = {0: WHOLE, 1: REAL, 2: TEXT, 3: DAY, 4: MOMENT, 6: MOMENT, 7: MOMENT, 8: MOMENT}
OF_SNOWFLAKE |= {13: YES_NO}
"""Kinds by the numbers of its driver; a fixed number with decimals is money."""
NAMED = re.compile(r"(?:LowCardinality\()?(?:Nullable\()?(Date(?:Time(?:64)?|32)?|[A-Z]\w*)")
"""The type in what ClickHouse says, such as `Nullable(DateTime64(6, 'UTC'))`."""


class NoMartError(Exception):
    """The table asked for does not exist."""


def read_mart(
    name: str, pipeline: dlt.Pipeline | None = None, schema: str | None = None
) -> pd.DataFrame:
    """A mart, a dimension or a seed of the marts dataset, whole, in the order of its first columns.

    They are its key; a warehouse by itself promises no order, and none twice. `schema` may be that
    of the marts as of a moment, such as `sendcloud_marts_as_of_20261001`, or of all accounts.
    """
    if not NAME.fullmatch(name):
        raise NoMartError(f"{name!r} is not the name of a mart.")
    frame = read_query(f"select * from {name}", pipeline, schema=schema)
    return frame.sort_values(list(frame.columns[:KEY_COLUMNS]), kind="stable", ignore_index=True)


def read_query(
    sql: str, pipeline: dlt.Pipeline | None = None, *values: Any, schema: str | None = None
) -> pd.DataFrame:
    """Rows of a query over the marts, which need no schema before their name; `%s` for values.

    Whole numbers, truth values and text stay so where some are missing; days and moments become
    `datetime64`, UTC without a zone as in the marts; money stays `Decimal`.
    """
    if pipeline is None:
        pipeline, configured = _configured()
        schema = schema or configured
    schema = schema or marts_beside(pipeline.dataset_name)
    with pipeline.sql_client() as client, client.with_alternative_dataset_name(schema):
        try:
            with client.execute_query(_prepared(client, sql, schema), *values) as cursor:
                kinds = dict(_described(client, cursor.description))
                rows = cursor.fetchall()
        except DatabaseUndefinedRelation as error:
            raise NoMartError(
                "A mart of the query does not exist in this warehouse. "
                "Build the marts with `python -m pipelines marts`."
            ) from error
    return _as_frame(kinds, rows)


def _prepared(client: Any, sql: str, schema: str) -> str:
    """The statement with all tables named, as the warehouse means it."""
    if is_clickhouse(client):
        return qualified(client, sql) + clickhouse_settings()
    if client.capabilities.sqlglot_dialect in {"bigquery", "snowflake"}:
        return qualified(client, sql)
    client.execute_sql(f"set search_path = '{schema}'")
    return qualified(client, sql)


def _described(client: Any, columns: Any) -> Iterator[tuple[str, str | None]]:
    """Each column's name and kind, of what a driver says of it."""
    if client.capabilities.sqlglot_dialect != "snowflake":
        yield from ((str(name), _kind(str(kind))) for name, kind, *_ in columns)
        return
    for name, kind, _, _, _, scale, *_ in columns:  # names are in capitals
        yield str(name).lower(), None if kind == 0 and scale else OF_SNOWFLAKE.get(kind)


def _kind(told: str) -> str | None:
    named = NAMED.match(told)
    return KINDS.get(told) or KINDS.get(named[1] if named else "")


def _configured() -> tuple[dlt.Pipeline, str]:
    account = only_account(None)
    try:
        return account.look(), account.marts_schema
    except NoFileError as error:
        raise NoMartError(str(error)) from error


def _as_frame(kinds: dict[str, str | None], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else ([] for _ in kinds)
    return pd.DataFrame(
        {name: _as_series(kinds[name], column) for name, column in zip(kinds, columns, strict=True)}
    )


def _as_series(kind: str | None, column: Any) -> pd.Series:
    if kind in {DAY, MOMENT}:
        moments = pd.to_datetime(pd.Series(column, dtype=object))
        return pd.Series(moments).dt.tz_localize(None).astype("datetime64[us]")
    return pd.Series(column, dtype=kind or object)
