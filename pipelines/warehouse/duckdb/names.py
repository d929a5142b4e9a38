"""Names of DuckDB files, which DuckDB makes the name of a catalog.

Depends on nothing of ours. Promises that a file whose catalog DuckDB could not tell from one of our
schemas, or from one of its own, is refused before anything is read or made.
"""

from __future__ import annotations

import re
from pathlib import Path

from dlt.common.configuration.exceptions import ConfigurationValueError

DUCKDBS_OWN = ("main", "temp", "system", "information_schema", "pg_catalog")
RENAMED = frozenset({"main", "temp", "system"})
"""Spelled so DuckDB makes way itself; spelled with capitals it does not."""


def catalog_of(file: Path) -> str:
    """What DuckDB calls the database in this file: the first part of its name."""
    return re.split(r"[.?]", file.name.lstrip("."))[0]


def refuse_taken_name(file: Path | None, schemas: tuple[str, ...]) -> None:
    """Raise for a DuckDB that keeps nothing, or whose name is that of a schema in it."""
    if file is None or file.name == ":memory:":
        raise ConfigurationValueError(
            "destination.warehouse.credentials names a DuckDB in memory, which is gone when the "
            "command ends. Name a file, such as sendcloud_support.duckdb."
        )
    catalog = catalog_of(file)
    for schema in schemas:
        if catalog.lower() == schema:
            raise ConfigurationValueError(_sentence(file, f"the dataset {schema}"))
    if catalog.lower() in DUCKDBS_OWN and catalog not in RENAMED:
        raise ConfigurationValueError(_sentence(file, f"its own {catalog.lower()}"))


def _sentence(file: Path, what: str) -> str:
    return (
        f"destination.warehouse.credentials names the file {file.name}: DuckDB cannot tell it "
        f"from {what}. Give the file another name."
    )
