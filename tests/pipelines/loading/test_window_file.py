"""A window by way of a file: the same tables as by way of dlt, and nothing left behind."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from dlt.destinations.exceptions import DatabaseTransientException
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.loading.window_file import NAME, packed
from pipelines.warehouse.duckdb.destination import ExactCopyJob
from pipelines.warehouse.soundness import start_up
from pipelines.warehouse.warehouse import duckdb_destination, duckdb_file, open_pipeline
from simulator import Account, Clock
from sources.sendcloud_support import sendcloud_window
from sources.sendcloud_support.api import read_ticket
from sources.sendcloud_support.records import Ticket, ticket_row
from tests.pipelines.conftest import SMALL

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
TABLES = ("tickets", "tickets__requested_actions", "tickets__resolution")
Row = dict[str, Any]


def load(folder: Path, rows: list[Row], by_file: bool) -> dict[str, list[Any]]:
    """The three tables after these rows; drawn ids are told by what they tie together."""
    file = folder / f"by_file_{by_file}.duckdb"
    file.unlink(missing_ok=True)
    pipeline = open_pipeline(duckdb_destination(DuckDbCredentials(str(file))), folder / file.stem)
    start_up(pipeline, datetime.now(UTC))
    for window in (rows, rows[: len(rows) // 2]):
        run(pipeline, window, by_file)
    with duckdb.connect(str(file), read_only=True) as connection:
        return {table: contents(connection, table) for table in TABLES}


def run(pipeline: dlt.Pipeline, rows: list[Row], by_file: bool) -> None:
    if not by_file:
        pipeline.run(sendcloud_window([rows]), loader_file_format="jsonl")
        return
    with packed([rows], Path(pipeline.working_dir)) as items:
        pipeline.run(sendcloud_window(items), loader_file_format="jsonl")


def contents(connection: duckdb.DuckDBPyConnection, table: str) -> list[Any]:
    if table == "tickets":
        loads = "count(distinct _dlt_load_id) over (), count(distinct _dlt_id) over (), load.status"
        return connection.execute(
            f"select tickets.* exclude (_dlt_id, _dlt_load_id), {loads} from sendcloud.tickets "
            "left join sendcloud._dlt_loads as load on load.load_id = _dlt_load_id order by id"
        ).fetchall()
    return connection.execute(
        "select child.* exclude (_dlt_id, _dlt_parent_id, _dlt_root_id), parent.id, "
        "_dlt_parent_id = _dlt_root_id, count(distinct child._dlt_id) over () "
        f"from sendcloud.{table} as child left join sendcloud.tickets as parent "
        "on parent._dlt_id = _dlt_parent_id order by all"
    ).fetchall()


def rows_of(tickets: Iterable[Ticket], seen_at: datetime = NOON) -> list[Row]:
    return [ticket_row(ticket, seen_at, seen_at) for ticket in tickets]


def simulated() -> list[Ticket]:
    account = Account(SMALL, Clock(SMALL.end))
    return [read_ticket(account.written(n) or b"", n) for n in (t["id"] for t in account.tickets())]


def test_a_file_loads_what_dlt_would_load_row_by_row(tmp_path: Path) -> None:
    rows = rows_of(simulated())
    seen_twice = rows_of(simulated()[::7], NOON + timedelta(hours=1))
    for row in seen_twice:
        row["status"], row["requested_actions"] = "hold", row["requested_actions"][:1]
    new_field = rows_of(ticket | {"id": 9_000_000 + n} for n, ticket in enumerate(simulated()[:9]))
    for number, row in enumerate(new_field):
        row["weight"] = number
    window = seen_twice[:10] + rows + new_field + seen_twice[10:]

    assert load(tmp_path, window, by_file=True) == load(tmp_path, window, by_file=False)


def test_only_rows_by_the_contract_go_into_the_file(tmp_path: Path) -> None:
    plain, new, new_below = rows_of(simulated()[:3])
    new["weight"] = None
    new_below["requested_actions"] = [{"ticket_id": 1, "id": 1, "urgency": "high"}]

    with packed([[plain, new], [new_below]], tmp_path) as (_, *others):
        written = [json.loads(line) for line in (tmp_path / NAME).read_bytes().splitlines()]

    assert others == [new, new_below]
    assert [line["id"] for line in written] == [plain["id"]]


def test_no_two_rows_ever_get_the_same_id(tmp_path: Path) -> None:
    ids = []
    for _ in range(3):
        with packed([rows_of(simulated()[:20])], tmp_path):
            lines = (tmp_path / NAME).read_bytes().splitlines()
            ids += [json.loads(line)["_dlt_id"] for line in lines]

    assert len(set(ids)) == len(ids) == 60


def test_the_file_is_its_owners_alone_and_gone_after_the_load_also_a_failed_one(
    tmp_path: Path,
) -> None:
    def fail() -> None:
        with packed([rows_of(simulated()[:1])], tmp_path):
            assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
            raise RuntimeError("the load")

    with pytest.raises(RuntimeError, match="the load"):
        fail()
    assert not (tmp_path / NAME).exists()


def test_a_file_that_is_tried_again_after_its_first_table_loads_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(simulated())
    undisturbed = load(tmp_path, rows, by_file=True)
    statements, stumbles = ExactCopyJob._statements, iter([1, 2])

    def stumbling(job: ExactCopyJob) -> Iterator[str]:
        first, *others = statements(job)
        yield first
        if others and next(stumbles, None):
            raise DatabaseTransientException(OSError("the disk blinked"))
        yield from others

    monkeypatch.setattr(ExactCopyJob, "_statements", stumbling)

    assert load(tmp_path, rows, by_file=True) == undisturbed
    assert next(stumbles, None) is None


def test_no_rows_are_no_file_to_load(tmp_path: Path) -> None:
    with packed([], tmp_path) as items:
        assert items == []


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
IDS = st.integers(-(2**63), 2**63 - 1)
ACTIONS = st.fixed_dictionaries({"id": IDS, "data_type": TEXT, "created_at": TIMES})
RESOLUTIONS = st.fixed_dictionaries(
    {
        "outcome": TEXT,
        "amount": st.none() | st.decimals(-(10**13), 10**13, places=4),
        "currency": st.none() | TEXT,
        "solved_at": st.none() | TIMES,
    }
)
TICKET = st.fixed_dictionaries(
    dict.fromkeys(("status", "stage"), TEXT)
    | dict.fromkeys(("type", "carrier", "order_number"), st.none() | TEXT)
    | dict.fromkeys(("parcel_id", "brand_id"), st.none() | IDS)
    | {"id": IDS, "created_at": TIMES, "updated_at": st.none() | TIMES}
    | {
        "requested_actions": st.lists(ACTIONS, max_size=3),
        "resolution": st.none() | RESOLUTIONS,
    }
)
ACTION = "ticket_id id data_type created_at"
RESOLUTION = "ticket_id outcome amount currency solved_at"


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> dlt.Pipeline:
    folder = tmp_path_factory.mktemp("any")
    credentials = DuckDbCredentials(str(folder / "any.duckdb"))
    opened = open_pipeline(duckdb_destination(credentials), folder)
    start_up(opened, datetime.now(UTC))
    return opened


@settings(max_examples=15, deadline=None)
@given(tickets=st.lists(TICKET, min_size=1, max_size=40, unique_by=lambda ticket: ticket["id"]))
def test_whatever_the_contract_allows_is_held_to_the_letter(
    pipeline: dlt.Pipeline, tickets: list[Ticket]
) -> None:
    rows = rows_of(tickets)
    run(pipeline, rows, by_file=True)

    names = [name for name in rows[0] if name not in ("requested_actions", "resolution")]
    ids = tuple(row["id"] for row in rows)
    assert held(pipeline, names, "tickets", "id", ids) == table_of(rows, names)
    for field, columns in ("requested_actions", ACTION), ("resolution", RESOLUTION):
        children = [child for row in rows for child in row[field]]
        found = held(pipeline, columns.split(), f"tickets__{field}", "ticket_id", ids)
        assert found == table_of(children, columns.split())


def table_of(rows: Iterable[Row], names: list[str]) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row[name] for name in names) for row in rows)


def held(
    pipeline: dlt.Pipeline, names: list[str], table: str, key: str, ids: tuple[int, ...]
) -> Counter[tuple[Any, ...]]:
    places = ", ".join(["?"] * len(ids))
    with duckdb.connect(str(duckdb_file(pipeline)), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute(
            f"select {', '.join(names)} from sendcloud.{table} where {key} in ({places})", ids
        ).fetchall()
    return Counter(tuple(map(_utc, row)) for row in found)


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
