"""What can be configured under `[sources.sendcloud_support]`, as one dlt config spec.

Depends on dlt's configuration. Promises that values out of range are refused by name.
"""

from __future__ import annotations

import re
from typing import Any

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.common.typing import TSecretStrValue

from ..settings import BASE_URL, REQUESTS_PER_MINUTE, SOURCE_NAME
from .allowance import pace_file
from .client import SupportClient, patience_from
from .credentials import SendcloudCredentials, own_credentials
from .pseudonyms import Pseudonyms
from .transport import require_safe_address

YEARS = 100
RANGES = {
    "requests_per_minute": (0, 10_000),
    "throttled_minutes": (0, 24 * 60),
    "window_minutes": (0, 24 * 60),
    "window_tickets": (1, 1_000_000),
    "settle_days": (0, YEARS * 365),
    "dormant_days": (0, YEARS * 365),
    "live_max_age_minutes": (0, 365 * 24 * 60),
    "full_sweep_days": (0, YEARS * 365),
    "max_minutes": (0, 365 * 24 * 60),
    "max_requests": (0, 1_000_000_000),
}
"""What means something. Beyond it lie slips, and times that no clock can hold."""

PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]-]*")
OWN_PARAMETERS = ("page", "size")


@configspec
class SupportConfiguration(BaseConfiguration):
    """Where the API is, how fast it is asked, how often what was read is loaded, what is read.

    For `dormant_days`, `full_sweep_days`, `max_minutes` and `max_requests` 0 means: none.
    """

    credentials: SendcloudCredentials = None  # type: ignore[assignment]
    base_url: str = BASE_URL
    requests_per_minute: int = REQUESTS_PER_MINUTE
    throttled_minutes: float = 15.0
    window_minutes: float = 5.0
    window_tickets: int = 20_000
    settle_days: float = 14.0
    dormant_days: float = 60.0
    live_max_age_minutes: float = 0.0
    full_sweep_days: float = 7.0
    max_minutes: float = 0.0
    max_requests: int = 0
    updated_since_param: str = ""
    shared_pace: str = ""
    pseudonymise: list[str] | None = None
    pseudonym_key: TSecretStrValue | None = None

    def on_resolved(self) -> None:
        """Refuse values that mean nothing."""
        for name, (least, most) in RANGES.items():
            _require_range(f"sources.{SOURCE_NAME}.{name}", getattr(self, name), least, most)
        self.base_url = self.base_url.strip()
        require_safe_address(self.base_url, f"sources.{SOURCE_NAME}.base_url")
        objection = self.pseudonyms.objection()
        if objection:
            raise ConfigurationValueError(f"sources.{SOURCE_NAME}.{objection}")
        parameter = self.updated_since_param
        if parameter and (not PARAMETER.fullmatch(parameter) or parameter in OWN_PARAMETERS):
            raise ConfigurationValueError(
                f"sources.{SOURCE_NAME}.updated_since_param should be the name of a filter, other "
                f"than {' and '.join(OWN_PARAMETERS)}."
            )

    @property
    def pseudonyms(self) -> Pseudonyms:
        """What stands for values that are not to be loaded."""
        return Pseudonyms(self.pseudonymise or (), str(self.pseudonym_key or ""))

    def connect(self, **arguments: Any) -> SupportClient:
        """A client for this configuration; `arguments` are `SupportClient`'s others."""
        runtime = resolve_configuration(RuntimeConfiguration())
        require_safe_address(self.base_url, f"sources.{SOURCE_NAME}.base_url")  # made by hand
        memory = pace_file(self.base_url, self.credentials.identity, self.shared_pace.strip())
        arguments.setdefault("pace_memory", memory)
        return SupportClient(
            self.credentials,
            self.base_url,
            self.requests_per_minute,
            arguments.pop("patience", patience_from(runtime, self.throttled_minutes)),
            **arguments,
        )


def read_configuration(account: str = "") -> SupportConfiguration:
    """The configuration as dlt finds it in its toml files and the environment.

    Args:
        account: One of several, whose own keys stand under
            `[sources.sendcloud_support.accounts.NAME]`; what it does not say for itself is as for
            all, but for its credentials, or it would load another's tickets.
    """
    if not account:
        return resolve_configuration(SupportConfiguration(), sections=("sources", SOURCE_NAME))
    section = account_section(account)
    try:
        return resolve_configuration(
            SupportConfiguration(),
            sections=tuple(section.split(".")),
            explicit_value={"credentials": own_credentials(f"{section}.credentials")},
        )
    except ConfigurationValueError as error:
        if type(error) is not ConfigurationValueError:  # dlt's own, which say less
            raise
        raise ConfigurationValueError(f"Account {account}: {error}") from error


def account_section(account: str) -> str:
    """Where the keys of one of several accounts stand."""
    return f"sources.{SOURCE_NAME}.accounts.{account}"


def _require_range(key: str, value: float, least: int, most: int) -> None:
    if least <= value <= most:  # "not a number" is in no range
        return
    should = f"{least} or more" if value < least else f"{most} or less"
    raise ConfigurationValueError(f"{key} is {value}; it should be {should}.")
