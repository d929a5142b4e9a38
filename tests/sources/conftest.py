"""What the tests of the connector share: a client without pauses, and a ticket to vary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests_mock

from sources.sendcloud_support import SendcloudCredentials
from sources.sendcloud_support.api import SupportClient
from sources.sendcloud_support.api.patience import Patience

HOST = "https://api.test"
BASE_URL = f"{HOST}/api/v3"
TICKETS_URL = f"{BASE_URL}/dsf/tickets"
TOKEN_URL = "https://account.test/oauth2/token"

PUBLIC, SECRET = "pub-4711", "sec-hush-hush"
CLIENT_ID, CLIENT_SECRET = "client-0815", "sec-client-hush"
SECRETS = (SECRET, CLIENT_SECRET, "tok-hush")

KEY_PAIR = {"public_key": PUBLIC, "secret_key": SECRET}
OAUTH = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token_url": TOKEN_URL}


def ticket(**changes: Any) -> dict[str, Any]:
    """The second ticket of the vendor's list example, as JSON holds it, with changes."""
    return {
        "id": 87,
        "status": "claim_paid",
        "stage": "manually_solved_stage",
        "type": "lost",
        "parcel_id": 55432,
        "carrier": "dpd",
        "order_number": "ORD-2026-5678",
        "brand_id": 1,
        "created_at": "2026-02-01T08:00:00+00:00",
        "updated_at": "2026-02-20T16:45:00+00:00",
        "requested_actions": [],
        "resolution": {
            "outcome": "claim_approved",
            "amount": 149.99,
            "currency": "EUR",
            "solved_at": "2026-02-20T16:45:00+00:00",
        },
    } | changes


def envelope(*items: Any, number: int = 1, total: int | None = None, size: int = 20) -> Any:
    """A page of the list as the API wraps it."""
    total = len(items) if total is None else total
    pages = -(-total // size)
    return {"total": total, "page": number, "pages": pages, "size": size, "items": list(items)}


class Naps:
    """Sleeps without sleeping: remembers how long it was asked to."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def api() -> Iterator[requests_mock.Mocker]:
    with requests_mock.Mocker() as mocker:
        yield mocker


Connect = Callable[..., SupportClient]


@pytest.fixture
def connect(naps: Naps) -> Iterator[Connect]:
    """A client without pace and pauses; `credentials` as keyword arguments of their class."""
    clients = []

    def connected(
        credentials: dict[str, str] = KEY_PAIR, base_url: str = BASE_URL, **arguments: Any
    ) -> SupportClient:
        patience = arguments.pop("patience", Patience(sleep=naps))
        pace = arguments.pop("requests_per_minute", 0)
        spec = SendcloudCredentials(**credentials)
        clients.append(SupportClient(spec, base_url, pace, patience, **arguments))
        return clients[-1]

    yield connected
    for client in clients:
        client.close()
