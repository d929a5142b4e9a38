"""What engines do not share: each model is right where a null among others makes the least of them
null, and is written in each engine's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import sqlglot
import yaml
from dlt.common.configuration.exceptions import ConfigurationValueError
from jinja2 import Environment, pass_context

from pipelines.dbt_environment import PROJECT
from pipelines.marts import dbt_warehouse
from pipelines.marts.dbt_warehouse import ENGINES, warehouse_variables
from simulator import World
from sources.sendcloud_support.holdings import CLICKHOUSE
from tests.transform.project import Project
from tests.transform.raw import every, fill_duckdb, replay
from tests.transform.test_scenarios import ticket

DESK = World(seed=11, tickets=600, months=6, vanishing=0.05)
OF_DEFAULT = re.compile(
    r"\bgenerate_series\(|\binterval '|\bisodow\b|extract\(epoch|\bat time zone\b"
    r"|\bmaterialized\b"
)
NAMED_WINDOW = re.compile(r"\bwindow \w+ as\b")
SETTINGS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


def write(name: str, text: str, engine: str, **instead: Any) -> str:
    """The statement of a model as that engine's adapter would have it."""
    macros = sorted((PROJECT / "macros").glob("*.sql"))
    source = "\n".join(macro.read_text(encoding="utf-8") for macro in macros) + text

    @pass_context
    def dispatch(context: Any, macro: str) -> Any:
        if macro in instead:
            return instead[macro]
        own = context.vars.get(f"{engine}__{macro}")
        return own or context.vars[f"default__{macro}"]

    template = Environment(extensions=["jinja2.ext.do"]).from_string(source)
    return template.render(
        **{"return": lambda sql: sql, "execute": False},
        adapter=SimpleNamespace(dispatch=dispatch),
        target=SimpleNamespace(type=engine),
        var=SETTINGS.__getitem__,
        ref=lambda model: f"ref_{model}",
        source=lambda _, table: f"sendcloud.{table}",
    )


def models() -> Iterator[tuple[str, str]]:
    for path in sorted((PROJECT / "models").rglob("*.sql")):
        yield path.stem, path.read_text(encoding="utf-8")


class Strict(Project):
    """The project on a DuckDB where the least of a value and nothing is nothing."""

    def __init__(self, project: Project) -> None:
        self.__dict__.update(project.__dict__)
        self.texts = dict(models())

    def statement(self, node: Any) -> str:
        if node["name"] not in self.texts:
            return super().statement(node)
        known = {"extreme_known": lambda which, of: f"known_{which}({', '.join(of)})"}
        sql = write(node["name"], self.texts[node["name"]], "duckdb", **known)
        for which in ("least", "greatest"):
            sql = re.sub(rf"\b{which}\(", f"strict_{which}(", sql)
            sql = sql.replace(f"known_{which}(", f"{which}(")
        return re.sub(r"\bref_(\w+)", lambda found: self._place(found[1]), sql)

    def _place(self, name: str) -> str:
        node = self.models.get(name) or self.seeds[name]
        return f"{node['schema']}.{name}"


