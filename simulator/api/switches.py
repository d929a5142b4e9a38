"""Everything about the server that can be set wrong, and right again while it serves.

Depends on nothing. `python -m simulator --help` and these docstrings list what it can do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from ..account import Account

Kind = Literal[
    "bare_429",
    "announced_429",
    "400",
    "403",
    "410",
    "500",
    "502_html",
    "503",
    "401",
    "revoked_tokens",
    "reset",
    "stall",
    "redirect",
    "reset_in_body",
    "cut_body",
    "truncated_json",
    "html",
    "wrong_page",
    "repeated_page",
    "shrinking_pages",
    "missing_key",
    "items_not_a_list",
    "bare_list",
    "data_envelope",
    "no_counts",
    "short_list",
]
KINDS: dict[str, str] = {
    "bare_429": "429 as documented, no Retry-After",
    "announced_429": "429 with Retry-After (seconds=)",
    "400": "an error envelope with status 400",
    "403": "an error envelope with status 403",
    "410": "an error envelope with status 410",
    "500": "an error envelope with status 500",
    "502_html": "a gateway's HTML page with status 502",
    "503": "an error envelope with status 503 and Retry-After (seconds=)",
    "401": "the documented 401 although the credentials are right",
    "revoked_tokens": "every token given so far becomes invalid, before the answer",
    "reset": "the connection is reset before a byte of the answer",
    "stall": "silence for so long (seconds=), then the answer",
    "redirect": "a 302 to another place (location=)",
    "reset_in_body": "the connection is reset after half of the body",
    "cut_body": "the connection is closed in good order after half of the body",
    "truncated_json": "200 with half of the JSON, and a Content-Length that fits",
    "html": "200 with an HTML page",
    "wrong_page": "the envelope says another page than was asked for",
    "repeated_page": "the items of the page before, under the number asked for",
    "shrinking_pages": "total and pages are one page too small",
    "missing_key": "an envelope or token without that key (key=, else items or access_token)",
    "items_not_a_list": "items is an object",
    "bare_list": "the items without an envelope",
    "data_envelope": "only {data: [...]}",
    "no_counts": "an envelope without total and pages",
    "short_list": "the list counts and shows so many tickets only (shows=)",
}
Endpoint = Literal["list", "detail", "token", "metadata"]
_PLACES = ("any", *get_args(Endpoint))


@dataclass
class Fault:
    """One misbehaviour, and which requests meet it.

    Requests are counted from 1 since the fault was made, only those that it could meet: `on` an
    endpoint ("any" is list and detail), and asking for `page` or `ticket` if that is set. Without
    `every` and `at` it meets all of them; `times` limits how often.
    """

    kind: Kind
    every: int | None = None
    at: tuple[int, ...] = ()
    on: Literal["any", "list", "detail", "token", "metadata"] = "any"
    page: int | None = None
    ticket: int | None = None
    times: int | None = None
    seconds: float = 1.0
    location: str = "http://localhost:9/elsewhere"
    key: str | None = None
    shows: int = 0
    met: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"No fault {self.kind!r}; there are {', '.join(KINDS)}.")
        if self.on not in _PLACES:
            raise ValueError(f"No endpoint {self.on!r}; there are {', '.join(_PLACES)}.")
        if self.every is not None and self.every < 1:
            raise ValueError("every= counts from 1.")

    def strikes(
        self, endpoint: Endpoint, page: int | None = None, ticket: int | None = None
    ) -> bool:
        """Count this request, and say whether it is one of the unlucky."""
        if not self._concerns(endpoint, page, ticket):
            return False
        self.met += 1
        if not self._is_due() or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        return True

    def _concerns(self, endpoint: Endpoint, page: int | None, ticket: int | None) -> bool:
        here = endpoint in {"list", "detail"} if self.on == "any" else endpoint == self.on
        return here and self.page in {None, page} and self.ticket in {None, ticket}

    def _is_due(self) -> bool:
        if self.every is None and not self.at:
            return True
        return self.met in self.at or (self.every is not None and self.met % self.every == 0)


@dataclass
class Drift:
    """What happens to the account while a client pages through it.

    After every `every` list pages served: so many new tickets on top, deletions (by chance, or of
    the newest) and updates of tickets that are not closed. `times` limits how often.
    """

    every: int = 5
    inserts: int = 0
    deletes: int = 0
    updates: int = 0
    deletes_newest: bool = False
    times: int | None = None
    pages: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def is_due(self) -> bool:
        """Count a page served, and say whether the account drifts now."""
        self.pages += 1
        if self.pages % self.every or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        return True

    def strike(self, account: Account) -> None:
        """Delete, update and insert."""
        pick = account.newest if self.deletes_newest else account.pick
        for number in pick(self.deletes):
            account.drop(number)
        for number in account.pick(self.updates, live=True):
            account.update(number)
        account.insert(self.inserts)


@dataclass
class Switches:
    """The server's behaviour; every field may be changed while it serves.

    The defaults are the well-behaved API, without a request limit.
    """

    requests_per_minute: int | None = None
    """A bare fixed window from the first request on, over list and detail; None or 0 is off."""
    retry_after: Literal["off", "seconds", "date"] = "off"
    """Whether the window's 429 says how long to wait."""

    basic: bool = True
    oauth: bool = True
    demands_oauth: bool = False
    """The integration is ticked "Use OAuth2 authentication": Basic is rejected."""
    beta: bool = True
    """False: right credentials without access to the beta get 403."""
    token_seconds: int = 3600
    fine_scopes: bool = False
    """The integration has the scopes of the vendor's newer page: `api` is refused."""

    validation: Literal["errors", "fastapi"] = "errors"
    """The shape of the answer to a page or size out of range: unknown, so both can be had."""
    past_the_end: Literal["empty", "404", "422", "last"] = "empty"
    """What a page too high gets: an empty one, an error, or the last page under its own number."""
    deepest_page: int | None = None
    """The list gives no page beyond this one, though it counts all tickets."""
    past_the_deepest: Literal["400", "404", "422", "empty"] = "400"
    ignores_size: bool = False
    """15 tickets a page, whatever is asked for."""
    largest_size: int = 20
    above_largest: Literal["refused", "clamped"] = "refused"
    """Whether a larger size is an error, or answered by the largest."""
    updated_since: str | None = None
    """The name of a change filter."""
    obeys_updated_since: bool = True
    created_since: str | None = None
    """The name of a filter by creation."""
    bounds_are_dates: bool = False
    """Both take days (2026-11-01) only."""
    equal_filters: tuple[str, ...] = ()
    """Filters by a value: the name of a field, or `carrier_code=carrier`."""
    unknown_parameters: Literal["ignored", "refused"] = "ignored"

    lists_without_actions: bool = False
    null_updated_at: bool = False
    parcel_id_as_text: bool = False
    new_field: str | None = None
    """A field of that name on every ticket."""
    unknown_status: str | None = None
    """Stands where `pending` would."""
    reshape: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """Any other change of a ticket on its way out; gets a copy."""

    faults: list[Fault] = field(default_factory=list)
    drift: Drift | None = None

    @property
    def reshapes(self) -> bool:
        """Whether tickets are not sent as the account holds them."""
        return bool(
            self.null_updated_at
            or self.parcel_id_as_text
            or self.new_field
            or self.unknown_status
            or self.reshape
        )


assert set(KINDS) == set(get_args(Kind))
