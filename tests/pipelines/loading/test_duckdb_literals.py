"""Values that are written into statements for DuckDB, and what they keep out of a run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.warehouse.duckdb.literals import literal, written
from tests.pipelines.conftest import Make

LOADED = """
import atexit
heavy = {"numpy", "pandas", "pyarrow"}
atexit.register(lambda: print("loaded:", sorted(heavy & sys.modules.keys())))
"""
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=OFFSETS)


@cache
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute("set TimeZone = 'UTC'")
    return opened


def read(sql: str) -> Any:
    """What DuckDB makes of a statement of one value."""
    [[value]] = connection().execute(sql).fetchall()
    return value


@given(st.text())
@example("'; drop table tickets; --")
@example("a\0b'\0")
@example("\\' %s ? $1 \n\r\t")
@example("日本 🚚 é")
def test_any_text_comes_back_as_it_was_given(text: str) -> None:
    assert read(f"select {literal(text)}") == text


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_texts_stay_in_their_places(texts: list[str]) -> None:
    places = ", ".join(["%s"] * len(texts))
    assert read(written(f"select [{places}]", texts)) == texts


@given(MOMENTS)
def test_a_moment_comes_back_in_utc(moment: datetime) -> None:
    assert read(f"select {literal(moment)}").astimezone(UTC) == moment


@given(st.datetimes())
def test_a_moment_without_zone_stays_without(moment: datetime) -> None:
    assert read(f"select {literal(moment)}") == moment


@given(st.integers(-(10**38) + 1, 10**38 - 1))
def test_whole_numbers_are_exact(number: int) -> None:
    assert read(f"select 0 -{literal(number)}") == -number


@given(st.decimals(-(10**14) + 1, 10**14 - 1, allow_nan=False, places=4))
def test_amounts_are_exact(amount: Decimal) -> None:
    assert read(f"select cast({literal(amount)} as decimal(18, 4))") == amount


@given(st.floats(allow_nan=False))
def test_doubles_are_exact(number: float) -> None:
    assert read(f"select {literal(number)}") == number


@pytest.mark.parametrize("value", [date(2026, 2, 28), date(1, 1, 1), date(9999, 12, 31)])
def test_a_day_is_the_same_day(value: date) -> None:
    assert read(f"select {literal(value)}") == value


@pytest.mark.parametrize(("value", "found"), [(None, None), (True, True), (False, False)])
def test_nothing_and_truth_are_themselves(value: object, found: object) -> None:
    assert read(f"select {literal(value)}") is found


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("Infinity"), 10**38, b"x", [1], object()]
)
def test_what_cannot_be_written_exactly_is_an_error(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        literal(value)


@pytest.mark.parametrize("values", [(), ("a",), ("a", "b", "c")])
def test_places_and_values_have_to_be_as_many(values: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="2 places"):
        written("select %s, %s", values)


def test_no_run_imports_pandas(make: Make) -> None:
    """Half a second of CPU time and 80 MB in each run, where it is installed."""
    warehouse = make()

    for command in (["check"], ["sync"], ["sync"], ["refresh", "1"], ["status"]):
        done = warehouse.cli(*command, script=LOADED)
        assert (done.code, done.out.splitlines()[-1]) == (0, "loaded: []"), command
        warehouse.account.update(warehouse.account.pick(1)[0])
