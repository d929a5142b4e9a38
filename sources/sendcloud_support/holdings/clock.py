"""Time, as an argument: every run is told what "now" is.

Promises that a clock that is set back during a run does not turn back the run's time, because a
ticket seen "before" its own run would count as not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Clock = Callable[[], datetime]

A_MOMENT = timedelta(microseconds=1)


def system_clock() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


class SteadyClock:
    """A clock that always goes on, hardly so where the one behind it stands still or goes back."""

    def __init__(self, clock: Clock = system_clock, not_before: datetime | None = None) -> None:
        self._clock = clock
        self._latest = self.departed_at = not_before or clock()

    def __call__(self) -> datetime:
        """Now, or a microsecond after the latest time given so far: no two looks are equal."""
        self._latest = max(self._latest + A_MOMENT, self._clock())
        return self._latest

    def begin_after(self, moment: datetime) -> None:
        """Whatever is dated from now on comes after that moment."""
        self._latest = max(self._latest, moment)

    def depart(self) -> None:
        """Note that a request leaves now; the last of its attempts is what counts."""
        self.departed_at = self()


def in_utc(value: Any) -> Any:
    """A time as a warehouse gives it, in UTC; anything else as it is.

    DuckDB answers in the session's time zone, some warehouses without any.
    """
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
