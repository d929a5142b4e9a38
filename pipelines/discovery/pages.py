"""Pages: how large they may be, what comes past the end, whether they hold requested actions.

Depends on `findings`, the source's probe and its own way of telling whether lists are thin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sources.sendcloud_support import PAGE_SIZE
from sources.sendcloud_support.api import Page, Probe
from sources.sendcloud_support.planning import ListDepth

from .findings import Depth

LARGER = (PAGE_SIZE + 1, 50, 100)
BEYOND = 2
"""So many pages past the last one are asked for: a new ticket may have opened one meanwhile."""

QUESTIONS = 4

Ask = Callable[..., Probe]
Detail = Callable[[int], dict[str, Any] | None]


def ask_largest_size(ask: Ask) -> tuple[int | None, str]:
    """The largest size that was honoured, None beyond those tried, and what a larger one gets."""
    largest = PAGE_SIZE
    for size in LARGER:
        answer = ask(page=1, size=size)
        if not answer.is_ok:
            return largest, f"refused, HTTP {answer.status} ({answer.error})"
        given = answer.size if answer.size is not None else max(answer.count, 1)
        if given < size:
            return given, "answered by the largest"
        largest = size
    return None, f"honoured up to {largest}"


def ask_past_the_end(ask: Ask, pages: int) -> str:
    """What a page gets that is beyond all pages."""
    answer = ask(page=pages + BEYOND, size=PAGE_SIZE)
    if not answer.is_ok:
        return f"refused, HTTP {answer.status} ({answer.error})"
    if answer.count == 0:
        return "an empty page"
    return "the last page again" if answer.page == pages else "tickets"


def ask_actions(listed: Iterable[dict[str, Any]], seen_at: datetime, detail: Detail) -> Depth:
    """Whether pages hold requested actions; a few details tell where no listed ticket shows one."""
    depth, items = ListDepth(), tuple(listed)
    depth.hear(Page(1, max(len(items), 1), items), seen_at, {})
    for _ in range(QUESTIONS):
        ticket_id = depth.next_question(is_end=True)
        if ticket_id is None:
            break
        depth.compare(ticket_id, detail(ticket_id))
    if depth.has_shown:
        return Depth.SHOWN
    return Depth.LEFT_OUT if depth.are_thin else Depth.UNKNOWN
