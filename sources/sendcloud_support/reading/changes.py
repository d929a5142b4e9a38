"""The change filter: a parameter by which the list gives only what changed, if it is obeyed.

Depends on `run` and `planner`. Nobody documents such a parameter's name or meaning, so it is off
unless configured, and used only when its first answer shows in this very run that it is obeyed:

- it counts fewer tickets than are held, so it narrows;
- every ticket on it was updated since the time asked for;
- one of them was created before, so it goes by update and not by creation.

Then a live ticket that it does not give was not changed, and is known without having been read,
unless something is requested of it: whether an answered request moves `updated_at` nobody says, so
such tickets are read as ever. A first answer that shows the opposite, or nothing, is told once and
not used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..api import Page
from ..planning import Plan
from ..settings import SOURCE_NAME
from .run import Reading, Run

CLOCK_MARGIN = timedelta(minutes=5)
"""The API's clock may be behind ours; what it gives twice does no harm."""


@dataclass
class Changed:
    """What the filter has given so far."""

    since: datetime
    held: int
    ids: set[int] = field(default_factory=set)
    total: int = 0
    objection: str | None = None
    next_page: int | None = 1

    def take(self, page: Page) -> None:
        """Hear a page of the filtered list."""
        if page.number == 1:
            self.objection = self._object(page)
        self.ids |= page.ids
        self.total = page.total or 0
        is_end = page.is_last or not page.items or self.objection is not None
        self.next_page = None if is_end else page.number + 1

    def _object(self, page: Page) -> str | None:
        """Why this first page is no proof, None if it is."""
        if page.total is None or page.total >= self.held:
            return "the API ignores it"
        times = [item["updated_at"] or item["created_at"] for item in page.items]
        if any(time < self.since for time in times):
            return "the API gives tickets that were not changed since"
        if all(item["created_at"] >= self.since for item in page.items):
            return "nothing on its answer shows that it goes by the time of change"
        return None


def excuse_unchanged(run: Run, plan: Plan) -> Reading[set[int]]:
    """Take from the plan's due tickets what the filter proves unchanged; returns those."""
    name = run.configuration.updated_since_param
    if not name or not plan.tickets.due or plan.details_only:
        return set()
    changed = yield from _ask(run, plan, name)
    if changed.objection is None and len(changed.ids) != changed.total:
        changed.objection = "its answers changed while they were read"
    if changed.objection is not None:
        run.record.add_note(
            f"sources.{SOURCE_NAME}.updated_since_param was not used: {changed.objection}."
        )
        return set()
    unchanged = {each for each in plan.tickets.due - changed.ids if not is_asked_for(run, each)}
    plan.tickets.due -= unchanged | changed.ids
    return unchanged


def is_asked_for(run: Run, ticket_id: int) -> bool:
    """Whether the ticket had outstanding requests when it was last seen."""
    actions = run.loader.actions.get(ticket_id, {})
    return any(action.first_missing_at is None for action in actions.values())


def _ask(run: Run, plan: Plan, name: str) -> Reading[Changed]:
    oldest = min(run.loader.held[each].last_seen_at for each in plan.tickets.due)
    changed = Changed(oldest - CLOCK_MARGIN, len(plan.tickets.known))
    filters = {name: changed.since.isoformat()}
    while changed.next_page is not None:
        yield from run.read_page(changed.next_page, changed.take, filters=filters)
    return changed
