"""The pictures: each is made from the marts of a desk and fits the width that it is given.

Depends on `desk`, `words` and `summaries` of the room above, and on Altair. `theme` is the look of
all, `curves` draws over a ticket's age; `payouts`, `decisions`, `claims_to_come` are of claims,
`times`, `endings`, `waiting` of resolution, `follow_up` and `periods` of both.
"""

from . import (
    claims_to_come,
    decisions,
    endings,
    follow_up,
    payouts,
    periods,
    theme,
    times,
    waiting,
)

__all__ = [
    "claims_to_come",
    "decisions",
    "endings",
    "follow_up",
    "payouts",
    "periods",
    "theme",
    "times",
    "waiting",
]
