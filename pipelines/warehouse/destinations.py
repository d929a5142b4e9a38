"""Destinations: which of dlt's this program can use, and what address is configured.

Depends on dlt's configuration. Promises that the configured destination is known, supported and
installed, and that its address is one of its own kind, before anything is connected or read; that
a table of credentials and a text are both understood, the environment first, as in dlt; and that no
sentence repeats a part of an address, which may hold a password.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import dlt
from dlt.common.configuration.container import Container
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from sources.sendcloud_support import SOURCE_NAME

from .engines import KIND_KEY, require_kind
from .settings import unrestricted

KEY = "destination.warehouse.credentials"
VARIABLE = "DESTINATION__WAREHOUSE__CREDENTIALS"

DEFAULT_DATABASE = f"{SOURCE_NAME}.duckdb"
SCHEMES = {
    **dict.fromkeys(("postgres", "postgresql"), "postgres"),
    **dict.fromkeys(("md", "motherduck"), "motherduck"),
    **dict.fromkeys(("mysql", "mariadb", "sqlite", "oracle"), "sqlalchemy"),
    **{kind: kind for kind in ("bigquery", "clickhouse", "databricks", "duckdb", "mssql")},
    **{kind: kind for kind in ("redshift", "snowflake", "ducklake")},
}
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\+\w+)?:(//)?")
KEYWORDS = re.compile(r"\b(host|dbname|user|password)\s*=", re.IGNORECASE)
FILES = ("duckdb", "motherduck")
NO_POSTGRES_ADDRESS = (
    f"{KEY} is no address of PostgreSQL. It should be such as "
    "postgresql://user:password@host:5432/database, with %40 for an @ in the password."
)
MAGIC = slice(8, 12)  # of a DuckDB file, behind a checksum


class Address(NamedTuple):
    """A kind of destination, and its credentials: a text, a table, or None for dlt's defaults."""

    kind: str
    credentials: Any


def read_address() -> Address:
    """What is configured, checked as far as that is possible without connecting."""
    _require_table()
    kind = require_kind(dlt.config.get(KIND_KEY))
    credentials = _read_credentials(kind)
    if isinstance(credentials, str):
        credentials = _checked_text(kind, credentials)
    elif kind == "duckdb" and credentials is not None:
        credentials = _checked_database(credentials)
    return Address(kind, credentials)


def configured_file() -> Path:
    """The DuckDB file that is configured; a relative name means the folder one is in."""
    return Path(str(read_address().credentials or DEFAULT_DATABASE)).resolve()


def require_database(file: Path) -> None:
    """Refuse what is in the place of the file and is none of DuckDB's, before DuckDB tries it."""
    if file.is_dir():
        raise ConfigurationValueError(f"{KEY} names the folder {file}; it should be a file.")
    try:
        with file.open("rb") as opened:
            head = opened.read(MAGIC.stop)
    except OSError:  # not there yet, or not to be read: DuckDB says which
        return
    if head[MAGIC] != b"DUCK":
        raise ConfigurationValueError(
            f"{KEY} names {file}, which exists and is no DuckDB database. Name another file, or "
            "move that one away."
        )


def _require_table() -> None:
    """One text in the place of the whole table would go unnoticed."""
    section, key = KEY.split(".")[:2]
    for file in ("secrets.toml", "config.toml"):
        provider = unrestricted(Container()[PluggableRunContext].providers[file])
        found, _ = provider.get_value(key, Any, None, section)
        if found is not None and not isinstance(found, Mapping):
            raise ConfigurationValueError(
                f"{section}.{key} in .dlt/{file} is one value; it should be a table "
                f"[{section}.{key}] with destination_type and credentials."
            )


def _read_credentials(kind: str) -> str | dict[str, Any] | None:
    """Whatever stands nearest: the environment, secrets.toml, config.toml."""
    text, fields = os.environ.get(VARIABLE), _fields_in_environment()
    if text and fields:
        raise ConfigurationValueError(
            f"The environment has {VARIABLE} and {VARIABLE}__{next(iter(fields)).upper()}: two "
            "addresses of the warehouse. Keep one of the two forms."
        )
    if text:
        return _as_table(text) or text
    found: Any = dlt.secrets.get(KEY) or _in_config_toml(kind, bool(fields))
    table: dict[str, Any] = dict(found) if isinstance(found, Mapping) else {}
    if fields or table:
        return table | fields
    if not isinstance(found, str | None):
        raise ConfigurationValueError(f"{KEY} should be a text or a table.")
    return found


