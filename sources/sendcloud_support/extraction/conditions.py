"""What a pipeline is asked to do with the rows, and whether the promises of the source stand it.

Depends on dlt. Promises that what would break them is refused in a sentence before anything is
read; and to know the tables that the package of this extraction drops or empties when it is loaded.
"""

from __future__ import annotations

from typing import Any

import dlt
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.storages.load_package import load_package_state
from dlt.destinations.job_client_impl import SqlJobClientBase

from ..records import TICKETS

WOULD = {
    "append": "load a ticket once more with every sighting",
    "replace": "leave nothing but the few tickets that this run reads",
}


class UnfitPipelineError(ConfigurationValueError):
    """The pipeline cannot hold the tables, or is asked to write them otherwise."""


def refuse_unfit(pipeline: dlt.Pipeline) -> None:
    """Raise where the destination has no tables, or they are not to be merged."""
    _refuse_without_tables(pipeline.destination)
    _refuse_unmerged(dlt.current.source().resources[TICKETS].write_disposition)


def tables_going() -> set[str]:
    """Tables whose rows go when this package is loaded, as `refresh` of a run wants it."""
    state: dict[str, Any] = dict(load_package_state()["state"])
    modified = [*state.get("dropped_tables", ()), *state.get("truncated_tables", ())]
    return {table["name"] for table in modified}


def _refuse_without_tables(destination: Any) -> None:
    if issubclass(destination.client_class, SqlJobClientBase):
        return
    raise UnfitPipelineError(
        f"Destination {destination.destination_name} has no tables that can be asked what they "
        "hold, so tickets cannot be read incrementally into it. Nothing was read. Load into a "
        "database (DuckDB and PostgreSQL are tested), or take the rows of a plain sweep: "
        "list(sendcloud_support().tickets)."
    )


def _refuse_unmerged(write_disposition: Any) -> None:
    if not isinstance(write_disposition, str) or write_disposition not in WOULD:
        return
    raise UnfitPipelineError(
        f"write_disposition={write_disposition!r} would {WOULD[write_disposition]}: tickets are "
        "merged. Nothing was read. Leave it out; to read everything again there is "
        "sendcloud_support(full=True), to make the tables anew refresh='drop_sources'."
    )
