"""The data tests of the project can fail: each is shown a mart with the fault it looks for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import duckdb
import pytest

from simulator import World
from tests.transform.project import Project
from tests.transform.raw import Rows, every, replay

SMALL_WORLD = World(tickets=400, months=6, vanishing=0.05)

TWO_OF_ONE_ORDER = """
    insert into claim_values (order_number, value, currency) select 'A1', 10, 'EUR';
    update fct_ticket_resolution set order_number = 'A1'
    where ticket_id in (select ticket_id from fct_ticket_resolution where is_open limit 2)
"""

FAULTS = {
    "as_of_is_known": ["update sendcloud_marts_staging.stg_as_of set as_of = null"],
    "spans_tile_a_lifetime": [
        "update fct_status_spans set calendar_seconds = calendar_seconds + 1 where span_no = 2",
        "update fct_status_spans set valid_from = valid_from + interval 1 second where span_no = 2",
        "delete from fct_status_spans where span_no = 1",
        "update fct_status_spans set is_current = true",
        "update fct_status_spans set valid_from_earliest = valid_from + interval 1 second",
    ],
    "backlog_moves_by_its_events": [
        "update fct_daily_backlog set open_at_end = open_at_end + 1 where resolved > 0",
        "update fct_daily_backlog set moved_in = moved_in + 1, open_at_end = open_at_end",
        "update fct_daily_backlog set open_over_30d = open_over_14d + 1",
        "update fct_daily_backlog set open_age_days = 7 where open_at_end = 0",
    ],
    "backlog_ends_with_the_open_tickets": [
        "update fct_ticket_resolution set is_open = false where waiting_on = 'carrier'",
        "update fct_ticket_resolution set count_reopens = count_reopens + 1",
        "delete from fct_daily_backlog where carrier = 'dpd'",
    ],
    "survival_and_incidences_make_one": [
        "update mart_outcome_incidence set incidence = incidence + 1e-8 where n_event > 0",
        "delete from mart_outcome_incidence where hours > 100",
    ],
    "curves_keep_their_bounds": [
        "update mart_resolution_survival set survival = 1.1 where hours > 100",
        "update mart_resolution_survival set survival_lo = survival + 0.1",
        "update mart_outcome_incidence set incidence = 0.9 where hours < 10",
    ],
    "segments_add_up": [
        "delete from mart_resolution_summary where segment = 'dpd'",
        "delete from mart_approval_rates where segment = 'lost'",
        "delete from mart_claim_exposure where segment_type = 'carrier'",
        "delete from mart_resolution_summary where segment_type = 'carrier_and_type'",
        "delete from mart_approval_rates where segment_type = 'ticket_type'",
        "update mart_claim_exposure set expected_payout_amount = 0 where segment_type = 'carrier'",
    ],
    "marts_hold_every_row": [
        "delete from fct_ticket_resolution where carrier = 'ups'",
        "delete from fct_status_spans where ticket_id % 2 = 0",
        "delete from fct_requested_actions where is_outstanding",
        "delete from fct_claim_payouts where amount_status = 'zero' or amount_status = 'missing'",
        "update mart_claims_monthly set claims = claims + 1",
    ],
    "monthly_payouts_are_the_fact": [
        "update mart_payouts_monthly set paid_amount = paid_amount + 0.01 where payouts > 0",
        "delete from mart_payouts_monthly where currency = 'GBP'",
        "update mart_claim_development set paid_amount = paid_amount + 0.01 where dev_month = 0",
    ],
    "ledger_is_what_is_approved": [
        "update fct_payout_ledger set amount = amount + 0.01",
        "delete from fct_payout_ledger where currency = 'GBP'",
        "update fct_payout_ledger set payout_month = payout_month + interval 1 month",
        "update mart_payouts_monthly set paid_amount = paid_amount + 0.01 where payouts > 0",
    ],
    "questions_add_up": [
        "delete from mart_unpaid_approvals where currency = 'EUR'",
        "update mart_unpaid_approvals set amount = amount + 0.01",
        "update mart_standing_still set open_tickets = open_tickets + 1",
        "delete from mart_period_comparison where segment = 'lost' and period = 'before'",
        "update fct_ticket_resolution set breach_at = created_at where carrier = 'dpd'",
        "update mart_period_payouts set not_marked_paid = not_marked_paid + 1",
    ],
    "claim_values_name_one_ticket": [
        TWO_OF_ONE_ORDER,
    ],
    "waits_are_the_open_time": [
        "update fct_ticket_resolution set merchant_wait_minutes = merchant_wait_minutes + 9",
    ],
    "statuses_are_mapped": ["delete from ticket_status_map where status = 'solved'"],
    "outcomes_are_mapped": ["delete from outcome_map where outcome = 'claim_declined'"],
    "history_ends_with_the_ticket": [
        "update fct_ticket_resolution set status = 'hold' where is_resolved",
    ],
    "moments_are_in_order": [
        "update sendcloud.tickets set updated_at = created_at - interval 1 second",
        "update sendcloud.tickets__resolution set solved_at = timestamptz '1999-01-01 00:00:00+00'",
    ],
}


@pytest.fixture(scope="module")
def rows() -> Rows:
    return replay(SMALL_WORLD, every(12, SMALL_WORLD.start, SMALL_WORLD.end))


@pytest.fixture(scope="module")
def sound(project: Project, rows: Rows) -> duckdb.DuckDBPyConnection:
    targets = [{"carrier": "dpd", "ticket_type": "lost", "days": 5}]
    return project.build(rows, seeds={"sla_targets": targets})


@pytest.fixture
def marts(sound: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Sound marts; what a test breaks is put back."""
    sound.execute("begin")
    yield sound
    sound.execute("rollback")