def _as_table(text: str) -> dict[str, Any] | None:
    """A table written as JSON, as dlt takes it from a variable."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _fields_in_environment() -> dict[str, Any]:
    """Fields, and fields of fields: a lake's storage is a table in the table."""
    found: dict[str, Any] = {}
    for name, value in sorted(os.environ.items()):
        if name.startswith(f"{VARIABLE}__") and value:
            *above, field = name[len(VARIABLE) + 2 :].lower().split("__")
            table = found
            for each in above:
                inner = table.get(each)
                table[each] = inner if isinstance(inner, dict) else {}
                table = table[each]
            table[field] = value
    return found


def _in_config_toml(kind: str, is_given_otherwise: bool) -> Any:
    """A DuckDB file may be named there; an address with a password belongs into secrets.toml."""
    provider = Container()[PluggableRunContext].providers["config.toml"]
    section, key = KEY.rsplit(".", 1)
    found, _ = unrestricted(provider).get_value(key, Any, None, *section.split("."))
    if not found or isinstance(found, Mapping) or kind in FILES:
        return found
    if is_given_otherwise or SCHEME.match(str(found)) is None:
        return None  # the file of the DuckDB that was used before
    raise ConfigurationValueError(
        f"{KEY} stands in .dlt/config.toml, which is not for secrets. Move it to .dlt/secrets.toml."
    )


def _checked_text(kind: str, text: str) -> str:
    """The text, if it is an address of this kind."""
    scheme = SCHEME.match(text)
    named = SCHEMES.get(scheme[1].lower()) if scheme else None
    if kind == "duckdb":
        _refuse_other_addresses(text, scheme, named)
        return text.removeprefix("duckdb:///")
    if kind != "postgres":
        return text
    if named != "postgres" or scheme is None or not scheme[2]:
        raise ConfigurationValueError(NO_POSTGRES_ADDRESS)
    return f"postgresql://{text[scheme.end() :]}"


def _refuse_other_addresses(text: str, scheme: re.Match[str] | None, named: str | None) -> None:
    if KEYWORDS.search(text):
        named = "postgres"
    elif scheme is None or named == "duckdb" or len(scheme[1]) == 1:  # C:\warehouse.duckdb
        return
    elif named is None and not scheme[2]:
        return  # a file with a colon in its name
    if named is None:
        raise ConfigurationValueError(
            f"{KEY} is the address of some server, but {KIND_KEY} is duckdb, which is a file. Set "
            f"{KIND_KEY} as well."
        )
    raise ConfigurationValueError(
        f'{KEY} is an address of {named}, but {KIND_KEY} is duckdb. Set {KIND_KEY} = "{named}".'
    )


def _checked_database(table: Mapping[str, Any]) -> str | None:
    """The file of a DuckDB that is told as a table; it has no other field that matters."""
    foreign = sorted({"host", "port", "username", "password"} & set(table))
    if foreign:
        raise ConfigurationValueError(
            f"{KEY}.{foreign[0]} is set, but {KIND_KEY} is duckdb, which is a file. Set {KIND_KEY} "
            "as well."
        )
    database = table.get("database")
    return None if database is None else str(database)


def postgres_credentials(given: str | Mapping[str, Any]) -> Any:
    """dlt's credentials of a PostgreSQL, whole."""
    from dlt.common.configuration.specs.exceptions import InvalidConnectionString
    from dlt.destinations.impl.postgres.configuration import PostgresCredentials

    credentials = PostgresCredentials()
    try:
        if isinstance(given, str):
            credentials.parse_native_representation(given)
        else:
            credentials.update(_checked_fields(given, list(credentials)))
    except InvalidConnectionString:
        raise ConfigurationValueError(NO_POSTGRES_ADDRESS) from None
    for name in ("host", "database", "username", "password"):
        if not getattr(credentials, name) and name not in (credentials.query or {}):
            raise ConfigurationValueError(f"Configuration is missing: {KEY}.{name}.")
    credentials.client_encoding = "UTF8"  # whatever the database's own is: all text can be sent
    credentials.session_timezone = "UTC"  # elsewhere the first and the last day have no Python
    credentials.resolve()
    return credentials


def _checked_fields(given: Mapping[str, Any], known: list[str]) -> dict[str, Any]:
    for name, value in given.items():
        if name not in known:
            close = get_close_matches(name, known, 1, 0.4)
            guess = f" Did you mean {close[0]}?" if close else ""
            raise ConfigurationValueError(f"{KEY} has no field {name}.{guess}")
        if name in {"port", "connect_timeout"} and not str(value).isdecimal():
            raise ConfigurationValueError(f"{KEY}.{name} should be a whole number.")
    return {
        name: int(value) if name in {"port", "connect_timeout"} else value
        for name, value in given.items()
    }
