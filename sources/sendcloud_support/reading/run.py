"""One run of the reading: everything it works with, and how it asks.

Depends on the client, the holdings and the keeper that it is given. Promises that each answer is
journalled before anything else is done with it, together with how far the reading had come; and
that a run keeps within `max_minutes` and `max_requests`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ..api import Page, SupportClient, SupportConfiguration
from ..exceptions import SendcloudError, TicketNotFoundError
from ..holdings import PAGE, TICKET, Entry, RunRecord, SteadyClock, Store
from ..planning import THIN, Ages, ListDepth
from ..records import Malformed, Ticket
from .keeper import Display, Keeper
from .refusals import Refusals, is_refusal

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
    loader: Keeper
    record: RunRecord
    clock: SteadyClock
    progress: Display
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
        yield from self._offer(to_come)
        return page

    def read_ticket(
        self, ticket_id: int, take: Callable[[Ticket], object]
    ) -> Reading[Ticket | Malformed | None]:
        """Ask for a ticket, let `take` hear it, journal it; None if the API does not have it.

        One that breaks the contract, or whose detail is refused, comes as `Malformed`.
        """
        ticket = self._ask_ticket(ticket_id, take)
        yield from self._offer(0)
        return ticket

    def _offer(self, to_come: int) -> Reading[None]:
        """What was kept may be loaded, if it is known what the pages in it leave out."""
        if not self.lists.are_undecided:
            yield Load(to_come)

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


def configured_ages(configuration: SupportConfiguration) -> Ages:
    """The ages that make a ticket settled, dormant or due."""
    dormant = configuration.dormant_days
    return Ages(
        timedelta(days=configuration.settle_days),
        timedelta(days=dormant) if dormant else None,
        timedelta(minutes=configuration.live_max_age_minutes),
    )


def fill_in(run: Run) -> None:
    """What the run's row counts."""
    record, tally = run.record, run.loader.tally
    record.requests, record.throttled = run.client.requests, run.client.throttled
    record.tickets_seen = len(tally.seen)
    record.tickets_new, record.tickets_changed = len(tally.new), len(tally.changed)
    record.add_note(*tally.unknown.sentences())
