"""Where the tickets go: which destinations, which addresses, and what a server says to them.

Through real commands and, for PostgreSQL, a real server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from simulator import Account, Clock, World
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Warehouse, truth
from tests.postgres import connect, find_programs, own_database, own_server

FEW = World(tickets=30, months=2)
KIND, ADDRESS = "DESTINATION__WAREHOUSE__DESTINATION_TYPE", "DESTINATION__WAREHOUSE__CREDENTIALS"
KIND_KEY, KEY = "destination.warehouse.destination_type", "destination.warehouse.credentials"
HUSH = "hush-hush"
KEPT = "Tickets loaded before are intact, and what was read waits in the journal for the next run."


@pytest.fixture
def warehouse(make: Make) -> Warehouse:
    return make(Account(FEW, Clock(FEW.end)))


def secrets_of(warehouse: Warehouse, text: str) -> None:
    (warehouse.folder / "dlt" / ".dlt" / "secrets.toml").write_text(text)


def check_refusal(warehouse: Warehouse, code: int, sentence: str, **environment: str) -> None:
    """Both commands say the same, and nobody is asked anything."""
    before = sorted(warehouse.folder.glob("*.duckdb"))
    for command in ("sync", "check"):
        done = warehouse.cli(command, **environment)
        said = (done.err + done.out).splitlines()[-1].removeprefix("FAILED  ")
        assert (done.code, said) == (code, sentence)
        assert HUSH not in done.out + done.err
    assert sorted(warehouse.folder.glob("*.duckdb")) == before
    assert warehouse.service.requests == []


# --- kinds ---------------------------------------------------------------------------------------

NOT_INSTALLED = (
    f'{KIND_KEY} is "{{0}}", whose packages are not installed. Install them: '
    '.venv/bin/python -m pip install "dlt[{0}]"'
)
NO_WAREHOUSE = (
    f'{KIND_KEY} is "{{0}}", which cannot hold these tables: a child row that is gone would stay. '
    'Use "duckdb" or "postgres".'
)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("bigquery", NOT_INSTALLED.format("bigquery")),
        ("snowflake", NOT_INSTALLED.format("snowflake")),
        ("filesystem", NO_WAREHOUSE.format("filesystem")),
        ("dummy", NO_WAREHOUSE.format("dummy")),
        (
            "posgres",
            (
                f'{KIND_KEY} names no destination of dlt. Did you mean "postgres"? Use "duckdb" or '
                '"postgres".'
            ),
        ),
        ("7", f'{KIND_KEY} names no destination of dlt. Use "duckdb" or "postgres".'),
    ],
)
def test_a_destination_that_cannot_be_used_is_refused_before_anything_is_read(
    warehouse: Warehouse, kind: str, sentence: str
) -> None:
    address = f"{kind}://user:{HUSH}@127.0.0.1:1/x"
    check_refusal(warehouse, 2, sentence, **{KIND: kind, ADDRESS: address})


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "named"),
    [
        (f"postgresql://user:{HUSH}@127.0.0.1:1/warehouse", "postgres"),
        (f"postgres://user:{HUSH}@127.0.0.1:1/warehouse", "postgres"),
        (f"postgresql+psycopg2://user:{HUSH}@127.0.0.1:1/warehouse", "postgres"),
        (f"host=127.0.0.1 port=1 user=user password={HUSH} dbname=x", "postgres"),
        (f"md:warehouse?motherduck_token={HUSH}", "motherduck"),
        (f"motherduck:///warehouse?token={HUSH}", "motherduck"),
        (f"snowflake://user:{HUSH}@account/warehouse", "snowflake"),
        (f"mysql+pymysql://user:{HUSH}@127.0.0.1:1/warehouse", "sqlalchemy"),
    ],
)
def test_an_address_of_another_kind_is_refused_and_names_the_kind_to_set(
    warehouse: Warehouse, address: str, named: str
) -> None:
    sentence = (
        f'{KEY} is an address of {named}, but {KIND_KEY} is duckdb. Set {KIND_KEY} = "{named}".'
    )
    check_refusal(warehouse, 2, sentence, **{KIND: "", ADDRESS: address})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"HOST": "127.0.0.1", "PASSWORD": HUSH},
            (
                f"{KEY}.host is set, but {KIND_KEY} is duckdb, which is a file. Set {KIND_KEY} as "
                "well."
            ),
        ),
        (
            {"": "x.duckdb", "DATABASE": "y.duckdb"},
            (
                f"The environment has {ADDRESS} and {ADDRESS}__DATABASE: two addresses of the "
                "warehouse. Keep one of the two forms."
            ),
        ),
    ],
)
def test_fields_that_do_not_fit_are_refused_by_their_name(
    warehouse: Warehouse, fields: dict[str, str], sentence: str
) -> None:
    told = {f"{ADDRESS}__{name}" if name else ADDRESS: value for name, value in fields.items()}
    check_refusal(warehouse, 2, sentence, **({KIND: "", ADDRESS: ""} | told))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (
            "warehouse.duckdb",
            (
                f"{KEY} is no address of PostgreSQL. It should be such as "
                "postgresql://user:password@host:5432/database, with %40 for an @ in the password."
            ),
        ),
        (
            f"postgresql://user:{HUSH}/@127.0.0.1:port/x",
            (
                f"{KEY} is no address of PostgreSQL. It should be such as "
                "postgresql://user:password@host:5432/database, with %40 for an @ in the password."
            ),
        ),
        ("postgresql://user@127.0.0.1:1/x", f"Configuration is missing: {KEY}.password."),
        (f"postgresql://user:{HUSH}@127.0.0.1:1/", f"Configuration is missing: {KEY}.database."),
    ],
)
def test_an_address_of_postgresql_that_is_none_is_told_how_one_looks(
    warehouse: Warehouse, address: str, sentence: str
) -> None:
    check_refusal(warehouse, 2, sentence, **{KIND: "postgres", ADDRESS: address})


@pytest.mark.parametrize(
    "text",
    [
        '[destination.warehouse.credentials]\ndatabase = "{0}"\n',
        '[destination.warehouse]\ncredentials = "{0}"\n',
        '[destination.warehouse]\ncredentials = "duckdb:///{0}"\n',
    ],
)
def test_a_duckdb_file_may_be_told_as_a_text_an_address_or_a_table(
    warehouse: Warehouse, text: str
) -> None:
    secrets_of(warehouse, text.format("own.duckdb"))

    done = warehouse.cli("sync", **{KIND: "", ADDRESS: ""})

    assert done.code == 0, done.err
    warehouse.file = warehouse.folder / "own.duckdb"
    assert warehouse.held() == truth(warehouse.account.tickets())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            f'[destination]\nwarehouse = "postgresql://user:{HUSH}@127.0.0.1:1/x"\n',
            (
                "destination.warehouse in .dlt/secrets.toml is one value; it should be a table "
                "[destination.warehouse] with destination_type and credentials."
            ),
        ),
        ("[destination.warehouse]\ncredentials = 5\n", f"{KEY} should be a text or a table."),
        (
            f'[destination.warehouse]\ncredentials = ["{HUSH}"]\n',
            f"{KEY} should be a text or a table.",
        ),
    ],
)
def test_a_value_of_another_shape_is_refused_and_not_passed_over(
    warehouse: Warehouse, text: str, sentence: str
) -> None:
    secrets_of(warehouse, text)
    check_refusal(warehouse, 2, sentence, **{KIND: "", ADDRESS: ""})


def fields_of(url: str) -> dict[str, str]:
    """The parts of a URL of the test's server."""
    user, _, rest = url.removeprefix("postgresql://").partition(":")
    password, _, rest = rest.partition("@")
    host, _, rest = rest.partition(":")
    port, _, database = rest.partition("/")
    return {
        "username": user,
        "password": password,
        "host": host,
        "port": port,
        "database": database,
    }


