"""The change filter: used when it is shown to be obeyed, told once and ignored when it is not."""

from __future__ import annotations

import pytest

from simulator import Switches
from tests.pipelines.warehouses import truth

PARAM = "updated_after"


@pytest.fixture
def desk(make):
    """A synced account; the filter's name is configured, what the API makes of it is a switch."""

    def make_desk(**switches):
        warehouse = make(switches=Switches(**switches), updated_since_param=PARAM, dormant_days=0)
        warehouse.sync()
        warehouse.later(hours=6)
        return warehouse

    return make_desk


def touch_an_old_live_ticket(warehouse):
    """Something changed that was created long before: what shows that the filter goes by change."""
    open_ones = [t for t in warehouse.account.tickets() if t["stage"] == "in_progress"]
    warehouse.account.update(open_ones[-1]["id"])
    warehouse.later(minutes=1)


def test_an_obeyed_filter_spares_the_live_tickets_that_did_not_change(desk):
    obeyed = desk(updated_since=PARAM)
    touch_an_old_live_ticket(obeyed)
    record = obeyed.sync()
    with_filter = record.requests

    obeyed.later(hours=1)
    touch_an_old_live_ticket(obeyed)
    plain = obeyed.sync(updated_since_param="")

    assert "was not used" not in (record.note or "")
    assert record.is_complete
    assert plain.is_complete
    assert with_filter < plain.requests
    assert obeyed.held() == truth(obeyed.account.tickets())


def test_an_ignored_filter_is_told_once_and_every_live_ticket_read(desk):
    warehouse = desk(updated_since=None)
    touch_an_old_live_ticket(warehouse)

    record = warehouse.sync()

    sentence = "updated_since_param was not used: the API ignores it."
    assert record.note.count(sentence) == 1
    assert record.is_complete
    assert warehouse.held() == truth(warehouse.account.tickets())


def test_a_filter_that_shows_nothing_is_not_trusted(desk):
    warehouse = desk(updated_since=PARAM)

    record = warehouse.sync()

    assert "nothing on its answer shows" in record.note or "was not used" not in record.note
    assert record.is_complete
    assert warehouse.held() == truth(warehouse.account.tickets())
