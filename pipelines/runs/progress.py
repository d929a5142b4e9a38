"""What a person sees while a run reads; a log sees one line per window.

Depends on rich. Promises to write to standard error only, and no moving line unless that is a
terminal.
"""

from __future__ import annotations

from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from sources.sendcloud_support.holdings import counted


class Progress:
    """A bar that fills on a terminal; sentences elsewhere."""

    def __init__(self, per_minute: int, console: Console | None = None) -> None:
        self.per_minute = per_minute
        self.outlook = ""
        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[left]}", markup=False),
            console=self.console,
            transient=True,
            auto_refresh=False,
        )
        self._task = self._bar.add_task("", total=None, left="")
        self._made = 0

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.console.is_terminal:  # elsewhere it would leave an empty line
            self._bar.stop()

    def show(self, what: str, to_come: int, in_minute: int | None) -> None:
        """What was read, requests that are left, how many of them this minute, and for how long."""
        self.outlook = f", done in about {self.time_left(to_come)}" if self.per_minute else ""
        if not self.console.is_terminal:
            return
        self._made += 1
        now = "" if in_minute is None else f", room for {max(in_minute, 0)} this minute"
        self._bar.update(
            self._task,
            description=what,
            completed=self._made,
            total=self._made + to_come,
            left=f"{counted(to_come, 'request')} left{now}{self.outlook}",
        )
        self._bar.refresh()

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
