"""Sendcloud's Support API on this machine, with a known world behind it.

Depends on Starlette and uvicorn, and on no other room of this project: a second, independent
reading of the API. What it is made of:

    World     a support desk with a seed: what the API would say of any ticket at any time
    Truth     the law of that world in closed form, to judge estimates by (`world.truth`)
    Clock     the account's time, which stands still until it is moved
    Account   what the API holds now: the world at the clock's moment, and what hands changed
    Switches  every misbehaviour, to be turned on and off while it serves
    serve     all of it on a socket

    with serve(Account(World())) as service:
        requests.get(f"{service.base_url}/dsf/tickets", auth=("public", "secret"))

`python -m simulator` serves anybody's client.
"""

from __future__ import annotations

from .account import ORDERS, Account, Clock, Order
from .api import Drift, Fault, Request, Service, Switches, serve
from .world import Segment, Truth, World

__all__ = [
    "ORDERS",
    "Account",
    "Clock",
    "Drift",
    "Fault",
    "Order",
    "Request",
    "Segment",
    "Service",
    "Switches",
    "Truth",
    "World",
    "serve",
]
