"""Stopping from outside: a signal becomes an error, so that what is open is closed on the way out.

Depends on the standard library only. Promises that SIGTERM, and SIGHUP unless it is ignored as
under `nohup`, end the block once, like Ctrl-C; a second one must not interrupt the tidying up.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class StoppedError(KeyboardInterrupt):
    """Somebody wants the process to end now."""


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turn these signals into an error while the block runs; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    heeded = [number for number, handler in before.items() if handler != signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])


def _stop(_: int, __: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise StoppedError
