"""Reads what an error answer says, in every shape the platform is known to use.

Depends on nothing of ours. Promises to look at a body without ever repeating it: only error
codes (short identifiers) and the length of a rate window come out.

Shapes, by source: `{"errors": [{code, detail, title, status}]}` (Support API), the same with
string or integer `status` (v3), `errors` as an object, `{"error": {code, message}}` (v2),
`{"error": "invalid_client", ...}` (token host), `{"detail": "…"}` or `{"detail": [{loc, msg,
type}]}` (FastAPI services), and no JSON at all (a gateway's HTML page).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from requests import Response

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")
RATE_WINDOW = re.compile(r"\d+\s*(?:per|/)\s*(\d+)?\s*(second|minute|hour|day)", re.IGNORECASE)
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
DEFAULT_WINDOW_SECONDS = 60.0
"""When a 429 names neither a time nor a window: the documented limit is per minute."""


@dataclass(frozen=True)
class ErrorReport:
    """What an error answer said. `kind` tells the body's shape, `codes` its error codes."""

    kind: str
    codes: tuple[str, ...] = ()
    window_seconds: float | None = None

    @property
    def is_json(self) -> bool:
        """Whether the body was JSON, so that the API itself rather than a gateway answered."""
        return self.kind.startswith("JSON")

    def __str__(self) -> str:
        return f"code {', '.join(self.codes)}" if self.codes else self.kind


def read_error(response: Response) -> ErrorReport:
    """What the answer says, without its text."""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return ErrorReport(_shape(response))
    texts = tuple(_texts(body))
    return ErrorReport(
        kind="JSON without an error code",
        codes=tuple(dict.fromkeys(_codes(body))),
        window_seconds=next(filter(None, map(_window, texts)), None),
    )


def retry_after_seconds(response: Response, now: datetime | None = None) -> float | None:
    """The wait that `Retry-After` asks for, given in seconds or as a date (RFC 9110, 10.2.3)."""
    value = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def throttle_seconds(response: Response, report: ErrorReport) -> float:
    """How long a 429 asks to wait: `Retry-After`, else the window it names, else a minute."""
    asked = retry_after_seconds(response)
    if asked is not None:
        return asked
    return report.window_seconds or DEFAULT_WINDOW_SECONDS


def _shape(response: Response) -> str:
    start = response.content[:200].lstrip().lower()
    if not start:
        return "an empty body"
    return (
        "an HTML page" if start.startswith((b"<!doctype", b"<html")) else "a body that is no JSON"
    )


def _entries(body: Any) -> Iterator[Any]:
    """The error entries of a body, wherever this shape keeps them."""
    if not isinstance(body, dict):
        return
    for key in ("errors", "error", "detail"):
        found = body.get(key)
        yield from found if isinstance(found, list) else [found]
    yield {"detail": body.get("message")}


def _codes(body: Any) -> Iterator[str]:
    """Error codes; a bare string counts only as OAuth's `error`, anywhere else it is prose."""
    named = [entry for entry in _entries(body) if isinstance(entry, dict)]
    candidates = [entry.get("code", entry.get("type")) for entry in named]
    candidates.append(body.get("error") if isinstance(body, dict) else None)
    yield from (code for code in candidates if isinstance(code, str) and CODE.fullmatch(code))


def _texts(body: Any) -> Iterator[str]:
    for entry in _entries(body):
        if isinstance(entry, dict):
            yield from (value for value in entry.values() if isinstance(value, str))
        elif isinstance(entry, str):
            yield entry


def _window(text: str) -> float | None:
    """Seconds of the window in a text such as "Rate limit exceeded: 30 per 1 minute"."""
    match = RATE_WINDOW.search(text)
    if not match:
        return None
    return float(int(match[1] or 1) * UNIT_SECONDS[match[2].lower()])
