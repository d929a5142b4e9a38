"""The session every request goes through: guarded, paced, counted.

Depends on dlt's requests session and `pace`. Promises that nothing is sent to any
origin but the configured API and token hosts, that no redirect is followed, and that credentials
travel over TLS or to this machine only.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.sources.helpers.requests.session import Session
from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from ..exceptions import GiveUpError
from .pace import DepartingAdapter, RecentAttempts

Origin = tuple[str, str, int]

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
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


def _certificates(variable: str) -> str | None:
    """The file or folder of certificates that a variable names, if it can be used."""
    bundle = os.environ.get(variable)
    if not bundle:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if Path(bundle).is_dir():
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except OSError as error:
        problem = "holds no certificates" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigurationValueError(
            f"{variable} names {bundle}, which cannot be used for TLS: {problem}. Name a file of "
            "certificates in PEM form, or unset it."
        ) from None
    return bundle


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
        """Proxies and certificates of the environment, without its .netrc and not per request.

        No proxy leads to this machine, whether the environment says so or not.
        """
        for scheme, host, port in self.origins:
            if _is_this_machine(host):
                continue
            found = get_environ_proxies(f"{scheme}://{host}:{port}", None)
            self.proxies.update({f"{name}://{host}": proxy for name, proxy in found.items()})
        self.verify = next(filter(None, map(_certificates, BUNDLES)), True)
        self.trust_env = False

    def prepare_request(self, request: Request) -> PreparedRequest:
        """As requests' own, which merges settings of a session that this one does not have.

        For each request that took a twentieth of a first load's CPU time.
        """
        prepared = PreparedRequest()
        prepared.prepare(
            method=request.method,
            url=request.url,
            headers={**self.headers, **request.headers},
            data=request.data,
            params=request.params,
            auth=request.auth,
            cookies=self.cookies,
            hooks=request.hooks,
        )
        return prepared

    def merge_environment_settings(self, *_: Any, **__: Any) -> Any:
        """What was read once."""
        return {"proxies": self.proxies, "verify": self.verify}

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
