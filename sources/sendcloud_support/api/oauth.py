"""Who the client says it is: the key pair as Basic, or a token of the token host, renewed in time.

Depends on dlt's auth classes and the session of `transport`. Promises that the secret travels in a
header only, that a token which was refused is asked for anew, and that a scope which the token host
does not grant is left out once, and said.
Sources: https://sendcloud.dev/docs/getting-started/authentication/ for the one scope `api`,
https://sendcloud.dev/api/v3/scopes for the fine ones: without a scope a token has all that was
granted to the integration.
"""

from __future__ import annotations

from typing import Any

import requests
from dlt.common import logger, pendulum
from dlt.common.configuration import configspec
from dlt.sources.helpers.rest_client.auth import HttpBasicAuth, OAuth2ClientCredentials
from requests import Response
from requests.auth import AuthBase, HTTPBasicAuth

from ..exceptions import (
    AccessError,
    AnswerError,
    ThrottledError,
    UnavailableError,
)
from ..settings import SCOPES_PAGE
from .credentials import SECTION, SendcloudCredentials
from .envelope import read_error, retry_after_seconds, throttle_seconds
from .pace import Remark
from .transport import GuardedSession

TOKEN_LEEWAY_SECONDS = 60
"""A token is renewed this long before it ends, so that none ends on its way."""

WITHOUT_SCOPE = (
    "The token host does not grant the scope that was asked for (invalid_scope); a token without "
    "one was taken, which has all that the integration was granted. Set "
    f'{{section}}.scope = "", or to scopes of {SCOPES_PAGE}.'
)


def build_auth(
    credentials: SendcloudCredentials, session: GuardedSession, remark: Remark = logger.warning
) -> AuthBase:
    """dlt's auth object for the configured pair; `remark` hears what a person should know."""
    if not credentials.uses_oauth:
        return HttpBasicAuth(str(credentials.public_key), str(credentials.secret_key))
    auth = SendcloudOAuth(
        access_token_url=credentials.token_url,
        client_id=str(credentials.client_id),
        client_secret=str(credentials.client_secret),
        session=session,
    )
    auth.scope, auth.remark = credentials.scope.strip(), remark
    auth.section = credentials.section
    return auth


@configspec
class SendcloudOAuth(OAuth2ClientCredentials):
    """Client credentials as the vendor documents them: id and secret as Basic."""

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.scope = ""
        self.remark: Remark = logger.warning
        self.section = SECTION

    def build_access_token_request(self) -> dict[str, Any]:
        """The token request, with the secret in the header and not in the body."""
        data = {"grant_type": "client_credentials"}
        return {
            "auth": HTTPBasicAuth(str(self.client_id), str(self.client_secret)),
            "data": data | {"scope": self.scope} if self.scope else data,
        }

    def parse_expiration_in_seconds(self, response_json: Any) -> int:
        """Seconds until the token is renewed, a little before it ends."""
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
        response = self._ask()
        if self.scope and _refuses_scope(response):
            self.scope = ""  # for good: it would refuse the next renewal as well
            response = self._ask()
            if response.status_code == requests.codes.ok:
                self.remark(WITHOUT_SCOPE.format(section=self.section))
        raise_for_token_answer(response, self.section)
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

    def _ask(self) -> Response:
        answer: Response = self.session.post(
            self.access_token_url, **self.build_access_token_request()
        )
        return answer


def _refuses_scope(response: Response) -> bool:
    is_refusal = 400 <= response.status_code < 500  # noqa: PLR2004
    return is_refusal and "invalid_scope" in read_error(response).codes


def raise_for_token_answer(response: Response, section: str) -> None:
    """Nothing for 200; else the error that says what to do."""
    if response.status_code == requests.codes.ok:
        return
    report = read_error(response)
    asked = f"POST token: HTTP {response.status_code} ({report})."
    if response.status_code == requests.codes.too_many_requests:
        raise ThrottledError(asked, throttle_seconds(response, report))
    if response.status_code >= requests.codes.server_error:
        raise UnavailableError(asked, retry_after_seconds(response))
    if _refuses_scope(response):
        raise AccessError(
            f"{asked} The token host grants this OAuth2 client no token, with or without a scope: "
            f"give its integration scopes that read support tickets, see {SCOPES_PAGE}."
        )
    raise AccessError(
        f"{asked} The token host refuses this OAuth2 client: check client_id and client_secret "
        f"under [{section}], and that token_url is the right host."
    )
