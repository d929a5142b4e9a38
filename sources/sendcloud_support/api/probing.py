"""A probe: what the list answers to parameters of which nobody knows whether they are right.

Depends on the client and `envelope`. Promises that a refusal of the parameters is a fact like an
answer, that everything else fails as it does anywhere, and that of a refusal's text nothing is kept
but whether it names a parameter and a fingerprint by which two refusals can be compared.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from requests import Response

from ..exceptions import AnswerError, UnavailableError
from ..records import Malformed, Ticket, examine_ticket, parse_json
from .client import SupportClient
from .envelope import read_error

TOLD_HEADERS = ("rate", "limit", "retry", "link", "deprecat", "sunset")
"""Parts of the names of headers that say something about the API; their values are not kept."""


@dataclass(frozen=True)
class Probe:
    """What came back. Of a status other than 200 there are no tickets and no counts.

    `total`, `page` and `size` are None where the answer does not say them; `items` are the tickets
    that keep the contract, `count` is how many stood there.
    """

    status: int
    error: str = ""
    names_parameter: bool = False
    fingerprint: str = ""
    total: int | None = None
    page: int | None = None
    size: int | None = None
    count: int = 0
    items: tuple[Ticket, ...] = ()
    headers: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether tickets were given, be they none."""
        return self.status == HTTPStatus.OK

    @property
    def is_empty(self) -> bool:
        """Whether the list was given and holds nothing."""
        return self.is_ok and not self.count and not self.total


def probe(client: SupportClient, parameters: Mapping[str, Any], about: str = "") -> Probe:
    """Ask the list with these parameters; `about` is the one that a refusal may name.

    Raises: as `SupportClient.page`, but for refusals of the request and answers of status 5xx.
    """
    try:
        response = client.ask_list(parameters)
    except UnavailableError as error:
        if error.status is None:
            raise
        return Probe(error.status)
    if response.status_code != HTTPStatus.OK:
        return _refused(response, about, str(parameters.get(about, "")))
    return _given(response)


def _refused(response: Response, about: str, value: str) -> Probe:
    text = _words(response)
    name = re.compile(rf"(?<!\w){re.escape(about)}(?!\w)")
    bare = name.sub("?", text).replace(value or "?", "?")
    return Probe(
        status=response.status_code,
        error=str(read_error(response)),
        names_parameter=bool(about) and name.search(text) is not None,
        fingerprint=hashlib.sha256(f"{response.status_code} {bare}".encode()).hexdigest(),
        headers=_headers(response),
    )


def _words(response: Response) -> str:
    """What the body says, without its keys: `status` is a key of every error."""
    try:
        return "\n".join(_texts(parse_json(response.content)))
    except ValueError:
        return response.text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def _given(response: Response) -> Probe:
    try:
        answer = parse_json(response.content)
    except ValueError:
        raise AnswerError("GET tickets: HTTP 200 without JSON.") from None
    envelope = answer if isinstance(answer, dict) else {}
    items = answer if isinstance(answer, list) else envelope.get("items", envelope.get("data"))
    if not isinstance(items, list):
        raise AnswerError("GET tickets: the answer holds no list of tickets.")
    total, page, size = (_whole(envelope.get(key)) for key in ("total", "page", "size"))
    tickets = (examine_ticket(item) for item in items)
    return Probe(
        status=response.status_code,
        total=total,
        page=page,
        size=size,
        count=len(items),
        items=tuple(each for each in tickets if not isinstance(each, Malformed)),
        headers=_headers(response),
    )


def _whole(value: Any) -> int | None:
    return value if type(value) is int else None


def _headers(response: Response) -> tuple[str, ...]:
    names = sorted(name.lower() for name in response.headers)
    return tuple(name for name in names if any(part in name for part in TOLD_HEADERS))
