"""Pace: never more than so many requests in any minute, every attempt counted.

Depends on requests-ratelimiter (a sliding window over pyrate-limiter). With a file, the window
outlives the process: a run that follows another within a minute does not start with a burst that
the key no longer has.
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pyrate_limiter import AbstractBucket, InMemoryBucket, Limiter, Rate, SQLiteBucket
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterAdapter

WINDOW_MILLISECONDS = 60_000
MARGIN_MILLISECONDS = 250
"""Kept beyond the minute: the server counts arrivals, we count departures."""

BUCKET_TABLE = "requests"


def paced_adapter(per_minute: int, memory: Path | None = None) -> HTTPAdapter:
    """An adapter that waits its turn before each attempt; 0 a minute means no pacing.

    `memory` names a file that remembers the last minute across processes.
    """
    if per_minute <= 0:
        return HTTPAdapter()
    rates = [Rate(per_minute, WINDOW_MILLISECONDS + MARGIN_MILLISECONDS)]
    limiter = Limiter(_bucket(rates, memory), buffer_ms=1)
    return LimiterAdapter(limiter=limiter, per_host=False, limit_statuses=())


def _bucket(rates: list[Rate], memory: Path | None) -> AbstractBucket:
    if memory is None:
        return InMemoryBucket(rates)
    _forget_the_future(memory)
    return SQLiteBucket.init_from_file(rates, table=BUCKET_TABLE, db_path=str(memory))


def _forget_the_future(memory: Path) -> None:
    """A clock that was set back would leave requests "yet to come" and block for as long."""
    now = time.time_ns() // 1_000_000
    with suppress(sqlite3.Error), sqlite3.connect(memory) as connection:
        connection.execute(f"delete from {BUCKET_TABLE} where item_timestamp > ?", (now,))  # noqa: S608


class RecentAttempts:
    """Counts attempts, and how many of the last minute's allowance are left."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self.count = per_minute, 0
        self._clock = clock
        self._times: deque[float] = deque(maxlen=max(per_minute, 1))

    def add(self) -> None:
        """Count one attempt, now."""
        self.count += 1
        self._times.append(self._clock())

    @property
    def left(self) -> int | None:
        """Requests left in the running minute; None without a pace."""
        if self.per_minute <= 0:
            return None
        since = self._clock() - 60
        return self.per_minute - sum(moment > since for moment in self._times)
