"""The endpoints: list, detail, token and the credential check, as a Starlette application.

Depends on pages, faults, access and the switches. Promises the contract when all switches are off;
a switch or a fault changes what its name says and nothing else.
"""

from __future__ import annotations

import asyncio
import time as machine_time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..account import Account
from . import answers
from .access import Access, scheme_of
from .faults import answer_instead, spoil
from .pages import DEFAULT_SIZE, Pages
from .request import Request, whole
from .switches import Endpoint, Fault, Switches
from .window import Window
from .wire import Reset

ROOT = "/api/v3"

Handler = Callable[[Request, HttpRequest], Awaitable[Response]]


class Api:
    """One organisation's API."""

    def __init__(
        self, account: Account, switches: Switches, access: Access, time: Callable[[], float]
    ) -> None:
        self.account, self.access = account, access
        self.pages = Pages(account, switches)
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

    @property
    def switches(self) -> Switches:
        """How it behaves."""
        return self.pages.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.pages.switches = self.access.switches = switches

    # --- the way of every request ----------------------------------------------------------

    def _served(
        self, endpoint: Endpoint, handler: Handler
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
            page=whole(query.get("page", "1")) if endpoint == "list" else None,
            size=whole(query.get("size", str(DEFAULT_SIZE))) if endpoint == "list" else None,
            ticket_id=whole(http.path_params.get("id", "")),
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
            elif response := answer_instead(fault):
                return response
        return None

    def _refusal(self, request: Request, http: HttpRequest) -> Response | None:
        if request.endpoint == "token":
            return None
        refusal = self.access.refusal(http.headers.get("authorization"))
        if refusal is None and not self.switches.beta and request.endpoint != "metadata":
            return answers.no_permission()
        return refusal

    async def _answer(
        self, request: Request, http: HttpRequest, handler: Handler, faults: list[Fault]
    ) -> Response:
        response = await handler(request, http)
        for fault in faults:
            response = spoil(fault, request.endpoint, response, self.pages.page)
        return response

    # --- endpoints -------------------------------------------------------------------------

    async def _list(self, request: Request, _: HttpRequest) -> Response:
        return self.pages.answer(request)

    async def _detail(self, request: Request, http: HttpRequest) -> Response:
        if request.ticket_id is None:
            given = str(http.path_params["id"])
            return self.pages.invalid("ticket_id", "Input should be a valid integer", given)
        written = self.pages.written(request.ticket_id, in_list=False)
        return answers.not_found() if written is None else answers.written(written)

    async def _metadata(self, _: Request, __: HttpRequest) -> Response:
        return JSONResponse({"data": {"user_id": 4711, "integration_id": 815}})

    async def _token(self, _: Request, http: HttpRequest) -> Response:
        return self.access.answer(http.headers.get("authorization"), await http.body())


async def _no_such_path(_: HttpRequest, problem: Exception) -> Response:
    status = problem.status_code if isinstance(problem, HTTPException) else 404
    title = HTTPStatus(status).phrase
    return answers.error(status, title.lower().replace(" ", "_"), title, f"{title}.")
