"""Marts in foreign surroundings: variables of other projects, odd names, certificates, signals."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import duckdb
import psycopg2
import pytest
from dlt.common.configuration.exceptions import ConfigurationValueError

from pipelines.dbt_environment import clean_environment
from pipelines.marts.dbt_warehouse import PASSWORD, postgres_variables
from pipelines.warehouse.duckdb.names import RENAMED, catalog_of
from pipelines.warehouse.warehouse import open_pipeline
from tests.pipelines.surroundings import (
    ROOT,
    TICKETS,
    Place,
    all_gone,
    children_of,
    fill,
    make_file,
    wait_until,
)
from tests.postgres import connect, find_programs, own_database, own_server

BUILT = "Marts: "


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with the warehouse `small.duckdb`."""
    make_file(tmp_path / "small.duckdb")
    return Place(tmp_path, {"DESTINATION__WAREHOUSE__CREDENTIALS": "small.duckdb"})


def built_tickets(file: Path) -> int:
    with duckdb.connect(str(file), read_only=True) as marts:
        catalog = marts.execute("select current_database()").fetchall()[0][0].replace('"', '""')
        table = f'"{catalog}".sendcloud_marts.fct_ticket_resolution'
        [(count,)] = marts.execute(f"select count(*) from {table}").fetchall()
    return int(count)


# --- variables of another project -----------------------------------------------------------------

OF_ANOTHER_PROJECT = {
    **dict.fromkeys(("DBT_EMPTY", "DBT_ENGINE_EMPTY", "DBT_DEFER", "DBT_FAIL_FAST"), "1"),
    **dict.fromkeys(("DBT_TARGET", "DBT_PROFILE", "DBT_RESOURCE_TYPES", "DBT_SELECT"), "other"),
    **dict.fromkeys(("DBT_PROFILES_DIR", "DBT_PROJECT_DIR", "DBT_STATE"), "/nowhere"),
    **dict.fromkeys(("DBT_TARGET_PATH", "DBT_LOG_PATH", "DBT_PACKAGES_INSTALL_PATH"), "/nowhere"),
    **dict.fromkeys(("DBT_VERSION_CHECK", "DBT_FULL_REFRESH", "DBT_PRINTER_WIDTH"), "perhaps"),
    "DBT_EXCLUDE_RESOURCE_TYPES": "model",
    "DBT_SAMPLE": "1 day",
    "DBT_WARN_ERROR": "1",
    "SENDCLOUD_WAREHOUSE": "postgres",
    "SENDCLOUD_DUCKDB_FILE": "/nowhere/x.duckdb",
    "SENDCLOUD_POSTGRES_HOST": "nowhere.invalid",
    "PYTHONHASHSEED": "7",
}


def test_variables_of_another_project_change_no_build(place: Place) -> None:
    code, out, err = place.run("marts", **OF_ANOTHER_PROJECT)

    assert (code, err) == (0, "")
    assert built_tickets(place.folder / "small.duckdb") == TICKETS
    assert out.startswith(BUILT)


def test_of_the_environment_only_what_is_named_reaches_dbt() -> None:
    """One by one, whatever else may be set."""
    of_the_machine = {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "PGSSLROOTCERT": "/k/root.crt"}

    assert clean_environment({**OF_ANOTHER_PROJECT, **of_the_machine}) == of_the_machine


def test_files_of_another_project_change_no_build(place: Place) -> None:
    """A profile at home, a project in the folder, and a module named like dbt on PYTHONPATH."""
    home = place.folder / "home" / ".dbt"
    home.mkdir()
    (home / "profiles.yml").write_text("sendcloud_support: {target: x, outputs: {}}\n")
    (place.folder / "dbt_project.yml").write_text("name: other\nversion: x\n")
    foreign = place.folder / "foreign"
    (foreign / "dbt").mkdir(parents=True)
    (foreign / "dbt" / "__init__.py").write_text("raise SystemExit('not this one')\n")

    code, out, err = place.run("marts", PYTHONPATH=f"{ROOT}:{foreign}")

    assert (code, err) == (0, "")
    assert built_tickets(place.folder / "small.duckdb") == TICKETS
    assert out.startswith(BUILT)


