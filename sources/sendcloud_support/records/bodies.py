"""The JSON in the body of an answer, read so that one odd value does not cost all others.

Depends on nothing. Promises money exact (a fraction becomes a `Decimal`, never a float) and that a
body is refused only if it is no JSON: what is nested too deeply, too long a number, or bytes that
are no UTF-8 spoil the value they stand in.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

DEEPEST = 200
"""Levels that are read; what lies below is left out, and its ticket counts as nested too deeply."""

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[][{}]', re.DOTALL)


def parse_json(body: bytes) -> Any:
    """What a body holds. Raises `ValueError` for anything that is not JSON."""
    try:
        return json.loads(body, parse_float=_fraction)
    except RecursionError:
        return _parse_shallow(body)
    except json.JSONDecodeError:
        raise
    except UnicodeDecodeError as error:
        return _parse_readable(body, error)
    except ValueError:  # an integer of more digits than Python reads
        return json.loads(body, parse_float=_fraction, parse_int=_whole)


def _parse_shallow(body: bytes) -> Any:
    try:
        return json.loads(_without_depths(body), parse_float=_fraction, parse_int=_whole)
    except ValueError:
        raise ValueError("nested too deeply") from None


def _parse_readable(body: bytes, error: UnicodeDecodeError) -> Any:
    try:
        return parse_json(body.decode(errors="replace").encode())
    except ValueError:
        raise error from None


def _without_depths(body: bytes) -> bytes:
    """The body with a 0 in the place of whatever is nested deeper than `DEEPEST`."""
    kept, depth, start = [], 0, 0
    for token in TOKEN.finditer(body):
        if token[0] in {b"[", b"{"}:
            depth += 1
            if depth == DEEPEST + 1:
                kept.append(body[start : token.start()] + b"0")
        elif token[0] in {b"]", b"}"}:
            if depth == DEEPEST + 1:
                start = token.end()
            depth -= 1
    if depth == 0:
        kept.append(body[start:])
    return b"".join(kept)


def _fraction(text: str) -> Decimal | float:
    try:
        return Decimal(text)
    except InvalidOperation:
        return float(text)


def _whole(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:
        return Decimal(text)
