"""Where a warehouse is, and the folder on this machine that belongs to it alone.

Depends on dlt. Promises that two warehouses never share a folder: neither two files, nor two
databases of one server; and that one warehouse has the same folder whatever spelling leads to it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from dlt.common.configuration.exceptions import ConfigurationException, ConfigurationValueError
from dlt.common.destination import Destination
from dlt.common.pipeline import get_dlt_pipelines_dir

LOCK = "run.lock"
FORMER_JOURNAL = Path("journal") / "answers"


def warehouse_folder(
    name: str, dataset: str, destination: Destination[Any, Any], folder: Path | None = None
) -> Path:
    """The folder of the warehouse that this destination leads to.

    Args:
        name: The pipeline's.
        dataset: The tables' home in the warehouse.
        destination: Leads to the warehouse.
        folder: Where the folders of all warehouses are, if not where dlt keeps pipelines.
    """
    parent = folder or Path(get_dlt_pipelines_dir())
    return parent / f"{name}.warehouses" / fingerprint(destination, dataset)


def former_folder(folder: Path, name: str) -> Path:
    """The one folder of all warehouses that versions before this one worked in."""
    return folder.parent.parent / name


def fingerprint(destination: Destination[Any, Any], dataset: str) -> str:
    """Tells one warehouse from another, without saying where it is."""
    return _digest(f"{location(destination)}/{dataset}")


def former_fingerprint(destination: Destination[Any, Any], dataset: str) -> str:
    """What versions before this one told a warehouse by: of a server only its host."""
    configuration = resolved(destination)
    file = database_file(configuration)
    return _digest(f"{file or configuration.fingerprint()}/{dataset}")


def location(destination: Destination[Any, Any]) -> str:
    """Where the warehouse is: a file, or host, port and database of a server."""
    try:
        configuration = resolved(destination)
    except ConfigurationException:  # told by whoever connects
        return f"{destination.destination_type}/{destination.destination_name}"
    file = database_file(configuration)
    if file is not None:
        return str(file)
    try:
        place = str(configuration.data_location() or configuration.fingerprint())
    except ConfigurationValueError:  # no host, as with a server's socket
        database = getattr(configuration.credentials, "database", "")
        place = f"{configuration.fingerprint()}/{database}"
    if configuration.destination_type.endswith("bigquery"):  # whose place is a region
        return f"bigquery/{configuration.project_id or configuration.credentials.project_id}"
    if configuration.destination_type.endswith("clickhouse"):  # whose place has no database
        place = f"{place}/{configuration.credentials.database}"
    host, slash, rest = place.partition("/")
    return host.lower() + slash + rest


def resolved(destination: Destination[Any, Any]) -> Any:
    """The destination's configuration, without connecting."""
    return destination.configuration(destination.spec(), accept_partial=True)


def database_file(configuration: Any) -> Path | None:
    """The file of a DuckDB database, None for any other and for one in memory."""
    if configuration.destination_type.rsplit(".", 1)[-1] != "duckdb":
        return None
    database = configuration.credentials.database
    is_file = isinstance(database, str) and not database.startswith(":")
    return Path(database).resolve() if is_file else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
