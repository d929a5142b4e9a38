"""The marts: dbt on the configured warehouse, and what it publishes.

Depends on `warehouse` and on the project in `transform/`.
"""

from __future__ import annotations

from .as_of import AsOf, read_as_of
from .marts import run_marts
from .publishing import UNPUBLISHED
from .together import build_together

__all__ = [
    "UNPUBLISHED",
    "AsOf",
    "build_together",
    "read_as_of",
    "run_marts",
]
