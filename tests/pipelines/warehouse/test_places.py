"""Where a warehouse is: the folder a command is run from, links, other folders and machines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import dlt
import duckdb
import pytest

from pipelines.warehouse.places import fingerprint
from tests.pipelines.conftest import KEYS, Make
from tests.pipelines.warehouses import Warehouse, truth
from tests.postgres import own_database

FILE = "shop.duckdb"
KILL = """
import os, signal
import sources.sendcloud_support.holdings.journal as journal
append = journal.Journal.append
def last_words(self, entry):
    append(self, entry)
    if entry.asked == 9:
        os.kill(os.getpid(), signal.SIGKILL)
journal.Journal.append = last_words
"""
"""The command dies once page 9 is in the journal."""


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


# --- two warehouses on one machine ----------------------------------------------------------------


def beside(warehouse: Warehouse, database: str) -> Warehouse:
    """Another warehouse of the same account, in the same working folder."""
    other = Warehouse(warehouse.service, warehouse.folder, database, **warehouse.settings)
    if not database:
        other.file = warehouse.folder / "other.duckdb"
    return other


def leads_to(warehouse: Warehouse) -> dict[str, str]:
    """The environment in which a command works on this warehouse."""
    return {"DESTINATION__WAREHOUSE__CREDENTIALS": warehouse.postgres or str(warehouse.file)}


@pytest.fixture(params=["duckdb", "postgres"])
def pair(request: pytest.FixtureRequest, make: Make) -> Iterator[tuple[Warehouse, Warehouse]]:
    """Two files, or two databases of one server, loaded from one account on one machine."""
    if request.param == "duckdb":
        one = make(window_tickets=40)
        two = beside(one, "")
        yield one, two
        two.release()
        return
    server = request.getfixturevalue("postgres_server")
    with own_database(server) as here, own_database(server) as there:
        one = make(postgres=here, window_tickets=40)
        yield one, beside(one, there)


def test_two_warehouses_in_one_working_folder_are_loaded_side_by_side(
    pair: tuple[Warehouse, Warehouse],
) -> None:
    commands = [each.start("sync", **leads_to(each)) for each in pair]
    ended = [each.end(command) for each, command in zip(pair, commands, strict=True)]

    assert [(done.code, done.err) for done in ended] == [(0, ended[0].err), (0, ended[1].err)]
    assert [each.held() for each in pair] == [truth(pair[0].account.tickets())] * 2


def test_what_waits_for_one_warehouse_is_not_loaded_into_another_and_not_lost(
    pair: tuple[Warehouse, Warehouse],
) -> None:
    one, two = pair
    assert one.cli("sync", script=KILL, **leads_to(one)).code == -9

    other = two.cli("sync", **leads_to(two))
    one.service.reset_log()
    again = one.cli("sync", **leads_to(one))

    assert (other.code, again.code) == (0, 0), again.err
    assert "Continued a sweep" in again.out
    assert one.service.count(endpoint="list", page=3) == 0
    assert [each.held() for each in pair] == [truth(one.account.tickets())] * 2


def test_a_journal_of_the_version_before_is_gone_on_with(make: Make, tmp_path: Path) -> None:
    """Laid out as that version did: one folder and one journal for all warehouses."""
    warehouse = make()
    assert warehouse.cli("sync", script=KILL).code == -9
    pipelines = tmp_path / "dlt" / "pipelines"
    [journal] = pipelines.glob("sendcloud_support.warehouses/*/journal/*")
    entries = journal.read_bytes().partition(b"\n")[2]
    digest = sha256(f"{warehouse.file}/sendcloud".encode()).hexdigest()[:16]
    owner = f"{warehouse.service.base_url} {KEYS[0]} {digest}"
    former = pipelines / "sendcloud_support" / "journal" / "answers"
    former.parent.mkdir(parents=True)
    former.write_bytes(b'{"owner":"%s"}\n' % owner.encode() + entries)
    shutil.rmtree(pipelines / "sendcloud_support.warehouses")
    warehouse.rows("drop table _sendcloud_account")
    warehouse.service.reset_log()

    done = warehouse.cli("sync")

    assert (done.code, "Continued a sweep" in done.out) == (0, True), done
    assert warehouse.service.count(endpoint="list", page=9) == 0
    assert not former.exists()
    assert warehouse.held() == truth(warehouse.account.tickets())


def test_a_journal_of_the_version_before_that_is_anothers_stays_where_it_is(
    make: Make, tmp_path: Path
) -> None:
    warehouse = make()
    former = tmp_path / "dlt" / "pipelines" / "sendcloud_support" / "journal" / "answers"
    former.parent.mkdir(parents=True)
    former.write_bytes(b'{"owner":"https://elsewhere.example pk 0123456789abcdef"}\n')

    assert warehouse.cli("sync").code == 0

    assert former.read_bytes() == b'{"owner":"https://elsewhere.example pk 0123456789abcdef"}\n'


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("postgresql://u:p@db.example:5432/one", "postgresql://u:p@db.example:5432/two"),
        ("postgresql://u:p@db.example:5432/one", "postgresql://u:p@db.example:5433/one"),
        ("postgresql://u:p@db.example/one", "postgresql://u:p@replica.example/one"),
    ],
)
def test_databases_and_ports_of_one_server_are_warehouses_of_their_own(one: str, two: str) -> None:
    assert postgres_fingerprint(one) != postgres_fingerprint(two)


@pytest.mark.parametrize(
    "spelling",
    [
        "postgresql://u:p@db.example/one",
        "postgresql://u:p@DB.Example:5432/one",
        "postgresql://other:word@db.example:5432/one?connect_timeout=10",
    ],
)
def test_spellings_of_one_database_are_one_warehouse(spelling: str) -> None:
    plain = "postgresql://u:p@db.example:5432/one"
    assert postgres_fingerprint(spelling) == postgres_fingerprint(plain)


def postgres_fingerprint(url: str) -> str:
    """Of the warehouse that this address leads to."""
    destination = dlt.destination("warehouse", destination_type="postgres", credentials=url)
    return fingerprint(destination, "sendcloud")
