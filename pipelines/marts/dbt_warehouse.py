"""What dbt is told of the warehouse, so that it connects as the sync does.

Depends on `warehouse` and on PostgreSQL's own reading of an address. Promises that whatever an
address says of how to connect holds for dbt too (certificates, time-outs, sockets, options), or is
refused with its name; and that no name of a file, a user or a database means anything to dbt.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import dlt
from dlt.common.configuration.exceptions import ConfigurationValueError

from sources.sendcloud_support.holdings import CLICKHOUSE

from ..dbt_environment import OF_POSTGRES, PROJECT, whole_paths
from ..warehouse import duckdb_file

PASSWORD = "DBT_ENV_SECRET_SENDCLOUD_POSTGRES_PASSWORD"  # noqa: S105 (its name, which dbt hides)
CLICKHOUSE_PASSWORD = "DBT_ENV_SECRET_SENDCLOUD_CLICKHOUSE_PASSWORD"  # noqa: S105
CLICKHOUSE_PACKAGE = "dbt-clickhouse>=1.10,<1.11"
OF_CLICKHOUSE = frozenset(("secure", "connect_timeout", "send_receive_timeout")) | {
    "select_sequential_consistency"
}
"""What an address has, or dlt adds, that dbt is told by a name of its own, or need not know."""
SNOWFLAKE_SECRET = "DBT_ENV_SECRET_SENDCLOUD_SNOWFLAKE_"  # noqa: S105
SNOWFLAKE_PACKAGE = "dbt-snowflake>=1.12,<1.13"
OF_SNOWFLAKE = {
    **{name: f"SENDCLOUD_SNOWFLAKE_{name.upper()}" for name in ("account", "user", "database")},
    **{name: f"SENDCLOUD_SNOWFLAKE_{name.upper()}" for name in ("host", "port", "protocol")},
    **{name: f"SENDCLOUD_SNOWFLAKE_{name.upper()}" for name in ("role", "warehouse")},
    "authenticator": "SENDCLOUD_SNOWFLAKE_AUTHENTICATOR",
    "password": f"{SNOWFLAKE_SECRET}PASSWORD",
    "token": f"{SNOWFLAKE_SECRET}TOKEN",
}
UNTOLD = (
    "destination.warehouse.credentials has {} in its address, which dbt cannot be told. Take it out"
)
LAKE = "DBT_ENV_SECRET_SENDCLOUD_LAKE"
PARTS = {
    "host": "SENDCLOUD_POSTGRES_HOST",
    "port": "SENDCLOUD_POSTGRES_PORT",
    "user": "SENDCLOUD_POSTGRES_USER",
    "dbname": "SENDCLOUD_POSTGRES_DATABASE",
    "password": PASSWORD,
    "options": "PGOPTIONS",
    "application_name": "PGAPPNAME",
    **OF_POSTGRES,
}
"""The environment variable of each part of an address; profiles.yml or libpq reads it."""
ENGINES = {
    "duckdb": "duckdb",
    "postgres": "postgres",
    "ducklake": "duckdb",
    "clickhouse": "clickhouse",
    "snowflake": "snowflake",
}
"""By kind of warehouse the engine that builds its marts; dbt_project.yml has the same engines."""
OF_NO_CONCERN = frozenset(
    ("client_encoding", "fallback_application_name", "keepalives", "keepalives_count")
) | {"keepalives_idle", "keepalives_interval", "tcp_user_timeout"}


def warehouse_variables(pipeline: dlt.Pipeline) -> dict[str, str]:
    """What transform/profiles.yml and PostgreSQL's library want to know of the warehouse."""
    kind = pipeline.destination.destination_type.rsplit(".", 1)[-1]
    if kind == "duckdb":
        return {"SENDCLOUD_WAREHOUSE": kind, "SENDCLOUD_DUCKDB_FILE": _file(pipeline)}
    if kind == "postgres":
        address = _credentials(pipeline).to_native_representation()
        return {"SENDCLOUD_WAREHOUSE": kind, **postgres_variables(address)}
    if kind == "ducklake":
        return {"SENDCLOUD_WAREHOUSE": kind, **_lake_variables(_credentials(pipeline))}
    if kind == "clickhouse":
        return {"SENDCLOUD_WAREHOUSE": kind, **clickhouse_variables(_credentials(pipeline))}
    if kind == "snowflake":
        return {"SENDCLOUD_WAREHOUSE": kind, **snowflake_variables(_credentials(pipeline))}
    raise ConfigurationValueError(
        f"The marts are known to be right on {', '.join(ENGINES)}, not on {kind}, where a table "
        "that is empty or false would look like a quiet month. Tickets can be loaded there; "
        f"for the marts see {PROJECT.name}/README.md, or load into one of the others."
    )


