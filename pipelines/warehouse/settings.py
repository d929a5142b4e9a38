"""Settings: what of dlt's configuration counts in this program, and what it says when missing.

Depends on dlt's configuration. dlt looks for a value under shorter and shorter names, so that a
variable `BASE_URL`, `WORKERS` or `DEV_MODE` of another program, or `DESTINATION__CREDENTIALS` of
another dlt project, would change what is loaded, or where. Promises that only full names count, in
files and in the environment; that an empty variable is none; that settings on which the tables
depend are as they have to be; and that the defaults of `.dlt/config.toml` hold without that file.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dlt
from dlt.common.configuration.container import Container
from dlt.common.configuration.exceptions import ConfigurationException, ConfigurationValueError
from dlt.common.configuration.providers.provider import ConfigProvider
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.runtime.run_context import active

from sources.sendcloud_support import SOURCE_NAME

OWN_SECTIONS = (
    ("sources", SOURCE_NAME),
    ("destination", "warehouse"),
    *((name,) for name in ("runtime", "load", "normalize", "extract", "data_writer", "providers")),
)
ADDRESS = ("destination", "warehouse", "credentials")
"""Read by `destinations`: dlt itself refuses one in config.toml, where a DuckDB file may stand."""
NEVER = {
    *("sentry_dsn", "slack_incoming_hook", "dlthub_dsn", "http_show_error_body"),  # would tell data
    *("dataset_name_layout", "staging_dataset_name_layout"),  # the marts rely on the names
}
MAY_BE_EMPTY = {"scope", "shared_pace", "updated_since_param"}

FIXED: dict[str, Any] = {
    "raise_on_failed_jobs": True,
    "truncate_staging_dataset": True,
    "auto_abort_on_terminal_error": True,
    "delete_completed_jobs": True,
    "enable_runtime_trace": False,
}
DEFAULTS: dict[str, Any] = {
    "runtime.log_level": "CRITICAL",
    "runtime.dlthub_telemetry": False,
    "runtime.request_timeout": 30,
    "runtime.request_max_attempts": 8,
    "runtime.request_max_retry_delay": 60,
    "load.workers": 1,
    "data_writer.buffer_max_items": 1000,
    "data_writer.disable_compression": True,
}
RANGES: dict[str, tuple[type, float, float]] = {
    "runtime.request_timeout": (float, 0.001, 86_400),
    "runtime.request_max_attempts": (int, 1, 1_000),
    "runtime.request_backoff_factor": (float, 0, 3_600),
    "runtime.request_max_retry_delay": (float, 0, 86_400),
    "load.workers": (int, 1, 1_000),
    "normalize.workers": (int, 1, 1_000),
    "data_writer.buffer_max_items": (int, 1, 1_000_000),
}
FOREIGN_TO_POSTGRES = (
    *("PGHOSTADDR", "PGOPTIONS", "PGSERVICE", "PGSERVICEFILE", "PGTARGETSESSIONATTRS"),
    *("PGTZ", "PGDATESTYLE", "PGCLIENTENCODING", "PGLOADBALANCEHOSTS"),
)
"""Variables of PostgreSQL's client that change where a connection leads or what it reads. Those
that only make it safer (PGSSLMODE and the like) stay."""


def use_own_settings() -> None:
    """From now on this process reads dlt's configuration as told above; idempotent."""
    for name in _unwanted_variables():
        del os.environ[name]
    context = _run_context()
    found = context.providers.providers
    if not isinstance(found[0], Given):
        found[:] = [
            Given("fixed", FIXED),
            *(FullNames(provider) for provider in found),
            Given("defaults", DEFAULTS),
        ]
    check_ranges()
    context.context.initialize_runtime()


def _unwanted_variables() -> list[str]:
    """Some that dlt or PostgreSQL's client use before, or without, asking anybody."""
    of_dlt = {f"RUNTIME__{name.upper()}" for name in NEVER}
    return [
        name
        for name, value in os.environ.items()
        if name in FOREIGN_TO_POSTGRES
        or name in of_dlt
        or (name.startswith("RUNTIME__") and not value)
    ]


