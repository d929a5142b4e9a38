"""A reader that sweeps the list model to its end, while the list changes and processes die.

Depends on the connector's sweep and on the list model. Promises to remember what the API held at
each moment of the last pass, which is what a claim is judged by.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sources.sendcloud_support.planning.sweep import Sweep
from tests.sources.planning.list_api import EPOCH, ORDERS, ListApi

Event = tuple[str, int, int]
HOUR = 3_600


def happen(api: ListApi, event: Event) -> None:
    kind, first, second = event
    if kind == "insert":
        api.insert(after=first, updated=bool(second))
    elif kind == "delete":
        api.delete(first)
    else:
        api.update(first, after=second)


def rested(order: str, count: int, size: int = 2) -> ListApi:
    api = ListApi(ORDERS[order], size)
    for _ in range(count):
        api.insert()
    api.now += HOUR
    return api


@dataclass
class Reader:
    """Sweeps a list to its end. `drift` are the changes before each request; a new process takes
    over after each request in `restarts`."""

    api: ListApi
    drift: list[list[Event]] = field(default_factory=list)
    restarts: frozenset[int] = frozenset()
    refuses_past_the_end: bool = False
    asked: list[int] = field(default_factory=list)
    seen_at: dict[int, datetime] = field(default_factory=dict)
    held: list[set[int]] = field(default_factory=list)

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.api.now, microseconds=len(self.asked))

    def sweep(self) -> Sweep:
        sweep = Sweep.begin(self.now())
        self.held = [self.api.ids]
        while (number := sweep.next_page) is not None:
            assert len(self.asked) < 2_000, "the sweep does not end"
            self.change()
            self.asked.append(number)
            if self.refuses_past_the_end and number > self.api.pages:
                sweep.take_missing()
                continue
            page = self.api.page(number)
            self.seen_at |= dict.fromkeys(page.ids, self.now())
            passes = sweep.passes
            sweep.take(page, self.now())
            if sweep.passes > passes:
                self.held = [self.api.ids]
            if len(self.asked) in self.restarts:
                sweep = self.restarted(sweep)
        return sweep

    def change(self) -> None:
        """What happens before this request; `held` is what the API has held in this pass."""
        for event in self.drift[len(self.asked) : len(self.asked) + 1]:
            for each in event:
                happen(self.api, each)
                self.held.append(self.api.ids)

    def restarted(self, sweep: Sweep) -> Sweep:
        """As a new process has it: from the state, and from what the warehouse holds."""
        state = json.loads(json.dumps(sweep.to_state()))
        since = sweep.evidence.started_at
        again = Sweep.from_state(state, (each for each, at in self.seen_at.items() if at >= since))
        assert again == sweep
        return again
