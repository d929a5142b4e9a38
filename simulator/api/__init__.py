"""The API over an account: endpoints, who is let in, what can go wrong, and the socket.

Depends on the account. Promises the contract when all switches are off.
"""

from .access import FINE_SCOPES
from .request import Request
from .service import Service, serve
from .switches import KINDS, Drift, Fault, Kind, Switches
from .window import Window

__all__ = [
    "FINE_SCOPES",
    "KINDS",
    "Drift",
    "Fault",
    "Kind",
    "Request",
    "Service",
    "Switches",
    "Window",
    "serve",
]
