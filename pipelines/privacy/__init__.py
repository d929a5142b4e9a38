"""What must not be known: pseudonyms of what is held, and tickets that are forgotten.

Depends on the warehouse.
"""

from __future__ import annotations

from .command import add_forget
from .concealing import settle_pseudonyms

__all__ = ["add_forget", "settle_pseudonyms"]
