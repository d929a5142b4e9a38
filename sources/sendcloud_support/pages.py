"""A page of the ticket list: what came back, compared with what was asked.

Depends on `exceptions` and `tickets`. Promises that a `Page` is a plausible answer to the request
it belongs to; every contradiction is an `AnswerError` in one sentence. The envelope
`{"total", "page", "pages", "size", "items"}` is the documented one
(https://sendcloud.dev/api/v3/support/retrieve-support-tickets); a bare list and
`{"data": [...]}`, which the older paths of this API use, are read too, without a total.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .exceptions import AnswerError
from .tickets import Ticket, check_ticket

ENVELOPE_KEYS = ("total", "page", "pages", "size", "items")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the list endpoint. `total` and `pages` are None where the answer has none."""

    number: int
    size: int
    items: tuple[Ticket, ...]
    total: int | None = None
    pages: int | None = None

    @property
    def ids(self) -> frozenset[int]:
        """The ids on this page."""
        return frozenset(item["id"] for item in self.items)

    @property
    def is_last(self) -> bool:
        """Whether the list ends here: by its own count, else because the page is not full."""
        if self.pages is not None:
            return self.number >= self.pages
        return len(self.items) < self.size


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
    return Page(asked, size, _tickets(items, where))


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
    return Page(asked, size, _tickets(answer["items"], where), total, pages)


def _count(answer: dict[str, Any], key: str, where: str) -> int:
    value = answer[key]
    if type(value) is not int or value < 0:
        raise AnswerError(f"{where}: `{key}` should be a number of 0 or more.")
    return value


def _tickets(items: list[Any], where: str) -> tuple[Ticket, ...]:
    tickets = tuple(check_ticket(item, where) for item in items)
    if len({ticket["id"] for ticket in tickets}) < len(tickets):
        raise AnswerError(f"{where}: the same ticket stands twice on one page.")
    return tickets
