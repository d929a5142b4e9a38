"""One run: everything it works with, how it reads, and how it ends.

Depends on the source's client, on `loading`, `records` and `progress`. Promises that each answer is
journalled before anything else is done with it, together with how far the reading had come; that a
run keeps within `max_minutes` and `max_requests`; and that it leaves a row in `sync_runs`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import dlt

from sources.sendcloud_support import (
    Malformed,
    Page,
    SendcloudError,
    SupportClient,
    SupportConfiguration,
    Ticket,
    TicketNotFoundError,
    TryLaterError,
)

from .account import Claim, identity_of
from .ages import Ages
from .clock import Clock, SteadyClock, system_clock
from .journal import PAGE, TICKET, Entry, Journal
from .lists import THIN, ListDepth
from .loading import Loader
from .progress import Progress
from .records import RunRecord
from .refusals import Refusals, is_refusal
from .skew import refuse_impossible, set_right
from .soundness import find_apart, start_up
from .store import Store
from .waiting import open_journal
from .warehouse import connected
from .wording import counted

Position = Callable[[], dict[str, Any]]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Load:
    """A wish of the reading: what was kept may be loaded now, or has to be.

    Whoever drives the reading fulfils it before the reading goes on. About `to_come` tickets follow
    soon; None where nothing may wait any more.
    """

    to_come: int | None = None


Reading = Generator[Load, None, T]
"""A reading on its way: yields its wishes, returns what it found."""


class BudgetReachedError(Exception):
    """The run has read for as long, or as much, as it may; the next one goes on."""


@dataclass
class Run:
    """Everything one run works with. `position` tells how far the reading has come."""

    store: Store
    configuration: SupportConfiguration
    client: SupportClient
    loader: Loader
    record: RunRecord
    clock: SteadyClock
    progress: Progress
    ages: Ages
    lists: ListDepth = field(default_factory=ListDepth)
    refusals: Refusals = field(default_factory=Refusals)
    position: Position = dict

    def now(self) -> datetime:
        """The run's time."""
        return self.clock()

    def read_page(
        self,
        number: int,
        take: Callable[[Page], object],
        to_come: int = 0,
        filters: dict[str, str] | None = None,
    ) -> Reading[Page]:
        """Ask for a page, let `take` hear it, journal it with the position after that."""
        self._check_budget()
        self.clock.depart()
        page, body = self.client.page(number, filters=filters)
        times = self.clock.departed_at, self.now()
        take(page)
        self.lists.hear(page, times[0], self.loader.actions)
        self.record.pages_read += 1
        self.refusals.note(self.loader.set_aside)
        self._keep(PAGE, number, times, body, page.items, page.set_aside)
        self._ask_of_lists()
        yield Load(to_come)
        return page

    def read_ticket(
        self, ticket_id: int, take: Callable[[Ticket], object]
    ) -> Reading[Ticket | Malformed | None]:
        """Ask for a ticket, let `take` hear it, journal it; None if the API does not have it.

        One that breaks the contract, or whose detail is refused, comes as `Malformed`.
        """
        ticket = self._ask_ticket(ticket_id, take)
        yield Load(0)
        return ticket

    def settle_lists(self) -> None:
        """The reading ends: ask for the tickets that were put off as long as a page could tell."""
        self._ask_of_lists(is_end=True)
        self.record.add_note(*filter(None, [self.lists.sentence()]))

    def settle_refusals(self) -> None:
        """The reading ends: whether the API answers at all, if nothing has told since."""
        if self.refusals.are_unproven:
            self._confirm()
            self.refusals.note(self.loader.set_aside)

    def _ask_ticket(
        self, ticket_id: int, take: Callable[[Ticket], object]
    ) -> Ticket | Malformed | None:
        if self.refusals.are_enough:
            return self.refusals.leave_out(ticket_id)
        self._check_budget()
        self.clock.depart()
        try:
            ticket, body = self.client.ticket(ticket_id)
        except TicketNotFoundError:
            self.refusals.settle(self.loader.set_aside)
            return None
        except SendcloudError as error:
            return self._refused(ticket_id, error)
        times = self.clock.departed_at, self.now()
        self.refusals.settle(self.loader.set_aside)
        self.record.details_read += 1
        if isinstance(ticket, Malformed):
            self._keep(TICKET, ticket_id, times, body, (), (ticket,))
            return ticket
        take(ticket)
        self._keep(TICKET, ticket_id, times, body, (ticket,))
        return ticket

    def _refused(self, ticket_id: int, error: SendcloudError) -> Malformed:
        """The ticket's own refusal, unless the list is refused too."""
        if not is_refusal(error):
            raise error
        refused = self.refusals.add(ticket_id, error, self.clock.departed_at)
        self.loader.detailed.add(ticket_id)
        if self.refusals.are_in_doubt:
            self._confirm()
            self.refusals.note(self.loader.set_aside)
        return refused

    def _confirm(self) -> None:
        """Raises what the list raises."""
        self._check_budget()
        self.client.page(1)
        self.record.pages_read += 1

    def _keep(
        self,
        kind: str,
        asked: int,
        times: tuple[datetime, datetime],
        body: bytes,
        tickets: Sequence[Ticket],
        set_aside: Sequence[Malformed] = (),
    ) -> None:
        at = {"at": times[1].isoformat()} | self.lists.to_state()
        self.loader.keep(Entry(kind, asked, *times, body, self.position() | at), tickets, set_aside)

    def drive(self, reading: Reading[T]) -> T:
        """Carry a reading to its end, loading what it wishes to be loaded."""
        while True:
            try:
                self._fulfil(next(reading))
            except StopIteration as end:
                found: T = end.value
                return found

    def _fulfil(self, wish: Load) -> None:
        if wish.to_come is None:
            self.loader.load()
        elif self.loader.load_full_window(wish.to_come):
            self.progress.say(self._window_line())

    def _ask_of_lists(self, is_end: bool = False) -> None:
        """Whether details have what pages leave out."""
        while (ticket_id := self.lists.next_question(is_end)) is not None:
            detail = self._ask_ticket(ticket_id, lambda _: None)
            self.lists.compare(ticket_id, None if isinstance(detail, Malformed) else detail)
        self.loader.lists_leave_out = self.lists.leave_out
        if self.lists.are_thin:
            self.record.add_note(THIN)

    def _check_budget(self) -> None:
        limit = self.configuration.max_requests
        if limit and self.client.requests >= limit:
            raise BudgetReachedError(f"Stopped at max_requests = {limit}.")
        minutes = self.configuration.max_minutes
        if minutes and self.now() - self.record.started_at >= timedelta(minutes=minutes):
            raise BudgetReachedError(f"Stopped at max_minutes = {minutes:g}.")

    def _window_line(self) -> str:
        return (
            f"Loaded {counted(len(self.loader.tally.seen), 'ticket')} so far, "
            f"{counted(self.record.pages_read, 'page')} and "
            f"{counted(self.record.details_read, 'single ticket')} read with "
            f"{counted(self.client.requests, 'request')}{self.progress.outlook}."
        )

    @property
    def is_counted(self) -> bool:
        """Whether what is held and what is set aside are as many as the API counts."""
        held, counted = self.record.held_total, self.record.api_total
        if held is None or counted is None:
            return False
        missing = counted - held - len(self.loader.beside)
        return 0 <= missing <= self.loader.set_aside.nameless

    def count(self, api_total: int | None) -> None:
        """Note both counts, now that everything is loaded."""
        self.record.api_total = api_total
        self.record.held_total = self.store.count_held()


