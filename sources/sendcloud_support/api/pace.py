"""Pace: never more than so many requests in any minute, every attempt counted.

Depends on requests-ratelimiter (a sliding window over pyrate-limiter) and filelock. A request is
in the window from its departure until a minute after its answer, because the server counted it
somewhere in between. With a file the window outlives the process and is shared by processes: a run
that follows another within a minute does not start with a burst that the key no longer has. Where
the file cannot be used it says so and keeps the window in memory.
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from dlt.common import logger
from filelock import FileLock, Timeout
from pyrate_limiter import Limiter, Rate, SingleBucketFactory, SQLiteBucket
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterMixin

WINDOW_MILLISECONDS = 60_000
MARGIN_MILLISECONDS = 100
"""Kept beyond the minute: our clock and the server's do not run equally fast."""

CLOCKS_DIFFER_MILLISECONDS = 1_000
"""By less than this two processes of one machine may disagree about the time of day."""

SECONDS_TO_OPEN = 10.0
"""To open the file takes milliseconds; a process that was stopped meanwhile is not waited for."""

BUCKET_TABLE = "requests"
IN_MEMORY = ":memory:"

Clock = Callable[[], float]
Departed = Callable[[], object]
Remark = Callable[[str], object]


def paced_adapter(
    per_minute: int,
    memory: Path | None = None,
    departed: Departed = lambda: None,
    remark: Remark = logger.warning,
) -> HTTPAdapter:
    """An adapter that waits its turn before each attempt; 0 a minute means no pacing.

    `memory` names a file that remembers the last minute across processes; `departed` is told of
    each attempt when its turn has come; `remark` is told if the file cannot be used.
    """
    if per_minute <= 0:
        return DepartingAdapter(departed)
    return PacedAdapter(open_window(per_minute, memory, remark), departed)


class DepartingAdapter(HTTPAdapter):
    """Tells when each attempt leaves; `is_waiting` until then."""

    is_waiting = False

    def __init__(self, departed: Departed = lambda: None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.departed = departed

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """One attempt, now."""
        self.is_waiting = False
        self.departed()
        return super().send(request, *args, **kwargs)


class Window(SQLiteBucket):
    """The requests of the last minute, in a table. Its clock is steady within the process."""

    clock: Callable[[], int]

    def now(self) -> int:
        """Milliseconds; comparable with those of other processes."""
        return self.clock()

    def renew(self, name: str) -> None:
        """Count the last request of this name from now on, and forget what left the window."""
        now = self.now()
        with self.lock:
            last = f"select max(rowid) from {BUCKET_TABLE} where name = ?"  # noqa: S608
            self.conn.execute(
                f"update {BUCKET_TABLE} set item_timestamp = ? where rowid = ({last})",  # noqa: S608
                (now, name),
            )
            self.conn.commit()
        self.leak(now)


def open_window(
    per_minute: int, memory: Path | None = None, remark: Remark = logger.warning
) -> Window:
    """The window over that file; in memory without one, or where it cannot be, which is said."""
    try:
        window = _open_file(per_minute, memory) if memory else _open(per_minute)
    except (OSError, sqlite3.OperationalError, Timeout) as error:
        remark(
            f"The pace cannot be shared: {memory} cannot be used ({type(error).__name__}). "
            "Requests of other commands with this key are not counted in; make its folder writable."
        )
        window = _open(per_minute)
    window.clock = steady_milliseconds()
    _forget_the_future(window)
    return window


def _open_file(per_minute: int, memory: Path) -> Window:
    """One process at a time, so that none uses what another is making, or making anew."""
    memory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(f"{memory}.opening", timeout=SECONDS_TO_OPEN):
        try:
            return _open(per_minute, memory)
        except sqlite3.OperationalError:
            raise  # busy, or not to be written: it belongs to others, and may be right
        except sqlite3.DatabaseError:
            for part in ("", "-wal", "-shm"):
                Path(f"{memory}{part}").unlink(missing_ok=True)
            return _open(per_minute, memory)


def _open(per_minute: int, memory: Path | None = None) -> Window:
    rates = [Rate(per_minute, WINDOW_MILLISECONDS + MARGIN_MILLISECONDS)]
    window = cast(
        Window,
        Window.init_from_file(
            rates, BUCKET_TABLE, str(memory or IN_MEMORY), use_file_lock=memory is not None
        ),
    )
    window.conn.execute("pragma synchronous = off")  # a crash of the machine may forget a minute
    return window


def _forget_the_future(window: Window) -> None:
    """A clock that was set back would leave requests "yet to come" and block for as long."""
    with window.lock:
        later = f"delete from {BUCKET_TABLE} where item_timestamp > ?"  # noqa: S608
        window.conn.execute(later, (window.now() + CLOCKS_DIFFER_MILLISECONDS,))
        window.conn.commit()


def steady_milliseconds(
    wall: Callable[[], int] = time.time_ns, steady: Callable[[], int] = time.monotonic_ns
) -> Callable[[], int]:
    """The time of day as of now, going on evenly even if somebody sets the clock."""
    offset = wall() - steady()
    return lambda: (steady() + offset) // 1_000_000


class PacedAdapter(LimiterMixin, DepartingAdapter):
    """Waits its turn, sends, and counts the request from its answer or its failure on."""

    def __init__(self, window: Window, departed: Departed = lambda: None) -> None:
        factory = SingleBucketFactory(window, schedule_leak=False)
        super().__init__(limiter=Limiter(factory, buffer_ms=1), per_host=False, limit_statuses=())
        self.window, self.departed = window, departed

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """One attempt, in its turn."""
        self.is_waiting = True
        try:
            response: Response = super().send(request, *args, **kwargs)
        finally:
            self.window.renew(self._default_bucket)
        return response

    def close(self) -> None:
        """Release the connections and the window's file."""
        super().close()
        self.window.close()  # type: ignore[no-untyped-call]


class RecentAttempts:
    """Counts attempts, and how many of the last minute's allowance are left."""

    def __init__(self, per_minute: int, clock: Clock = time.monotonic) -> None:
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
