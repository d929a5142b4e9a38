"""Where the tickets go: which destinations, which addresses, and what a server says to them.

Through real commands and, for PostgreSQL, a real server.
"""

from __future__ import annotations

import pytest

from simulator import Account, Clock, World
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Warehouse, truth

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
