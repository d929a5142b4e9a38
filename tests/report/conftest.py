"""The same warehouses as the notebooks' tests."""

from __future__ import annotations

from tests.notebooks.conftest import (
    both_moments,
    desk,
    empty_desk,
    empty_warehouse,
    hostile_warehouse,
    pipeline,
    warehouse,
)

__all__ = [
    "both_moments",
    "desk",
    "empty_desk",
    "empty_warehouse",
    "hostile_warehouse",
    "pipeline",
    "warehouse",
]
