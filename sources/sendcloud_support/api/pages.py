"""A page of the ticket list and the detail of a ticket: what came back, and what was asked.

Depends on `breaches`, `exceptions` and `tickets`. Promises that a `Page` is a plausible answer to
the request it belongs to; every contradiction of the envelope is an `AnswerError` in one sentence,
a ticket that breaks the contract is set aside and leaves the others as they are. The envelope
`{"total", "page", "pages", "size", "items"}` is the documented one
(https://sendcloud.dev/api/v3/support/retrieve-support-tickets); a bare list and
`{"data": [...]}`, which the older paths of this API use, are read too, without a total.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..exceptions import AnswerError
from ..records import Malformed, Ticket, check_ticket, examine_ticket, parse_json
from ..settings import PAGE_SIZE

ENVELOPE_KEYS = ("total", "page", "pages", "size", "items")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the list endpoint. `total` and `pages` are None where the answer has none.

    `set_aside` are tickets that are on the page and break the contract; `places` says where on it
    the items stand, None if nothing stands between them.
    """

    number: int
    size: int
    items: tuple[Ticket, ...]
    total: int | None = None
    pages: int | None = None
    set_aside: tuple[Malformed, ...] = ()
    places: tuple[int, ...] | None = None

    @property
    def ids(self) -> frozenset[int]:
        """The ids on this page, those of tickets set aside too, where they can be read."""
        ids = frozenset(item["id"] for item in self.items)
        if not self.set_aside:
            return ids
        return ids | {each.ticket_id for each in self.set_aside if each.ticket_id is not None}

    @property
    def is_empty(self) -> bool:
        """Whether no ticket is on it."""
        return not self.items and not self.set_aside

    @property
    def nameless(self) -> tuple[Malformed, ...]:
        """Tickets on this page of which nobody can tell which they are."""
        return tuple(each for each in self.set_aside if each.ticket_id is None)

    def placed(self) -> Iterator[tuple[int, Ticket]]:
        """The items with their places on the page, counted from 0."""
        return zip(self.places or range(len(self.items)), self.items, strict=True)

    @property
    def is_last(self) -> bool:
        """Whether the list ends here: by its own count, else because the page is not full."""
        if self.pages is not None:
            return self.number >= self.pages
        return len(self.items) + len(self.set_aside) < self.size


def parse_page(answer: Any, asked: int, size: int) -> Page:
    """The page that `answer` holds, or an `AnswerError` that says what is wrong with it."""
    where = f"GET tickets page {asked}"
    if isinstance(answer, list):
        return _uncounted(answer, asked, size, where)
    if not isinstance(answer, dict):
        raise AnswerError(f"{where}: the answer is neither an object nor a list.")
    if "items" not in answer and isinstance(answer.get("data"), list):
        return _uncounted(answer["data"], asked, size, where)
    return _counted(answer, asked, where)


def _uncounted(items: list[Any], asked: int, size: int, where: str) -> Page:
    if len(items) > size:
        raise AnswerError(
            f"{where}: asked for {size} tickets, got {len(items)} without any page count. The API "
            "ignores the page parameters, so nothing tells where the list ends."
        )
    return _page(asked, size, items)


def _counted(answer: dict[str, Any], asked: int, where: str) -> Page:
    missing = [key for key in ENVELOPE_KEYS if key not in answer]
    if missing:
        raise AnswerError(f"{where}: the answer lacks {', '.join(missing)}.")
    if not isinstance(answer["items"], list):
        raise AnswerError(f"{where}: `items` is not a list.")
    total, page, pages, size = (_count(answer, key, where) for key in ENVELOPE_KEYS[:4])
    if page != asked:
        raise AnswerError(f"{where}: the API answered page {page}. Pages cannot be told apart.")
    if size < 1 or len(answer["items"]) > size:
        raise AnswerError(
            f"{where}: the answer says {size} tickets a page and holds {len(answer['items'])}."
        )
    expected = math.ceil(total / size)
    if pages != expected and not (total == 0 and pages in (0, 1)):
        raise AnswerError(
            f"{where}: the answer counts {total} tickets of {size} a page, so {expected} pages, "
            f"but says {pages}. Walking {pages} pages would lose tickets without a trace."
        )
    return _page(asked, size, answer["items"], total, pages)


def _count(answer: dict[str, Any], key: str, where: str) -> int:
    value = answer[key]
    if type(value) is not int or not 0 <= value < 2**63:  # what a warehouse can count
        raise AnswerError(f"{where}: `{key}` should be a number of 0 or more.")
    return value


def _page(
    number: int, size: int, raw: list[Any], total: int | None = None, pages: int | None = None
) -> Page:
    found = [examine_ticket(item) for item in raw]
    items = [each for each in found if not isinstance(each, Malformed)]
    if len(items) == len(found) == len({item["id"] for item in items}):
        return Page(number, size, tuple(items), total, pages)
    kept = _newest_copies(found)
    set_aside = tuple(each for each in found if isinstance(each, Malformed))
    return Page(number, size, tuple(kept.values()), total, pages, set_aside, tuple(kept))


def _newest_copies(found: Sequence[Ticket | Malformed]) -> dict[int, Ticket]:
    """Tickets by their place; of two copies of one the one updated last, of equal ones the last."""
    places: dict[int, int] = {}
    for place, each in enumerate(found):
        if isinstance(each, Malformed):
            continue
        other = found[places.get(each["id"], place)]
        if not isinstance(other, Malformed) and _updated(other) <= _updated(each):
            places[each["id"]] = place
    chosen = sorted(places.values())
    return {place: ticket for place in chosen if isinstance(ticket := found[place], dict)}


def _updated(ticket: Ticket) -> Any:
    return ticket["updated_at"] or ticket["created_at"]


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
