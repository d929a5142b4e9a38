"""A window of journalled answers becomes one load.

Depends on the journal, `window` and the source's tables. Promises that a window's tickets are
loaded in one package together with how far the reading had come; that the history of tickets held
before is loaded first and that of new ones directly afterwards, and if a run was killed in between,
by the next. Loading the same answers twice gives the same tables.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import dlt

from sources.sendcloud_support import sendcloud_window
from sources.sendcloud_support.api import Pseudonyms
from sources.sendcloud_support.holdings import (
    Answer,
    Journal,
    Tally,
    Window,
    answer_of,
    held_actions,
    held_histories,
    held_tickets,
    read_set_aside,
    write_set_aside,
)
from sources.sendcloud_support.records import LOAD, Breach, Malformed

from ..warehouse import drop_pending, loader_format, takes_whole_rows
from .healing import heal
from .history_tables import (
    begin_left_over,
    complete_histories,
    withdraw_histories,
    write_histories,
)
from .parts import load_in_parts, may_be_a_ticket, singly
from .window_file import packed

Progress = dict[str, Any]


class WindowLoader:
    """Knows what the warehouse holds, and loads into it.

    Args:
        pipeline: Started up.
        journal: Where the answers wait that are loaded.
    """

    def __init__(self, pipeline: dlt.Pipeline, journal: Journal) -> None:
        self.pipeline, self.journal = pipeline, journal
        self.tally = Tally()
        is_journalled = next(journal.entries(), None) is not None
        heal(pipeline, is_journalled)
        begin_left_over(pipeline, is_journalled)
        self.held = held_histories(pipeline) | held_tickets(pipeline)
        self.actions = held_actions(pipeline)
        self.set_aside = read_set_aside(pipeline)
        self.lists_leave_out = False
        self.pseudonyms = Pseudonyms()

    def load_window(self, answers: Iterator[Answer], progress: Progress | None) -> None:
        """Load journalled answers, in parts where a ticket is refused by the warehouse."""
        if not self.set_aside.unloadable:
            try:
                self._load_whole(answers, progress)
            except Exception as error:
                if not may_be_a_ticket(error):
                    raise
            else:
                return
        deque(answers, maxlen=0)  # the journal has them too
        singles = [each for entry in self.journal.entries() for each in singly(answer_of(entry))]
        load_in_parts(singles, self._load_whole, self._refuse_one, self.set_aside.unloadable)
        self._load_whole((), progress)

    def _load_whole(self, answers: Iterable[Answer], progress: Progress | None = None) -> None:
        """Load answers; if that fails, what is known of the warehouse is as it was before."""
        before = self.held.copy(), self.actions.copy()
        known = self.held, self.actions, self.tally, self.lists_leave_out, self.set_aside
        window = Window(*known, self.pseudonyms)
        try:
            self._load(window, answers, progress)
        except Exception as error:
            self.held, self.actions = before
            if may_be_a_ticket(error):
                withdraw_histories(self.pipeline, window.ahead.by_table(), self.actions)
                drop_pending(self.pipeline)
            raise

    def _refuse_one(self, answer: Answer) -> None:
        """Set aside a ticket that the warehouse does not take, alone in its answer."""
        [ticket] = answer.tickets
        self.tally.forget(ticket["id"])
        breach = Breach(LOAD, "what the warehouse can store", "something else")
        self.set_aside.sight(Malformed(ticket["id"], (breach,)), answer.asked_at)

    def _load(self, window: Window, answers: Iterable[Answer], progress: Progress | None) -> None:
        with self._for_dlt(self._rows(window, answers)) as items:
            self.pipeline.run(
                sendcloud_window(items, progress=progress),
                loader_file_format=loader_format(self.pipeline),
            )
        if window.has_fresh:
            complete_histories(self.pipeline, window.after.by_table())
        self.write_set_aside()

    def _rows(self, window: Window, answers: Iterable[Answer]) -> Iterator[Any]:
        """The window's rows. Whoever has taken the last of them finds the history written."""
        yield from window.rows(answers)
        write_histories(self.pipeline, window.ahead.by_table())

    def write_set_aside(self) -> None:
        """Bring the table up to date."""
        write_set_aside(self.pipeline, self.set_aside.take_changed())

    def _for_dlt(self, rows: Iterable[Any]) -> AbstractContextManager[Iterable[Any]]:
        """The rows as dlt gets them."""
        if not takes_whole_rows(self.pipeline):
            return nullcontext(rows)
        return packed(rows, Path(self.pipeline.working_dir))
