"""What answers are made of: the list's pages and its ways to end, and single tickets as written.

Depends on the account, the answers, the filters and the switches. Promises that one answer is of
one moment.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from ..account import Account
from . import answers
from .filters import NO_FILTERS, Filters, mistake, read_filters
from .request import Request
from .switches import Switches

DEFAULT_SIZE = 15


class Pages:
    """The list of an account, as the switches let it be seen."""

    def __init__(self, account: Account, switches: Switches) -> None:
        self.account, self.switches = account, switches

    def answer(self, request: Request) -> Response:
        """The page that was asked for, or what is wrong with the question."""
        wrong = self._mistake(request)
        if wrong is not None:
            name, message = wrong
            return self.invalid(name, message, request.query.get(name, ""))
        page, size = request.page or 1, min(request.size or 1, self.switches.largest_size)
        if self.switches.ignores_size:
            size = DEFAULT_SIZE
        if page > (self.switches.deepest_page or page):
            return self._too_deep(page, size)
        filters = read_filters(request.query, self.switches)
        body = self.page(page, size, filters)
        if page > 1 and body.endswith(b'"items":[]}'):
            return self._past_the_end(page, size, filters)
        self._drift()
        return answers.written(body)

    def page(self, page: int, size: int, filters: Filters = NO_FILTERS) -> bytes:
        """One page, as it goes over the wire."""
        with self.account.still():
            total, numbers = filters.slice(self.account, (page - 1) * size, size)
            written = [self.written(number, in_list=True) for number in numbers]
        return answers.page_of(total, page, size, [text for text in written if text is not None])

    def written(self, number: int, *, in_list: bool) -> bytes | None:
        """One ticket, as it goes over the wire; None if there is none."""
        empties = in_list and self.switches.lists_without_actions
        if not empties and not self.switches.reshapes:
            return self.account.written(number)
        ticket = self.account.ticket(number)
        if ticket is None:
            return None
        if empties:
            ticket["requested_actions"] = []
        return json.dumps(_reshaped(ticket, self.switches), separators=(",", ":")).encode()

    def invalid(self, name: str, message: str, given: str) -> Response:
        """422, in one of the two manners."""
        return answers.invalid(name, message, given, fastapi=self.switches.validation == "fastapi")

    def _mistake(self, request: Request) -> tuple[str, str] | None:
        """The parameter out of range, and what is wrong with it."""
        most = self.switches.largest_size
        if request.page is None or request.page < 1:
            return "page", "Input should be greater than or equal to 1"
        is_over = request.size is not None and request.size > most
        is_clamped = is_over and self.switches.above_largest == "clamped"
        if request.size is None or request.size < 1 or (is_over and not is_clamped):
            return "size", f"Input should be from 1 to {most}"
        return mistake(request.query, self.switches)

    def _past_the_end(self, page: int, size: int, filters: Filters) -> Response:
        """One of the ways in which an API says that its list is over."""
        way = self.switches.past_the_end
        if way == "404":
            return answers.not_found()
        if way == "422":
            return answers.error(422, "invalid", "Invalid", "The page is too high.")
        if way == "last":
            page = max(-(-filters.slice(self.account, 0, 0)[0] // size), 1)
        return answers.written(self.page(page, size, filters))

    def _too_deep(self, page: int, size: int) -> Response:
        """How an API says that it does not page so far: nobody knows this one's way."""
        way = self.switches.past_the_deepest
        if way == "404":
            return answers.not_found()
        if way == "empty":
            return JSONResponse(json.loads(self.page(page, size)) | {"items": []})
        return answers.error(int(way), "invalid", "Invalid", "The page is too high.")

    def _drift(self) -> None:
        drift = self.switches.drift
        if drift is not None and drift.is_due():
            with self.account.still():
                drift.strike(self.account)


def _reshaped(ticket: dict[str, Any], switches: Switches) -> dict[str, Any]:
    if switches.null_updated_at:
        ticket["updated_at"] = None
    if switches.parcel_id_as_text and ticket["parcel_id"] is not None:
        ticket["parcel_id"] = f"P-{ticket['parcel_id']}"
    if switches.new_field:
        ticket[switches.new_field] = "high"
    if switches.unknown_status and ticket["status"] == "pending":
        ticket["status"] = switches.unknown_status
    return switches.reshape(ticket) if switches.reshape else ticket
