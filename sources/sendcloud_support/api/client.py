"""The Support API as two calls: a page of the list, and one ticket.

Depends on dlt's RESTClient and on this package's transport, patience and page reading. Promises
that what it returns answers what was asked, that every attempt is paced and counted, and that a
failure is one of the classes in `exceptions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from dlt.common import logger
from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.sources.helpers.rest_client.client import RESTClient
from requests import Response

from ..exceptions import (
    AccessError,
    AnswerError,
    GiveUpError,
    RefusedError,
    SendcloudError,
    ThrottledError,
    TicketNotFoundError,
    TryLaterError,
    UnavailableError,
)
from ..records import Malformed, Ticket, check_ticket, examine_ticket, parse_json
from ..settings import (
    BASE_URL,
    PAGE_SIZE,
    REQUESTS_PER_MINUTE,
    SCOPES_PAGE,
    TICKETS_PATH,
)
from .credentials import SendcloudCredentials
from .envelope import (
    ErrorReport,
    read_error,
    retry_after_seconds,
    throttle_seconds,
)
from .oauth import SendcloudOAuth, build_auth
from .pace import (
    Departed,
    RecentAttempts,
    Remark,
    paced_adapter,
)
from .pages import Page, parse_page
from .patience import Patience
from .transport import GuardedSession, origin_of, require_safe_address

Announce = Callable[[TryLaterError, float], None]

BAD_NETWORK = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)

OF_THE_REQUEST = frozenset({400, 404, 405, 406, 409, 410, 413, 414, 422})
"""By these an API refuses what was asked, and not who asks."""


@dataclass(frozen=True)
class Answer:
    """An answer of status 200: its bytes, and the JSON in them."""

    body: bytes
    json: Any


class SupportClient:
    """Reads support tickets, one request at a time.

    Args:
        base_url: API root.
        credentials: Key pair or OAuth2 client.
        requests_per_minute: Pace over every attempt; 0 turns pacing off.
        patience: How long a request is tried again; taken from dlt's `[runtime]` if not given.
        pace_memory: File in which the pace outlives the process.
        announce: Hears of each wait, with its reason and its seconds.
        departed: Hears of each attempt when it leaves, after it has waited its turn.
        remark: Hears what a person should know of access and pace; dlt's log if not given.
    """

    def __init__(
        self,
        credentials: SendcloudCredentials,
        base_url: str = BASE_URL,
        requests_per_minute: int = REQUESTS_PER_MINUTE,
        patience: Patience | None = None,
        pace_memory: Path | None = None,
        announce: Announce | None = None,
        departed: Departed = lambda: None,
        remark: Remark = logger.warning,
    ) -> None:
        require_safe_address(base_url, "sources.sendcloud_support.base_url")
        runtime = resolve_configuration(RuntimeConfiguration())
        self.patience = patience or patience_from(runtime)
        self.attempts = RecentAttempts(requests_per_minute)
        self.throttled = 0
        self._announce = announce
        self._session = GuardedSession(
            _origins(base_url, credentials),
            paced_adapter(requests_per_minute, pace_memory, departed, remark),
            self.attempts,
            float(runtime.request_timeout),
        )
        self._auth = build_auth(credentials, self._session, remark)
        self._rest = RESTClient(base_url, auth=self._auth, session=self._session, config=runtime)

    @property
    def requests(self) -> int:
        """Attempts sent so far, retries and token requests included."""
        return self.attempts.count

    def page(
        self, number: int, size: int = PAGE_SIZE, filters: Mapping[str, Any] | None = None
    ) -> tuple[Page, bytes]:
        """Page `number` of the list, checked, and the bytes it was read from.

        Raises: `AnswerError`, `AccessError`, `TryLaterError`.
        """
        params = {"page": number, "size": size} | dict(filters or {})
        answer = self._get(f"GET tickets page {number}", TICKETS_PATH, params)
        return parse_page(answer.json, number, size), answer.body

    def ticket(self, ticket_id: int) -> tuple[Ticket | Malformed, bytes]:
        """One ticket by the detail endpoint, and the bytes it was read from.

        Raises: `TicketNotFoundError` for 404 and 410, else as `page`.
        """
        asked = f"GET ticket {ticket_id}"
        try:
            answer = self._get(asked, f"{TICKETS_PATH}/{ticket_id}", {})
        except NotFoundError as error:
            raise TicketNotFoundError(
                f"{asked}: HTTP {error.status}. The ticket does not exist or belongs to another "
                "organization."
            ) from error
        return parse_detail(answer.json, ticket_id), answer.body

    def ask_list(self, parameters: Mapping[str, Any]) -> Response:
        """The list's bare answer to any parameters: 200, or a refusal of these.

        Raises: as `page`, but for `RefusedError`.
        """
        asked = f"GET tickets with {', '.join(parameters)}"
        for attempt in self.patience.retrying(self._announce):
            with attempt:
                response = self._send(asked, TICKETS_PATH, dict(parameters))
                if response.status_code not in OF_THE_REQUEST:
                    self._raise_with_status(asked, response)
        return response

    def close(self) -> None:
        """Release connections and the pace's file."""
        self._session.close()

    def _get(self, asked: str, path: str, params: dict[str, Any]) -> Answer:
        """One request with all its patience."""
        for attempt in self.patience.retrying(self._announce):
            with attempt:
                answer = self._attempt(asked, path, params)
        return answer

    def _attempt(self, asked: str, path: str, params: dict[str, Any]) -> Answer:
        try:
            response = self._send(asked, path, params)
            self._raise_with_status(asked, response)
        except ThrottledError:
            self.throttled += 1
            raise
        try:
            return Answer(response.content, parse_json(response.content))
        except ValueError:
            report = read_error(response)
            raise UnavailableError(f"{asked}: HTTP 200 with {report} instead of tickets.") from None

    def _send(self, asked: str, path: str, params: dict[str, Any]) -> Response:
        """One answer; a token that was refused is renewed once."""
        response = self._reach(asked, path, params)
        if response.status_code == requests.codes.unauthorized and isinstance(
            self._auth, SendcloudOAuth
        ):
            self._auth.forget_token()
            response = self._reach(asked, path, params)
        return response

    def _reach(self, asked: str, path: str, params: dict[str, Any]) -> Response:
        try:
            return self._rest.get(path, params=params)
        except BAD_NETWORK as error:
            raise UnavailableError(f"{asked}: {_network_failure(error)}.") from None
        except (requests.RequestException, ValueError) as error:
            raise GiveUpError(f"{asked}: could not be sent ({type(error).__name__}).") from None

    def _raise_with_status(self, asked: str, response: Response) -> None:
        try:
            self._raise_for_status(asked, response)
        except SendcloudError as error:
            error.status = response.status_code
            raise

    def _raise_for_status(self, asked: str, response: Response) -> None:
        status = response.status_code
        if status == requests.codes.ok:
            return
        report = read_error(response)
        came_back = f"{asked}: HTTP {status} ({report})."
        if status == requests.codes.too_many_requests:
            seconds = throttle_seconds(response, report)
            raise ThrottledError(
                f"{came_back} It asks to wait {seconds:.0f} s. Another user of this key may be "
                "using up its requests; lower sources.sendcloud_support.requests_per_minute or "
                "give this job a key of its own.",
                seconds,
            )
        if status >= requests.codes.server_error or status == requests.codes.request_timeout:
            raise UnavailableError(
                f"{came_back} The API could not answer; try again later.",
                retry_after_seconds(response),
            )
        raise self._refusal(status, report, came_back)

    def _refusal(self, status: int, report: ErrorReport, came_back: str) -> GiveUpError:
        if status == requests.codes.unauthorized:
            return AccessError(f"{came_back} {self._unauthorized()}")
        if status == requests.codes.forbidden:
            return AccessError(
                f"{came_back} The credentials are known but not allowed here. The Support API is "
                "a beta that Sendcloud opens per account: ask your Customer Success Manager for "
                f"the opt-in.{self._missing_scope()}"
            )
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

    def _unauthorized(self) -> str:
        if isinstance(self._auth, SendcloudOAuth):
            return (
                "A fresh access token was refused. Check that this OAuth2 client belongs to the "
                f"account at sources.sendcloud_support.base_url.{self._missing_scope()}"
            )
        return (
            "The key pair was refused. Check public_key and secret_key under "
            "[sources.sendcloud_support.credentials]. An integration ticked 'Use OAuth2 "
            "authentication' rejects key pairs: configure client_id and client_secret instead."
        )

    def _missing_scope(self) -> str:
        """What else it may be where a token was refused; key pairs have no scopes."""
        if not isinstance(self._auth, SendcloudOAuth):
            return ""
        return (
            " Or the token lacks a scope that reads support tickets: see "
            f"{SCOPES_PAGE}, and sources.sendcloud_support.credentials.scope."
        )


