"""One sweep of a served account, as a run makes it, and how to judge what it brought home.

Depends on the simulator and the connector's client and sweep.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator import Service, World
from sources.sendcloud_support import NotFoundError, SendcloudCredentials
from sources.sendcloud_support.api import SupportClient
from sources.sendcloud_support.api.patience import Patience
from sources.sendcloud_support.planning import Sweep
from sources.sendcloud_support.records import Ticket
from sources.sendcloud_support.records.tickets import parse_time
from tests.sources.conftest import Naps

SMALL = World(tickets=130, months=4)
KEYS = {"public_key": "public", "secret_key": "secret"}
CLIENT = {"client_id": "client", "client_secret": "client-secret"}
SECRET_WORDS = ("client-secret", "ory_at_", "Bearer", "Basic")


@dataclass
class Reading:
    """What one sweep brought home."""

    client: SupportClient
    sweep: Sweep
    tickets: dict[int, Ticket]
    naps: list[float]

    @property
    def is_exact(self) -> bool:
        return self.sweep.current.is_exact


def connect_to(served: Service, naps: Naps, credentials: dict[str, str] = KEYS) -> SupportClient:
    """A client without pace and pauses."""
    oauth = {"token_url": served.token_url} if "client_id" in credentials else {}
    spec = SendcloudCredentials(**credentials, **oauth)
    return SupportClient(spec, served.base_url, 0, Patience(attempts=4, sleep=naps))


def sweep_list(client: SupportClient, served: Service, naps: Naps) -> Reading:
    tickets: dict[int, Ticket] = {}

    def now() -> datetime:
        return served.account.clock.now() + timedelta(microseconds=client.requests)

    sweep = Sweep.begin(now())
    while (number := sweep.next_page) is not None:
        try:
            page, _ = client.page(number)
        except NotFoundError:
            if number == 1:
                raise
            sweep.take_missing()
            continue
        tickets |= {ticket["id"]: ticket for ticket in page.items}
        sweep.take(page, now())
    return Reading(client, sweep, tickets, naps.seconds)


def held_by(service: Service) -> dict[int, tuple[str, str, datetime, int]]:
    """What the account holds, reduced to what shows a mix-up."""
    return {
        raw["id"]: (
            raw["status"],
            raw["stage"],
            parse_time(raw["created_at"]),
            len(raw["requested_actions"]),
        )
        for raw in service.account.tickets()
    }


def met_by(reading: Reading) -> dict[int, tuple[str, str, datetime, int]]:
    return {
        number: (
            ticket["status"],
            ticket["stage"],
            ticket["created_at"],
            len(ticket["requested_actions"]),
        )
        for number, ticket in reading.tickets.items()
        if number in reading.sweep.evidence.met
    }


def check_exact(reading: Reading, service: Service) -> None:
    assert reading.is_exact
    assert met_by(reading) == held_by(service)
