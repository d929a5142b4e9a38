"""The source in somebody's own pipeline: one extraction is one run of the reading.

Depends on `reading` and on dlt's extraction.
"""

from __future__ import annotations

from .extraction import extract_tickets, is_extracting
from .outbox import Outbox, Rows

__all__ = ["Outbox", "Rows", "extract_tickets", "is_extracting"]
