"""The report's sections: a question each, with its answer, figures, pictures and tables.

Depends on sentences, listings, pictures and the page. Promises that a section is made from a desk
alone.
"""

from .claims import changes, claims, to_come, unpaid, value
from .tickets import periods, resolution, standing, targets, yesterday

__all__ = [
    "changes",
    "claims",
    "periods",
    "resolution",
    "standing",
    "targets",
    "to_come",
    "unpaid",
    "value",
    "yesterday",
]
