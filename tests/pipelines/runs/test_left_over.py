"""Histories without their tickets: whoever reads these again goes on where the histories end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.pipelines.conftest import Make
from tests.pipelines.loading.test_history import (
    APPROVED,
    Killed,
    at,
    by_hand,
    kill_at,
    to_the_minute,
)


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_tickets_of_which_only_the_histories_are_left_go_on_as_these_know_them(
    make: Make, request: pytest.FixtureRequest, engine: str
) -> None:
    """As a kill leaves them that comes between their deletion and their insertion."""
    postgres = request.getfixturevalue("postgres_url") if engine == "postgres" else ""
    warehouse = make(by_hand(), postgres=postgres)
    account = warehouse.account
    account.hold(42, status="pending", updated_at=None)
    account.hold(43, status="pending", resolution=APPROVED, updated_at=None)
    warehouse.sync()  # at nine
    account.clock.move(at(10))
    account.hold(42, status="hold", resolution=APPROVED, updated_at=None)
    warehouse.sync()
    account.clock.move(at(11))
    account.hold(42, resolution=APPROVED | {"amount": 600}, updated_at=None)
    warehouse.prepare = kill_at("load", 0)
    with pytest.raises(Killed):
        warehouse.sync()
    warehouse.prepare = lambda _: None
    for table in ("tickets", "tickets__requested_actions", "tickets__resolution"):
        warehouse.rows(f"delete from {table}")
    warehouse.release()

    account.clock.move(at(12))
    warehouse.sync()
    account.clock.move(at(13))
    account.hold(43, resolution=None, updated_at=None)
    warehouse.sync()

    assert to_the_minute(warehouse.statuses()) == [
        (42, "pending", "in_progress", None, at(9), None),
        (42, "hold", "in_progress", None, at(10), at(9)),
        (43, "pending", "in_progress", None, at(9), None),
    ]
    assert to_the_minute(warehouse.resolutions()) == [
        (42, "claim_approved", Decimal(500), "EUR", None, at(10), at(9)),
        (42, "claim_approved", Decimal(600), "EUR", None, at(11), at(10)),
        (43, "claim_approved", Decimal(500), "EUR", None, at(9), None),
        (43, None, None, None, None, at(13), at(12)),
    ]
    assert to_the_minute(warehouse.rows("select id, first_seen_at from tickets order by id")) == [
        (42, at(9)),
        (43, at(9)),
    ]
