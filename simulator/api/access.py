"""Who may ask: Basic by the pair of API keys, Bearer by tokens that were given here.

Depends on the switches. Promises that no key or token is kept in a log or a message.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from hmac import compare_digest
from typing import Literal
from urllib.parse import parse_qs, unquote_plus

from starlette.responses import JSONResponse, Response

from .answers import no_permission, oauth_error, unauthorized
from .switches import Switches

Scheme = Literal["basic", "bearer"]

OLD_SCOPES = ("api",)
FINE_SCOPES = ("read:order", "read:parcel", "read:made-up-tickets")
"""The vendor's page was seen in part: the name of the scope for tickets is made up."""


class Access:
    """The keys of one integration and the tokens given to its client."""

    def __init__(
        self,
        keys: tuple[str, str],
        client: tuple[str, str],
        switches: Switches,
        time: Callable[[], float],
    ) -> None:
        self._keys, self._client = keys, client
        self.switches = switches
        self._time = time
        self._tokens: dict[str, tuple[float, frozenset[str]]] = {}

    def refusal(self, authorization: str | None) -> Response | None:
        """Why this request may not be answered, as the answer; None if it may."""
        scheme = scheme_of(authorization)
        if authorization is None or scheme is None:
            return unauthorized("Authentication credentials were not provided.")
        if scheme == "basic":
            return self._refuse_keys(authorization)
        return self._refuse_token(authorization.split(" ", 1)[1].strip())

    def revoke(self) -> None:
        """Every token given so far is worth nothing from now on."""
        self._tokens.clear()

    def answer(self, authorization: str | None, form: bytes) -> Response:
        """The token endpoint: client credentials grant, the client named in the Basic header."""
        asked = {name: values[0] for name, values in parse_qs(form.decode("latin-1")).items()}
        granted = self._granted(asked.get("scope", ""))
        refusal = self._refuse_client(authorization) or _refuse_grant(asked, granted)
        if refusal is not None:
            return refusal
        token = f"ory_at_{secrets.token_urlsafe(32)}"
        self._tokens[token] = self._time() + self.switches.token_seconds, frozenset(granted)
        return JSONResponse(
            {
                "access_token": token,
                "expires_in": self.switches.token_seconds,
                "scope": " ".join(granted),
                "token_type": "bearer",
            },
            headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
        )

    def _refuse_keys(self, authorization: str) -> Response | None:
        if self.switches.demands_oauth or not self.switches.basic:
            return unauthorized("This integration uses OAuth2 authentication.")
        if not _same(_pair(authorization), self._keys):
            return unauthorized("Invalid username/password.")
        return None

    def _refuse_token(self, token: str) -> Response | None:
        ends_at, scopes = self._tokens.get(token, (0.0, frozenset[str]()))
        if not self.switches.oauth or ends_at <= self._time():
            return unauthorized("The access token is invalid or has expired.")
        return None if self._scopes()[-1] in scopes else no_permission()

    def _scopes(self) -> tuple[str, ...]:
        """What the integration was granted; the last one reads tickets."""
        return FINE_SCOPES if self.switches.fine_scopes else OLD_SCOPES

    def _granted(self, asked: str) -> tuple[str, ...]:
        """The scopes of a token: those asked for, all if none is; nothing if one is not had."""
        wanted = tuple(asked.split()) or self._scopes()
        return wanted if set(wanted) <= set(self._scopes()) else ()

    def _refuse_client(self, authorization: str | None) -> Response | None:
        pair = _pair(authorization or "")
        decoded = None if pair is None else (unquote_plus(pair[0]), unquote_plus(pair[1]))
        if self.switches.oauth and (_same(pair, self._client) or _same(decoded, self._client)):
            return None
        return oauth_error(401, "invalid_client", "Client authentication failed.")


def scheme_of(authorization: str | None) -> Scheme | None:
    """How the request says who it is."""
    word = (authorization or "").split(" ", 1)[0].lower()
    return "basic" if word == "basic" else "bearer" if word == "bearer" else None


def _refuse_grant(asked: dict[str, str], granted: tuple[str, ...]) -> Response | None:
    if asked.get("grant_type") != "client_credentials":
        return oauth_error(400, "unsupported_grant_type", "Only client_credentials is supported.")
    if not granted:
        return oauth_error(400, "invalid_scope", "The requested scope was not granted.")
    return None


def _pair(authorization: str) -> tuple[str, str] | None:
    try:
        text = base64.b64decode(authorization.partition(" ")[2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, _, word = text.partition(":")
    return name, word


def _same(given: tuple[str, str] | None, right: tuple[str, str]) -> bool:
    if given is None:
        return False
    return all(compare_digest(a.encode(), b.encode()) for a, b in zip(given, right, strict=True))
