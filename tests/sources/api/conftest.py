"""A small account that is served to the tests of a module, each time without switches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator import Account, Service, Switches, serve
from tests.sources.planning.reading import SMALL


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with serve(Account(SMALL)) as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    running.switches = Switches()
    running.reset_log()
    return running
