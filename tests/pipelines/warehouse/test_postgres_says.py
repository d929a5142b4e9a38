"""What a PostgreSQL says of an address, a user or a right, and what is told then.

Through real commands and real servers; one of them asks for passwords.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from simulator import Account, Clock
from tests.pipelines.conftest import Make
from tests.pipelines.warehouse.test_destinations import (
    ADDRESS,
    FEW,
    HUSH,
    KEPT,
    KEY,
    KIND,
    check_refusal,
    fields_of,
)
from tests.pipelines.warehouses import Warehouse, truth
from tests.postgres import connect, find_programs, own_database, own_server


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        (
            ("/{database}", "/nowhere"),
            2,
            f"PostgreSQL has no database of the name in {KEY}. Check it, or create the database.",
        ),
        (
            ("127.0.0.1:{port}", "127.0.0.1:1"),
            1,
            (
                f"Nothing answers at the host and port of {KEY}. {KEPT} Check both, and that "
                "PostgreSQL runs there."
            ),
        ),
        (
            ("127.0.0.1", "nowhere.invalid"),
            2,
            (
                f"The host name in {KEY} is not known. Check it, and that this machine can resolve "
                "names."
            ),
        ),
        (
            ("/{database}", "/{database}?sslmode=require"),
            2,
            (
                f"The encrypted connection that {KEY} asks for cannot be had. Check sslmode, "
                "sslrootcert, sslcert and sslkey there, and PGSSL… in the environment."
            ),
        ),
        (
            ("/{database}", "/{database}?colour=blue"),
            2,
            (
                f"{KEY} has an option that PostgreSQL does not know, or a value that it does not "
                "take. Check what stands behind the ? there."
            ),
        ),
    ],
    ids=["database", "port", "host", "tls", "option"],
)
def test_what_postgresql_refuses_is_told_by_what_to_change(
    make: Make, postgres_url: str, change: tuple[str, str], code: int, sentence: str
) -> None:
    warehouse = make(Account(FEW, Clock(FEW.end)), postgres=postgres_url)
    old, new = (each.format(**fields_of(postgres_url)) for each in change)
    address = postgres_url.replace(old, new).replace(":any@", f":{HUSH}@")

    check_refusal(warehouse, code, sentence, **{ADDRESS: address})


@pytest.mark.parametrize("command", ["status", "marts", "report"])
def test_commands_that_only_read_say_the_same_of_a_server_that_is_not_there(
    make: Make, command: str
) -> None:
    warehouse = make(Account(FEW, Clock(FEW.end)))
    address = f"postgresql://user:{HUSH}@127.0.0.1:1/x"

    done = warehouse.cli(command, **{KIND: "postgres", ADDRESS: address})

    assert (done.code, done.out + done.err) == (
        1,
        (
            f"Nothing answers at the host and port of {KEY}. {KEPT} Check both, and that "
            "PostgreSQL runs there.\n"
        ),
    )


@pytest.fixture(scope="module")
def strict_server() -> Iterator[str]:
    """A server that asks role `loader` for its password, and lets role `stranger` not in."""
    programs = find_programs()
    if programs is None:
        pytest.skip("No PostgreSQL's programs here.")
    with own_server(programs) as url, closing(connect(url)) as opened:
        cursor = opened.cursor()
        cursor.execute("create role loader login password 'right'; create role stranger login")
        cursor.execute("show hba_file")
        rules = Path(cursor.fetchall()[0][0])
        rules.write_text(
            "host all loader 127.0.0.1/32 scram-sha-256\nhost all stranger 127.0.0.1/32 reject\n"
            + rules.read_text()
        )
        cursor.execute("select pg_reload_conf()")
        yield url


@pytest.mark.parametrize(
    ("user", "sentence"),
    [
        (
            f"loader:{HUSH}",
            (
                f"PostgreSQL refuses the user or the password of {KEY}. Check both; in an address "
                "an @ in the password is written %40."
            ),
        ),
        (
            f"nobody:{HUSH}",
            (
                f"PostgreSQL does not let the user of {KEY} log in. Check its name and that its "
                "role may."
            ),
        ),
        (
            f"stranger:{HUSH}",
            (
                "PostgreSQL lets this user not connect from this machine in this way (its "
                f"pg_hba.conf). Ask its administrator, or set sslmode in {KEY}."
            ),
        ),
    ],
)
def test_a_user_whom_the_server_refuses_is_told_why(
    make: Make, strict_server: str, user: str, sentence: str
) -> None:
    with own_database(strict_server) as url:
        warehouse = make(Account(FEW, Clock(FEW.end)), postgres=url)
        check_refusal(warehouse, 2, sentence, **{ADDRESS: url.replace("tester:any", user)})


# --- rights --------------------------------------------------------------------------------------

GRANT = (
    "Grant it `create` on the database, or let an administrator create schemas sendcloud, "
    "sendcloud_staging and sendcloud_marts (or as configured) that belong to it."
)
NO_MARTS = (
    "note    Marts: the warehouse's user may not make schema sendcloud_marts. Grant it `create` on "
    "the database, or let an administrator create that schema for it."
)


@pytest.fixture
def limited(make: Make, postgres_url: str) -> Iterator[tuple[Warehouse, str]]:
    """A warehouse whose user may do nothing but log in, and that user's name."""
    warehouse = make(Account(FEW, Clock(FEW.end)), postgres=postgres_url)
    role = f"r_{fields_of(postgres_url)['database']}"
    password = fields_of(postgres_url)["password"]
    warehouse.rows(f"create role {role} login password '{password}'; grant {role} to tester")
    yield warehouse, role
    warehouse.rows(f"drop owned by {role} cascade; drop role {role}")