def open_run(
    pipeline: dlt.Pipeline,
    configuration: SupportConfiguration,
    mode: str,
    clock: Clock = system_clock,
    same_account: bool = False,
) -> Run:
    """Start up the warehouse, load what an earlier run left in the journal, connect the client.

    Raises:
        OtherAccountError: The warehouse holds tickets of another account, and nobody said that it
            is the `same_account`.
    """
    steady = SteadyClock(clock)
    record = RunRecord(mode, steady())
    progress = Progress(configuration.requests_per_minute)
    claim = Claim(pipeline, identity_of(configuration), same_account)
    record.add_note(*start_up(pipeline, steady()))
    client = open_client(configuration, steady, progress, record)
    with connected(pipeline):
        journal = open_journal(pipeline, configuration, claim)
        loader = open_loader(pipeline, configuration, journal, client, steady, record)
        claim.settle_if_free(steady())

    def before_load() -> None:
        refuse_impossible(loader.waiting_tickets())
        record.add_note(*filter(None, [claim.settle(steady())]))

    loader.before_load = before_load
    ages = configured_ages(configuration)
    lists = ListDepth.from_state(loader.progress() or {})
    return Run(
        Store(pipeline), configuration, client, loader, record, steady, progress, ages, lists
    )


def open_client(
    configuration: SupportConfiguration, clock: SteadyClock, progress: Progress, record: RunRecord
) -> SupportClient:
    """A client that says what it waits for."""

    def announce(error: TryLaterError, seconds: float) -> None:
        progress.say(f"{error} Trying again in {seconds:.0f} s.")

    def remark(sentence: str) -> None:
        progress.say(sentence)
        record.add_note(sentence)

    return configuration.connect(announce=announce, departed=clock.depart, remark=remark)


def open_loader(
    pipeline: dlt.Pipeline,
    configuration: SupportConfiguration,
    journal: Journal,
    client: SupportClient,
    clock: SteadyClock,
    record: RunRecord,
) -> Loader:
    """A loader that has loaded what an earlier run left, in a warehouse that was set right."""
    last = journal.latest()
    waiting = last.seen_at if last else None
    amiss = set_right(pipeline, clock, waiting, lambda: list(client.page(1)[0].items))
    window_age = timedelta(minutes=configuration.window_minutes)
    loader = Loader(pipeline, journal, configuration.window_tickets, window_age)
    loader.recover(clock)
    if apart := find_apart(pipeline, clock()):
        loader.begin_anew()
        amiss.append(apart)
    record.add_note(*amiss)
    record.started_at = clock()
    return loader


def configured_ages(configuration: SupportConfiguration) -> Ages:
    """The ages that make a ticket settled, dormant or due."""
    dormant = configuration.dormant_days
    return Ages(
        timedelta(days=configuration.settle_days),
        timedelta(days=dormant) if dormant else None,
        timedelta(minutes=configuration.live_max_age_minutes),
    )


def finish(run: Run) -> None:
    """Fill in the counts and write the row."""
    record, tally = run.record, run.loader.tally
    record.requests, record.throttled = run.client.requests, run.client.throttled
    record.tickets_seen = len(tally.seen)
    record.tickets_new, record.tickets_changed = len(tally.new), len(tally.changed)
    record.add_note(*tally.unknown.sentences())
    record.write(run.store.pipeline, run.now())
    run.client.close()
