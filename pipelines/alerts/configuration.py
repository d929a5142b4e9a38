"""What can be configured under `[sources.sendcloud_support.alerts]`.

Depends on dlt's configuration. The addresses hold passwords: they belong into secrets.toml.
"""

from __future__ import annotations

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.configuration.specs import BaseConfiguration

from sources.sendcloud_support import SOURCE_NAME

SECTION = f"sources.{SOURCE_NAME}.alerts"


@configspec
class AlertConfiguration(BaseConfiguration):
    """Where notifications go, as Apprise writes it, and after how many hours a warehouse is stale.

    `stale_hours` 0 means: never.
    """

    urls: list[str] | None = None
    stale_hours: float = 48.0

    def on_resolved(self) -> None:
        """Refuse values that mean nothing."""
        if not self.stale_hours >= 0:
            raise ConfigurationValueError(f"{SECTION}.stale_hours should be 0 or more.")


def read_alerts() -> AlertConfiguration:
    """The configuration as dlt finds it in its toml files and the environment."""
    return resolve_configuration(AlertConfiguration(), sections=("sources", SOURCE_NAME, "alerts"))
