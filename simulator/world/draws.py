"""Chance without a stream: each draw is a function of (seed, purpose, number), and of nothing else.

Depends on blake2b alone. Promises that adding a ticket, an attribute or a question in another
order never changes a draw that was made before, on every Python and every machine.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from statistics import NormalDist

normal = NormalDist().inv_cdf

LOTS = 65_536  # a lot is a whole number below this: enough for small decisions, and quick
_EIGHT = struct.Struct("<8Q").unpack
_MANY = struct.Struct("<32H").unpack
_NUMBER = struct.Struct("<q").pack
_WAITS = [-math.log((step + 0.5) / 4096) for step in range(4096)]


def eight(seed: int, purpose: bytes, number: int) -> list[float]:
    """Eight draws in (0, 1), of 52 bits each."""
    return [((word >> 12) + 0.5) / 2**52 for word in _EIGHT(_digest(seed, purpose, number))]


def many(seed: int, purpose: bytes, number: int) -> tuple[int, ...]:
    """Thirty-two lots: for the many small decisions of one ticket."""
    return _MANY(_digest(seed, purpose, number))


def share(lot: int) -> float:
    """A lot as a draw in (0, 1)."""
    return (lot + 0.5) / LOTS


def wait(lot: int) -> float:
    """A lot as a waiting time: exponential, with mean 1."""
    return _WAITS[lot >> 4]


def below(limit: int, seed: int, purpose: bytes, number: int) -> int:
    """A whole number from 0 to `limit` - 1."""
    return int(eight(seed, purpose, number)[0] * limit)


def running(weights: Sequence[float]) -> list[float]:
    """Running sums of the weights, ending at 1: what `bisect` needs to choose by a draw."""
    whole = sum(weights)
    return [*(part / whole for part in accumulate(weights[:-1])), 1.0]


def _digest(seed: int, purpose: bytes, number: int) -> bytes:
    # person holds at most 16 bytes, which also keeps the purposes short
    return blake2b(_NUMBER(number), digest_size=64, key=_NUMBER(seed), person=purpose).digest()
