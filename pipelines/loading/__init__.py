"""Answers become loads: windows, and the histories beside them.

Depends on the source and on `warehouse`.
"""

from __future__ import annotations

from .loading import Loader

__all__ = [
    "Loader",
]
