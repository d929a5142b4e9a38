"""A world for reading, and a client that talks to a served account as any client would."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from simulator import Account, Service, Switches, World, serve

RECORDED = Path(__file__).parents[1] / "recorded"
SMALL = World(tickets=400, months=4)
KEYS = ("public", "secret")


def recorded(name: str) -> dict[str, Any]:
    """An answer copied from the vendor's pages: source, date, status and body."""
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


class Client:
    """One session against one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.session = requests.Session()
        self.session.auth = KEYS

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.session.get(
            f"{self.service.base_url}{path}", params=query, timeout=10, allow_redirects=False
        )

    def page(self, page: int = 1, size: int = 20, **query: Any) -> Any:
        return self.get("/dsf/tickets", page=page, size=size, **query).json()

    def token(self, client: tuple[str, str] | None = ("client", "client-secret"), **form: str):
        form = {"grant_type": "client_credentials", "scope": "api"} | form
        return requests.post(self.service.token_url, data=form, auth=client, timeout=10)

    def bearer(self) -> str:
        return f"Bearer {self.token().json()['access_token']}"


@pytest.fixture
def served() -> Iterator[Callable[..., Client]]:
    """Serve an account (the small world's by default) with these switches, until the test ends."""
    with ExitStack() as stack:

        def start(account: Account | None = None, **switches: Any) -> Client:
            account = account or Account(SMALL)
            return Client(stack.enter_context(serve(account, Switches(**switches))))

        yield start
