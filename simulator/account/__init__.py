"""What the API holds now: a world at its clock's moment, and what hands changed in it.

Depends on the world. Promises that it may be asked and changed by any thread.
"""

from .account import Account
from .clock import Clock
from .orders import ORDERS, Order, seconds

__all__ = ["ORDERS", "Account", "Clock", "Order", "seconds"]
