"""Dagster's definitions: raw tables and marts as assets, a partition for each account.

Depends on Dagster and dagster-dbt, which are in an environment of their own (docs/scheduling.md).
`definitions` is the code location; `build_definitions` gives its parts to one of yours.
"""

from __future__ import annotations

from .advice import Patience
from .building import build_definitions

__all__ = ["Patience", "build_definitions"]
