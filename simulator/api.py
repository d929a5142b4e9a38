"""The endpoints: list, detail, token and the credential check, as a Starlette application.

Depends on the account, the switches and the answers. Promises the contract when all switches are
off; a switch or a fault changes what its name says and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import time as machine_time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from . import answers
from .access import Access, scheme_of
from .account import Account
from .filters import NO_FILTERS, Filters, mistake, read_filters
from .switches import Endpoint, Fault, Switches
from .window import Window
from .wire import Half, Reset

ROOT = "/api/v3"
DEFAULT_SIZE = 15


@dataclass
class Request:
    """A request that was served; no header, no body, no secret in it.

    `time` is the server's timer (the one that the request window uses), `status` 0 until it was
    answered, and for good where the connection was dropped.
    """

    number: int
    method: str
    path: str
    endpoint: Endpoint
    time: float
    query: dict[str, str] = field(default_factory=dict)
    page: int | None = None
    size: int | None = None
    ticket_id: int | None = None
    scheme: str | None = None
    status: int = 0
    faults: tuple[str, ...] = ()


class Api:
    """One organisation's API."""

    def __init__(
        self, account: Account, switches: Switches, access: Access, time: Callable[[], float]
    ) -> None:
        self.account, self.switches, self.access = account, switches, access
        self.requests: list[Request] = []
        self._time = time
        self._window = Window(time)
        self.application = Starlette(
            routes=[
                Route(f"{ROOT}/dsf/tickets", self._served("list", self._list)),
                Route(f"{ROOT}/dsf/tickets/{{id}}", self._served("detail", self._detail)),
                Route(f"{ROOT}/user/auth/metadata", self._served("metadata", self._metadata)),
                Route("/oauth2/token", self._served("token", self._token), methods=["POST"]),
                Route("/oauth2/token/", self._served("token", self._token), methods=["POST"]),
            ],
            exception_handlers={404: _no_such_path, 405: _no_such_path},
        )

    # --- the way of every request ----------------------------------------------------------

    def _served(
        self, endpoint: Endpoint, handler: Callable[[Request, HttpRequest], Awaitable[Response]]
    ) -> Callable[[HttpRequest], Awaitable[Response]]:
        async def serve(http: HttpRequest) -> Response:
            request = self._note(endpoint, http)
            faults = [
                f
                for f in self.switches.faults
                if f.strikes(endpoint, request.page, request.ticket_id)
            ]
            request.faults = tuple(fault.kind for fault in faults)
            response = self._beyond_limit(request)
            response = response or await self._instead(faults)
            response = response or self._refusal(request, http)
            response = response or await self._answer(request, http, handler, faults)
            request.status = 0 if isinstance(response, Reset) else response.status_code
            return response

        return serve

    def _note(self, endpoint: Endpoint, http: HttpRequest) -> Request:
        query = dict(http.query_params)
        request = Request(
            number=len(self.requests) + 1,
            method=http.method,
            path=http.url.path,
            endpoint=endpoint,
            time=self._time(),
            query=query,
            page=_whole(query.get("page", "1")) if endpoint == "list" else None,
            size=_whole(query.get("size", str(DEFAULT_SIZE))) if endpoint == "list" else None,
            ticket_id=_whole(http.path_params.get("id", "")),
            scheme=scheme_of(http.headers.get("authorization")),
        )
        self.requests.append(request)
        return request

    def _beyond_limit(self, request: Request) -> Response | None:
        if request.endpoint not in {"list", "detail"}:
            return None
        limit = self.switches.requests_per_minute
        wait = self._window.wait(limit)
        if wait is None or not limit:
            return None
        response = answers.too_many(limit)
        if self.switches.retry_after == "seconds":
            response.headers["Retry-After"] = str(int(wait) + 1)
        elif self.switches.retry_after == "date":
            date = formatdate(machine_time.time() + int(wait) + 1, usegmt=True)
            response.headers["Retry-After"] = date
        return response

    async def _instead(self, faults: list[Fault]) -> Response | None:
        """The first fault that leaves no answer; a stall is sat out, tokens are revoked."""
        for fault in faults:
            if fault.kind == "stall":
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "revoked_tokens":
                self.access.revoke()
            elif fault.kind in _INSTEAD:
                return _INSTEAD[fault.kind](fault)
        return None

    def _refusal(self, request: Request, http: HttpRequest) -> Response | None:
        if request.endpoint == "token":
            return None
        refusal = self.access.refusal(http.headers.get("authorization"))
        if refusal is None and not self.switches.beta and request.endpoint != "metadata":
            return answers.no_permission()
        return refusal

    async def _answer(
        self,
        request: Request,
        http: HttpRequest,
        handler: Callable[[Request, HttpRequest], Awaitable[Response]],
        faults: list[Fault],
    ) -> Response:
        response = await handler(request, http)
        for fault in faults:
            response = self._spoil(fault, request, response)
        return response

    def _spoil(self, fault: Fault, request: Request, response: Response) -> Response:
        if fault.kind in {"reset_in_body", "cut_body"}:
            return Half(response, reset=fault.kind == "reset_in_body")
        if fault.kind == "truncated_json":
            return _json(bytes(response.body)[: len(response.body) // 2])
        if fault.kind == "html":
            return HTMLResponse("<html><body>Please sign in.</body></html>")
        if fault.kind == "missing_key" and response.status_code == HTTPStatus.OK:
            return _without(response, fault.key or _MAIN_KEY.get(request.endpoint, "id"))
        if request.endpoint == "list" and response.status_code == HTTPStatus.OK:
            return self._spoil_page(fault, response)
        return response

    def _spoil_page(self, fault: Fault, response: Response) -> Response:
        body = json.loads(bytes(response.body))
        items, size = body["items"], body["size"]
        if fault.kind == "repeated_page":
            before = self._page(max(body["page"] - 1, 1), size)
            return JSONResponse(body | {"items": json.loads(before)["items"]})
        spoilt: dict[str, Any] = {
            "wrong_page": body | {"page": body["page"] + 1},
            "shrinking_pages": body
            | {"total": max(body["total"] - size, 0), "pages": max(body["pages"] - 1, 0)},
            "items_not_a_list": body | {"items": {str(item["id"]): item for item in items}},
            "bare_list": items,
            "data_envelope": {"data": items},
            "no_counts": {key: body[key] for key in ("page", "size", "items")},
            "short_list": _short(body, fault.shows),
        }
        return JSONResponse(spoilt[fault.kind]) if fault.kind in spoilt else response

    # --- endpoints -------------------------------------------------------------------------

    async def _list(self, request: Request, _: HttpRequest) -> Response:
        wrong = self._mistake(request)
        if wrong is not None:
            return self._invalid(*wrong, request)
        page, size = request.page or 1, min(request.size or 1, self.switches.largest_size)
        if self.switches.ignores_size:
            size = DEFAULT_SIZE
        if page > (self.switches.deepest_page or page):
            return self._too_deep(page, size)
        filters = read_filters(request.query, self.switches)
        body = self._page(page, size, filters)
        if page > 1 and body.endswith(b'"items":[]}'):
            return self._past_the_end(request, size, filters)
        self._drift()
        return _json(body)

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

    def _past_the_end(self, request: Request, size: int, filters: Filters) -> Response:
        """One of the ways in which an API says that its list is over."""
        way, page = self.switches.past_the_end, request.page or 1
        if way == "404":
            return answers.not_found()
        if way == "422":
            return answers.error(422, "invalid", "Invalid", "The page is too high.")
        if way == "last":
            page = max(-(-filters.slice(self.account, 0, 0)[0] // size), 1)
        return _json(self._page(page, size, filters))

    def _too_deep(self, page: int, size: int) -> Response:
        """How an API says that it does not page so far: nobody knows this one's way."""
        way = self.switches.past_the_deepest
        if way == "404":
            return answers.not_found()
        if way == "empty":
            return JSONResponse(json.loads(self._page(page, size)) | {"items": []})
        return answers.error(int(way), "invalid", "Invalid", "The page is too high.")

    async def _detail(self, request: Request, http: HttpRequest) -> Response:
        if request.ticket_id is None:
            given = str(http.path_params["id"])
            fastapi = self.switches.validation == "fastapi"
            return answers.invalid(
                "ticket_id", "Input should be a valid integer", given, fastapi=fastapi
            )
        written = self._written(request.ticket_id, in_list=False)
        return answers.not_found() if written is None else _json(written)

    async def _metadata(self, _: Request, __: HttpRequest) -> Response:
        return JSONResponse({"data": {"user_id": 4711, "integration_id": 815}})

    async def _token(self, _: Request, http: HttpRequest) -> Response:
        return self.access.answer(http.headers.get("authorization"), await http.body())

    # --- what the list is made of ----------------------------------------------------------

    def _page(self, page: int, size: int, filters: Filters = NO_FILTERS) -> bytes:
        with self.account.still():
            total, numbers = filters.slice(self.account, (page - 1) * size, size)
            written = [self._written(number, in_list=True) for number in numbers]
        return answers.page_of(total, page, size, [text for text in written if text is not None])

    def _written(self, number: int, *, in_list: bool) -> bytes | None:
        empties = in_list and self.switches.lists_without_actions
        if not empties and not self.switches.reshapes:
            return self.account.written(number)
        ticket = self.account.ticket(number)
        if ticket is None:
            return None
        if empties:
            ticket["requested_actions"] = []
        return json.dumps(_reshaped(ticket, self.switches), separators=(",", ":")).encode()

    def _drift(self) -> None:
        drift = self.switches.drift
        if drift is not None and drift.is_due():
            with self.account.still():
                drift.strike(self.account)

    def _invalid(self, name: str, message: str, request: Request) -> Response:
        fastapi = self.switches.validation == "fastapi"
        return answers.invalid(name, message, request.query.get(name, ""), fastapi=fastapi)


_MAIN_KEY = {"list": "items", "token": "access_token", "metadata": "data"}
_INSTEAD: dict[str, Callable[[Fault], Response]] = {
    "bare_429": lambda _: answers.too_many(),
    "announced_429": lambda fault: _later(answers.too_many(), fault),
    "400": lambda _: answers.error(400, "bad_request", "Bad Request", "No."),
    "403": lambda _: answers.no_permission(),
    "410": lambda _: answers.error(410, "gone", "Gone", "Gone."),
    "500": lambda _: answers.error(500, "internal_server_error", "Internal Server Error", "Oops."),
    "502_html": lambda _: answers.bad_gateway(),
    "503": lambda fault: _later(
        answers.error(503, "service_unavailable", "Service Unavailable", "Try again."), fault
    ),
    "401": lambda _: answers.unauthorized("Invalid username/password."),
    "reset": lambda _: Reset(),
    "redirect": lambda fault: RedirectResponse(fault.location, 302),
}


def _short(body: dict[str, Any], shows: int) -> dict[str, Any]:
    size, first = body["size"], (body["page"] - 1) * body["size"]
    counts = {"total": shows, "pages": -(-shows // size)}
    return body | counts | {"items": body["items"][: max(shows - first, 0)]}


def _later(response: Response, fault: Fault) -> Response:
    response.headers["Retry-After"] = f"{fault.seconds:.0f}"
    return response


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _without(response: Response, key: str) -> Response:
    body = json.loads(bytes(response.body))
    return JSONResponse({name: value for name, value in body.items() if name != key})


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


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


async def _no_such_path(_: HttpRequest, problem: Exception) -> Response:
    status = problem.status_code if isinstance(problem, HTTPException) else 404
    title = HTTPStatus(status).phrase
    return answers.error(status, title.lower().replace(" ", "_"), title, f"{title}.")
