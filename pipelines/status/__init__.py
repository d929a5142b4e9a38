"""Status: what the last runs did, how much is held, how fresh it is; for people and for machines.

Depends on the warehouse and the runs. Promises that looking changes nothing.
"""

from .facts import look_at_status
from .page import print_status

__all__ = ["look_at_status", "print_status"]
