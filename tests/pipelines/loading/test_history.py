"""The history tables: exact bounds, nothing doubled, whatever the runs between went through."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from simulator import ORDERS, Account, Clock, Drift, Fault, World
from sources.sendcloud_support.holdings.run_record import RunRecord
from sources.sendcloud_support.reading.run import Run
from tests.pipelines.conftest import Make
from tests.pipelines.loading.sightings import Watch
from tests.pipelines.warehouses import Warehouse

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
CONTINUED = timedelta(hours=2)
"""What a run saw that did not come to its end counts as seen by the next, for so long."""

FLIPS = ("pending", "processing", "hold", "action_required", "closed", "solved")


def by_hand() -> Account:
    """An account without a single ticket, at nine in the morning."""
    return Account(clock=Clock(NINE))


def at(hour: int, minute: int = 0) -> datetime:
    return NINE.replace(hour=hour, minute=minute)


def to_the_minute(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """A look at the clock moves it by a microsecond."""
    return [
        tuple(v.replace(microsecond=0) if isinstance(v, datetime) else v for v in row)
        for row in rows
    ]


def test_a_status_that_flips_and_flips_back_gives_three_rows_with_their_bounds(make: Make) -> None:
    warehouse = make(by_hand())
    account = warehouse.account
    account.hold(42, status="pending", updated_at=None)
    warehouse.sync()  # at nine
    account.clock.move(at(9, 40))
    account.hold(42, status="hold")
    account.clock.move(at(10))
    warehouse.sync()
    account.clock.move(at(11))
    account.hold(42, status="pending", updated_at=at(9, 50))  # a date before the last sighting
    warehouse.sync()

    assert to_the_minute(warehouse.statuses()) == [
        (42, "pending", "in_progress", None, at(9), None),
        (42, "hold", "in_progress", at(9, 40), at(10), at(9)),
        (42, "pending", "in_progress", None, at(11), at(10)),
    ]


def test_an_update_without_a_change_of_status_moves_a_bound_and_adds_no_row(make: Make) -> None:
    warehouse = make(by_hand())
    account = warehouse.account
    account.hold(42, stage="in_progress", updated_at=None)
    warehouse.sync()
    account.clock.move(at(10))
    account.hold(42, brand_id=9, updated_at=None)
    warehouse.sync()
    account.clock.move(at(11))
    account.hold(42, stage="unknown", updated_at=None)  # the same status in another stage
    warehouse.sync()

    assert to_the_minute(warehouse.statuses()) == [
        (42, "pending", "in_progress", None, at(9), None),
        (42, "pending", "unknown", None, at(11), at(10)),
    ]


def test_a_request_is_missing_from_the_first_sighting_of_its_ticket_without_it(make: Make) -> None:
    warehouse = make(by_hand())
    account = warehouse.account

    def hold(*ids: int) -> None:
        asked = [{"id": each, "data_type": "other", "created_at": at(8)} for each in ids]
        account.hold(42, requested_actions=asked)

    hold(1, 2)
    warehouse.sync()
    account.clock.move(at(10))
    hold(2, 3)
    warehouse.sync()
    account.clock.move(at(11))
    account.drop(42)
    warehouse.refresh(42)  # gone: nobody saw the ticket without its requests
    gone = to_the_minute(warehouse.actions())
    account.clock.move(at(12))
    hold(1, 3)
    warehouse.refresh(42)

    assert gone == [
        (42, 1, "other", at(8), at(9), at(9), at(10)),
        (42, 2, "other", at(8), at(9), at(10), None),
        (42, 3, "other", at(8), at(10), at(10), None),
    ]
    assert to_the_minute(warehouse.actions()) == [
        (42, 1, "other", at(8), at(9), at(12), None),
        (42, 2, "other", at(8), at(9), at(10), at(12)),
        (42, 3, "other", at(8), at(10), at(12), None),
    ]


APPROVED = {"outcome": "claim_approved", "amount": 500, "currency": "EUR", "solved_at": None}


def test_a_resolution_that_is_rewritten_gives_a_row_each_time_and_one_when_it_is_gone(
    make: Make,
) -> None:
    warehouse = make(by_hand())
    account = warehouse.account
    life = [
        None,
        APPROVED,
        APPROVED,
        APPROVED | {"solved_at": at(11)},
        None,
        APPROVED | {"amount": 600},
        APPROVED | {"amount": 600.00001},
        APPROVED | {"amount": 600, "currency": "GBP"},
        {"outcome": "claim_declined", "amount": None, "currency": None, "solved_at": None},
    ]
    for hour, resolution in enumerate(life, 9):
        account.clock.move(at(hour))
        account.hold(42, resolution=resolution, updated_at=None)
        account.hold(43, updated_at=None)
        warehouse.sync()

    paid = (42, "claim_approved", Decimal(500), "EUR")
    assert to_the_minute(warehouse.resolutions()) == [
        (*paid, None, at(10), at(9)),
        (*paid, at(11), at(12), at(11)),
        (42, None, None, None, None, at(13), at(12)),
        (42, "claim_approved", Decimal(600), "EUR", None, at(14), at(13)),
        (42, "claim_approved", Decimal(600), "GBP", None, at(16), at(15)),
        (42, "claim_declined", None, None, None, at(17), at(16)),
    ]


def test_amounts_that_python_takes_for_the_same_and_zeros_are_told_apart_as_the_warehouse_does(
    make: Make,
) -> None:
    warehouse = make(by_hand())
    for hour, amount in enumerate([-1, -2, -0.00001, 0, None], 9):
        warehouse.account.clock.move(at(hour))
        warehouse.account.hold(42, resolution=APPROVED | {"amount": amount}, updated_at=None)
        warehouse.sync()

    assert [(row[2], row[5].hour) for row in warehouse.resolutions()] == [
        (Decimal(-1), 9),
        (Decimal(-2), 10),
        (Decimal(0), 11),
        (None, 13),
    ]


TWICE = (
    (APPROVED, APPROVED),
    (APPROVED, None),
    (None, APPROVED),
    (APPROVED, APPROVED | {"amount": 600}),
    (None, None),
)
"""The resolutions of tickets at their first and at their second sighting."""


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_new_tickets_that_one_load_has_twice_have_both_sightings_in_their_histories(
    make: Make, request: pytest.FixtureRequest, engine: str
) -> None:
    postgres = request.getfixturevalue("postgres_url") if engine == "postgres" else ""
    world = World(seed=1, tickets=90, months=5)
    warehouse = make(Account(world, Clock(world.end)), postgres=postgres)
    warehouse.tick = timedelta(seconds=1)
    watch = Watch(warehouse)
    switches = warehouse.service.switches
    hear = switches.reshape
    switches.drift = Drift(every=1, inserts=7)  # what stood at the end of a page begins the next

    def reshape(ticket: dict[str, Any]) -> dict[str, Any]:
        number = ticket["id"]
        turn = min(len(watch.seen[number]), 1)
        asked = [
            {"id": number * 10 + n, "data_type": "other", "created_at": NINE.isoformat()}
            for n in (turn, 2 * turn + number % 2)
        ]
        ticket["requested_actions"] = asked[number % 3 :]
        ticket["resolution"] = TWICE[number % 5][turn]
        ticket["status"] = FLIPS[turn * (number // 5 % 2)]
        return hear(ticket)

    switches.reshape = reshape
    warehouse.sync()

    twice = [number for number, sightings in watch.seen.items() if len(sightings) > 1]
    assert {(number % 5, number // 5 % 2) for number in twice} == {
        (n, m) for n in range(5) for m in range(2)
    }
    tables = warehouse.everything()
    assert tables["statuses"] == watch.statuses()
    assert tables["actions"] == watch.actions()
    assert tables["resolutions"] == watch.resolutions()


def allowance(record: RunRecord) -> timedelta:
    """By how much an earlier run that this one went on with may have been ahead of it."""
    return CONTINUED if "Continued" in str(record.note) else timedelta()


class Killed(BaseException):
    """The end of a run at a place of our choice; nothing after it is carried out."""


def kill_at(place: str, turn: int) -> Callable[[Run], None]:
    """Ends a run when it comes to `place` for that time: before a step of dlt, or after it."""

    def arm(run: Run) -> None:
        calls = iter(range(turn))
        owner: Any = run.loader.journal if place == "drop" else run.store.pipeline
        name = place.removeprefix("after ")
        original = getattr(owner, name)

        def die() -> None:
            run.record.write = lambda *_: None  # type: ignore[method-assign]
            raise Killed

        def stop(*arguments: Any, **values: Any) -> Any:
            is_last = next(calls, None) is None
            if is_last and not place.startswith("after "):
                die()
            result = original(*arguments, **values)
            if is_last:
                die()
            return result

        setattr(owner, name, stop)

    return arm


STEPS = int(os.environ.get("WALK_STEPS", "7"))
PLACES = ("extract", "normalize", "load", "after load", "drop")


@dataclass
class Walk:
    """A random life of an account over many syncs, good ones and bad ones."""

    warehouse: Warehouse
    draw: random.Random
    watch: Watch = field(init=False)
    dropped: set[int] = field(default_factory=set)
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = Watch(self.warehouse)
        self.warehouse.tick = timedelta(seconds=1)

    @property
    def account(self) -> Account:
        return self.warehouse.account

    def live_on(self) -> None:
        """Time passes, tickets come, move, go and come back."""
        spans = [timedelta(minutes=10), timedelta(hours=7), timedelta(days=2), timedelta(days=9)]
        self.account.clock.advance(self.draw.choice(spans))
        self.account.insert(self.draw.choice([0, 0, 1, 5, 30]))
        for number in self.account.pick(self.draw.choice([0, 3, 12]), live=True):
            self.account.update(number)
        for number in self.account.pick(self.draw.choice([0, 2, 5])):
            self._change(number)
        for number in self.account.pick(self.draw.choice([0, 0, 1, 3])):
            self.account.drop(number)
            self.dropped.add(number)
        if self.draw.random() < 0.2:
            back = self.dropped & self.watch.seen.keys()
            self.dropped -= back
            for number in back:
                self._change(number)

    def _change(self, number: int) -> None:
        """By hand: another status, requests asked for and answered, now and then undated."""
        known = self.account.ticket(number) or {}
        asked = [each for each in known.get("requested_actions", []) if self.draw.random() < 0.6]
        if self.draw.random() < 0.4:
            now = self.account.clock.now()
            fresh = number * 100 + self.draw.randrange(100)
            asked = [each for each in asked if each["id"] != fresh]
            asked.append({"id": fresh, "data_type": "other", "created_at": now})
        fields: dict[str, Any] = {"requested_actions": asked}
        if self.draw.random() < 0.2:
            fields["updated_at"] = known.get("updated_at")
        if self.draw.random() < 0.6:
            fields["resolution"] = self._resolution(known.get("resolution"))
        self.account.hold(number, status=self.draw.choice(FLIPS), **fields)

    def _resolution(self, known: dict[str, Any] | None) -> dict[str, Any] | None:
        """None any more, the first, or the one before with another amount, outcome or date."""
        if known is None or self.draw.random() < 0.4:
            outcome = self.draw.choice(["claim_approved", "claim_declined"])
            amount = self.draw.choice([None, 0, -1, -2, 149.99])
            first = {"outcome": outcome, "amount": amount, "currency": "EUR", "solved_at": None}
            return self.draw.choice([None, first])
        now = self.account.clock.now().isoformat()
        return known | self.draw.choice([{"amount": -2}, {"currency": "GBP"}, {"solved_at": now}])

    def run(self) -> None:
        """One run, of a kind that is drawn, and what it has to have left behind."""
        kinds: list[Callable[[], None]] = [self._sync] * 6
        kinds += [self._sweep, self._drift, self._fail, self._kill, self._kill, self._stop_early]
        kinds += [self._refresh]
        kind = self.draw.choice(kinds)
        self.story.append(kind.__name__)
        kind()

    def _sync(self, full: bool = False, **settings: Any) -> None:
        before, due = self._ids(), self._due()
        record = self.warehouse.sync(full, **settings)
        self.compare()
        if not record.is_complete:
            moving = self.warehouse.service.switches.drift or self.account.order == "shuffled"
            assert settings or moving, (record, self.story)
            return
        after, held, vanished = self._ids(), *self._held()
        assert len(held) == record.held_total == record.api_total
        assert before & after <= self.watch.seen.keys(), (record, self.story)
        since = record.started_at - allowance(record)
        unseen = {each for each in due if self.watch.last_seen(each) < since}
        assert unseen & after == set(), (record, self.story)
        assert unseen <= vanished
        if record.mode == "full":
            assert before & after <= held <= before | after | self._seen_since(record.started_at)

    def _ids(self) -> set[int]:
        return {ticket["id"] for ticket in self.account.tickets()}

    def _due(self) -> set[int]:
        """Live tickets, by what was seen of them; a mark is taken back by chance or by a sweep."""
        now = self.account.clock.now()
        live = self.watch.live(now, timedelta(days=14), timedelta(days=60))
        return live - self._held()[1] if live else live

    def _held(self) -> tuple[set[int], set[int]]:
        rows = self.warehouse.rows("select id, vanished_at is null from tickets")
        return {each for each, there in rows if there}, {each for each, there in rows if not there}

    def _seen_since(self, moment: datetime) -> set[int]:
        return {each for each in self.watch.seen if self.watch.last_seen(each) >= moment}

    def compare(self) -> None:
        """All tables are what the sightings make them."""
        tables = self.warehouse.everything()
        assert [row[:-1] for row in tables["tickets"]] == self.watch.tickets()
        assert tables["children"] == self.watch.children()
        assert tables["statuses"] == self.watch.statuses()
        assert tables["actions"] == self.watch.actions()
        assert tables["resolutions"] == self.watch.resolutions()

    def _sweep(self) -> None:
        self._sync(full=True)

    def _drift(self) -> None:
        self.warehouse.service.switches.drift = Drift(
            every=2, inserts=self.draw.randrange(3), deletes=self.draw.randrange(2), updates=2
        )
        self._sync()
        self.warehouse.service.switches.drift = None

    def _stop_early(self) -> None:
        self._sync(max_requests=self.draw.choice([1, 3, 8]))

    def _fail(self) -> None:
        fault = Fault("500", at=tuple(range(self.draw.choice([2, 4, 9]), 1000)))
        self.warehouse.service.switches.faults = [fault]
        self.warehouse.attempt(full=self.draw.random() < 0.3)
        self.warehouse.service.switches.faults = []

    def _kill(self) -> None:
        place, turn = self.draw.choice(PLACES), self.draw.choice([0, 0, 1])
        self.story[-1] += f" {place} {turn}"
        self.warehouse.prepare = kill_at(place, turn)
        try:
            self._sync(full=self.draw.random() < 0.2)
        except Killed:
            self.story[-1] += " killed"
        finally:
            self.warehouse.prepare = lambda _: None

    def _refresh(self) -> None:
        asked = self.account.pick(3) + sorted(self.dropped)[:2]
        self.warehouse.refresh(*asked)
        self.compare()


@pytest.mark.parametrize("order", ORDERS)
def test_a_random_life_of_an_account_is_told_exactly_by_its_sightings(
    make: Make, order: str
) -> None:
    seed = int(os.environ.get("WALK_SEED", "1"))
    world = World(seed=seed, tickets=150, months=5)
    warehouse = make(Account(world, Clock(world.end), order), window_tickets=90)
    walk = Walk(warehouse, random.Random(f"{order} {seed}"))
    walk._sync()
    for _ in range(STEPS):
        walk.live_on()
        walk.run()
