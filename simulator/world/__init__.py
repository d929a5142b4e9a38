"""A known world: which tickets there are at any time, what is said of them, and by which law.

Depends on nothing else here. Promises pure functions of (seed, id, time), and the law's own figures
in closed form.
"""

from .draws import below
from .story import Story, iso
from .truth import Segment, Truth
from .vocabulary import (
    CLOSED,
    DATA_TYPES,
    GROUPS,
    OUTCOME_GROUPS,
    OUTCOMES,
    STAGES,
    STATUSES,
    TYPES,
)
from .world import END, World

__all__ = [
    "CLOSED",
    "DATA_TYPES",
    "END",
    "GROUPS",
    "OUTCOMES",
    "OUTCOME_GROUPS",
    "STAGES",
    "STATUSES",
    "TYPES",
    "Segment",
    "Story",
    "Truth",
    "World",
    "below",
    "iso",
]
