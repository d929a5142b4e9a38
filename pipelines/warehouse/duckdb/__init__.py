"""DuckDB: the destination, its statements, and the names of its files.

Depends on dlt's own DuckDB destination, and on the destinations of this room.
"""

from __future__ import annotations

from .destination import ExactDuckDb, is_held
from .names import refuse_taken_name

__all__ = ["ExactDuckDb", "is_held", "refuse_taken_name"]
