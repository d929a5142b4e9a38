"""What a person sees while a run reads; a log sees one line per window.

Depends on `bar` where there is a terminal. Promises to write to standard error only, and no moving
line unless that is a terminal.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sources.sendcloud_support.holdings import counted

if TYPE_CHECKING:
    from rich.console import Console

    from .bar import Bar


class Progress:
    """A bar that fills on a terminal; sentences elsewhere."""

    def __init__(self, per_minute: int, console: Console | None = None) -> None:
        self.per_minute = per_minute
        self.outlook = ""
        self._bar = _bar_on(console) if console or _is_seen() else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, what: str, to_come: int, in_minute: int | None) -> None:
        """What was read, requests that are left, how many of them this minute, and for how long."""
        self.outlook = f", done in about {self.time_left(to_come)}" if self.per_minute else ""
        if self._bar:
            now = "" if in_minute is None else f", room for {max(in_minute, 0)} this minute"
            left = f"{counted(to_come, 'request')} left{now}{self.outlook}"
            self._bar.move(what, to_come, left)

    def time_left(self, requests: int) -> str:
        """How long so many requests take at the configured pace, for people."""
        if self.per_minute <= 0:
            return "no time"
        return duration(timedelta(minutes=requests / self.per_minute))

    def say(self, sentence: str) -> None:
        """A sentence that stays, on a terminal and in a log."""
        if self._bar:
            self._bar.say(sentence)
        elif sys.stderr is not None:
            print(sentence, file=sys.stderr)


def _is_seen() -> bool:
    """Whether somebody looks; whoever starts a command may have closed its standard error."""
    return sys.stderr is not None and sys.stderr.isatty()


def _bar_on(console: Console | None) -> Bar:
    from .bar import Bar

    return Bar(console)


def duration(span: timedelta) -> str:
    """A span as people say it: `45 s`, `12 min`, `2 h 47 min`."""
    seconds = round(span.total_seconds())
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:  # noqa: PLR2004
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // (24 * 60)} days"
