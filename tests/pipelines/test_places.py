"""Where a warehouse is: the folder a command is run from, links, other folders and machines."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Warehouse

FILE = "shop.duckdb"


def ids_in(file: Path) -> list[int]:
    """Ids of the tickets held in a file."""
    with duckdb.connect(str(file), read_only=True) as opened:
        rows = opened.execute("select id from sendcloud.tickets where vanished_at is null")
        return sorted(number for (number,) in rows.fetchall())


def ids_of(warehouse: Warehouse) -> list[int]:
    """Ids of the tickets of the account."""
    return sorted(ticket["id"] for ticket in warehouse.account.tickets())


# --- the folder a command is run from -------------------------------------------------------------


@pytest.mark.parametrize("spelling", [FILE, f"./{FILE}", f"duckdb:///{FILE}"])
def test_a_relative_path_means_the_folder_that_the_command_is_run_from(
    make: Make, tmp_path: Path, spelling: str
) -> None:
    warehouse = make()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        done = warehouse.cli(
            "sync", cwd=tmp_path / name, DESTINATION__WAREHOUSE__CREDENTIALS=spelling
        )
        assert done.code == 0, done.err

    assert [ids_in(tmp_path / name / FILE) for name in ("one", "two")] == [ids_of(warehouse)] * 2


def test_a_folder_that_was_moved_is_used_where_it_is_now(make: Make, tmp_path: Path) -> None:
    warehouse = make()
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    first = warehouse.cli("sync", cwd=one, DESTINATION__WAREHOUSE__CREDENTIALS=FILE)
    before = ids_of(warehouse)
    shutil.copytree(one, two)
    warehouse.account.drop(before[0])

    second = warehouse.cli("sync", "--full", cwd=two, DESTINATION__WAREHOUSE__CREDENTIALS=FILE)

    assert (first.code, second.code) == (0, 0), second.err
    assert "1 vanished" in second.out
    assert (ids_in(one / FILE), ids_in(two / FILE)) == (before, before[1:])


def test_a_path_in_the_toml_file_means_that_folder_too(make: Make, tmp_path: Path) -> None:
    warehouse = make()
    toml = tmp_path / "dlt" / ".dlt" / "config.toml"
    toml.write_text(toml.read_text().replace("sendcloud_support.duckdb", FILE))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        done = warehouse.cli(
            "sync", cwd=tmp_path / name, without=("DESTINATION__WAREHOUSE__CREDENTIALS",)
        )
        assert done.code == 0, done.err

    assert [ids_in(tmp_path / name / FILE) for name in ("one", "two")] == [ids_of(warehouse)] * 2


def test_a_link_to_a_file_is_that_file(make: Make, tmp_path: Path) -> None:
    warehouse = make()
    (tmp_path / "here").mkdir()
    (tmp_path / "link.duckdb").symlink_to(tmp_path / "here" / FILE)
    linked = str(tmp_path / "link.duckdb")
    first = warehouse.cli("sync", DESTINATION__WAREHOUSE__CREDENTIALS=linked)

    second = warehouse.cli(
        "sync", DESTINATION__WAREHOUSE__CREDENTIALS=str(tmp_path / "here" / FILE)
    )

    assert (first.code, second.code) == (0, 0), second.err
    assert "0 new" in second.out
    assert (tmp_path / "link.duckdb").is_symlink()
    assert ids_in(tmp_path / "here" / FILE) == ids_of(warehouse)


def test_a_database_in_dlts_working_folder_is_refused(make: Make) -> None:
    warehouse = make()
    done = warehouse.cli("sync", DESTINATION__WAREHOUSE__CREDENTIALS=":pipeline:")
    sentence = (
        "destination.warehouse.credentials is :pipeline:, a file in dlt's working folder, which is "
        "emptied. Name a file of your own, such as sendcloud_support.duckdb.\n"
    )
    assert (done.code, done.err) == (2, sentence)
    assert warehouse.service.requests == []
