"""The incremental reading: what the planner asks for, read, kept and proven.

Depends on `planning` and `run`. Promises: after a complete reading every new ticket is in, every
live one is as the API held it during the run, what answered 404 is marked as vanished, and as many
tickets are held as the API counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..exceptions import RefusedError
from ..holdings import RunRecord, counted, sighted
from ..planning import (
    COMPLETE,
    LIVE,
    Beside,
    Known,
    Plan,
    Read,
    Tickets,
    due_tickets,
    live_tickets,
)
from ..records import Malformed, Ticket
from .run import Load, Reading, Run

SOME = 20
"""Tickets set aside that each run asks for, live or not."""


def make_plan(run: Run, expected: str | None, state: dict[str, Any] | None) -> Plan:
    """A plan from what is held; `state` is that of a killed run to go on with, if any."""
    held = {key: ticket for key, ticket in run.loader.held.items() if not ticket.is_vanished}
    state = state or {}
    since = datetime.fromisoformat(state["since"]) if state else run.record.started_at
    thin = run.lists.are_thin
    due = due_tickets(held, run.ages, run.now(), since)
    if thin:
        due = live_tickets(held, run.ages, since) - run.loader.detailed
    known = {key: Known(each.created_at, each.updated_at) for key, each in held.items()}
    beside = Beside(run.loader.beside, run.loader.set_aside.nameless)
    return Plan(
        Tickets(known, due, beside),
        expected=expected,
        watermarks={
            name: datetime.fromisoformat(text) for name, text in state.get("watermarks", {}).items()
        },
        top_page=state.get("top_page"),
        details_only=thin,
    )


def run_plan(run: Run, plan: Plan) -> Reading[None]:
    """Read what the plan asks for, load it, mark what is gone."""
    plan.tickets.due |= set_aside_due(run) - plan.tickets.gone
    yield from read_planned(run, plan)
    was_thin = run.lists.are_thin
    run.settle_lists()
    if run.lists.are_thin and not was_thin:
        yield from require_live_details(run, plan)
        yield from read_planned(run, plan)
    run.settle_refusals()
    if run.loader.sample.is_doubtful:
        plan.give_to_sweep("many of the tickets read break the contract")
    else:
        yield Load()
    with run.store.connected():
        judge_plan(run, plan)


def set_aside_due(run: Run) -> set[int]:
    """Tickets set aside that may be whole again: some in each run, the longest unseen first."""
    there = run.loader.set_aside.there
    return set(sorted(there, key=lambda each: (there[each], each))[:SOME])


def read_planned(run: Run, plan: Plan) -> Reading[None]:
    """One request after the other, as long as the plan has any."""
    while (request := plan.next_request) is not None:
        yield from read_one(run, plan, request)
        due = len(plan.tickets.due)
        run.progress.show(
            f"{counted(plan.read, 'request')}, {counted(due, 'due ticket')} to see",
            due,
            run.client.attempts.left,
        )


def read_one(run: Run, plan: Plan, request: Read) -> Reading[None]:
    """One request and its answer."""
    if request.page is not None:
        yield from read_planned_page(run, plan, request.page)
        return
    ticket_id = request.ticket_id
    assert ticket_id is not None
    ticket = yield from run.read_ticket(ticket_id, plan.take_ticket)
    if ticket is None:
        plan.take_gone(ticket_id)
    elif isinstance(ticket, Malformed):
        plan.take_set_aside(ticket)


def read_planned_page(run: Run, plan: Plan, number: int) -> Reading[None]:
    """A page; where lists are thin, the live tickets on it become due for their details."""
    was_thin = run.lists.are_thin
    try:
        page = yield from run.read_page(number, plan.take_page)
    except RefusedError:
        if number == 1:
            raise
        plan.take_missing_page(number)
        return
    plan.details_only = run.lists.are_thin
    if run.lists.are_thin and not was_thin:
        yield from require_live_details(run, plan)
    elif run.lists.are_thin:
        on_page = {item["id"] for item in page.items if is_live(run, item, run.now())}
        plan.require_details(on_page - run.loader.detailed)


def require_live_details(run: Run, plan: Plan) -> Reading[None]:
    """Lists turned out to be thin: the live tickets met so far were not seen whole."""
    yield Load()
    plan.require_details(live_tickets(run.loader.held, run.ages, run.now()) - run.loader.detailed)


def is_live(run: Run, ticket: Ticket, now: datetime) -> bool:
    """Whether a ticket just seen is live."""
    after = sighted(ticket, now, run.loader.held.get(ticket["id"]))
    return run.ages.classify(after, now) == LIVE


def judge_plan(run: Run, plan: Plan) -> None:
    """Mark what is gone, compare the counts."""
    record = run.record
    record.tickets_vanished += run.store.mark_gone(plan.tickets.gone, run.now())
    if plan.verdict != COMPLETE:
        record.add_note(f"A complete sweep was needed: {plan.why}.")
        return
    run.loader.note_gone(plan.tickets.gone, run.now())
    run.count(plan.total)
    record.is_complete = run.is_counted and not run.refusals.unasked
    record.add_note(f"Order of the list: {plan.guess.name}.")
    if not record.is_complete:
        record.add_note(difference(record))


def difference(record: RunRecord) -> str:
    """Why the run is not proven complete, and what to do."""
    return (
        f"{counted(record.held_total, 'ticket')} held where the API counts {record.api_total}. "
        "Run: python -m pipelines sync --full"
    )
