"""The bodies that the API answers: documented ones to the letter, the rest in the same manner.

Depends on nothing of this room. Documented: 404 and 429 of the detail endpoint, the list envelope,
`authentication_failed`; by analogy: 400, 403, 500, the token endpoint's words.
"""

from __future__ import annotations

import math
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

TICKET_NOT_FOUND = {
    "errors": [
        {
            "code": "bad_request",
            "detail": "Ticket not found",
            "title": "Bad Request",
            "status": 404,
        }
    ]
}


def envelope(total: int, page: int, size: int, items: list[Any]) -> dict[str, Any]:
    """The list's counters, in the vendor's order, around the items."""
    pages = math.ceil(total / size)
    return {"total": total, "page": page, "pages": pages, "size": size, "items": items}


def page_of(total: int, page: int, size: int, items: list[bytes]) -> bytes:
    """The same as bytes, around items that are written already."""
    head = f'{{"total":{total},"page":{page},"pages":{math.ceil(total / size)},"size":{size}'
    return b'%s,"items":[%s]}' % (head.encode(), b",".join(items))


def written(body: bytes) -> Response:
    """JSON that is written already."""
    return Response(body, media_type="application/json")


def error(status: int, code: str, title: str, detail: str) -> JSONResponse:
    """The Support API's error envelope."""
    body = {"code": code, "detail": detail, "title": title, "status": status}
    return JSONResponse({"errors": [body]}, status)


def not_found() -> JSONResponse:
    """The documented answer for a ticket that is not there; code and title are the vendor's."""
    return JSONResponse(TICKET_NOT_FOUND, 404)


def too_many(limit: int = 30) -> JSONResponse:
    """The documented 429."""
    detail = f"Rate limit exceeded: {limit} per 1 minute"
    return error(429, "hit_rate_limit", "Rate limit exceeded", detail)


def unauthorized(detail: str) -> JSONResponse:
    """401 with the vendor's code."""
    return error(401, "authentication_failed", "Authentication failed", detail)


def no_permission() -> JSONResponse:
    """403, as the Reporting API answers when a feature is not enabled; no beta, or no scope."""
    detail = "You do not have permission to perform this action."
    return error(403, "forbidden", "Forbidden", detail)


def invalid(name: str, message: str, given: str, *, fastapi: bool) -> JSONResponse:
    """A parameter out of range, in one of the two shapes that the vendor's APIs have."""
    if fastapi:
        problem = {"loc": ["query", name], "msg": message, "type": "value_error", "input": given}
        return JSONResponse({"detail": [problem]}, 422)
    return error(400, "bad_request", "Bad Request", f"{name}: {message}")


def bad_gateway() -> HTMLResponse:
    """What a gateway says when nobody answers behind it."""
    page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"
    return HTMLResponse(page, 502)


def oauth_error(status: int, code: str, description: str) -> Response:
    """The token endpoint's own error shape."""
    body = {"error": code, "error_description": description, "status_code": status}
    return JSONResponse(body, status)
