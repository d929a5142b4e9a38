"""What the vendor does not document, found out with the user's own key, changing nothing.

Depends on the source's client and planning; touches no warehouse. About twenty paced requests.
"""

from __future__ import annotations

from .findings import Findings
from .inquiry import discover
from .wording import configuration_lines, finding_lines, report_lines

__all__ = [
    "Findings",
    "configuration_lines",
    "discover",
    "finding_lines",
    "report_lines",
]
