"""Snowflake as a destination of dlt that loads typed files, and what is configured of one.

Depends on dlt's own Snowflake destination, whose packages are an extra. Promises that all is loaded
from Parquet, in which an amount is a decimal and a moment a moment; that no file with tickets stays
in a stage; and that a session's times are UTC. Everything else is dlt's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.configuration.specs.exceptions import InvalidConnectionString
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.destinations.impl.snowflake.configuration import SnowflakeCredentials
from dlt.destinations.impl.snowflake.factory import snowflake

KEY = "destination.warehouse.credentials"
NO_ADDRESS = (
    f"{KEY} is no address of Snowflake. It should be such as "
    "snowflake://user:password@account/database?warehouse=compute&role=loader, with %40 for an @ "
    "in the password, or a table with host (the account), database, username, warehouse, role, and "
    "password or private_key."
)


class TypedSnowflake(snowflake):
    """The destination; dlt records it as its own `snowflake`."""

    @property
    def destination_type(self) -> str:
        """dlt's name of it."""
        return "dlt.destinations.snowflake"

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        """dlt prefers JSON, and loads its own state from that."""
        capabilities = super()._raw_capabilities()
        capabilities.preferred_loader_file_format = "parquet"
        return capabilities


def snowflake_destination(given: str | Mapping[str, Any] | None) -> TypedSnowflake:
    """The destination at this address."""
    credentials: Any = None if given is None else snowflake_credentials(given)
    return TypedSnowflake(
        credentials,
        keep_staged_files=False,
        destination_name="warehouse",
    )


def snowflake_credentials(given: str | Mapping[str, Any]) -> SnowflakeCredentials:
    """dlt's credentials of a Snowflake.

    Raises:
        ConfigurationValueError: It is no address of one.
    """
    credentials = SnowflakeCredentials()
    try:
        if isinstance(given, str):
            credentials.parse_native_representation(given)
        else:
            unknown = sorted(set(given) - set(credentials))
            if unknown:
                raise ConfigurationValueError(f"{KEY} has no field {unknown[0]}.")
            credentials.update(dict(given))
    except (InvalidConnectionString, ValueError) as error:
        if isinstance(error, ConfigurationValueError):
            raise
        raise ConfigurationValueError(NO_ADDRESS) from None
    for name in ("host", "database", "username"):
        if not getattr(credentials, name):
            raise ConfigurationValueError(f"Configuration is missing: {KEY}.{name}.")
    credentials.session_timezone = "UTC"
    credentials.resolve()
    return credentials
