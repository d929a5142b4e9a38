"""How requests end: met, closed with the ticket, withdrawn; what one way takes from the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipelines.dbt_environment import PROJECT
from simulator import World
from tests.transform.project import Project
from tests.transform.raw import every, replay
from tests.transform.test_scenarios import CREATED, NOON, fetch, resolution, ticket

DESK = World(seed=7, tickets=1_500, months=8, vanishing=0.1)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def asked(ticket_id: int, last: float, missing: float | None = None, first: float = 0) -> Any:
    """A request of midnight; moments in hours after it."""
    return {
        "ticket_id": ticket_id,
        "id": ticket_id,
        "data_type": "sales_invoice",
        "created_at": CREATED,
        "first_seen_at": CREATED + hours(first),
        "last_seen_at": CREATED + hours(last),
        "first_missing_at": None if missing is None else CREATED + hours(missing),
    }


def test_what_closed_or_vanished_can_no_longer_be_met(project: Project) -> None:
    """Of four watched from the start one is met at 10 h, one is closed with its ticket at 20, one
    goes with a vanished ticket between 20 and 40, one waits. Met: 1 in 4, and no median; all three
    together counted as met would have one of 20 hours. Closed: of the three left at 20 h one, 1/4;
    withdrawn: of the two left at 30 h one, 1/4."""
    solved = {"solved_at": CREATED + hours(20)}
    marts = project.build(
        {
            "tickets": [
                ticket(1, first_seen_at=CREATED),
                ticket(2, first_seen_at=CREATED, status="solved"),
                ticket(
                    3,
                    first_seen_at=CREATED,
                    last_seen_at=CREATED + hours(20),
                    vanished_at=CREATED + hours(40),
                ),
                ticket(4, first_seen_at=CREATED),
            ],
            "tickets__resolution": [resolution(2, outcome="delivered", **solved)],
            "requested_action_history": [
                asked(1, 9, 11),
                asked(2, 19, 30),
                asked(3, 20),
                asked(4, 60),
            ],
        }
    )

    assert fetch(
        marts,
        "select ticket_id, ending, seconds_to_end / 3600.0 from fct_requested_actions order by 1",
    ) == [(1, "met", 10), (2, "closed", 20), (3, "withdrawn", 30), (4, None, None)]
    assert fetch(
        marts,
        "select requests, met, closed, withdrawn, outstanding, median_hours, p75_hours "
        "from mart_request_summary where data_type = 'all'",
    ) == [(4, 1, 1, 1, 1, None, None)]
    assert fetch(
        marts,
        "select met_share, closed_share, withdrawn_share from mart_request_summary "
        "where data_type = 'all'",
    ) == [tuple(pytest.approx(0.25) for _ in range(3))]


class Life(NamedTuple):
    """When a request came under watch and left it, in seconds of age, and how."""

    entry: int
    exit: int
    ending: str | None


def aalen_johansen(lives: Sequence[Life], ending: str) -> list[tuple[int, float]]:
    """The chance to have ended so by each age: a second computation, age by age."""
    watched = [life for life in lives if life.exit > life.entry or life.entry == 0]
    survival, incidence, curve = 1.0, 0.0, []
    for age in sorted({life.exit for life in watched}):
        at_risk = [
            life for life in watched if life.exit >= age and (life.entry < age or life.entry == 0)
        ]
        ended = [life.ending for life in at_risk if life.exit == age and life.ending]
        incidence += survival * ended.count(ending) / len(at_risk)
        survival *= 1 - len(ended) / len(at_risk)
        curve.append((age, incidence))
    return curve


def test_chances_and_medians_are_those_of_a_second_computation(project: Project) -> None:
    """The simulator's desk: some documents are met, some closed, some go with their ticket."""
    marts = project.build(replay(DESK, every(24, DESK.start + timedelta(days=60), DESK.end)))
    rows = fetch(
        marts,
        "select date_diff('second', created_at, first_seen_at), "
        "coalesce(seconds_to_end, date_diff('second', created_at, last_seen_at)), ending "
        "from fct_requested_actions",
    )
    lives = [Life(*row) for row in rows]
    met = aalen_johansen(lives, "met")
    median = min((age for age, chance in met if chance >= 0.5), default=None)
    shares = [
        pytest.approx(aalen_johansen(lives, ending)[-1][1], rel=1e-9)
        for ending in ("met", "closed", "withdrawn")
    ]

    told = fetch(
        marts,
        "select met_share, closed_share, withdrawn_share, median_hours "
        "from mart_request_summary where data_type = 'all'",
    )
    assert told == [(*shares, None if median is None else pytest.approx(median / 3600))]
    assert len({life.ending for life in lives}) > 2


def test_what_the_merchant_has_answered_is_no_longer_in_his_list(project: Project) -> None:
    """Tickets 1 to 3 wait for the merchant: 1 is still asked for something, 2 has answered all that
    it was asked for, 3 was asked for nothing. Tickets 10 to 13 give a chance and an amount."""
    merchant = {"stage": "action_required"}
    marts = project.build(
        {
            "tickets": [
                *[ticket(number, first_seen_at=CREATED, **merchant) for number in (1, 2, 3)],
                *[ticket(number, status="solved") for number in (10, 11, 12, 13)],
            ],
            "tickets__resolution": [
                resolution(
                    number,
                    amount=Decimal(100),
                    currency="EUR",
                    solved_at=NOON - timedelta(minutes=1),
                )
                for number in (10, 11, 12, 13)
            ],
            "requested_action_history": [asked(1, 200), asked(2, 9, 11)],
        }
    )
    assert fetch(
        marts, "select ticket_id, is_nothing_outstanding from fct_open_claim_exposure order by 1"
    ) == [(1, False), (2, True), (3, False)]

    tile = Path(PROJECT / "tiles" / "money_waiting_on_us.sql").read_text(encoding="utf-8")
    listed = f"select ticket_id, left_out from ({tile.rstrip()}) as tile order by 1"
    assert fetch(marts, listed) == [(1, 1), (3, 1)]
