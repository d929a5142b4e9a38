"""Kinds of warehouses: which of dlt's destinations this program loads into.

Depends on dlt's names of its destinations. Promises one list: what is not in it is refused with one
sentence, whichever command is run, before anything is connected or read; so is a kind whose
packages are not installed.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, NamedTuple

from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.destination import Destination
from dlt.common.exceptions import MissingDependencyException

KIND_KEY = "destination.warehouse.destination_type"


class Kind(NamedTuple):
    """A kind of warehouse that is loaded into.

    `loader_format` is its cheapest exact load, None for the one that dlt prefers; `untried` says
    what was not tried, None where the tests run on the engine itself.
    """

    loader_format: str | None = None
    untried: str | None = None


IMITATED = "its tests run on an imitation; the service itself was never reached"

KINDS = {
    # jsonl takes less CPU time than parquet and 60 MB less, because pyarrow stays out
    "duckdb": Kind("jsonl"),
    # csv would be cheaper than insert statements, but cannot tell an empty text from none
    "postgres": Kind(),
    "ducklake": Kind(),
    "clickhouse": Kind(),
    "bigquery": Kind("parquet", IMITATED),
    "motherduck": Kind(
        "parquet", "dlt reaches it by the client of DuckDB; the service was never reached"
    ),
    "redshift": Kind(
        None, "dlt reaches it by the client of PostgreSQL; the service was never reached"
    ),
    "snowflake": Kind("parquet", IMITATED),
}
"""dlt's name of each, the first one the default."""
TESTED = tuple(name for name, kind in KINDS.items() if kind.untried is None)

DATABASES = (
    *("athena", "databricks", "dremio", "fabric", "mssql", "sqlalchemy"),
    "synapse",
)
"""Of dlt's destinations those that answer SQL, but not the SQL of a sync: it would fail halfway,
or load what is wrong."""
NO_DATABASES = (
    *("destination", "dummy", "filesystem", "huggingface", "lance", "lancedb", "qdrant"),
    *("weaviate",),
)
"""Those that load files or vectors and have nothing that takes back a row."""


def require_kind(given: object) -> str:
    """The kind of warehouse that is configured.

    Raises:
        ConfigurationValueError: It is none of ours, or its packages are missing.
    """
    name = str(given or next(iter(KINDS))).removeprefix("dlt.destinations.")
    if name not in KINDS:
        raise ConfigurationValueError(f"{_refusal(name)} Use {_listed()}.")
    _require_packages(name)
    return name


def loader_format(kind: str) -> Any:
    """The file format to load with, None for the destination's own choice."""
    return KINDS[kind].loader_format if kind in KINDS else None


def untried(kind: str) -> str | None:
    """What to say of a kind that no test runs on."""
    return KINDS[kind].untried if kind in KINDS else None


def _refusal(name: str) -> str:
    if name in DATABASES:
        return f'{KIND_KEY} is "{name}", into which this program cannot load.'
    if name in NO_DATABASES:
        return (
            f'{KIND_KEY} is "{name}", which cannot hold these tables: a child row that is gone '
            "would stay."
        )
    close = get_close_matches(name, KINDS, 1)
    guess = f' Did you mean "{close[0]}"?' if close else ""
    return f"{KIND_KEY} names no destination of dlt.{guess}"


def _require_packages(kind: str) -> None:
    try:
        destination: Any = Destination.from_reference(kind)
        _ = destination.client_class
    except (MissingDependencyException, ImportError):
        raise ConfigurationValueError(
            f'{KIND_KEY} is "{kind}", whose packages are not installed. Install them: '
            f'.venv/bin/python -m pip install "dlt[{kind}]"'
        ) from None


def _listed() -> str:
    *others, last = (f'"{name}"' for name in KINDS)
    return f"{', '.join(others)} or {last}"
