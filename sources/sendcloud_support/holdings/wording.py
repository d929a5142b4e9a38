"""Wording: numbers, lists and times as people read them.

Depends on the standard library only. Promises plurals that are right and text of a bounded length.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

SHOWN = 3
"""So many of a long list are named."""


def counted(number: int | None, noun: str, nouns: str = "") -> str:
    """`1 ticket`, `1204 tickets`; `nouns` where an s is not enough."""
    many = nouns or f"{noun}s"
    return f"no {many}" if number is None else f"{number} {noun if number == 1 else many}"


def named(things: Iterable[object], most: int = SHOWN) -> str:
    """`1, 2, 3 and 997 more`; a list that is hardly longer is given whole."""
    texts = [str(each) for each in things]
    if len(texts) > most + 1:
        texts = [*texts[:most], f"{len(texts) - most} more"]
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def shortened(text: str, most: int = 240) -> str:
    """The text, cut at a word where it is longer than that."""
    if len(text) <= most:
        return text
    return f"{text[:most].rsplit(' ', 1)[0]} …"


def when(moment: datetime | str | None, never: str = "never") -> str:
    """`2026-11-01 08:30 UTC`."""
    if moment is None:
        return never
    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
