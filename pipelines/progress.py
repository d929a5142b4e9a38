"""What a person sees while a run reads; a log sees one line per window.

Depends on rich. Promises to write to standard error only, and no moving line unless that is a
terminal.
"""

from __future__ import annotations

from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text


class Progress:
    """One line that moves on a terminal; sentences elsewhere."""

    def __init__(self, per_minute: int, console: Console | None = None) -> None:
        self.per_minute = per_minute
        self.outlook = ""
        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._live = Live(console=self.console, transient=True, auto_refresh=False)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, what: str, to_come: int, left: int | None) -> None:
        """What was read, requests left in the minute, and when it will be done."""
        self.outlook = f", done in about {self.time_left(to_come)}" if self.per_minute else ""
        if not self.console.is_terminal:
            return
        in_minute = "" if left is None else f", {max(left, 0)} requests left in this minute"
        self._live.update(Text(f"{what}{in_minute}{self.outlook}"), refresh=True)

    def time_left(self, requests: int) -> str:
        """How long so many requests take at the configured pace, for people."""
        if self.per_minute <= 0:
            return "no time"
        return duration(timedelta(minutes=requests / self.per_minute))

    def say(self, sentence: str) -> None:
        """A sentence that stays, on a terminal and in a log."""
        self.console.print(sentence, markup=False)


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
