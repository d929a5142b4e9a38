"""The API on a real socket of this machine, for tests, the demo and anybody's client.

Depends on the API and the wire. Promises that it answers when `serve` yields, and that the port is
free and the thread gone when the block is left, stalled requests or not.
"""

from __future__ import annotations

import socket
import threading
import time as machine_time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from ..account import Account
from .access import Access
from .api import ROOT, Api
from .request import Request
from .switches import Switches
from .wire import Protocol, Server

HOST = "127.0.0.1"


class Service:
    """A running API: where it is, what it holds, how it behaves, what it was asked."""

    def __init__(self, api: Api, port: int) -> None:
        self._api = api
        self.port = port
        self.base_url = f"http://{HOST}:{port}{ROOT}"
        self.token_url = f"http://{HOST}:{port}/oauth2/token"

    @property
    def account(self) -> Account:
        """What the API holds."""
        return self._api.account

    @property
    def switches(self) -> Switches:
        """How it behaves; change the fields, or all of it, while it serves."""
        return self._api.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self._api.switches = switches

    @property
    def requests(self) -> list[Request]:
        """Every request so far, in the order of arrival."""
        return self._api.requests

    def count(self, **fields: Any) -> int:
        """How many requests have these values: `count(endpoint="list", status=200)`."""
        return sum(
            all(getattr(request, name) == value for name, value in fields.items())
            for request in self.requests
        )

    def reset_log(self) -> None:
        """Forget the requests so far; windows and faults go on counting."""
        self.requests.clear()

    def revoke_tokens(self) -> None:
        """Every token given so far is refused from now on."""
        self._api.access.revoke()


@contextmanager
def serve(
    account: Account | None = None,
    switches: Switches | None = None,
    port: int = 0,
    keys: tuple[str, str] = ("public", "secret"),
    client: tuple[str, str] = ("client", "client-secret"),
    time: Callable[[], float] = machine_time.monotonic,
) -> Iterator[Service]:
    """Answer on 127.0.0.1 while the block runs; port 0 takes a free one.

    `time` is the timer of the request window and the tokens, not the account's clock.
    """
    switches = switches or Switches()
    api = Api(account or Account(), switches, Access(keys, client, switches, time), time)
    listening = _listen(port)
    server = Server(_configuration(api))
    thread = threading.Thread(target=server.run, args=([listening],), name="simulator", daemon=True)
    thread.start()
    try:
        _await_start(server, thread)
        yield Service(api, listening.getsockname()[1])
    finally:
        server.stop()
        thread.join()
        listening.close()


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's delay off only where the protocol is named
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    listening.listen(128)
    return listening


def _configuration(api: Api) -> uvicorn.Config:
    return uvicorn.Config(
        api.application,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
    )


def _await_start(server: Server, thread: threading.Thread) -> None:
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("The simulator's server did not start.")
        machine_time.sleep(0.002)
