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

from ..exceptions import RefusedError
from ..holdings import FULL
from ..planning import Sweep, live_tickets
from .run import Load, Reading, Run

SUDDEN = 0.5
"""The share of what is held that a list does not lose from one run to the next."""

WITNESSES = 5
"""So many lost tickets are asked for before a sudden loss is believed."""

LEFT_OUT = (
    "The list left out most tickets, and yet the API gives some of them by their ids: nothing is "
    "marked as vanished because of it, and the list was read again."
)

RESUMABLE = timedelta(days=7)
"""A sweep that began longer ago is begun anew: its first pages are too old to be called current."""


CONFIRMED = 100
"""Tickets that are asked for one by one because the list cannot tell whether they are there."""


def new_sweep(run: Run) -> Sweep:
    """A sweep from the first page on."""
    return Sweep.begin(run.now())


def continued_sweep(run: Run, state: dict[str, Any] | None) -> Sweep | None:
    """The sweep of an earlier run, if it is recent; `state` is what that run left.

    Passes are counted anew: each run may make as many as it needs to prove itself.
    """
    if state is None:
        return None
    sweep = Sweep.from_state(state, ())
    started_at = sweep.evidence.started_at
    if not timedelta() <= run.now() - started_at <= RESUMABLE:
        return None  # too old, or of a clock that was ahead: all seen now would count as unseen
    met = {
        ticket_id
        for ticket_id, held in run.loader.held.items()
        if held.last_seen_at >= started_at and not held.is_vanished
    }
    there = run.loader.set_aside.there
    met |= {each for each, seen_at in there.items() if seen_at >= started_at}
    run.record.add_note("Continued a sweep that an earlier run had begun.")
    return Sweep.from_state(state | {"passes": 1}, met)


def run_sweep(run: Run, sweep: Sweep) -> Reading[bool]:
    """Read the list to its end, load it, mark what is gone; whether the list can be believed.

    Raises what the client raises.
    """
    while (number := sweep.next_page) is not None:
        yield from read_swept_page(run, sweep, number)
        pages = sweep.evidence.pages or 0
        run.progress.show(
            f"page {sweep.evidence.read} of {max(pages, sweep.evidence.read) or '?'}",
            max(pages - sweep.evidence.read, 0),
            run.client.attempts.left,
        )
    run.settle_lists()
    if run.lists.are_thin:
        yield from read_live_details(run)
    yield Load()
    if sweep.is_cut:
        yield from read_live_beyond(run, sweep)
    if sweep.current.is_nameless:
        yield from confirm_unmet(run, sweep)
    return (yield from close_sweep(run, sweep))


def confirm_unmet(run: Run, sweep: Sweep) -> Reading[None]:
    """Tickets without a readable id were met: any held ticket that was not met may be one of them.

    So each is asked for; where they are many nothing is said of the rest.
    """
    unmet = sorted(find_unmet(run, sweep) - sweep.evidence.met)
    yield from read_or_mark(run, unmet[:CONFIRMED])


def read_swept_page(run: Run, sweep: Sweep, number: int) -> Reading[None]:
    """A page that the sweep wants; a list may have become shorter than it."""
    try:
        yield from run.read_page(
            number, lambda page: sweep.take(page, run.now()), tickets_to_come(sweep)
        )
    except RefusedError:
        if number == 1:
            raise
        sweep.take_missing()


def read_live_details(run: Run) -> Reading[None]:
    """Pages leave out the requested actions: ask for each live ticket that was not asked for."""
    yield Load()
    live = live_tickets(run.loader.held, run.ages, run.now())
    yield from read_or_mark(run, live - run.loader.detailed)


def read_live_beyond(run: Run, sweep: Sweep) -> Reading[None]:
    """The list ends early: ask for each live ticket that is held and was not on it."""
    live = live_tickets(run.loader.held, run.ages, run.now())
    yield from read_or_mark(run, live & find_unmet(run, sweep))


