"""Below HTTP: connections that are reset or closed in the middle, and a server that stops at once.

Depends on uvicorn: its protocol class is the place where a request still knows its connection.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

import uvicorn
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TRANSPORT = "simulator.transport"
_AT_ONCE = struct.pack("ii", 1, 0)


class Protocol(HttpToolsProtocol):
    """uvicorn's, with the connection told to the application."""

    def on_message_begin(self) -> None:
        """Every request on the connection gets its own scope."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}


class Reset(Response):
    """No answer: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Drop the connection so that the other side sees a reset, not an end."""
        await _drop(scope, reset=True)


class Half(Response):
    """The head of an answer and half of its body, then nothing."""

    def __init__(self, whole: Response, *, reset: bool) -> None:
        super().__init__(whole.body, whole.status_code, dict(whole.headers))
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the promised length, keep half of it back."""
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        half = bytes(self.body)[: max(len(self.body) // 2, 1)]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(0.02)  # a reset overtakes what is still on its way
        await _drop(scope, reset=self._reset)


class Server(uvicorn.Server):
    """uvicorn's, in a thread of this process: told to stop, it drops what is open and stops."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """From another thread."""
        self.should_exit = True
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    async def main_loop(self) -> None:
        """Serve until told to stop; the Date header is renewed every second."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        while not await self.on_tick(0):
            try:
                await asyncio.wait_for(self._stop.wait(), 1)
            except TimeoutError:
                continue

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the door, then every connection, busy or not."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        for listening in sockets or []:
            listening.close()
        await asyncio.sleep(0)


async def _drop(scope: Scope, *, reset: bool) -> None:
    transport: Any = scope["extensions"][TRANSPORT]["transport"]
    if reset:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()
    await asyncio.sleep(0)  # lets the connection end before the application does