def check_ranges() -> None:
    """Refuse values of dlt's own settings that it would fail on later, without a name."""
    for name, (kind, least, most) in RANGES.items():
        value: Any = dlt.config.get(name, kind)
        if value is not None and not (math.isfinite(value) and least <= value <= most):
            raise ConfigurationValueError(
                f"{name} is {value:g}; it should be between {least:g} and {most:g}."
            )


def settings_folder() -> Path:
    """The folder in which `config.toml` and `secrets.toml` are looked for."""
    return Path(active().settings_dir).absolute()


def missing_settings() -> str | None:
    """What to say where there is no `config.toml`; None where there is one."""
    file = settings_folder() / "config.toml"
    if file.is_file():
        return None
    return (
        f"There is no .dlt/config.toml in {file.parents[1]}: run the command from the project's "
        "folder, or let DLT_PROJECT_DIR name it."
    )


class FullNames(ConfigProvider):
    """Another provider, of which only full names of this program's settings are seen."""

    def __init__(self, provider: ConfigProvider) -> None:
        self.provider = provider

    def get_value(
        self, key: str, hint: type[Any], pipeline_name: str | None, *sections: str
    ) -> tuple[Any | None, str]:
        """The value under that name, None for any that does not count."""
        is_address = (*sections, key) == ADDRESS and self.name == "config.toml"
        if is_address or not counts(key, sections):
            return None, ".".join((*sections, key))
        value, name = self.provider.get_value(key, hint, pipeline_name, *sections)
        return (None if value == "" and key not in MAY_BE_EMPTY else value), name

    def get_value_location(self, key: str, pipeline_name: str | None, *sections: str) -> str:
        """As the provider says."""
        return self.provider.get_value_location(key, pipeline_name, *sections)

    def set_value(self, key: str, value: Any, pipeline_name: str | None, *sections: str) -> None:
        """As the provider does."""
        self.provider.set_value(key, value, pipeline_name, *sections)

    @property
    def supports_secrets(self) -> bool:
        """As the provider."""
        return self.provider.supports_secrets

    @property
    def supports_sections(self) -> bool:
        """As the provider."""
        return self.provider.supports_sections

    @property
    def name(self) -> str:
        """The provider's."""
        return self.provider.name

    @property
    def is_empty(self) -> bool:
        """As the provider says."""
        return self.provider.is_empty

    @property
    def is_writable(self) -> bool:
        """As the provider says."""
        return self.provider.is_writable


def unrestricted(provider: ConfigProvider) -> ConfigProvider:
    """dlt's own provider behind one of full names."""
    return provider.provider if isinstance(provider, FullNames) else provider


class Given(ConfigProvider):
    """Values that stand in this module, by their name, with or without its section."""

    supports_secrets = True
    supports_sections = True

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self._name, self._values = name, values

    @property
    def name(self) -> str:
        """How dlt's traces call it."""
        return self._name

    def get_value(
        self,
        key: str,
        hint: type[Any],  # noqa: ARG002
        pipeline_name: str | None,  # noqa: ARG002
        *sections: str,
    ) -> tuple[Any | None, str]:
        """The value, if one is given."""
        name = ".".join((*sections[-1:], key))
        return self._values.get(name, self._values.get(key)), ".".join((*sections, key))


def counts(key: str, sections: tuple[str, ...]) -> bool:
    """Whether a name is a full one of this program, and one that may be set."""
    is_own = any(sections[: len(own)] == own for own in OWN_SECTIONS)
    return is_own and key not in NEVER


def _run_context() -> PluggableRunContext:
    try:
        context: PluggableRunContext = Container()[PluggableRunContext]
    except ConfigurationException:
        raise
    except ValueError:  # the one setting that dlt uses before anybody can check it
        raise ConfigurationValueError(
            "runtime.log_level should be one of CRITICAL, ERROR, WARNING, INFO and DEBUG."
        ) from None
    return context