def _lake_variables(lake: Any) -> dict[str, str]:
    """How dbt attaches the lake; the address of a catalog holds a password."""
    if not lake.storage.is_local_filesystem:
        raise ConfigurationValueError(
            "`python -m pipelines marts` builds the marts of a lake whose files are in a folder. "
            f"Those in a bucket need a dbt profile of your own: see {PROJECT.name}/README.md."
        )
    is_file = lake.catalog.drivername == "sqlite"
    url = lake.catalog.to_url().set(drivername="postgres").render_as_string(hide_password=False)
    return {
        LAKE: f"ducklake:sqlite:{lake.catalog.database}" if is_file else f"ducklake:postgres:{url}",
        "SENDCLOUD_LAKE_FILES": lake.storage_url,
        "SENDCLOUD_LAKE_SCHEMA": "main" if is_file else lake.metadata_schema or lake.ducklake_name,
    }


def clickhouse_variables(address: Any) -> dict[str, str]:
    """How dbt reaches a ClickHouse, by the port of HTTP."""
    _require("ClickHouse", CLICKHOUSE_PACKAGE)
    unknown = sorted(set(address.query or {}) - set(CLICKHOUSE) - OF_CLICKHOUSE)
    if unknown:
        raise ConfigurationValueError(f"{UNTOLD.format(', '.join(unknown))}.")
    told = {
        "HOST": address.host,
        "PORT": address.http_port,
        "USER": address.username,
        "DATABASE": address.database,
        "SECURE": bool(address.secure),
        "CONNECT_TIMEOUT": address.connect_timeout,
        "TIMEOUT": address.send_receive_timeout,
    }
    variables = {f"SENDCLOUD_CLICKHOUSE_{name}": str(value) for name, value in told.items()}
    return {CLICKHOUSE_PASSWORD: str(address.password or ""), **variables}


def snowflake_variables(address: Any) -> dict[str, str]:
    """How dbt reaches a Snowflake: as dlt does, by a password, a key or a token."""
    _require("Snowflake", SNOWFLAKE_PACKAGE)
    query = address.to_connector_params()
    unknown = sorted(set(query) - set(OF_SNOWFLAKE) - {"application", "timezone", "private_key"})
    if unknown:
        raise ConfigurationValueError(f"{UNTOLD.format(', '.join(unknown))}.")
    told = {OF_SNOWFLAKE[name]: str(query[name]) for name in OF_SNOWFLAKE if query.get(name)}
    secrets = {"PASSPHRASE": address.private_key_passphrase, "KEY": address.private_key}
    return told | {f"{SNOWFLAKE_SECRET}{name}": str(text or "") for name, text in secrets.items()}


def _require(engine: str, package: str) -> None:
    name = package.partition(">")[0]
    try:
        version(name)
    except PackageNotFoundError:
        raise ConfigurationValueError(
            f"The marts of a {engine} are built by {name}, which is not installed. "
            f'Install it: .venv/bin/python -m pip install "{package}"'
        ) from None


def postgres_variables(address: str) -> dict[str, str]:
    """The parts of an address as PostgreSQL's library reads it, and the session's time in UTC."""
    from psycopg2.extensions import parse_dsn  # type: ignore[import-untyped]

    parts: Mapping[str, str] = parse_dsn(address)
    unknown = sorted(set(parts) - set(PARTS) - OF_NO_CONCERN)
    if unknown:
        raise ConfigurationValueError(
            f"{UNTOLD.format(', '.join(unknown))}; PostgreSQL's own variables in the environment "
            "may serve."
        )
    if set(parts["dbname"]) & set("'\"%"):
        raise ConfigurationValueError(
            "The database of destination.warehouse.credentials has a quote or % in its name, "
            "which dbt cannot write: tickets can be loaded there, marts cannot be built. Rename it."
        )
    named = {PARTS[part]: text for part, text in parts.items() if part in PARTS}
    return {"PGTZ": "UTC", PASSWORD: "", **whole_paths(named)}


def _file(pipeline: dlt.Pipeline) -> str:
    database = duckdb_file(pipeline)
    if database is None:
        raise ConfigurationValueError("A DuckDB in memory holds no tables for the marts to read.")
    return str(database)


def _credentials(pipeline: dlt.Pipeline) -> Any:
    """The destination's credentials, resolved without connecting."""
    client, _ = pipeline._get_destination_clients(dlt.Schema(pipeline.pipeline_name))
    configuration: Any = client.config
    return configuration.credentials
