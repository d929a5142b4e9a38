"""Chance without a stream: each draw is a function of (seed, purpose, number), and of nothing else.

Depends on blake2b alone. Promises that adding a ticket, an attribute or a question in another
order never changes a draw that was made before, on every Python and every machine.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from statistics import NormalDist

normal = NormalDist().inv_cdf

_EIGHT = struct.Struct("<8Q").unpack
_MANY = struct.Struct("<32H").unpack
_NUMBER = struct.Struct("<q").pack


def eight(seed: int, purpose: bytes, number: int) -> list[float]:
    """Eight draws in (0, 1), of 52 bits each."""
    return [((word >> 12) + 0.5) / 2**52 for word in _EIGHT(_digest(seed, purpose, number))]


def many(seed: int, purpose: bytes, number: int) -> list[float]:
    """Thirty-two draws in (0, 1), of 16 bits each: for the many small decisions."""
    return [(word + 0.5) / 65536 for word in _MANY(_digest(seed, purpose, number))]


def below(limit: int, seed: int, purpose: bytes, number: int) -> int:
    """A whole number from 0 to `limit` - 1."""
    return int(eight(seed, purpose, number)[0] * limit)


def shares(weights: Sequence[float]) -> list[float]:
    """Running sums of the weights, ending at 1: what `bisect` needs to choose by a draw."""
    whole = sum(weights)
    return [*(part / whole for part in accumulate(weights[:-1])), 1.0]


def _digest(seed: int, purpose: bytes, number: int) -> bytes:
    # person holds at most 16 bytes, which also keeps the purposes short
    return blake2b(_NUMBER(number), digest_size=64, key=_NUMBER(seed), person=purpose).digest()