def singular(project: Project) -> set[str]:
    return {name for name, test in project.tests.items() if not test.get("test_metadata")}


def test_every_invariant_has_its_faults(project: Project) -> None:
    assert singular(project) == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_sound_marts_pass(project: Project, marts: duckdb.DuckDBPyConnection, name: str) -> None:
    assert marts.execute(project.statement(project.tests[name])).fetchall() == []


@pytest.mark.parametrize(
    ("name", "fault"), [(name, fault) for name, faults in FAULTS.items() for fault in faults]
)
def test_a_fault_is_found(
    project: Project, marts: duckdb.DuckDBPyConnection, name: str, fault: str
) -> None:
    marts.execute(fault)

    assert marts.execute(project.statement(project.tests[name])).fetchall() != []


def test_a_doubled_row_of_any_mart_is_found(
    project: Project, marts: duckdb.DuckDBPyConnection
) -> None:
    keys = {
        test["attached_node"].split(".")[-1]: test
        for test in project.tests.values()
        if (test.get("test_metadata") or {}).get("name") == "one_row_per" and test["attached_node"]
    }
    assert set(project.marts) <= set(keys)
    found = {}
    for name in project.marts:
        marts.execute(f"insert into {name} select * from {name}")
        found[name] = bool(marts.execute(project.statement(keys[name])).fetchall())

    assert found == dict.fromkeys(project.marts, True)


@pytest.mark.parametrize("seed", range(8))
def test_accounts_of_a_handful_of_tickets_hold_every_invariant(project: Project, seed: int) -> None:
    """Where a group has one ticket, a curve one step and a variance nothing to stand on."""
    draw = random.Random(seed)
    small = World(
        seed=seed, tickets=draw.choice([1, 2, 3, 5, 8, 20]), months=draw.choice([1, 2, 6, 14])
    )
    since = small.start + timedelta(days=draw.choice([0, 10, 20]))
    marts = project.build(replay(small, every(draw.choice([1, 24, 500]), since, small.end)))

    found = {
        name: marts.execute(project.statement(project.tests[name])).fetchall() for name in FAULTS
    }
    assert found == {name: [] for name in FAULTS}
