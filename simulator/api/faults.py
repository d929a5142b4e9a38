"""What can go wrong with an answer: faults that take its place, and faults that spoil it.

Depends on the answers and the switches. Promises that a fault changes what its name says and
nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from . import answers
from .switches import Endpoint, Fault
from .wire import Half, Reset

PageBefore = Callable[[int, int], bytes]
"""The page of that number and size, for the fault that repeats one."""


def answer_instead(fault: Fault) -> Response | None:
    """What comes in place of the answer; None if the fault lets it be made."""
    made = _INSTEAD.get(fault.kind)
    return None if made is None else made(fault)


def spoil(fault: Fault, endpoint: Endpoint, response: Response, page: PageBefore) -> Response:
    """The answer as the fault leaves it."""
    is_well = response.status_code == HTTPStatus.OK
    if fault.kind in {"reset_in_body", "cut_body"}:
        return Half(response, reset=fault.kind == "reset_in_body")
    if fault.kind == "truncated_json":
        return answers.written(bytes(response.body)[: len(response.body) // 2])
    if fault.kind == "html":
        return HTMLResponse("<html><body>Please sign in.</body></html>")
    if fault.kind == "missing_key" and is_well:
        return _without(response, fault.key or _MAIN_KEY.get(endpoint, "id"))
    return _spoil_page(fault, response, page) if endpoint == "list" and is_well else response


def _spoil_page(fault: Fault, response: Response, page: PageBefore) -> Response:
    body = json.loads(bytes(response.body))
    if fault.kind == "repeated_page":
        before = page(max(body["page"] - 1, 1), body["size"])
        return JSONResponse(body | {"items": json.loads(before)["items"]})
    spoilt = _SPOILT.get(fault.kind)
    return response if spoilt is None else JSONResponse(spoilt(body, fault))


def _shrunk(body: dict[str, Any], _: Fault) -> dict[str, Any]:
    total, pages = body["total"] - body["size"], body["pages"] - 1
    return body | {"total": max(total, 0), "pages": max(pages, 0)}


def _short(body: dict[str, Any], fault: Fault) -> dict[str, Any]:
    size, first = body["size"], (body["page"] - 1) * body["size"]
    counts = {"total": fault.shows, "pages": -(-fault.shows // size)}
    return body | counts | {"items": body["items"][: max(fault.shows - first, 0)]}


def _later(response: Response, fault: Fault) -> Response:
    response.headers["Retry-After"] = f"{fault.seconds:.0f}"
    return response


def _without(response: Response, key: str) -> Response:
    body = json.loads(bytes(response.body))
    return JSONResponse({name: value for name, value in body.items() if name != key})


_MAIN_KEY = {"list": "items", "token": "access_token", "metadata": "data"}
_SPOILT: dict[str, Callable[[dict[str, Any], Fault], Any]] = {
    "wrong_page": lambda body, _: body | {"page": body["page"] + 1},
    "shrinking_pages": _shrunk,
    "items_not_a_list": lambda body, _: (
        body | {"items": {str(item["id"]): item for item in body["items"]}}
    ),
    "bare_list": lambda body, _: body["items"],
    "data_envelope": lambda body, _: {"data": body["items"]},
    "no_counts": lambda body, _: {key: body[key] for key in ("page", "size", "items")},
    "short_list": _short,
}
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
