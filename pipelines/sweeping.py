"""The complete sweep: reads the whole list, and marks what it did not meet.

Depends on the source's sweep and on `run`. Promises: after a sweep that proved itself exact every
ticket is as the API held it while it ran, and what the API no longer has carries `vanished_at`; a
sweep that did not meet every page marks nothing. A sweep that was killed, or stopped at its bound,
goes on in the next run.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sources.sendcloud_support import NotFoundError, Pass, Sweep

from .ages import live_tickets
from .holdings import mark_gone, mark_vanished
from .records import FULL
from .run import Load, Reading, Run
from .warehouse import connected

RESUMABLE = timedelta(days=7)
"""A sweep that began longer ago is begun anew: its first pages are too old to be called current."""


def new_sweep(run: Run) -> Sweep:
    """A sweep from the first page on."""
    return Sweep(Pass(started_at=run.now()))


def continued_sweep(run: Run, state: dict[str, Any] | None) -> Sweep | None:
    """The sweep of an earlier run, if it is recent; `state` is what that run left.

    Passes are counted anew: each run may make as many as it needs to prove itself.
    """
    if state is None:
        return None
    sweep = Sweep.from_state(state, ())
    started_at = sweep.current.started_at
    if not timedelta() <= run.now() - started_at <= RESUMABLE:
        return None  # too old, or of a clock that was ahead: all seen now would count as unseen
    met = {
        ticket_id
        for ticket_id, held in run.loader.held.items()
        if held.last_seen_at >= started_at and not held.is_vanished
    }
    run.record.add_note("Continued a sweep that an earlier run had begun.")
    return Sweep.from_state(state | {"passes": 1}, met)


def run_sweep(run: Run, sweep: Sweep) -> Reading[None]:
    """Read the list to its end, load it, mark what is gone. Raises what the client raises."""
    while (number := sweep.next_page) is not None:
        yield from read_swept_page(run, sweep, number)
        pages = sweep.current.pages or 0
        run.progress.show(
            f"page {sweep.current.read} of {max(pages, sweep.current.read) or '?'}",
            max(pages - sweep.current.read, 0),
            run.client.attempts.left,
        )
    run.settle_lists()
    if run.lists.are_thin:
        yield from read_live_details(run)
    yield Load()
    with connected(run.pipeline):
        close_sweep(run, sweep)


def read_swept_page(run: Run, sweep: Sweep, number: int) -> Reading[None]:
    """A page that the sweep wants; a list may have become shorter than it."""
    try:
        yield from run.read_page(
            number, lambda page: sweep.take(page, run.now()), tickets_to_come(sweep)
        )
    except NotFoundError:
        if number == 1:
            raise
        sweep.take_missing()


def read_live_details(run: Run) -> Reading[None]:
    """Pages leave out the requested actions: ask for each live ticket that was not asked for."""
    yield Load()
    live = live_tickets(run.loader.held, run.ages, run.now())
    wanted = sorted(live - run.loader.detailed, reverse=True)
    gone = yield from read_tickets(run, wanted)
    yield Load()
    run.record.tickets_vanished += mark_gone(run.pipeline, gone, run.now())


def read_tickets(run: Run, ticket_ids: Iterable[int]) -> Reading[list[int]]:
    """Ask for tickets one by one; those that the API does not have."""
    gone = []
    for ticket_id in ticket_ids:
        ticket = yield from run.read_ticket(ticket_id, lambda _: None)
        if ticket is None:
            gone.append(ticket_id)
    return gone


def tickets_to_come(sweep: Sweep) -> int:
    """About how many tickets the sweep has not met yet."""
    return 0 if sweep.is_done else max((sweep.current.total or 0) - len(sweep.current.met), 0)


def close_sweep(run: Run, sweep: Sweep) -> None:
    """Mark what vanished, if every page was met, and compare the counts."""
    record, walk = run.record, sweep.current
    record.mode = FULL
    if walk.is_exact:
        record.tickets_vanished += mark_vanished(run.pipeline, walk.started_at, run.now())
    run.count(walk.total)
    record.is_complete = walk.is_exact and record.held_total == record.api_total
    record.add_note(f"Complete sweep. Order of the list: {sweep.order}.")
    if not record.is_complete:
        record.add_note(incompleteness(run, sweep))


def incompleteness(run: Run, sweep: Sweep) -> str:
    """Why the sweep is not proven complete, and what to do."""
    if run.record.api_total is None:
        return "The API gave no count of tickets, so nothing proves that all were met."
    return (
        f"After {sweep.passes} passes {len(sweep.current.met)} tickets were met where the API "
        f"counts {run.record.api_total}: the list changed faster than it could be read. Nothing "
        "was marked as vanished; run sync again at a quieter hour."
    )


def order_of(sweep: Sweep) -> str | None:
    """The name of the order to expect next time."""
    orders = sweep.current.orders
    return orders[0].name if orders else None
