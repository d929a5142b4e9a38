"""Sync: decides what a run reads, a sweep or what changed, and what is left for the next.

Depends on `sweeping` and `incremental`. Promises of a run that returns a complete record are those
of the two; one that stopped at its bound says so, and the next goes on where it was:

- nothing held yet, or `full`: a sweep, and what changed meanwhile if an earlier run began it;
- else the incremental reading, and a sweep instead if the list can only be swept;
- then a sweep if one is due or under way, within what is left of `max_minutes`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ..holdings import (
    ALL_OTHERS,
    FULL,
    REFRESH,
    SYNC,
)
from ..planning import SWEEP, Plan, Sweep, plan_state
from ..records import described
from .changes import excuse_unchanged
from .incremental import make_plan, run_plan
from .run import Reading, Run
from .sweeping import (
    continued_sweep,
    new_sweep,
    order_of,
    run_sweep,
)

CONTINUED = timedelta(hours=2)
"""What a killed incremental run saw counts as seen by the next for so long."""

Progress = dict[str, Any]


def read_account(run: Run, progress: Progress, full: bool) -> Reading[None]:
    """Whatever this run has to read; `progress` is what earlier ones left, `full` asks for all."""
    yield from _read(run, progress, full)
    note_set_aside(run)


def note_set_aside(run: Run) -> None:
    """A run is not complete while anything stands set aside, and says whether all else is."""
    run.settle_refusals()
    run.loader.write_set_aside()
    count = len(run.loader.set_aside)
    run.record.add_note(*run.refusals.sentences())
    if not count:
        return
    run.record.add_note(described(count))
    if run.record.is_complete and run.record.mode != REFRESH:
        run.record.add_note(ALL_OTHERS)
    run.record.is_complete = False


def _read(run: Run, progress: Progress, full: bool) -> Reading[None]:
    sweep = continued_sweep(run, sweep_state(run, progress))
    is_bounded = bool(run.configuration.max_minutes or run.configuration.max_requests)
    is_due = sweep is not None or is_sweep_due(run)
    is_first = not any(not held.is_vanished for held in run.loader.held.values())
    is_first = is_first or run.store.last_sweep_at() is None
    if full or is_first or (is_due and not is_bounded):
        yield from _sweep_whole(run, sweep)
        return
    state = plan_left(run, progress)
    plan = yield from _read_changes(run, progress.get("order"), state, sweep)
    if plan.verdict == SWEEP:
        yield from _sweep_whole(run, sweep)
    elif is_due:
        yield from _sweep(run, sweep or new_sweep(run))


def _read_changes(
    run: Run, order: str | None, state: Progress | None, sweep: Sweep | None
) -> Reading[Plan]:
    """The incremental reading; `sweep` is one under way, to be kept in mind."""
    plan = make_plan(run, order, state)
    run.position = lambda: _position(run, plan=plan, sweep=sweep)
    asked_at = run.now()
    unchanged = yield from excuse_unchanged(run, plan)
    yield from run_plan(run, plan)
    if run.record.is_complete:
        kept = plan.tickets.gone | run.loader.set_aside.tickets
        run.store.mark_seen(unchanged - kept, asked_at)
    return plan


def _sweep_whole(run: Run, sweep: Sweep | None) -> Reading[None]:
    """A sweep, begun anew or gone on with; after one gone on with, what changed since it began."""
    yield from _sweep(run, sweep or new_sweep(run))
    if sweep is not None and run.record.is_complete:
        yield from _catch_up(run, sweep)


def _catch_up(run: Run, sweep: Sweep) -> Reading[None]:
    """An earlier run may have read all pages of the sweep, days ago: this one owes today's.

    Where the list has no order and the sweep is recent, its own proof has to do.
    """
    record, began_at = run.record, sweep.evidence.started_at
    proof = record.is_complete, record.api_total
    record.is_complete, record.api_total = False, None
    is_recent = record.started_at - began_at <= CONTINUED
    since = began_at if is_recent else record.started_at
    run.loader.held = run.store.held_tickets()
    state = {"since": since.isoformat()}
    plan = yield from _read_changes(run, order_of(sweep), state, sweep)
    if plan.verdict == SWEEP and is_recent:
        record.is_complete, record.api_total = proof
    elif plan.verdict == SWEEP:
        yield from _sweep(run, new_sweep(run))


def _sweep(run: Run, sweep: Sweep) -> Reading[None]:
    """A sweep, and another where the list cannot be believed."""
    for each in (sweep, new_sweep(run)):
        run.position = partial(_position, run, sweep=each)
        if (yield from run_sweep(run, each)):
            return


def _position(run: Run, plan: Plan | None = None, sweep: Sweep | None = None) -> Progress:
    """How far the reading has come, as plain values."""
    position: Progress = {}
    if plan is not None:
        position |= {"plan": plan_state(plan) | {"since": run.record.started_at.isoformat()}}
        position |= {"order": plan.guess.name}
    if sweep is not None:
        position |= {"sweep": sweep.to_state(), "order": order_of(sweep)}
    return position


def sweep_state(run: Run, progress: Progress) -> Progress | None:
    """The sweep that progress speaks of, unless a run has closed it since."""
    return _unless_ended(run, progress, "sweep", (FULL,))


def plan_left(run: Run, progress: Progress) -> Progress | None:
    """The incremental reading that a killed run left, if it is recent."""
    state = _unless_ended(run, progress, "plan", (FULL, SYNC))
    if state is None or run.now() - datetime.fromisoformat(state["since"]) > CONTINUED:
        return None
    run.record.add_note("Continued what an earlier run had begun.")
    return state


def _unless_ended(
    run: Run, progress: Progress, key: str, modes: tuple[str, ...]
) -> Progress | None:
    state: Progress | None = progress.get(key)
    if state is None:
        return None
    ended_at = run.store.last_ended_at(modes)
    is_ended = ended_at is not None and ended_at >= datetime.fromisoformat(progress["at"])
    return None if is_ended else state


def is_sweep_due(run: Run) -> bool:
    """Whether the last complete sweep is `full_sweep_days` old."""
    due_at = sweep_due_at(run.store.last_sweep_at(), run.configuration.full_sweep_days)
    return due_at is not None and run.now() >= due_at


def sweep_due_at(last: datetime | None, days: float) -> datetime | None:
    """When a complete sweep is due that is made every so many days; None for never."""
    return last + timedelta(days=days) if last and days else None
