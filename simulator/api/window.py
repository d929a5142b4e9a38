"""The request limit: N in a fixed window of a minute that opens with the first request.

Depends on nothing. A burst at the end of one window and another at the start of the next pass both:
that is what a fixed window does, and what a client that only counts must not rely on.
"""

from __future__ import annotations

from collections.abc import Callable

LENGTH = 60.0


class Window:
    """Counts requests; a refused one counts too, and opens no new window."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._opened = float("-inf")
        self._count = 0

    def wait(self, limit: int | None) -> float | None:
        """Count a request: None if it passes, else the seconds until the window ends."""
        if not limit:
            return None
        now = self._time()
        if now - self._opened >= LENGTH:
            self._opened, self._count = now, 0
        self._count += 1
        return None if self._count <= limit else self._opened + LENGTH - now
