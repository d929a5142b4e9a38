"""A list that moves while it is read over real HTTP, in every order."""

from __future__ import annotations

from contextlib import closing

import pytest

from simulator import ORDERS, Account, Drift, Service, Switches, serve
from tests.sources.conftest import Naps
from tests.sources.planning.reading import SMALL, Reading, connect_to, sweep_list


def read(served: Service, naps: Naps) -> Reading:
    with closing(connect_to(served, naps)) as client:
        return sweep_list(client, served, naps)


DRIFTS = {
    "147 come": {"every": 3, "inserts": 147, "times": 1},
    "60 go": {"every": 4, "deletes": 60, "times": 1},
    "60 of the newest go": {"every": 4, "deletes": 60, "deletes_newest": True, "times": 1},
    "21 come as 21 go": {"every": 3, "inserts": 21, "deletes": 21, "times": 1},
    "one comes as one goes": {"every": 2, "inserts": 1, "deletes": 1, "times": 3},
    "all at once": {"every": 3, "inserts": 7, "deletes": 7, "updates": 7, "times": 2},
    "updates all the time": {"every": 1, "updates": 3, "times": 40},
}


@pytest.mark.parametrize("past_the_end", ["empty", "404"])
@pytest.mark.parametrize("order", [order for order in ORDERS if order != "shuffled"])
@pytest.mark.parametrize("drift", DRIFTS)
def test_a_list_that_moves_for_a_while_is_read_exactly(naps, order, drift, past_the_end):
    with serve(Account(SMALL, order=order)) as other:
        other.switches = Switches(drift=Drift(**DRIFTS[drift]), past_the_end=past_the_end)

        reading = read(other, naps)

        assert other.switches.drift.struck > 0
        assert reading.is_exact
        assert reading.sweep.evidence.met == {raw["id"] for raw in other.account.tickets()}


@pytest.mark.parametrize("drift", DRIFTS)
def test_a_shuffled_list_that_moves_is_not_called_exact_with_a_hole(naps, drift):
    with serve(Account(SMALL, order="shuffled")) as other:
        other.switches = Switches(drift=Drift(**DRIFTS[drift]))

        reading = read(other, naps)

        held = {raw["id"] for raw in other.account.tickets()}
        assert not reading.is_exact or reading.sweep.evidence.met == held