def strict_database(rows: Any) -> duckdb.DuckDBPyConnection:
    """Raw tables, and what other engines make of a null."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    fill_duckdb(connection, rows)
    for which in ("least", "greatest"):
        connection.execute(
            f"create macro main.strict_{which}(a, b) as "
            f"case when a is not null and b is not null then {which}(a, b) end"
        )
    return connection


def test_one_list_of_engines() -> None:
    assert SETTINGS["known_engines"] == sorted(set(ENGINES.values()))


@pytest.mark.parametrize("kind", ["bigquery", "dlt.destinations.motherduck", "redshift"])
def test_marts_are_refused_where_nobody_compared_them(kind: str) -> None:
    pipeline: Any = SimpleNamespace(destination=SimpleNamespace(destination_type=kind))

    with pytest.raises(ConfigurationValueError, match=r"right on duckdb, .*, not on \w+,"):
        warehouse_variables(pipeline)


def test_tickets_without_a_moment_to_tell_them_fail(project: Project) -> None:
    """As on an engine where the least of a moment and nothing is nothing."""
    marts = project.build({"tickets": [ticket(1), ticket(2)]})
    check = project.statement(project.tests["as_of_is_known"])
    assert marts.execute(check).fetchall() == []

    marts.execute("update sendcloud_marts_staging.stg_as_of set as_of = null")
    assert marts.execute(check).fetchall() == [(2,)]
    assert project.build().execute(check).fetchall() == []


def test_every_mart_is_the_same_where_null_makes_the_least_null(project: Project) -> None:
    rows = replay(DESK, every(12, DESK.start, DESK.end))
    usual = project.build(rows)
    elsewhere = Strict(project).build_in(strict_database(rows), {}, {})

    for name in project.marts:
        told, same = (
            sorted(map(repr, marts.execute(f"select * from {name}").fetchall()))
            for marts in (usual, elsewhere)
        )
        assert same == told, name


@pytest.mark.parametrize("engine", ["clickhouse", "snowflake", "bigquery"])
def test_each_model_is_written_in_the_words_of_the_engine(engine: str) -> None:
    for name, text in models():
        sql = write(name, text, engine)
        assert not NAMED_WINDOW.search(sql), name
        assert not OF_DEFAULT.search(sql.replace(" within group", "")) or engine == "snowflake", (
            name
        )
        sqlglot.parse_one(sql, read=engine)


def test_the_marts_of_a_clickhouse_are_refused_without_their_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(dbt_warehouse, "version", missing)

    with pytest.raises(ConfigurationValueError, match=r'pip install "dbt-clickhouse>=1.10,<1.11"'):
        dbt_warehouse.clickhouse_variables(address())


def test_what_dbt_cannot_be_told_of_a_clickhouse_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dbt_warehouse, "version", str)

    with pytest.raises(ConfigurationValueError, match=r"has verify in its address"):
        dbt_warehouse.clickhouse_variables(address(verify="0"))


def test_dbt_reaches_a_clickhouse_as_the_sync_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_warehouse, "version", str)

    assert dbt_warehouse.clickhouse_variables(address(secure="1")) == {
        "SENDCLOUD_CLICKHOUSE_HOST": "warehouse.example",
        "SENDCLOUD_CLICKHOUSE_PORT": "8443",
        "SENDCLOUD_CLICKHOUSE_USER": "loader",
        "DBT_ENV_SECRET_SENDCLOUD_CLICKHOUSE_PASSWORD": "p@ss",
        "SENDCLOUD_CLICKHOUSE_DATABASE": "tickets",
        "SENDCLOUD_CLICKHOUSE_SECURE": "True",
        "SENDCLOUD_CLICKHOUSE_CONNECT_TIMEOUT": "15",
        "SENDCLOUD_CLICKHOUSE_TIMEOUT": "300",
    }


def snowflake(**given: str) -> Any:
    """What dlt makes of the address of a Snowflake."""
    from pipelines.warehouse.engines.snowflake import snowflake_credentials

    told = {"host": "my-account", "database": "ANALYTICS", "username": "loader"}
    return snowflake_credentials(told | {"password": "p@ss"} | given)


def test_dbt_reaches_a_snowflake_as_the_sync_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_warehouse, "version", str)

    assert dbt_warehouse.snowflake_variables(snowflake(warehouse="WH", role="LOADER")) == {
        "SENDCLOUD_SNOWFLAKE_ACCOUNT": "my-account",
        "SENDCLOUD_SNOWFLAKE_USER": "loader",
        "SENDCLOUD_SNOWFLAKE_DATABASE": "ANALYTICS",
        "SENDCLOUD_SNOWFLAKE_ROLE": "LOADER",
        "SENDCLOUD_SNOWFLAKE_WAREHOUSE": "WH",
        "DBT_ENV_SECRET_SENDCLOUD_SNOWFLAKE_PASSWORD": "p@ss",
        "DBT_ENV_SECRET_SENDCLOUD_SNOWFLAKE_PASSPHRASE": "",
        "DBT_ENV_SECRET_SENDCLOUD_SNOWFLAKE_KEY": "",
    }


def test_what_dbt_cannot_be_told_of_a_snowflake_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dbt_warehouse, "version", str)

    told = snowflake()
    told.query = {"proxy_host": "x"}

    with pytest.raises(ConfigurationValueError, match=r"has proxy_host in its address"):
        dbt_warehouse.snowflake_variables(told)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"hots": "x"}, "has no field hots"),
        ({"username": ""}, r"is missing: .*\.username"),
    ],
)
def test_what_is_no_snowflake_is_refused(given: dict[str, str], why: str) -> None:
    with pytest.raises(ConfigurationValueError, match=why):
        snowflake(**given)


def address(**query: str) -> Any:
    """What dlt makes of the address of a ClickHouse."""
    return SimpleNamespace(
        host="warehouse.example",
        http_port=8443,
        username="loader",
        password="p@ss",
        database="tickets",
        secure=1,
        connect_timeout=15,
        send_receive_timeout=300,
        query=CLICKHOUSE | query,
    )
