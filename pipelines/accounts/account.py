"""An account of Sendcloud and the place of its tickets, as one thing.

Depends on the warehouse. Promises that two accounts in one database share no table, no working
folder, no lock and no journal, as each has a dataset of its own; and that of an account that is
made by hand nothing is looked up in anybody's configuration but what it leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dlt
from dlt.common.destination import Destination

from sources.sendcloud_support import SOURCE_NAME, SupportConfiguration, read_configuration
from sources.sendcloud_support.api import account_section

from ..warehouse import (
    DATASET,
    marts_beside,
    open_pipeline,
    open_to_look,
    refuse_foreign_file,
    schemas_of,
)


@dataclass(frozen=True)
class Account:
    """One account: what it is called, what it is asked with, and where its tickets are kept.

    Args:
        name: Among several; empty for the only one.
        configuration: Its keys, address, pace and all else; as configured if not given.
        destination: Leads to its warehouse; the configured one if not given.
        dataset: The home of its tables.
        marts: The schema of its marts; beside its dataset if not given.
        folder: Where the working folders of all warehouses are, if not where dlt keeps pipelines.
    """

    name: str = ""
    configuration: SupportConfiguration | None = field(default=None, repr=False)
    destination: Destination[Any, Any] | None = field(default=None, repr=False)
    dataset: str = DATASET
    marts: str = ""
    folder: Path | None = None

    @property
    def marts_schema(self) -> str:
        """The schema of its marts."""
        return self.marts or marts_beside(self.dataset)

    @property
    def schemas(self) -> tuple[str, ...]:
        """All that is its own in the warehouse."""
        return schemas_of(self.dataset, self.marts_schema)

    @property
    def option(self) -> str:
        """How a command is told of it, with a space before; empty for the only account."""
        return f" --account {self.name}" if self.name else ""

    def read(self) -> SupportConfiguration:
        """Its configuration."""
        return self.configuration or read_configuration(self.name)

    def setting(self, name: str) -> Any:
        """One of the configuration's values that needs no credentials to be read."""
        if self.configuration is not None:
            return getattr(self.configuration, name)
        default: Any = getattr(SupportConfiguration, name)
        sections = [*([account_section(self.name)] if self.name else []), f"sources.{SOURCE_NAME}"]
        found = (dlt.config.get(f"{section}.{name}", type(default)) for section in sections)
        return next((value for value in found if value is not None), default)

    def pipeline(self) -> dlt.Pipeline:
        """The pipeline on its warehouse, for a process that has not connected to it yet.

        Raises:
            ConfigurationValueError: In the place of the DuckDB file is something else.
        """
        return refuse_foreign_file(
            open_pipeline(self.destination, self.folder, self.dataset, self.marts_schema)
        )

    def look(self) -> dlt.Pipeline:
        """The same for reading only, which leaves no trace.

        Raises:
            NoFileError: The DuckDB file does not exist.
        """
        return open_to_look(None, self.destination, self.dataset, self.marts_schema)