KEYS = {
    "SOURCES__SENDCLOUD_SUPPORT__BASE_URL": "http://127.0.0.1:9/api/v3",
    "SOURCES__SENDCLOUD_SUPPORT__CREDENTIALS__PUBLIC_KEY": "pk-1",
    "SOURCES__SENDCLOUD_SUPPORT__CREDENTIALS__SECRET_KEY": "sk-1",
}
SPELLINGS = [*("TEMPerature.duckdb", "temp", ".duckdb", "..a.b", "sendcloud .duckdb", "a b.c")]

# --- names ----------------------------------------------------------------------------------------

NAMES = [
    "main.duckdb",
    "a\"b'c;d#e?f.duckdb",
    "Größe/%41{{ x }}{% y %}$HOME.of.2026",
    "x" * 240 + ".duckdb",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:20])
def test_marts_are_built_in_a_file_of_any_name(tmp_path: Path, name: str) -> None:
    file = make_file(tmp_path / name)
    place = Place(tmp_path, {"DESTINATION__WAREHOUSE__CREDENTIALS": name})

    code, out, err = place.run("marts")

    assert (code, err) == (0, "")
    assert out.startswith(BUILT)
    assert built_tickets(file) == TICKETS


TAKEN = {
    "Sendcloud.duckdb": "the dataset sendcloud",
    "sendcloud.raw.duckdb": "the dataset sendcloud",
    "SENDCLOUD": "the dataset sendcloud",
    "sendcloud_marts.duckdb": "the dataset sendcloud_marts",
    "sendcloud_marts_Staging.db": "the dataset sendcloud_marts_staging",
    "sendcloud_staging.duckdb": "the dataset sendcloud_staging",
    "TEMP.duckdb": "its own temp",
    "System.duckdb": "its own system",
    "information_schema.duckdb": "its own information_schema",
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_that_duckdb_takes_for_a_schema_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", str(tmp_path / name))

    with pytest.raises(ConfigurationValueError) as refused:
        open_pipeline(folder=tmp_path / "working")
    assert str(refused.value) == (
        f"destination.warehouse.credentials names the file {name}: DuckDB cannot tell it from "
        f"{TAKEN[name]}. Give the file another name."
    )


@pytest.mark.parametrize("command", ["sync", "status", "marts", "report"])
def test_every_command_refuses_it_before_anything_is_made(command: str, tmp_path: Path) -> None:
    place = Place(tmp_path, {"DESTINATION__WAREHOUSE__CREDENTIALS": "Sendcloud.duckdb"})

    code, out, err = place.run(command, **KEYS)
    assert (code, out) == (2, "")
    assert err.endswith(" Give the file another name.\n")
    assert list(tmp_path.rglob("*.duckdb*")) == []


@pytest.mark.parametrize("name", [*NAMES, *SPELLINGS])
def test_duckdb_names_a_database_as_we_think(name: str, tmp_path: Path) -> None:
    file = make_file(tmp_path / name)
    with duckdb.connect(str(file), read_only=True) as opened:
        [(named,)] = opened.execute("select current_database()").fetchall()

    renamed = f"{catalog_of(file)}_db" if catalog_of(file) in RENAMED else catalog_of(file)
    assert named == renamed


def test_marts_are_built_from_a_checkout_and_in_a_folder_of_any_name(tmp_path: Path) -> None:
    checkout = tmp_path / "the project's {{ copy }} 50% [ü]*?"
    checkout.mkdir()
    for room in ("pipelines", "sources", "simulator", "transform"):
        (checkout / room).symlink_to(ROOT / room)
    folder = tmp_path / "it's a 'folder' {{ x }} %41"
    file = make_file(folder / "small.duckdb")
    place = Place(folder, {"DESTINATION__WAREHOUSE__CREDENTIALS": str(file)}, checkout)

    assert place.run("marts")[0] == 0
    assert built_tickets(file) == TICKETS


# --- PostgreSQL -----------------------------------------------------------------------------------


def test_an_address_is_told_to_dbt_as_postgresql_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    address = (
        "postgresql://u%40x:p%2F%25%7B%7B@host.example:5433/d%20b?sslmode=verify-full"
        "&sslrootcert=keys/root.crt&sslcert=/k/c.crt&sslkey=/k/c.key&connect_timeout=7"
        "&application_name=nightly&options=-cstatement_timeout%3D9s&keepalives_idle=30"
    )
    assert postgres_variables(address) == {
        "SENDCLOUD_POSTGRES_HOST": "host.example",
        "SENDCLOUD_POSTGRES_PORT": "5433",
        "SENDCLOUD_POSTGRES_USER": "u@x",
        "SENDCLOUD_POSTGRES_DATABASE": "d b",
        PASSWORD: "p/%{{",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/keys/root.crt",
        "PGSSLCERT": "/k/c.crt",
        "PGSSLKEY": "/k/c.key",
        "PGCONNECT_TIMEOUT": "7",
        "PGAPPNAME": "nightly",
        "PGOPTIONS": "-cstatement_timeout=9s",
        "PGTZ": "UTC",
    }


@pytest.mark.parametrize("name", ["it%27s", "a%22b", "50%25"])
def test_a_database_that_dbt_cannot_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationValueError) as refused:
        postgres_variables(f"postgresql://u:p@host.example/{name}")
    assert str(refused.value) == (
        "The database of destination.warehouse.credentials has a quote or % in its name, "
        "which dbt cannot write: tickets can be loaded there, marts cannot be built. Rename it."
    )


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of our own (root.crt), and what it has signed for this machine."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    new = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj".split()
    openssl(*new, "/CN=root of a test", "-keyout", "root.key", "-out", "root.crt")
    openssl(*new, "/CN=another root", "-keyout", "other.key", "-out", "other.crt")
    sign = ["-CA", "root.crt", "-CAkey", "root.key", "-addext", "subjectAltName=IP:127.0.0.1"]
    openssl(*new, "/CN=localhost", *sign, "-keyout", "server.key", "-out", "server.crt")
    return folder


