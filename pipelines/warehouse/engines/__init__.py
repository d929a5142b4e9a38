"""Engines: what this program knows of each kind of warehouse.

Depends on dlt's names of its destinations.
"""

from __future__ import annotations

from .catalogue import Relation, drop_relation, relations, with_dependents
from .kinds import (
    KIND_KEY,
    TESTED,
    loader_format,
    require_kind,
    untried,
)

__all__ = [
    "KIND_KEY",
    "TESTED",
    "Relation",
    "drop_relation",
    "loader_format",
    "relations",
    "require_kind",
    "untried",
    "with_dependents",
]
