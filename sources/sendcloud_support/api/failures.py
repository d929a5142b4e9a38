"""What an answer without tickets means: which error it is, and what to do about it.

Depends on `envelope` and `exceptions`. Promises one sentence of what was asked, what came back and
what to do, and never a header, an address of the network or a body.
"""

from __future__ import annotations

import requests
from requests import Response

from ..exceptions import (
    AccessError,
    GiveUpError,
    RefusedError,
    SendcloudError,
    ThrottledError,
    UnavailableError,
)
from ..settings import SCOPES_PAGE
from .credentials import SendcloudCredentials
from .envelope import ErrorReport, read_error, retry_after_seconds, throttle_seconds

BAD_NETWORK = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class NotFoundError(RefusedError):
    """404 from the API itself, or 410: no such ticket, or a page past the end."""


def refuse(asked: str, response: Response, credentials: SendcloudCredentials) -> None:
    """Raise what the status of an answer means, unless it is 200."""
    status = response.status_code
    if status == requests.codes.ok:
        return
    error = _failure(asked, response, credentials)
    error.status = status
    raise error


def network_failure(asked: str, error: Exception) -> SendcloudError:
    """What it means that no answer came."""
    if isinstance(error, BAD_NETWORK):
        return UnavailableError(f"{asked}: {_in_words(error)}.")
    return GiveUpError(f"{asked}: could not be sent ({type(error).__name__}).")


def _in_words(error: requests.RequestException) -> str:
    """What happened on the wire, in words that hold no address and no header."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError) and "refused" in str(error).lower():
        return "the connection was refused"
    if isinstance(error, requests.ConnectionError) and "resolve" in str(error).lower():
        return "the host name is not known"
    if isinstance(error, requests.exceptions.SSLError):
        return "the TLS handshake failed"
    return "the connection broke before the answer was whole"


def _failure(asked: str, response: Response, credentials: SendcloudCredentials) -> SendcloudError:
    """The error of an answer that is not 200."""
    status, report = response.status_code, read_error(response)
    came_back = f"{asked}: HTTP {status} ({report})."
    if status == requests.codes.too_many_requests:
        return _throttled(came_back, throttle_seconds(response, report))
    if status >= requests.codes.server_error or status == requests.codes.request_timeout:
        return UnavailableError(
            f"{came_back} The API could not answer; try again later.",
            retry_after_seconds(response),
        )
    if status in {requests.codes.unauthorized, requests.codes.forbidden}:
        return _no_access(status, came_back, credentials)
    return _refusal(status, report, came_back)


def _throttled(came_back: str, seconds: float) -> ThrottledError:
    return ThrottledError(
        f"{came_back} It asks to wait {seconds:.0f} s. Another user of this key may be "
        "using up its requests; lower sources.sendcloud_support.requests_per_minute or "
        "give this job a key of its own.",
        seconds,
    )


def _no_access(status: int, came_back: str, credentials: SendcloudCredentials) -> AccessError:
    """401 and 403. A token may lack a scope; key pairs have none."""
    missing_scope = (
        " Or the token lacks a scope that reads support tickets: see "
        f"{SCOPES_PAGE}, and {credentials.section}.scope."
    )
    scope = missing_scope if credentials.uses_oauth else ""
    if status == requests.codes.forbidden:
        return AccessError(
            f"{came_back} The credentials are known but not allowed here. The Support API is "
            "a beta that Sendcloud opens per account: ask your Customer Success Manager for "
            f"the opt-in.{scope}"
        )
    if credentials.uses_oauth:
        return AccessError(
            f"{came_back} A fresh access token was refused. Check that this OAuth2 client belongs "
            f"to the account at sources.sendcloud_support.base_url.{scope}"
        )
    return AccessError(
        f"{came_back} The key pair was refused. Check public_key and secret_key under "
        f"[{credentials.section}]. An integration ticked 'Use OAuth2 "
        "authentication' rejects key pairs: configure client_id and client_secret instead."
    )


def _refusal(status: int, report: ErrorReport, came_back: str) -> GiveUpError:
    """Every other status below 500."""
    is_missing = status == requests.codes.not_found and report.is_json
    if is_missing or status == requests.codes.gone:
        return NotFoundError(
            f"{came_back} There is nothing at this address: check "
            "sources.sendcloud_support.base_url, and that Sendcloud has opened the Support "
            "API, a beta, for this account.",
            status,
        )
    if 300 <= status < 400:  # noqa: PLR2004
        return GiveUpError(
            f"{came_back} The API redirects elsewhere, and credentials do not follow. Set "
            "sources.sendcloud_support.base_url to the address where the API is now."
        )
    return RefusedError(
        f"{came_back} The request was refused; check sources.sendcloud_support.base_url.",
        status,
    )
