"""The Support API as two calls: a page of the list, and one ticket.

Depends on dlt's RESTClient and on this room's transport, patience, pages and failures. Promises
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

from ..exceptions import ThrottledError, TicketNotFoundError, TryLaterError, UnavailableError
from ..records import Malformed, Ticket, parse_json
from ..settings import BASE_URL, PAGE_SIZE, REQUESTS_PER_MINUTE, TICKETS_PATH
from .credentials import SendcloudCredentials
from .envelope import read_error
from .failures import NotFoundError, network_failure, refuse
from .oauth import SendcloudOAuth, build_auth
from .pace import Departed, RecentAttempts, Remark, paced_adapter
from .pages import Page, parse_detail, parse_page
from .patience import Patience
from .transport import GuardedSession, origin_of, require_safe_address

Announce = Callable[[TryLaterError, float], None]

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
        self._credentials = credentials
        self._session = GuardedSession(
            _origins(base_url, credentials),
            paced_adapter(requests_per_minute, pace_memory, departed, remark),
            self.attempts,
            float(runtime.request_timeout),
        )
        auth = build_auth(credentials, self._session, remark)
        self._oauth = auth if isinstance(auth, SendcloudOAuth) else None
        self._rest = RESTClient(base_url, auth=auth, session=self._session, config=runtime)

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
                    refuse(asked, response, self._credentials)
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
            refuse(asked, response, self._credentials)
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
        if response.status_code == requests.codes.unauthorized and self._oauth:
            self._oauth.forget_token()
            response = self._reach(asked, path, params)
        return response

    def _reach(self, asked: str, path: str, params: dict[str, Any]) -> Response:
        try:
            return self._rest.get(path, params=params)
        except (requests.RequestException, ValueError) as error:
            raise network_failure(asked, error) from None


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
