"""The accounts that are configured: the only one, or several by their names.

Depends on dlt's configuration. One account stands under `[sources.sendcloud_support]`, each of
several under `[sources.sendcloud_support.accounts.NAME]`. Promises that the two forms are not
mixed, that no two accounts share a schema of the warehouse, and that a name can be written in a
file, in a variable and in a table's home alike.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import dlt
from dlt.common.configuration.container import Container
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from sources.sendcloud_support import SOURCE_NAME

from ..warehouse import DATASET, location, marts_beside
from .account import Account

SECTION = f"sources.{SOURCE_NAME}"
ACCOUNTS = f"{SECTION}.accounts"
VARIABLES = f"{ACCOUNTS}.".upper().replace(".", "__")
KEYS = ("public_key", "secret_key", "client_id", "client_secret")

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 33
"""Of a schema's name, to which dbt and `marts --as-of` add up to 30; PostgreSQL takes 63."""


def configured_accounts() -> list[Account]:
    """All accounts, in the order of the files; the only one, without a name, where none is named.

    Raises:
        ConfigurationValueError: A name that cannot be one, two accounts in one schema, or keys that
            belong to none of them.
    """
    names = list(dict.fromkeys(_names()))
    if not names:
        return [_placed("", SECTION, DATASET)]
    _refuse_keys_of_none(names)
    common = _text(f"{SECTION}.dataset") or DATASET
    accounts = [_placed(name, f"{ACCOUNTS}.{name}", f"{common}_{name}") for name in names]
    _refuse_shared(accounts, marts_of_all())
    return accounts


def marts_of_all() -> str:
    """The schema in which the marts of several accounts stand together."""
    key = f"{SECTION}.marts_dataset"
    together = marts_beside(f"{_text(f'{SECTION}.dataset') or DATASET}_accounts")
    return _schema(key, _text(key) or together)


def account_of_all(accounts: Sequence[Account]) -> Account | None:
    """That whose dataset is the marts of all; None where they are in more than one warehouse."""
    if len({location(account.pipeline().destination) for account in accounts}) > 1:
        return None
    return replace(accounts[0], name="", dataset=marts_of_all(), marts="")


def configured_account(name: str) -> Account:
    """The account of this name.

    Raises:
        ConfigurationValueError: None is called so.
    """
    accounts = {account.name: account for account in configured_accounts()}
    if name in accounts and name:
        return accounts[name]
    if "" in accounts:
        raise ConfigurationValueError(
            f"There is no account {name!r}: only one is configured, and it has no name. Leave "
            f"--account out, or give its keys a name under [{ACCOUNTS}.NAME]."
        )
    raise ConfigurationValueError(
        f"There is no account {name!r}. Configured are {', '.join(accounts)}."
    )


def only_account(name: str | None) -> Account:
    """The account of this name, or the only one, for what can be done with one at a time.

    Raises:
        ConfigurationValueError: There are several, and none was named.
    """
    if name is not None:
        return configured_account(name)
    accounts = configured_accounts()
    if len(accounts) == 1:
        return accounts[0]
    raise ConfigurationValueError(
        f"Several accounts are configured: {', '.join(account.name for account in accounts)}. Say "
        "which one: --account NAME."
    )


def _names() -> Iterator[str]:
    """As often as they occur: in secrets.toml, in config.toml, in the environment."""
    for file in ("secrets.toml", "config.toml"):
        yield from map(_checked, _tables(file))
    for variable in sorted(os.environ):
        if variable.startswith(VARIABLES) and os.environ[variable]:
            yield _checked(variable.removeprefix(VARIABLES).partition("__")[0].lower())


def _tables(file: str) -> Sequence[str]:
    providers = Container()[PluggableRunContext].providers.providers
    provider = next((each for each in providers if each.name == file), None)
    if provider is None:
        return []
    found, _ = provider.get_value("accounts", Any, None, *SECTION.split("."))
    if found is None:
        return []
    if not isinstance(found, Mapping) or not all(map(_is_table, found.values())):
        raise ConfigurationValueError(
            f"{ACCOUNTS} in .dlt/{file} should hold a table for each account, such as "
            f"[{ACCOUNTS}.berlin.credentials]."
        )
    return list(found)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _checked(name: str) -> str:
    if NAME.fullmatch(name):
        return name
    raise ConfigurationValueError(
        f"{ACCOUNTS}.{name}: the name of an account should be of small letters, digits and single "
        "_ between them, and begin with a letter; it becomes a part of names in the warehouse."
    )


def _refuse_keys_of_none(names: Sequence[str]) -> None:
    plain = [key for key in KEYS if dlt.secrets.get(f"{SECTION}.credentials.{key}", str)]
    if plain:
        raise ConfigurationValueError(
            f"{SECTION}.credentials.{plain[0]} is set, and accounts have names "
            f"({', '.join(names)}): whose it is cannot be told. Move it below a name, such as "
            f"[{ACCOUNTS}.{names[0]}.credentials]; the account whose tickets are already in "
            f'dataset {DATASET} goes on there with dataset = "{DATASET}" under its name.'
        )


def _placed(name: str, section: str, dataset: str) -> Account:
    """The account with the places that its section names."""
    told = _text(f"{section}.dataset")
    key = f"{section}.dataset" if told else f"The dataset {dataset} of {section}"
    dataset = _schema(key, told or dataset)
    return Account(
        name,
        dataset=dataset,
        marts=_schema(f"{section}.marts_dataset", _text(f"{section}.marts_dataset") or ""),
    )


def _text(key: str) -> str | None:
    found: str | None = dlt.config.get(key, str)
    return found


def _schema(key: str, name: str) -> str:
    if not name or (NAME.fullmatch(name) and len(name) <= LONGEST):
        return name
    raise ConfigurationValueError(
        f"{key} should be of small letters, digits and single _ between them, begin with a letter, "
        f"and have no more than {LONGEST} characters."
    )


def _refuse_shared(accounts: Sequence[Account], together: str) -> None:
    owners = {together: Account("all together")}
    for account in accounts:
        for schema in account.schemas:
            other = owners.setdefault(schema, account)
            if other is not account:
                raise ConfigurationValueError(
                    f"The accounts {other.name} and {account.name} would share the schema {schema} "
                    f"of the warehouse. Give {account.name} another one: "
                    f"{ACCOUNTS}.{account.name}.dataset."
                )
