"""Credentials: one dlt config spec for both schemes the Support API accepts.

Depends on dlt's configuration. Promises that exactly one complete pair is configured, that each
error names the keys to set, and that no secret appears in `repr` or `str`.
Source: https://sendcloud.dev/docs/getting-started/authentication/
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Final

import dlt
from dlt.common.configuration import configspec
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.configuration.specs import CredentialsConfiguration
from dlt.common.typing import TSecretStrValue

from ..settings import SCOPE, TOKEN_URL

SECTION = "sources.sendcloud_support.credentials"
KEY_PAIR = ("public_key", "secret_key")
CLIENT_PAIR = ("client_id", "client_secret")


@configspec
class SendcloudCredentials(CredentialsConfiguration):
    """Either an API key pair (Basic) or an OAuth2 client (client credentials), never both."""

    # dlt's specs are resolved from these annotations; None means "not configured"
    public_key: str | None = None
    secret_key: TSecretStrValue | None = None
    client_id: str | None = None
    client_secret: TSecretStrValue | None = None
    token_url: str = TOKEN_URL
    scope: str = SCOPE

    section: ClassVar[str] = SECTION  # where the keys stand; of an instance, if elsewhere

    __config_gen_annotations__: Final[list[str]] = dataclasses.field(  # type: ignore[misc]
        default_factory=lambda: list(KEY_PAIR), init=False, repr=False, compare=False
    )

    def on_resolved(self) -> None:
        """Refuse what is not exactly one complete pair."""
        problem = self._problem()
        if problem:
            raise ConfigurationValueError(problem)

    @property
    def uses_oauth(self) -> bool:
        """True for an OAuth2 client, False for a key pair."""
        return bool(self.client_id)

    @property
    def identity(self) -> str:
        """The public half of the pair, which tells one account's key from another's."""
        return str(self.client_id if self.uses_oauth else self.public_key)

    def _problem(self) -> str | None:
        key_pair, client_pair = self._present(KEY_PAIR), self._present(CLIENT_PAIR)
        if key_pair and client_pair:
            return (
                f"Two kinds of credentials are configured: {_keys(key_pair)} and "
                f"{_keys(client_pair)}. Keep the API key pair or the OAuth2 client, not both."
            )
        if not key_pair and not client_pair:
            return (
                f"No credentials are configured. Set {_keys(KEY_PAIR)} (API key pair) or "
                f"{_keys(CLIENT_PAIR)} (OAuth2 client), in .dlt/secrets.toml under [{SECTION}] or "
                f"in the environment as {_environment(KEY_PAIR)} or {_environment(CLIENT_PAIR)}."
            )
        pair = KEY_PAIR if key_pair else CLIENT_PAIR
        missing = tuple(key for key in pair if not getattr(self, key))
        if missing:
            return (
                f"Half a pair of credentials is configured: {_keys(missing)} is missing. Set it "
                f"in .dlt/secrets.toml under [{SECTION}] or in the environment as "
                f"{_environment(missing)}."
            )
        return None

    def _present(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(key for key in keys if getattr(self, key))

    def __repr__(self) -> str:
        scheme = "OAuth2 client" if self.uses_oauth else "API key pair"
        return f"<{type(self).__name__}: {scheme}>"

    def __str__(self) -> str:
        return repr(self)

    def to_native_representation(self) -> Any:
        """No connection string exists for these credentials, and none is ever printed."""
        return repr(self)


def own_credentials(section: str) -> SendcloudCredentials:
    """The pair that stands in this section and in none above it; where tokens come from may.

    Raises:
        ConfigurationValueError: Not exactly one complete pair stands there.
    """
    found = {name: _read(section, name) for name in (*KEY_PAIR, *CLIENT_PAIR)}
    for name in ("token_url", "scope"):
        own = _read(section, name)
        found[name] = _read(SECTION, name) if own is None else own
    given = {name: value for name, value in found.items() if value is not None}
    credentials = SendcloudCredentials(**given)
    object.__setattr__(credentials, "section", section)
    try:
        credentials.resolve()
    except ConfigurationValueError as error:
        raise ConfigurationValueError(_placed(str(error), section)) from None
    return credentials


def _read(section: str, name: str) -> str | None:
    value: str | None = dlt.secrets.get(f"{section}.{name}", str)
    return value


def _placed(sentence: str, section: str) -> str:
    """The sentence with the names of keys in another section."""
    upper = f"{SECTION}.".upper().replace(".", "__")
    named = sentence.replace(SECTION, section)
    return named.replace(upper, f"{section}.".upper().replace(".", "__"))


def _keys(names: tuple[str, ...]) -> str:
    return " and ".join(f"{SECTION}.{name}" for name in names)


def _environment(names: tuple[str, ...]) -> str:
    return " and ".join(f"{SECTION}.{name}".upper().replace(".", "__") for name in names)