@pytest.fixture(scope="session")
def tls_server(certificates: Path) -> Iterator[str]:
    programs = find_programs()
    if programs is None:
        pytest.skip("No PostgreSQL of our own can be started here.")
    with own_server(programs, certificates) as url:
        yield url


def postgres_place(folder: Path, url: str, **variables: str) -> Place:
    return Place(
        folder,
        {
            "DESTINATION__WAREHOUSE__DESTINATION_TYPE": "postgres",
            "DESTINATION__WAREHOUSE__CREDENTIALS": url,
            **variables,
        },
    )


def count_in_postgres(url: str) -> int:
    with closing(connect(url)) as opened, opened.cursor() as cursor:
        cursor.execute("select count(*) from sendcloud_marts.fct_ticket_resolution")
        return int(cursor.fetchall()[0][0])


def test_marts_verify_the_server_by_the_certificate_in_the_address(
    tls_server: str, certificates: Path, tmp_path: Path
) -> None:
    with own_database(tls_server) as url:
        with closing(connect(url)) as opened:
            fill(opened)
        verified = f"{url}?sslmode=verify-full&sslrootcert="

        right = postgres_place(tmp_path / "right", f"{verified}{certificates}/root.crt")
        wrong = postgres_place(tmp_path / "wrong", f"{verified}{certificates}/other.crt")
        assert wrong.run("marts")[0] == 2
        code, out, err = right.run("marts")

        assert (code, err) == (0, "")
        assert out.startswith(BUILT)
        assert count_in_postgres(url) == TICKETS


def test_marts_verify_the_server_by_a_certificate_named_beside_the_command(
    tls_server: str, certificates: Path, tmp_path: Path
) -> None:
    """PostgreSQL's own variables, with a path from the folder that the command is run from."""
    with own_database(tls_server) as url:
        with closing(connect(url)) as opened:
            fill(opened)
        place = postgres_place(tmp_path, url, PGSSLMODE="verify-full", PGSSLROOTCERT="root.crt")
        (tmp_path / "root.crt").write_bytes((certificates / "root.crt").read_bytes())

        code, out, _ = place.run("marts")
        assert (code, out[: len(BUILT)]) == (0, BUILT)


def test_variables_that_change_a_session_change_no_build(postgres_url: str, tmp_path: Path) -> None:
    with closing(connect(postgres_url)) as opened:
        fill(opened)
        with opened.cursor() as cursor:
            cursor.execute("alter role current_user set timezone = 'Asia/Tokyo'")
    try:
        code, out, _ = postgres_place(
            tmp_path,
            postgres_url,
            PGOPTIONS="-c default_transaction_read_only=on",
            PGTZ="Pacific/Auckland",
            PGDATESTYLE="German",
            PGHOST="nowhere.invalid",
            PGDATABASE="nothing",
            PGCLIENTENCODING="LATIN1",
        ).run("marts")
        assert (code, out[: len(BUILT)]) == (0, BUILT)
        with closing(connect(postgres_url)) as opened, opened.cursor() as cursor:
            cursor.execute(
                "select count(*) from sendcloud_marts.fct_ticket_resolution as built "
                "inner join sendcloud.tickets on tickets.id = built.ticket_id "
                "where built.created_at = tickets.created_at at time zone 'UTC'"
            )
            assert cursor.fetchall() == [(TICKETS,)]
    finally:
        with closing(connect(postgres_url)) as opened, opened.cursor() as cursor:
            cursor.execute("alter role current_user reset timezone")


