"""The store: what a reading asks of the warehouse, and changes in it beside its loads.

Depends on `holdings` and `warehouse`. The reading decides; whoever keeps the tickets offers these
few things, and no reading needs to know how it does them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import dlt

from .holdings import (
    Held,
    count_held,
    held_tickets,
    last_ended_at,
    last_sweep_at,
    mark_gone,
    mark_seen,
)
from .statements import connected


class Store:
    """The warehouse of a pipeline."""

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self.pipeline = pipeline

    def connected(self) -> AbstractContextManager[Any]:
        """Statements within the block share a connection."""
        return connected(self.pipeline)

    def held_tickets(self) -> dict[int, Held]:
        """All tickets by id, the vanished ones too."""
        return held_tickets(self.pipeline)

    def count_held(self) -> int:
        """Tickets held and not vanished."""
        return count_held(self.pipeline)

    def mark_gone(self, ticket_ids: Iterable[int], now: datetime) -> int:
        """Mark tickets that the API no longer has; how many were not marked before."""
        return mark_gone(self.pipeline, ticket_ids, now)

    def mark_seen(self, ticket_ids: Iterable[int], seen_at: datetime) -> None:
        """Note of tickets that they were shown to be unchanged."""
        mark_seen(self.pipeline, ticket_ids, seen_at)

    def last_sweep_at(self) -> datetime | None:
        """When the last run began that completed a sweep."""
        return last_sweep_at(self.pipeline)

    def last_ended_at(self, modes: Iterable[str]) -> datetime | None:
        """When the last run of these modes ended that read as far as it meant to."""
        return last_ended_at(self.pipeline, modes)
