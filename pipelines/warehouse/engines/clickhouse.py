"""ClickHouse: what is configured of one, and what its connections need to mean what we mean.

Depends on dlt's own ClickHouse destination, whose packages are an extra.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.configuration.specs.exceptions import InvalidConnectionString
from dlt.destinations.impl.clickhouse.configuration import ClickHouseCredentials

from sources.sendcloud_support.holdings import CLICKHOUSE

KEY = "destination.warehouse.credentials"
NO_ADDRESS = (
    f"{KEY} is no address of ClickHouse. It should be such as "
    "clickhouse://user:password@host:9440/database?http_port=8443&secure=1, with %40 for an @ in "
    "the password."
)
NUMBERS = ("port", "http_port", "secure", "connect_timeout", "send_receive_timeout")


def clickhouse_credentials(given: str | Mapping[str, Any]) -> ClickHouseCredentials:
    """dlt's credentials of a ClickHouse, whole.

    Raises:
        ConfigurationValueError: It is no address of one.
    """
    credentials = ClickHouseCredentials()
    try:
        if isinstance(given, str):
            credentials.parse_native_representation(given)
        else:
            credentials.update(dict(given))
    except (InvalidConnectionString, ValueError):
        raise ConfigurationValueError(NO_ADDRESS) from None
    query = dict(credentials.query or {})
    if "http_port" in query:
        credentials.http_port = query.pop("http_port")
    for name in NUMBERS:
        value = getattr(credentials, name)
        if not str(value).isdecimal():
            raise ConfigurationValueError(f"{KEY}.{name} should be a whole number.")
        setattr(credentials, name, int(value))
    for name in ("host", "database", "username"):
        if not getattr(credentials, name):
            raise ConfigurationValueError(f"Configuration is missing: {KEY}.{name}.")
    credentials.query = query | CLICKHOUSE
    credentials.session_timezone = "UTC"
    credentials.resolve()
    return credentials
