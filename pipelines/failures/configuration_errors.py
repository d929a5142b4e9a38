"""What dlt says of a configuration that it cannot read, as one sentence that names the key.

Depends on dlt's errors. Promises that a sentence says which file and which line, or which key, and
never what stands there.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    ConfigurationException,
    ConfigurationValueError,
    ConfigValueCannotBeCoercedException,
    InvalidNativeValue,
    ValueNotSecretException,
)
from dlt.common.configuration.providers.toml import TomlProviderReadException
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration

from sources.sendcloud_support import SOURCE_NAME, SendcloudCredentials, SupportConfiguration

from ..warehouse import KEY

TYPES = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
LINE = re.compile(r"at line (\d+)")


def describe_configuration(error: ConfigurationException) -> str:
    """The sentence."""
    if isinstance(error, TomlProviderReadException):
        return _broken_file(error)
    if isinstance(error, ConfigFieldMissingException):
        return f"Configuration is missing: {', '.join(sorted(_missing(error)))}."
    if isinstance(error, ConfigValueCannotBeCoercedException):
        kind = TYPES.get(error.hint, "another of the values that dlt takes")
        return f"{_full_name(error.field_name)} should be {kind}."
    if isinstance(error, ValueNotSecretException):
        key = error.key.lower().replace("__", ".")
        return f"{key} is a secret and stands in config.toml. Move it to .dlt/secrets.toml."
    if isinstance(error, InvalidNativeValue):
        return f"{KEY} is no address of the configured destination. dlt's page of it has examples."
    if isinstance(error, ConfigurationValueError):
        return str(error)
    return f"The configuration cannot be read, for an unforeseen reason ({type(error).__name__})."


def _broken_file(error: TomlProviderReadException) -> str:
    for path in (Path(each).absolute() for each in error.full_paths):
        if path.is_file():
            problem = _problem(path)
            if problem:
                return f"{path} {problem}"
    return f"{error.file_name} cannot be read as TOML. Looked in {', '.join(error.full_paths)}."


def _problem(path: Path) -> str | None:
    """What is wrong with a file, without a word of it; None for nothing."""
    try:
        tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return f"cannot be read: {error.strerror}. Let this user read it."
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return f"is no UTF-8 text: line {line}. Save it as UTF-8."
    except tomllib.TOMLDecodeError as error:
        found = LINE.search(str(error))
        line = int(found[1]) if found else len(path.read_text(encoding="utf-8").splitlines())
        return f"is not valid TOML: line {line}. Mend that line; a text stands in double quotes."
    return None


def _missing(error: ConfigFieldMissingException) -> list[str]:
    """The keys in full, as far as dlt looked for them by one."""
    return [_looked_for(traces, field) for field, traces in error.traces.items()]


def _looked_for(traces: Any, field: str) -> str:
    for trace in traces:
        inner = getattr(trace, "traces", None)
        if inner:
            name, nested = next(iter(inner.items()))
            return _looked_for(nested, name)
        if trace.key:
            return str(trace.key).lower().replace("__", ".")
    return field


def _full_name(field: str) -> str:
    if field in SupportConfiguration().get_resolvable_fields():
        return f"sources.{SOURCE_NAME}.{field}"
    if field in SendcloudCredentials().get_resolvable_fields():
        return f"sources.{SOURCE_NAME}.credentials.{field}"
    if field in RuntimeConfiguration().get_resolvable_fields():
        return f"runtime.{field}"
    if "." in field:
        return field
    return f"The setting {field}"
