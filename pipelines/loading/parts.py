"""A window that the warehouse refuses, loaded in parts, so that one ticket blocks no other.

Depends on nothing that reads or writes. Promises that a ticket is refused only after it failed once
more, alone, and that a warehouse which takes nothing is not mistaken for tickets that it cannot
take.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence

from dlt.load.exceptions import LoadClientJobException
from dlt.pipeline.exceptions import PipelineStepFailed

from sources.sendcloud_support.holdings import Answer

from ..failures import links

NOTHING_ELSE = 3
"""So many tickets that fail alone, and none that is loaded: it is the warehouse."""

OF_THE_WAREHOUSE = (
    "OperationalError",
    "InterfaceError",
    "IOException",
    "OutOfMemory",
    "OSError",
    "PermissionError",
    "ConnectionError",
    "Transient",
    "No space left",
    "ReadOnly",
    "read-only",
)
"""In the name or the text of an error that has nothing to do with what is loaded."""


def may_be_a_ticket(error: BaseException) -> bool:
    """Whether the error may come from what is loaded."""
    told = " ".join(f"{_names(link)} {link}" for link in links(error) if not _is_of_dlt(link))
    return not any(word in told for word in OF_THE_WAREHOUSE)


def load_in_parts(
    answers: Sequence[Answer],
    load: Callable[[Sequence[Answer]], None],
    refuse: Callable[[Answer], None],
    alone: Collection[int] = (),
) -> None:
    """Load answers of one ticket each, halves of halves; those that fail alone are refused.

    `alone` are tickets that failed before: they are tried by themselves, after all others.
    """
    known = [each for each in answers if each.tickets[0]["id"] in alone]
    rest = [each for each in answers if each.tickets[0]["id"] not in alone]
    parts = deque([rest, *([each] for each in known)])
    refused, has_loaded = 0, False
    while parts:
        part = parts.popleft()
        try:
            load(part)
        except Exception as error:
            if not may_be_a_ticket(error):
                raise
            if len(part) > 1:
                half = len(part) // 2
                parts.extendleft((part[half:], part[:half]))
                continue
            refused += 1
            if refused == NOTHING_ELSE and not has_loaded:
                raise
            refuse(part[0])
        else:
            has_loaded = has_loaded or bool(part)


def singly(answer: Answer) -> list[Answer]:
    """The answer as answers of one ticket each."""
    return [answer._replace(tickets=(ticket,), set_aside=()) for ticket in answer.tickets]


def _is_of_dlt(error: BaseException) -> bool:
    """dlt calls a job transient whenever it does not know the driver's error."""
    return isinstance(error, LoadClientJobException | PipelineStepFailed)


def _names(error: BaseException) -> str:
    return " ".join(kind.__name__ for kind in type(error).__mro__)
