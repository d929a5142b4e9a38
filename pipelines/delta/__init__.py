"""Delta: the tables of a warehouse for engines that no sync loads into.

Depends on the warehouse and the marts.
"""

from __future__ import annotations

from .publishing import publish_together, run_publish

__all__ = [
    "publish_together",
    "run_publish",
]