def test_marts_connect_as_a_user_to_a_database_of_any_name(
    postgres_server: str, tmp_path: Path
) -> None:
    user, database = "007 o'r\"x{{ y }}@%", "two {{ 1 }} ü"
    quoted = user.replace('"', '""')
    with closing(connect(postgres_server)) as opened, opened.cursor() as cursor:
        cursor.execute(f"create role \"{quoted}\" login superuser password '007'")
        cursor.execute(f'create database "{database}"')
    try:
        parts = {"user": user, "dbname": database, "password": "007"}
        with closing(psycopg2.connect(postgres_server, **parts)) as opened:
            opened.autocommit = True
            fill(opened)
        host = postgres_server.rpartition("@")[2].partition("/")[0]
        address = f"postgresql://{quote(user, '')}:007@{host}/{quote(database, '')}"

        code, out, err = postgres_place(tmp_path, address).run("marts")
        assert (code, err, out[: len(BUILT)]) == (0, "", BUILT), out
    finally:
        with closing(connect(postgres_server)) as opened, opened.cursor() as cursor:
            cursor.execute(f'drop database "{database}"')
            cursor.execute(f'drop role "{quoted}"')


# --- stopped from outside -------------------------------------------------------------------------

OF_DBT = "select count(*) from pg_stat_activity where datname = current_database() and "
WAITING = OF_DBT + "wait_event_type = 'Lock'"
LEFT = OF_DBT + "application_name = 'dbt'"
BY_HAND = signal.default_int_handler


def ask(url: str, sql: str) -> int:
    with closing(connect(url)) as opened, opened.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchall()[0][0])


@pytest.fixture
def held_up(
    postgres_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[subprocess.Popen[str]]:
    """`marts` on a warehouse in which a table is locked, at the moment when dbt waits for it.

    Started as by hand, or with SIGINT ignored as by a shell in the background.
    """
    with closing(connect(postgres_url)) as opened:
        fill(opened)
    place = postgres_place(tmp_path, postgres_url)
    with closing(psycopg2.connect(postgres_url)) as locking:
        locking.cursor().execute("lock table sendcloud.tickets__resolution")
        heard = signal.signal(signal.SIGINT, getattr(request, "param", BY_HAND))
        with place.start("marts") as process:
            signal.signal(signal.SIGINT, heard)
            try:
                wait_until(lambda: ask(postgres_url, WAITING))
                yield process
            finally:
                process.kill()


@pytest.mark.parametrize(
    ("held_up", "number"),
    [
        (BY_HAND, signal.SIGTERM),
        (signal.SIG_IGN, signal.SIGTERM),
        (BY_HAND, signal.SIGHUP),
        (BY_HAND, signal.SIGINT),
    ],
    indirect=["held_up"],
)
def test_a_signal_ends_dbt_before_the_lock_is_given_back(
    held_up: subprocess.Popen[str], number: signal.Signals, postgres_url: str
) -> None:
    children = children_of(held_up.pid)
    held_up.send_signal(number)
    out, err = held_up.communicate(timeout=60)

    assert all_gone(children)
    assert ask(postgres_url, LEFT) == 0
    assert (held_up.returncode, out) == (1, "")
    assert err == (
        "Stopped while the marts were built: those of the last build stay as they were. "
        "Build them again: python -m pipelines marts\n"
    )


def test_dbt_ends_with_a_command_that_is_killed(
    held_up: subprocess.Popen[str], postgres_url: str
) -> None:
    children = children_of(held_up.pid)
    assert children
    held_up.kill()

    wait_until(lambda: all_gone(children))
    wait_until(lambda: ask(postgres_url, LEFT) == 0)


def test_under_nohup_a_lost_terminal_ends_nothing() -> None:
    """SIGHUP is ignored there, and stays so."""
    look = (
        "import signal, sys; from pipelines.process import stopping_on_signals\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "with stopping_on_signals(): signal.raise_signal(signal.SIGHUP)\n"
    )
    assert subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=False).returncode == 0
