"""Tables of tickets and of segments for people: what to act on, and the numbers behind pictures.

Depends on the marts of a `desk`. Promises one currency to a row, headings that name the unit, and
the tickets' own values as they are, so whoever shows them has to escape them. What rests on few is
said in a column of its own, and has no rank.
"""

from .claims import approvals, money_at_risk, unusual_payouts
from .columns import is_few
from .times import resolution_times
from .to_come import changes, totals_to_come

__all__ = [
    "approvals",
    "changes",
    "is_few",
    "money_at_risk",
    "resolution_times",
    "totals_to_come",
    "unusual_payouts",
]
