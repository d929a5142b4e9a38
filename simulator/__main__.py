"""`python -m simulator`: the API alone, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import sys
import threading
from argparse import Namespace
from contextlib import AbstractContextManager, ExitStack

from .api import Service, serve
from .command_line import account, parse, switches


def main() -> int:
    """Serve as the arguments say; 0 when told to stop, 2 when the port is taken."""
    options = parse()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with ExitStack() as stack:
        try:
            service = stack.enter_context(_serving(options))
        except OSError as problem:
            print(f"Port {options.port}: {problem.strerror}. Try --port 0.", file=sys.stderr)
            return 2
        print(_invitation(service, options.keys, options.client), flush=True)
        stopped.wait()
    return 0


def _serving(options: Namespace) -> AbstractContextManager[Service]:
    return serve(
        account(options).prepare(),
        switches(options),
        port=options.port,
        keys=options.keys,
        client=options.client,
    )


def _invitation(service: Service, keys: tuple[str, str], client: tuple[str, str]) -> str:
    return (
        f"{service.account.total} tickets at {service.base_url} "
        f"(Basic {':'.join(keys)}; OAuth2 {':'.join(client)} at {service.token_url}): "
        f"curl -u {':'.join(keys)} {service.base_url}/dsf/tickets"
    )


if __name__ == "__main__":
    sys.exit(main())
