"""Delta: the tables of a warehouse for engines that no sync loads into.

Depends on the warehouse and the marts.
"""

from __future__ import annotations

from .publishing import run_publish

__all__ = [
    "run_publish",
]
