"""Tables of tickets and of segments for people: what to act on, and the numbers behind pictures.

Depends on the marts of a `desk`. Promises one currency to a row, headings that name the unit, and
the tickets' own values as they are, so whoever shows them has to escape them. What rests on few is
said in a column of its own, and has no rank.
"""

from .claims import approvals, money_at_risk, nothing_asked, unusual_payouts
from .columns import is_few, without_needless
from .follow_up import longest_unchanged, since_yesterday, standing_still, unpaid_approvals
from .outlook import due_next, forecast, targets, ticket_values
from .periods import periods, volumes
from .times import resolution_times
from .to_come import changes, totals_to_come

__all__ = [
    "approvals",
    "changes",
    "due_next",
    "forecast",
    "is_few",
    "longest_unchanged",
    "money_at_risk",
    "nothing_asked",
    "periods",
    "resolution_times",
    "since_yesterday",
    "standing_still",
    "targets",
    "ticket_values",
    "totals_to_come",
    "unpaid_approvals",
    "unusual_payouts",
    "volumes",
    "without_needless",
]
