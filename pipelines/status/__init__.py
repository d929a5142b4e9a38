"""Status: what the last runs did, how much is held, how fresh it is; for people and for machines.

Depends on the warehouse and the runs. Promises that looking changes nothing.
"""

from sources.sendcloud_support.records import TABLES

from .facts import look_at_status, read_status
from .page import print_status

__all__ = ["TABLES", "look_at_status", "print_status", "read_status"]
