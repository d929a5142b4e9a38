"""The session every request goes through: guarded, paced, counted.

Depends on dlt's requests session, `pace` and `credentials`. Promises that nothing is sent to any
origin but the configured API and token hosts, that no redirect is followed, and that credentials
travel over TLS or to this machine only.
"""

from __future__ import annotations

import ipaddress
import os
from typing import Any
from urllib.parse import urlsplit

import requests
from dlt.common import pendulum
from dlt.common.configuration import configspec
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.sources.helpers.requests.session import Session
from dlt.sources.helpers.rest_client.auth import HttpBasicAuth, OAuth2ClientCredentials
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from requests.utils import get_environ_proxies

from .credentials import SendcloudCredentials
from .envelope import read_error, retry_after_seconds, throttle_seconds
from .exceptions import AccessError, AnswerError, GiveUpError, ThrottledError, UnavailableError
from .pace import DepartingAdapter, RecentAttempts

Origin = tuple[str, str, int]

TOKEN_LEEWAY_SECONDS = 60
"""A token is renewed this long before it ends, so that none ends on its way."""

DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> Origin:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)


def require_safe_address(url: str, key: str) -> None:
    """Refuse an address that would carry credentials in the clear, or hide some in itself."""
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ConfigurationValueError(f"{key} holds a user name or password; remove it from there.")
    try:
        scheme, host, _ = origin_of(url)
    except ValueError:
        scheme, host = "", ""
    if not host or scheme not in DEFAULT_PORTS or "?" in url or "#" in url:
        raise ConfigurationValueError(f"{key} should be an address such as https://host/api/v3.")
    if scheme == "http" and not _is_this_machine(host):
        raise ConfigurationValueError(
            f"{key} is a plain http address of another machine, so credentials would travel "
            "unencrypted. Use https."
        )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class GuardedSession(Session):
    """dlt's session, restricted to some origins, without redirects, with one adapter for all."""

    def __init__(
        self,
        origins: frozenset[Origin],
        adapter: HTTPAdapter,
        attempts: RecentAttempts,
        timeout: float,
    ) -> None:
        super().__init__(timeout=timeout, raise_for_status=False)
        self.origins, self.attempts, self._adapter = origins, attempts, adapter
        self._read_environment_once()
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def _read_environment_once(self) -> None:
        """Proxies and certificates of the environment, without its .netrc and not per request."""
        for scheme, host, port in self.origins:
            found = get_environ_proxies(f"{scheme}://{host}:{port}", None)
            self.proxies.update({f"{name}://{host}": proxy for name, proxy in found.items()})
        bundles = map(os.environ.get, ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
        self.verify = next(filter(None, bundles), True)
        self.trust_env = False

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """Send to an allowed origin, or not at all."""
        if origin_of(str(request.url)) not in self.origins:
            raise GiveUpError(
                "A request was about to leave for a host that is not configured; it was not sent."
            )
        kwargs["allow_redirects"] = False
        try:
            response: Response = super().send(request, **kwargs)  # type: ignore[no-untyped-call]
        finally:
            if not self._is_waiting():  # stopped before its turn: it was never sent
                self.attempts.add()
        return response

    def _is_waiting(self) -> bool:
        return isinstance(self._adapter, DepartingAdapter) and self._adapter.is_waiting


def build_auth(credentials: SendcloudCredentials, session: GuardedSession) -> AuthBase:
    """dlt's auth object for the configured pair."""
    if credentials.uses_oauth:
        return SendcloudOAuth(
            access_token_url=credentials.token_url,
            client_id=str(credentials.client_id),
            client_secret=str(credentials.client_secret),
            session=session,
        )
    return HttpBasicAuth(str(credentials.public_key), str(credentials.secret_key))


@configspec
class SendcloudOAuth(OAuth2ClientCredentials):
    """Client credentials as the vendor documents them: id and secret as Basic, scope `api`.

    Source: https://sendcloud.dev/docs/getting-started/authentication/
    """

    def build_access_token_request(self) -> dict[str, Any]:
        """The token request, with the secret in the header and not in the body."""
        return {
            "auth": HTTPBasicAuth(str(self.client_id), str(self.client_secret)),
            "data": {"grant_type": "client_credentials", "scope": "api"},
        }

    def parse_expiration_in_seconds(self, response_json: Any) -> int:
        """Seconds until renewal: the token's life less a leeway."""
        try:
            seconds = super().parse_expiration_in_seconds(response_json)
        except (TypeError, ValueError):
            seconds = self.default_token_expiration
        return max(0, seconds - TOKEN_LEEWAY_SECONDS)

    def parse_access_token(self, response_json: Any) -> str:
        """The token; an answer without one is refused."""
        token = response_json.get("access_token") if isinstance(response_json, dict) else None
        if not isinstance(token, str) or not token:
            raise AnswerError("POST token: the token host answered 200 without an access_token.")
        return token

    def obtain_token(self) -> None:
        """Ask the token host, and tell a refusal from a passing failure."""
        response = self.session.post(self.access_token_url, **self.build_access_token_request())
        raise_for_token_answer(response)
        try:
            answer = response.json()
        except ValueError:
            raise UnavailableError("POST token: the answer is not JSON.") from None
        self.access_token = self.parse_access_token(answer)
        lifetime = self.parse_expiration_in_seconds(answer)
        self.token_expiry = pendulum.now().add(seconds=lifetime)

    def forget_token(self) -> None:
        """Make the next request ask for a new token."""
        self.access_token = None


def raise_for_token_answer(response: Response) -> None:
    """Nothing for 200; else the error that says what to do."""
    if response.status_code == requests.codes.ok:
        return
    report = read_error(response)
    asked = f"POST token: HTTP {response.status_code} ({report})."
    if response.status_code == requests.codes.too_many_requests:
        raise ThrottledError(asked, throttle_seconds(response, report))
    if response.status_code >= requests.codes.server_error:
        raise UnavailableError(asked, retry_after_seconds(response))
    raise AccessError(
        f"{asked} The token host refuses this OAuth2 client: check client_id and client_secret "
        "under [sources.sendcloud_support.credentials], and that token_url is the right host."
    )