def read_or_mark(run: Run, ticket_ids: Iterable[int]) -> Reading[list[int]]:
    """Ask for tickets and load them; those that the API does not have are marked, and returned."""
    gone = yield from read_tickets(run, sorted(ticket_ids, reverse=True))
    yield Load()
    run.record.tickets_vanished += run.store.mark_gone(gone, run.now())
    run.loader.note_gone(gone, run.now())
    return gone


def read_tickets(run: Run, ticket_ids: Iterable[int]) -> Reading[list[int]]:
    """Ask for tickets one by one; those that the API does not have."""
    gone = []
    for ticket_id in ticket_ids:
        ticket = yield from run.read_ticket(ticket_id, lambda _: None)
        if ticket is None:
            gone.append(ticket_id)
    run.settle_refusals()
    return gone


def tickets_to_come(sweep: Sweep) -> int:
    """About how many tickets the sweep has not met yet."""
    return 0 if sweep.is_done else max((sweep.evidence.total or 0) - len(sweep.evidence.met), 0)


def close_sweep(run: Run, sweep: Sweep) -> Reading[bool]:
    """Mark what vanished, if every page was met and the list can be believed; compare counts."""
    record, walk = run.record, sweep.current
    record.mode = FULL
    lost = find_unmet(run, sweep) if walk.is_exact else set()
    is_believed = not is_sudden(run, lost) or (yield from confirm_loss(run, lost))
    is_whole = walk.is_exact or walk.is_nameless
    with run.store.connected():
        if is_believed:
            record.tickets_vanished += run.store.mark_gone(lost, run.now())
        if is_believed and is_whole:
            run.loader.close_set_aside(sweep.evidence.started_at, run.now())
        run.count(sweep.evidence.total)
    record.is_complete = is_whole and run.is_counted and not run.refusals.unasked
    record.add_note(f"Complete sweep. Order of the list: {sweep.order}.")
    if not is_believed:
        record.add_note(LEFT_OUT)
    elif not record.is_complete:
        record.add_note(incompleteness(run, sweep))
    return is_believed


def find_unmet(run: Run, sweep: Sweep) -> set[int]:
    """Held tickets that were not seen since the sweep began, broken or whole."""
    since, there = sweep.evidence.started_at, run.loader.set_aside.there
    return {
        ticket_id
        for ticket_id, held in run.loader.held.items()
        if not held.is_vanished
        and held.last_seen_at < since
        and there.get(ticket_id, held.last_seen_at) < since
    }


def is_sudden(run: Run, lost: set[int]) -> bool:
    """Whether most of what is held would be gone at once."""
    present = sum(not held.is_vanished for held in run.loader.held.values())
    return len(lost) > present * SUDDEN


def confirm_loss(run: Run, lost: set[int]) -> Reading[bool]:
    """A second proof: whether some of the lost tickets, of every age, are gone by their ids too."""
    ids = sorted(lost)
    some = {ids[at * (len(ids) - 1) // max(WITNESSES - 1, 1)] for at in range(WITNESSES)}
    gone = yield from read_or_mark(run, some)
    return len(gone) == len(some)


def incompleteness(run: Run, sweep: Sweep) -> str:
    """Why the sweep is not proven complete, and what to do."""
    if sweep.is_cut:
        return (
            f"The API gives no page of its list after page {sweep.current.reach}: "
            f"{len(sweep.evidence.met)} of {sweep.evidence.total} tickets can be reached. They are "
            "loaded, live ones beyond them were read one by one, and nothing was marked as "
            "vanished for not being on the list. Ask Sendcloud how to read further."
        )
    if run.record.api_total is None:
        return "The API gave no count of tickets, so nothing proves that all were met."
    return (
        f"After {sweep.passes} passes {len(sweep.evidence.met)} tickets were met where the API "
        f"counts {run.record.api_total}: the list changed faster than it could be read. Nothing "
        "was marked as vanished; run sync again at a quieter hour."
    )


def order_of(sweep: Sweep) -> str | None:
    """The name of the order to expect next time."""
    orders = sweep.evidence.orders
    return orders[0].name if orders else None
