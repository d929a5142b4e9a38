"""A request that was served, as it is noted down.

Depends on the switches for the names of the endpoints. Promises no header, no body, no secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .switches import Endpoint


@dataclass
class Request:
    """One request.

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


def whole(text: str) -> int | None:
    """The number that was sent; None for what is no number."""
    try:
        return int(text)
    except ValueError:
        return None
