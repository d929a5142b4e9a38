"""What is said, to whoever still listens.

Depends on the standard library only. Promises that a reader who goes away, or a disk that is full,
ends no command: what it does is done, its exit code is what it did. Losing words for want of room
is told on standard error; a reader who has gone is not pursued.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class LastingStream:
    """A text stream that goes on where it cannot be written any more; otherwise the given one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.lost: OSError | None = None

    def write(self, text: str) -> int:
        """Write, or lose the text."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._lose(error)
        return len(text)

    def flush(self) -> None:
        """Flush, or lose what waits."""
        try:
            self._stream.flush()
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        """The rest goes nowhere, also what Python flushes at its end."""
        self.lost = self.lost or error
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def lasting_output() -> Iterator[list[OSError]]:
    """Standard output and error that last while the block runs.

    Gives a list that afterwards holds why words were lost, unless nobody was there to hear them.
    """
    lost: list[OSError] = []
    before = sys.stdout, sys.stderr
    streams = [LastingStream(each) if each is not None else None for each in before]
    sys.stdout, sys.stderr = streams
    try:
        yield lost
    finally:
        out, _ = streams
        if out is not None:
            out.flush()
            if out.lost is not None and not isinstance(out.lost, BrokenPipeError):
                lost.append(out.lost)
                print(
                    f"Standard output could not be written: {out.lost.strerror}.", file=sys.stderr
                )
        for stream in filter(None, streams):
            stream.flush()
        sys.stdout, sys.stderr = before
