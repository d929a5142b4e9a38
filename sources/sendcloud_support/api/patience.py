"""Patience: how long the same request is tried again, and how long is waited in between.

Depends on tenacity and `exceptions`. Promises: only `TryLaterError` is tried again; a 429 is
waited for as long as it asks, from the second in a row on at least a whole minute, and given up
on once that takes more than `throttled_minutes` (at least one window) in all, without beginning
a wait that is longer; anything else passing is tried `attempts` times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from ..exceptions import ThrottledError, TryLaterError
from .envelope import DEFAULT_WINDOW_SECONDS

WINDOW_MARGIN_SECONDS = 0.5
"""Added to each wait for a window: the server's clock starts it, ours ends it."""


@dataclass(frozen=True)
class Patience:
    """What `[runtime] request_*` and `throttled_minutes` say about trying again."""

    attempts: int = 8
    backoff_factor: float = 1.0
    max_delay_seconds: float = 60.0
    throttled_minutes: float = 15.0
    sleep: Callable[[float], None] = time.sleep

    def retrying(self, announce: Callable[[TryLaterError, float], None] | None = None) -> Retrying:
        """A fresh budget, for one request. `announce` hears of each wait before it begins."""
        budget = Budget(self)

        def before_sleep(state: RetryCallState) -> None:
            if announce:
                announce(failure(state), state.upcoming_sleep)

        return Retrying(
            retry=retry_if_exception_type(TryLaterError),
            wait=budget.wait,
            stop=budget.stop,
            sleep=self.sleep,
            before_sleep=before_sleep,
            reraise=True,
        )


class Budget:
    """What one request has used up of its patience."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self.throttles = self.failures = 0
        self.throttled_seconds = 0.0
        self._backoff = wait_random_exponential(
            multiplier=patience.backoff_factor, max=patience.max_delay_seconds
        )

    def wait(self, state: RetryCallState) -> float:
        """Seconds until the next attempt. Counts the failure that just happened."""
        error = failure(state)
        if isinstance(error, ThrottledError):
            self.throttles += 1
            self.throttled_seconds += self._window(error)
            return self._window(error)
        self.failures += 1
        announced = min(error.wait_seconds or 0.0, self.patience.max_delay_seconds)
        return max(self._backoff(state), announced)

    def stop(self, state: RetryCallState) -> bool:
        """Whether patience ends before the wait that was just worked out."""
        if not isinstance(failure(state), ThrottledError):
            return self.failures >= self.patience.attempts
        one_window = DEFAULT_WINDOW_SECONDS + WINDOW_MARGIN_SECONDS
        return self.throttled_seconds > max(self.patience.throttled_minutes * 60, one_window)

    def _window(self, error: TryLaterError) -> float:
        """A second 429 in a row: the wait asked for was too short, so wait a whole window."""
        asked = error.wait_seconds if error.wait_seconds is not None else DEFAULT_WINDOW_SECONDS
        floor = DEFAULT_WINDOW_SECONDS if self.throttles > 1 else 0.0
        return max(asked, floor) + WINDOW_MARGIN_SECONDS


def failure(state: RetryCallState) -> Any:
    """The error of the attempt that just ended."""
    return state.outcome.exception() if state.outcome else None
