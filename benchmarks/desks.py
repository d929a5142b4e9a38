"""The accounts that are loaded, and what happens to them between two runs.

Depends on the simulator. Promises that nothing moves by itself: the account's clock stands at the
moment it was made, so what a second run finds changed is what was changed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from simulator import Account, Clock, World

from .optimum import is_closed, is_live

NEW = 20
CHANGED_SHARE = 0.01
LIVE_SHARE = 0.55
DELETED = 10
ASKED_SHARE = 2 / 3
REQUESTS = (1, 1, 2, 3)

Ticket = dict[str, Any]


def realistic_desk(tickets: int, now: datetime | None = None) -> Account:
    """22 months, until now, of a desk whose half of tickets is resolved within 9 days."""
    now = now or datetime.now(UTC)
    return Account(World(tickets=tickets, end=now), Clock(now)).prepare()


def lively_desk(tickets: int) -> Account:
    """A desk where 55 % of tickets of every age are open; the others were closed at once."""
    account, chance = realistic_desk(tickets), Random(tickets)
    for ticket in account.tickets():
        if chance.random() < LIVE_SHARE:
            _open(account, ticket, chance)
        elif not is_closed(ticket):
            account.hold(ticket["id"], status="closed", updated_at=ticket["created_at"])
    return account.prepare()


def _open(account: Account, ticket: Ticket, chance: Random) -> None:
    moved = account.clock.now() - timedelta(days=chance.uniform(0, 30))
    account.hold(
        ticket["id"],
        status="waiting_for_carrier",
        updated_at=max(moved, datetime.fromisoformat(ticket["created_at"])),
        resolution=None,
    )


def asking_desk(tickets: int, now: datetime | None = None) -> Account:
    """A desk where two tickets in three are asked for something, 1.75 times on average."""
    account, chance = realistic_desk(tickets, now), Random(tickets)
    for ticket in account.tickets():
        if chance.random() < ASKED_SHARE:
            _ask(account, ticket, chance.choice(REQUESTS))
    return account.prepare()


def _ask(account: Account, ticket: Ticket, count: int) -> None:
    asked = [
        {
            "id": ticket["id"] * 10 + n,
            "data_type": "sales_invoice",
            "created_at": ticket["created_at"],
        }
        for n in range(count)
    ]
    account.hold(ticket["id"], requested_actions=asked, updated_at=ticket["updated_at"])


def change_some(account: Account) -> None:
    """1 % of the tickets, open ones, change their status, and 20 new ones come."""
    count = max(1, round(account.total * CHANGED_SHARE))
    for ticket_id in account.pick(count, live=True):
        account.update(ticket_id)
    account.insert(NEW)
    account.prepare()


def delete_some(account: Account, now: datetime) -> list[int]:
    """10 settled tickets of any age, which the API has no longer."""
    settled = [each["id"] for each in account.tickets() if is_settled(each, now)]
    deleted = Random(len(settled)).sample(settled, min(DELETED, len(settled)))
    for ticket_id in deleted:
        account.drop(ticket_id)
    return deleted


def is_settled(ticket: Ticket, now: datetime) -> bool:
    """Whether no run but a sweep looks at it."""
    return is_closed(ticket) and not is_live(ticket, now)


def states(tickets: Iterable[Ticket]) -> dict[int, str]:
    """What a load is compared by."""
    return {ticket["id"]: ticket["status"] for ticket in tickets}
