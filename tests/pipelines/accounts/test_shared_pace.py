"""One pace for all who ask with one key: commands, folders, warehouses, the source alone.

The file of the pace holds one row for each request of the last minute, so as many rows as the
server counts, in one file, is one pace. Waiting itself is tried on a fake clock in
tests/sources/api/test_pace.py.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import dlt
import pytest

from simulator import Account, Clock, World
from sources.sendcloud_support import sendcloud_support
from sources.sendcloud_support.api.allowance import pace_file
from tests.pipelines.conftest import CLIENT, KEYS, Make
from tests.pipelines.warehouses import Warehouse

FEW = World(tickets=30, months=2)
SOURCE = "SOURCES__SENDCLOUD_SUPPORT"


@pytest.fixture
def warehouse(make: Make) -> Warehouse:
    return make(Account(FEW, Clock(FEW.end)), requests_per_minute=30)


def counted(folder: Path) -> list[int]:
    """Requests in each pace file below the user's data folder."""
    found = sorted((folder / "dlt" / "sendcloud_support" / "pace").glob("*.sqlite"))
    return [rows(path) for path in found]


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        [(number,)] = connection.execute("select count(*) from requests").fetchall()
    return int(number)


def by_oauth(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the account is asked by its OAuth2 client instead of its key."""
    for name in ("PUBLIC_KEY", "SECRET_KEY"):
        monkeypatch.delenv(f"{SOURCE}__CREDENTIALS__{name}")
    for name, value in zip(("CLIENT_ID", "CLIENT_SECRET"), CLIENT, strict=True):
        monkeypatch.setenv(f"{SOURCE}__CREDENTIALS__{name}", value)
    monkeypatch.setenv(f"{SOURCE}__CREDENTIALS__TOKEN_URL", warehouse.service.token_url)


def test_check_sync_and_refresh_count_in_one_pace(warehouse: Warehouse) -> None:
    ticket = str(warehouse.account.tickets()[0]["id"])

    codes = [warehouse.cli(*each).code for each in (["check"], ["sync"], ["refresh", ticket])]

    assert codes == [0, 0, 0]
    assert counted(warehouse.folder) == [len(warehouse.service.requests)]
    assert len(warehouse.service.requests) >= 5


def test_another_working_folder_and_another_warehouse_count_in_the_same_pace(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    elsewhere = {
        "DLT_DATA_DIR": str(tmp_path / "elsewhere"),
        "DESTINATION__WAREHOUSE__CREDENTIALS": str(tmp_path / "other.duckdb"),
    }

    codes = [warehouse.cli("sync").code, warehouse.cli("sync", **elsewhere).code]

    assert codes == [0, 0]
    assert counted(warehouse.folder) == [len(warehouse.service.requests)]


def test_the_source_alone_counts_in_the_pace_of_the_commands(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert warehouse.cli("sync").code == 0
    monkeypatch.setenv(f"{SOURCE}__REQUESTS_PER_MINUTE", "30")
    file = dlt.destinations.duckdb(str(tmp_path / "alone.duckdb"))
    pipeline = dlt.pipeline("alone", destination=file, pipelines_dir=str(tmp_path / "alone"))

    pipeline.run(sendcloud_support())

    assert counted(warehouse.folder) == [len(warehouse.service.requests)]


def test_two_keys_of_one_account_have_each_its_pace_unless_told_that_they_share_one(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert warehouse.cli("check").code == 0
    shared = {f"{SOURCE}__SHARED_PACE": "our shop"}
    assert warehouse.cli("check", **shared).code == 0
    by_oauth(warehouse, monkeypatch)
    assert warehouse.cli("check").code == 0
    assert warehouse.cli("check", **shared).code == 0

    # the key alone: its page; the client alone: token and page; both together: all three
    assert sorted(counted(warehouse.folder)) == [1, 2, 3]


def test_where_the_pace_cannot_be_kept_the_run_goes_on_and_says_so(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    (tmp_path / "a file").write_text("")

    done = warehouse.cli("sync", XDG_DATA_HOME=str(tmp_path / "a file"))

    assert done.code == 0
    said = f"The pace cannot be shared: {tmp_path / 'a file' / 'sendcloud_support' / 'pace'}/"
    assert done.err.startswith(said)
    assert done.err.endswith(
        ".sqlite cannot be used (NotADirectoryError). Requests of other commands with this key are "
        "not counted in; make its folder writable.\n"
    )
    [(note,)] = warehouse.runs("note")
    assert note.startswith(said)


def test_the_file_tells_one_api_and_one_key_from_another_and_no_key(tmp_path: Path) -> None:
    public = KEYS[0]
    one = pace_file("https://panel.sendcloud.sc/api/v3", public)

    assert one == pace_file("https://PANEL.sendcloud.sc:443/api/v3/", public)
    others = [
        pace_file("https://panel.sendcloud.sc/api/v3", "another"),
        pace_file("https://panel.sendcloud.example/api/v3", public),
        pace_file("https://panel.sendcloud.sc/api/v3", public, "our shop"),
    ]
    assert len({one, *others}) == 4
    assert pace_file("https://panel.sendcloud.sc/api/v3", "another", "our shop") == others[2]
    assert public not in str(one)
    assert one.parent == tmp_path / "dlt" / "sendcloud_support" / "pace"
