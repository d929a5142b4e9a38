"""The warehouse of somebody's pipeline while its extraction runs.

Depends on `store` and `intake`. What this run has read is not there yet, so what is counted is what
will be there once the package is loaded; only a mark on a ticket held before is written at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import dlt

from ..holdings import Held, Store, execute, mark_gone
from ..records import SYNC_RUNS
from .intake import Intake

NOT_WHOLE = "The package of this run was not loaded whole; a later run loaded what it had read."


class ExtractionStore(Store):
    """What is held, as this run has seen it."""

    def __init__(self, pipeline: dlt.Pipeline, intake: Intake) -> None:
        super().__init__(pipeline)
        self.intake = intake

    def held_tickets(self) -> dict[int, Held]:
        """All tickets by id, those of this run too."""
        return self.intake.held

    def count_held(self) -> int:
        """Tickets held and not vanished, once the package is loaded."""
        return sum(not held.is_vanished for held in self.intake.held.values())

    def mark_gone(self, ticket_ids: Iterable[int], now: datetime) -> int:
        """Mark them in the warehouse, and in the package where it has them."""
        held = self.intake.held
        gone = {each for each in ticket_ids if each in held and not held[each].is_vanished}
        mark_gone(self.pipeline, gone, now)
        self.intake.mark_gone(gone, now)
        return len(gone)

    def doubt_runs(self, since: datetime) -> None:
        """Rows of runs that ended since then came with a package of which other tables lack a part.

        Somebody dropped it; what a run read that had no package has left no row.
        """
        execute(
            self.pipeline,
            f"update {SYNC_RUNS} set is_complete = %s, held_total = null, note = %s "
            "where held_total is not null and finished_at >= %s",
            False,
            NOT_WHOLE,
            since,
        )
