"""What must not be known: pseudonyms of what is held, and tickets that are forgotten.

Depends on the warehouse.
"""

from __future__ import annotations

from .command import add_forget, forget
from .concealing import are_concealed, settle_pseudonyms

__all__ = ["add_forget", "are_concealed", "forget", "settle_pseudonyms"]
