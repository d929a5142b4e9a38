"""The fault matrix: what can go wrong while an account is read, and how a run then ends.

Each row is a fault and its outcome: EXACT (code 0, the tables are what the API holds) or FAILS (its
code and sentence, the tables as they were, and the next run, without the fault, exact). Kills have
their own module, `test_kills`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.warehouse.locks import only_run
from pipelines.warehouse.warehouse import open_pipeline
from simulator import Account, Clock, Drift, Fault, serve
from tests.pipelines.conftest import CLIENT, KEYS, SMALL, LoadFirst, Make
from tests.pipelines.loading.sightings import Watch
from tests.pipelines.warehouses import Warehouse, truth

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
EXACT, FAILS = "exact", "clear failure, old tables intact, next run heals"

Arrange = Callable[[Warehouse], None]


def standing(order: Any = "newest_first") -> Account:
    """240 tickets of every kind, on 12 pages, that only hands can move: waiting changes nothing."""
    account = Account(clock=Clock(NOON), order=order)
    for ticket in Account(SMALL, Clock(SMALL.end)).tickets():
        account.hold(ticket["id"], **{k: v for k, v in ticket.items() if k != "id"})
    account.insert(40)
    account.clock.advance(timedelta(hours=1))
    return account


def faults(*some: Fault) -> Arrange:
    """Faults of the server, made anew for each case because they count."""

    def arrange(warehouse: Warehouse) -> None:
        warehouse.service.switches.faults = [
            Fault(**{name: getattr(each, name) for name in GIVEN}) for each in some
        ]

    return arrange


GIVEN = ("kind", "every", "at", "on", "page", "times", "seconds", "location", "key")


def switch(**values: Any) -> Arrange:
    """Switches of the server."""

    def arrange(warehouse: Warehouse) -> None:
        for name, value in values.items():
            setattr(warehouse.service.switches, name, value)

    return arrange


def hands(ids: slice, **fields: Any) -> Arrange:
    """Some tickets, changed."""

    def arrange(warehouse: Warehouse) -> None:
        for ticket in warehouse.account.tickets()[ids]:
            warehouse.account.hold(ticket["id"], **fields)

    return arrange


@dataclass(frozen=True)
class Row:
    """One row of the matrix; `settings` of the sync, `oauth` instead of the key pair."""

    name: str
    arrange: Arrange
    outcome: str = EXACT
    code: int = 0
    sentence: str = ""
    oauth: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


def exact(name: str, arrange: Arrange, sentence: str = "", **more: Any) -> Row:
    return Row(name, arrange, EXACT, 0, sentence, **more)


def fails(name: str, arrange: Arrange, sentence: str, code: int = 1, **more: Any) -> Row:
    return Row(name, arrange, FAILS, code, sentence, **more)


LATER = "What was loaded before is intact, and what was read is kept: run it again."

MATRIX = [
    # the request limit
    exact("429 without Retry-After", faults(Fault("bare_429", at=(3, 4, 9)))),
    exact("429 with Retry-After", faults(Fault("announced_429", every=4, seconds=7))),
    exact("a bare window of 4 a minute", switch(requests_per_minute=4)),
    exact(
        "a window that says when, in seconds", switch(requests_per_minute=4, retry_after="seconds")
    ),
    exact("a window that says when, as a date", switch(requests_per_minute=4, retry_after="date")),
    fails("429 for good", faults(Fault("bare_429", at=tuple(range(5, 999)))), LATER),
    # a server that fails
    exact("500 every 11th", faults(Fault("500", every=11))),
    exact("502 with HTML", faults(Fault("502_html", every=5))),
    exact("503 with Retry-After", faults(Fault("503", every=5, seconds=20))),
    fails("500 for good", faults(Fault("500", page=7)), "HTTP 500 (code internal_server_error)"),
    fails("502 with HTML for good", faults(Fault("502_html", page=7)), "HTTP 502 (an HTML page)"),
    # the wire
    exact("reset before the answer", faults(Fault("reset", every=4))),
    exact("reset inside a body", faults(Fault("reset_in_body", every=4))),
    exact("a body cut in good order", faults(Fault("cut_body", every=4))),
    exact("a stall", faults(Fault("stall", at=(5,), seconds=3))),
    fails("reset for good", faults(Fault("reset", page=7)), "the connection broke"),
    # answers that are not what was asked for
    exact("truncated JSON", faults(Fault("truncated_json", every=4))),
    exact("an HTML page with status 200", faults(Fault("html", every=4))),
    exact("total and pages too small, once", faults(Fault("shrinking_pages", at=(4,)))),
    fails(
        "truncated JSON for good",
        faults(Fault("truncated_json", page=7)),
        "HTTP 200 with a body that is no JSON instead of tickets",
    ),
    fails(
        "a wrong echoed page",
        faults(Fault("wrong_page", page=7)),
        "GET tickets page 7: the API answered page 8. Pages cannot be told apart.",
    ),
    fails("a repeated page", faults(Fault("repeated_page", page=7)), "The API repeats a page"),
    fails("no list of items", faults(Fault("items_not_a_list", page=7)), "`items` is not a list."),
    fails("an envelope without items", faults(Fault("missing_key", page=7)), "lacks items"),
    # tickets that are not what they were
    exact("updated_at null everywhere", hands(slice(None), updated_at=None)),
    exact("a new field", switch(new_field="priority")),
    exact(
        "an unknown enum value",
        hands(slice(5), status="carrier_on_strike"),
        "Unknown status 'carrier_on_strike': 5 tickets, loaded as it came.",
    ),
    exact(
        "lists without children",
        switch(lists_without_actions=True),
        "Pages of the list leave out requested actions",
        settings={"settle_days": 9_999, "dormant_days": 0},
    ),
    fails(
        "a changed type",
        hands(slice(130, 170), parcel_id="P-1"),
        "40 of the 240 tickets read break the contract: ticket field `parcel_id` should be a "
        "64-bit integer, came as text (40 times).",
    ),
    # who asks
    exact("an expired token", switch(token_seconds=61), oauth=True),
    exact("a revoked token", faults(Fault("revoked_tokens", at=(6,))), oauth=True),
    fails(
        "a token that is not renewed",
        faults(Fault("revoked_tokens", at=(6,)), Fault("500", on="token")),
        "POST token: HTTP 500",
        oauth=True,
    ),
    fails("keys that are refused", switch(demands_oauth=True), "The key pair was refused.", 3),
    fails("no access to the beta", switch(beta=False), "ask your Customer Success Manager", 3),
]


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.name)
def test_fault(
    make: Make, load_first: LoadFirst, monkeypatch: pytest.MonkeyPatch, row: Row
) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "0.5")
    warehouse = make(standing(), oauth=row.oauth, **row.settings)
    if row.outcome == EXACT:
        row.arrange(warehouse)
        done = warehouse.attempt(full=True)
    else:
        load_first("standing", warehouse)
        done = fail_and_heal(warehouse, row.arrange)

    assert (done.code, row.sentence in done.err) == (row.code, True), done
    assert_exact(warehouse)


def fail_and_heal(warehouse: Warehouse, arrange: Arrange) -> Any:
    """Meet the fault, find the tables as they were, and sweep again without the fault."""
    account = warehouse.account
    before, tickets = warehouse.everything(), {t["id"]: t for t in account.tickets()}
    warehouse.later(hours=1)
    arrange(warehouse)

    done = warehouse.attempt(full=True)
    assert warehouse.everything() == before
    assert warehouse.runs("is_complete, note")[-1] == (False, f"Failed: {done.err}")

    warehouse.service.switches.faults = []
    switch(demands_oauth=False, beta=True)(warehouse)
    for number, ticket in tickets.items():
        if account.ticket(number) != ticket:
            account.hold(number, **{k: v for k, v in ticket.items() if k != "id"})
    warehouse.later(hours=1)
    assert warehouse.attempt(full=True).code == 0
    return done


def assert_exact(warehouse: Warehouse) -> None:
    assert warehouse.held() == truth(warehouse.account.tickets())
    assert len(warehouse.statuses()) == len(warehouse.account.tickets())
    assert [row[:4] for row in warehouse.actions()] == warehouse.held().actions
    [done] = warehouse.runs("is_complete, api_total, held_total")[-1:]
    assert done == (True, warehouse.account.total, warehouse.account.total)


# --- a list that shifts while it is read --------------------------------------------------------


def crowd(order: Any) -> Account:
    """2,000 open tickets on 100 pages, some seconds apart."""
    account = Account(clock=Clock(NOON - timedelta(days=2)), order=order)
    for _ in range(2_000):
        account.clock.advance(timedelta(seconds=20))
        account.insert()
    account.clock.move(NOON)
    return account


DRIFTS = [
    ("147 inserts on top", "newest_first", Drift(every=5, inserts=7, times=21)),
    (
        "119 deletes on top",
        "newest_first",
        Drift(every=5, deletes=7, deletes_newest=True, times=17),
    ),
    ("updates under order by update", "updated_first", Drift(every=5, updates=7)),
    ("all at once", "newest_first", Drift(every=5, inserts=7, deletes=7, updates=7, times=20)),
    (
        "all at once, by update",
        "updated_first",
        Drift(every=5, inserts=7, deletes=7, updates=7, times=20),
    ),
    (
        "all at once, oldest first",
        "oldest_first",
        Drift(every=5, inserts=7, deletes=7, updates=7, times=20),
    ),
    (
        "all at once, last updated last",
        "updated_last",
        Drift(every=5, inserts=7, deletes=7, updates=7, times=20),
    ),
    (
        "all at once, no order",
        "shuffled",
        Drift(every=5, inserts=7, deletes=7, updates=7, times=20),
    ),
]


@pytest.mark.parametrize(("name", "order", "drift"), DRIFTS, ids=[drift[0] for drift in DRIFTS])
def test_drift_loses_doubles_and_ages_nothing(
    make: Make, name: str, order: str, drift: Drift
) -> None:
    warehouse = make(crowd(order))
    warehouse.tick = timedelta(seconds=1)
    watch = Watch(warehouse)
    warehouse.service.switches.drift = drift

    done = warehouse.attempt()

    held = {row[0] for row in warehouse.held().tickets}
    assert done.code == 0, done
    assert held == {ticket["id"] for ticket in warehouse.account.tickets()}
    tables = warehouse.everything()
    assert [row[:-1] for row in tables["tickets"]] == watch.tickets()
    assert tables["statuses"] == watch.statuses()


# --- two runs ------------------------------------------------------------------------------------


def test_a_second_run_at_the_same_time_is_turned_away_and_reads_nothing(make: Make) -> None:
    warehouse = make(standing())

    with only_run(open_pipeline()):
        done = warehouse.attempt()

    assert done.code == 5
    assert done.err.startswith("Another run is loading this warehouse (it holds ")
    assert warehouse.service.requests == []
    assert warehouse.attempt().code == 0
    assert_exact(warehouse)


# --- what must not leave -------------------------------------------------------------------------


def test_a_redirect_to_another_host_takes_no_credentials_along(make: Make) -> None:
    warehouse = make(standing())
    with serve(Account(clock=Clock(NOON)), keys=KEYS) as other:
        elsewhere = f"{other.base_url}/dsf/tickets"
        arrange = faults(Fault("redirect", page=7, location=elsewhere))
        warehouse.sync()
        done = fail_and_heal(warehouse, arrange)
        assert other.requests == []

    assert (done.code, "The API redirects elsewhere" in done.err) == (1, True)
    assert elsewhere not in done.err
    assert_exact(warehouse)


@pytest.mark.parametrize("oauth", [False, True], ids=["keys", "client"])
def test_no_secret_and_no_ticket_is_in_any_message_log_trace_or_state(
    make: Make, oauth: bool
) -> None:
    warehouse = make(standing(), oauth=oauth)
    switches = warehouse.service.switches
    talk = {"RUNTIME__LOG_LEVEL": "DEBUG", "RUNTIME__REQUEST_BACKOFF_FACTOR": "0.01"}
    said = [warehouse.cli("sync", **talk)]
    switches.faults = [Fault("500", page=7), Fault("truncated_json", at=(2,))]
    said.append(warehouse.cli("sync", "--full", **talk))
    switches.faults = [Fault("401")]
    said.append(warehouse.cli("sync", **talk))
    switches.faults = []
    switches.reshape = lambda ticket: ticket | {"weight": ticket["id"] % 2 or "heavy"}
    said.append(warehouse.cli("sync", "--full", **talk))
    said.append(warehouse.cli("check", **talk))
    said.append(warehouse.cli("status", "--json", **talk))

    assert [done.code for done in said] == [0, 1, 3, 0, 0, 0]
    secrets = [*(CLIENT if oauth else KEYS), "ory_at_", *orders_of(warehouse)]
    texts = {f"run {turn}": done.out + done.err for turn, done in enumerate(said)}
    texts |= {str(path): text for path, text in files_of(warehouse.folder)}
    texts["state"] = str(warehouse.rows("select * from _dlt_pipeline_state"))
    texts["runs"] = str(warehouse.runs())
    texts["schema"] = str(warehouse.rows("select * from _dlt_version"))
    leaks = {
        (where, secret) for where, text in texts.items() for secret in secrets if secret in text
    }
    assert leaks == set()


def orders_of(warehouse: Warehouse) -> list[str]:
    return [t["order_number"] for t in warehouse.account.tickets() if t["order_number"]]


def files_of(folder: Path) -> Iterator[tuple[Path, str]]:
    """All that runs leave behind, but the warehouse itself and the journal of unloaded answers."""
    for path in folder.rglob("*"):
        if path.is_file() and "tickets.duckdb" not in path.name and "journal" not in path.parts:
            yield path, path.read_bytes().decode("latin-1")