def as_role(warehouse: Warehouse, role: str) -> dict[str, str]:
    return {ADDRESS: warehouse.postgres.replace("tester:", f"{role}:")}


def test_a_user_who_may_not_make_schemas_is_told_what_to_grant(
    limited: tuple[Warehouse, str],
) -> None:
    warehouse, role = limited

    done = warehouse.cli("sync", **as_role(warehouse, role))
    checked = warehouse.cli("check", **as_role(warehouse, role))

    sentence = f"The warehouse's user may not create schemas. {GRANT}"
    assert (done.code, done.out, done.err) == (2, "", f"{sentence}\n")
    assert (checked.code, checked.out.splitlines()[-1]) == (2, f"FAILED  {sentence}")


def test_check_misses_the_schema_that_loads_go_through(limited: tuple[Warehouse, str]) -> None:
    """The tables can all be made, and yet a sync would fail at its first load."""
    warehouse, role = limited
    warehouse.rows(f"create schema sendcloud authorization {role}")

    checked = warehouse.cli("check", **as_role(warehouse, role))
    synced = warehouse.cli("sync", **as_role(warehouse, role))

    sentence = f"The warehouse's user may not create schemas. {GRANT}"
    assert (checked.code, checked.out.splitlines()[-1]) == (2, f"FAILED  {sentence}")
    assert (synced.code, synced.err.splitlines()[-1]) == (2, sentence)


def test_a_user_with_schemas_of_its_own_can_sync_and_is_told_what_the_marts_lack(
    limited: tuple[Warehouse, str],
) -> None:
    warehouse, role = limited
    for schema in ("sendcloud", "sendcloud_staging"):
        warehouse.rows(f"create schema {schema} authorization {role}")

    checked = warehouse.cli("check", **as_role(warehouse, role))
    synced = warehouse.cli("sync", **as_role(warehouse, role))
    warehouse.rows(f"create schema sendcloud_marts authorization {role}")
    checked_again = warehouse.cli("check", **as_role(warehouse, role))

    assert (checked.code, checked.out.splitlines()[-1]) == (0, NO_MARTS)
    assert (synced.code, synced.err) == (0, "")
    assert warehouse.held() == truth(warehouse.account.tickets())
    assert (checked_again.code, NO_MARTS in checked_again.out) == (0, False)


@pytest.mark.parametrize("on", ["duckdb", "postgres"])
def test_check_leaves_nothing_of_its_trials_behind(
    make: Make, request: pytest.FixtureRequest, on: str
) -> None:
    url = request.getfixturevalue("postgres_url") if on == "postgres" else ""
    warehouse = make(Account(FEW, Clock(FEW.end)), postgres=url)

    assert warehouse.cli("check").code == 0

    tables = warehouse.rows(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema in ('sendcloud', 'sendcloud_staging')"
    )
    assert ("sendcloud", "tickets") in tables
    assert [name for _, name in tables if name.startswith("_check")] == []
    assert warehouse.rows("select count(*) from tickets") == [(0,)]