@pytest.mark.parametrize("form", ["environment", "file", "both", "json"])
def test_an_address_of_postgresql_may_be_a_table_beside_the_text_in_config_toml(
    make: Make, postgres_url: str, form: str
) -> None:
    """The shipped config.toml has a text, the name of the DuckDB file."""
    warehouse = make(Account(FEW, Clock(FEW.end)), postgres=postgres_url)
    fields = fields_of(postgres_url)
    environment = {f"{ADDRESS}__{name.upper()}": value for name, value in fields.items()}
    if form == "json":
        environment = {ADDRESS: str(fields).replace("'", '"')}
    if form in {"file", "both"}:
        lines = [f'{name} = "{value}"' for name, value in fields.items()]
        if form == "both":  # the environment is nearer than a file
            lines = ['password = "any"', 'host = "nowhere.invalid"', 'username = "tester"']
        secrets_of(warehouse, "\n".join(["[destination.warehouse.credentials]", *lines]))
    if form == "file":
        environment = {}

    done = warehouse.cli("sync", without=(ADDRESS,), **environment)

    assert done.code == 0, done.err
    assert warehouse.held() == truth(warehouse.account.tickets())


# --- what PostgreSQL says ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        (
            ("/{database}", "/nowhere"),
            2,
            f"PostgreSQL has no database of the name in {KEY}. Check it, or create the database.",
        ),
        (
            ("tester:", "nobody:"),
            2,
            (
                f"PostgreSQL does not let the user of {KEY} log in. Check its name and that its "
                "role may."
            ),
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
    ids=["database", "role", "port", "host", "tls", "option"],
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
    warehouse: Warehouse, command: str
) -> None:
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
            f"stranger:{HUSH}",
            (
                "PostgreSQL lets this user not connect from this machine in this way (its "
                f"pg_hba.conf). Ask its administrator, or set sslmode in {KEY}."
            ),
        ),
    ],
)
def test_a_wrong_password_is_told_as_that(
    make: Make, strict_server: str, user: str, sentence: str
) -> None:
    with own_database(strict_server) as url:
        warehouse = make(Account(FEW, Clock(FEW.end)), postgres=url)
        check_refusal(warehouse, 2, sentence, **{ADDRESS: url.replace("tester:any", user)})


# --- rights --------------------------------------------------------------------------------------

GRANT = (
    "Grant it `create` on the database, or let an administrator create schemas sendcloud, "
    "sendcloud_staging and sendcloud_marts that belong to it."
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
    warehouse.rows(f"create role {role} login; grant {role} to tester")
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
