"""The answers in words: what is told first, and the figures beside it, computed from the marts.

Depends on the marts of a `desk`. Promises that every number in a sentence comes from the data of
the moment, with its period and unit, and its interval where it is an estimate; and plain text, in
which a carrier's name is whatever the API says: whoever shows it has to escape it.
"""

from .changes import changes_answer
from .claims import approval, claims_answer, claims_figures
from .figures import NO_TICKETS, Figure
from .follow_up import standing_answer, unpaid_answer, unpaid_figures, yesterday_answer
from .freshness import freshness, is_complete
from .outlook import forecast_answer, targets_answer, value_answer
from .periods import periods_answer
from .resolution import resolution_answer, resolution_figures
from .to_come import both_totals, expected, to_come_answer, to_come_figures

__all__ = [
    "NO_TICKETS",
    "Figure",
    "approval",
    "both_totals",
    "changes_answer",
    "claims_answer",
    "claims_figures",
    "expected",
    "forecast_answer",
    "freshness",
    "is_complete",
    "periods_answer",
    "resolution_answer",
    "resolution_figures",
    "standing_answer",
    "targets_answer",
    "to_come_answer",
    "to_come_figures",
    "unpaid_answer",
    "unpaid_figures",
    "value_answer",
    "yesterday_answer",
]