class NotFoundError(RefusedError):
    """404 from the API itself, or 410: no such ticket, or a page past the end."""


def read_page(body: bytes, number: int, size: int = PAGE_SIZE) -> Page:
    """A page from the bytes of an earlier answer, checked as when it came."""
    return parse_page(parse_json(body), number, size)


def read_ticket(body: bytes, ticket_id: int) -> Ticket:
    """A ticket from the bytes of an earlier answer of the detail endpoint."""
    return parse_ticket(parse_json(body), ticket_id)


def read_detail(body: bytes, ticket_id: int) -> Ticket | Malformed:
    """The same where a ticket that breaks the contract is told and not refused."""
    return parse_detail(parse_json(body), ticket_id)


def parse_detail(answer: Any, ticket_id: int) -> Ticket | Malformed:
    """The detail answer, checked against the id that was asked for."""
    found = examine_ticket(answer)
    if not isinstance(found, Malformed):
        return parse_ticket(answer, ticket_id) if found["id"] != ticket_id else found
    if found.ticket_id not in {None, ticket_id}:
        raise AnswerError(f"GET ticket {ticket_id}: the API answered another ticket.")
    return Malformed(ticket_id, found.breaches)


def parse_ticket(answer: Any, ticket_id: int) -> Ticket:
    """The detail answer, checked against the id that was asked for."""
    ticket = check_ticket(answer, f"GET ticket {ticket_id}")
    if ticket["id"] != ticket_id:
        raise AnswerError(f"GET ticket {ticket_id}: the API answered another ticket.")
    return ticket


def patience_from(runtime: RuntimeConfiguration, throttled_minutes: float = 15.0) -> Patience:
    """dlt's own `[runtime] request_*` settings, applied to this API."""
    return Patience(
        attempts=int(runtime.request_max_attempts),
        backoff_factor=float(runtime.request_backoff_factor),
        max_delay_seconds=float(runtime.request_max_retry_delay),
        throttled_minutes=throttled_minutes,
    )


def _origins(base_url: str, credentials: SendcloudCredentials) -> frozenset[tuple[str, str, int]]:
    """Where requests may go: the API, and the token host when there is an OAuth2 client."""
    if not credentials.uses_oauth:
        return frozenset({origin_of(base_url)})
    require_safe_address(credentials.token_url, "sources.sendcloud_support.credentials.token_url")
    return frozenset({origin_of(base_url), origin_of(credentials.token_url)})


def _network_failure(error: requests.RequestException) -> str:
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
