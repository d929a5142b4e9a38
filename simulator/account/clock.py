"""The account's clock: it stands still until it is moved, or runs at any speed.

Depends on nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """What time it is for the account; `speed` 0 stands still, 1 is the machine's own pace."""

    def __init__(
        self, at: datetime, speed: float = 0.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._at = at.astimezone(UTC)
        self._speed = speed
        self._monotonic = monotonic
        self._since = monotonic()

    def now(self) -> datetime:
        """The account's present moment, UTC."""
        if not self._speed:
            return self._at
        return self._at + timedelta(seconds=(self._monotonic() - self._since) * self._speed)

    def advance(self, by: timedelta) -> datetime:
        """Move on by so much, and say what time it is then."""
        return self.move(self.now() + by)

    def move(self, at: datetime) -> datetime:
        """Set to that moment, backwards too."""
        self._at, self._since = at.astimezone(UTC), self._monotonic()
        return self._at
