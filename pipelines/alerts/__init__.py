"""How a scheduled run ended, for machines and for whoever wants to be told.

Depends on the warehouse's folder and on failures; on Apprise only where it is installed.
"""

from __future__ import annotations

from .configuration import AlertConfiguration, read_alerts
from .ending import Ending, code_of, told_ending

__all__ = ["AlertConfiguration", "Ending", "code_of", "read_alerts", "told_ending"]
