"""The bar that fills on a terminal while a run reads.

Depends on rich, which takes a while to import: whoever speaks to a log does without.
"""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn


class Bar:
    """One moving line, and sentences that stay above it."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[left]}", markup=False),
            console=self.console,
            transient=True,
            auto_refresh=False,
        )
        self._task = self._bar.add_task("", total=None, left="")
        self._made = 0

    def start(self) -> None:
        """Show the line."""
        if self.console.is_terminal:
            self._bar.start()

    def stop(self) -> None:
        """Take it away; elsewhere than on a terminal that would leave an empty line."""
        if self.console.is_terminal:
            self._bar.stop()

    def move(self, what: str, to_come: int, left: str) -> None:
        """One more request was made."""
        if not self.console.is_terminal:
            return
        self._made += 1
        self._bar.update(
            self._task,
            description=what,
            completed=self._made,
            total=self._made + to_come,
            left=left,
        )
        self._bar.refresh()

    def say(self, sentence: str) -> None:
        """A sentence that stays."""
        self.console.print(sentence, markup=False)
