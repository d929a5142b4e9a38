"""What a reading is given: who keeps its answers, and who shows how far it is.

The runner keeps answers until a window is full and loads them; the source hands them to dlt as they
come. Depends on `journal`, `window` and `holdings` for what they hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from ..holdings import Actions, Entry, Held, Tally
from ..records import Malformed, Sample, SetAside, Ticket


class Keeper(Protocol):
    """Keeps answers; `held`, `actions` and `set_aside` are what the warehouse has, with them."""

    held: dict[int, Held]
    actions: Actions
    set_aside: SetAside
    sample: Sample
    tally: Tally
    detailed: set[int]
    lists_leave_out: bool

    @property
    def beside(self) -> set[int]:
        """Tickets that the API has, that are set aside, and of which nothing is held."""

    def keep(
        self, entry: Entry, tickets: Sequence[Ticket], set_aside: Sequence[Malformed] = ()
    ) -> None:
        """Journal an answer and what is in it."""

    def progress(self) -> dict[str, Any] | None:
        """How far the reading had come that was loaded last."""

    def note_gone(self, ticket_ids: Iterable[int], now: datetime) -> None:
        """The API does not have these any more, so nothing of them is set aside."""

    def close_set_aside(self, since: datetime, now: datetime) -> None:
        """Everything was met since then: what was not seen broken again is over."""

    def write_set_aside(self) -> None:
        """Bring the table up to date."""


class Display(Protocol):
    """Shows people how far a reading is."""

    outlook: str

    def show(self, what: str, to_come: int, left: int | None) -> None:
        """What was read, what is to come, requests left in the minute."""

    def say(self, sentence: str) -> None:
        """A sentence that stays."""
