"""One extraction: a run of the reading, whose rows go the way of a dlt resource.

Depends on the reading and on dlt's extraction. Promises that the rows of a run, how far its reading
had come, and which answers they were made from, are committed in one package: whatever kills a
pipeline, the next run loads what was read and asks only for the rest. The row of the run comes with
them, and says whether it was complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import dlt
from dlt.common import logger
from dlt.common.configuration.container import Container
from dlt.common.storages.load_package import LoadPackageStateInjectableContext
from dlt.extract.items_transform import FilterItem

from ..api import Pseudonyms, SupportConfiguration
from ..exceptions import WrongClockError
from ..holdings import (
    FULL,
    SYNC,
    Actions,
    Claim,
    Held,
    RunRecord,
    SteadyClock,
    connected,
    held_actions,
    held_histories,
    held_tickets,
    identity_of,
    note_tables_version,
    read_set_aside,
    system_clock,
    write_set_aside,
)
from ..planning import ListDepth
from ..reading import (
    BudgetReachedError,
    Load,
    Reading,
    Run,
    configured_ages,
    fill_in,
    read_account,
)
from ..records import (
    ACTION_HISTORY,
    STATUS_HISTORY,
    SYNC_RUNS,
    TICKETS,
    TICKETS_SET_ASIDE,
    SetAside,
)
from .conditions import refuse_unfit, tables_going
from .intake import Intake
from .journals import Journals
from .missing_tables import create_missing_tables
from .outbox import Outbox, Row, Rows
from .store import ExtractionStore
from .trial import Trial

FOLDER = "sendcloud_support_journals"
FAR_AHEAD = timedelta(days=2)
FILTERED = "Rows were filtered on their way, so the run proves nothing."
CUT_SHORT = "Ended before everything was read; the next run goes on from here."


def is_extracting() -> bool:
    """Whether a pipeline asks for the rows, and not somebody who just looks at them."""
    return LoadPackageStateInjectableContext in Container()


def extract_tickets(
    configuration: SupportConfiguration, outbox: Outbox, is_full: bool, is_same_account: bool
) -> Iterator[Rows]:
    """Rows of `tickets`; those of the other tables go into the outbox, the run's own last."""
    outbox.open()
    extraction = Extraction(configuration, outbox, is_full, is_same_account)
    try:
        yield from extraction.rows()
    except GeneratorExit:
        extraction.cut_short()
    finally:
        extraction.release()
        outbox.close()
    extraction.put_last_rows()


class Extraction:
    """What is held, what earlier extractions left, and a client."""

    def __init__(
        self,
        configuration: SupportConfiguration,
        outbox: Outbox,
        is_full: bool = False,
        is_same_account: bool = False,
    ) -> None:
        self.is_full, self.outbox = is_full, outbox
        self.pipeline = dlt.current.pipeline()
        refuse_unfit(self.pipeline)
        self.going = tables_going()
        with connected(self.pipeline):
            create_missing_tables(self.pipeline, dlt.current.source_schema())
            self.claim = Claim(self.pipeline, identity_of(configuration), is_same_account)
            note_tables_version(self.pipeline)
            self.intake = self._open_intake(configuration.pseudonyms)
            self.store = ExtractionStore(self.pipeline, self.intake)
            self.run = self._open_run(configuration)

    def _open_intake(self, pseudonyms: Pseudonyms) -> Intake:
        state = dlt.current.resource_state(TICKETS)
        folder = Path(self.pipeline.working_dir) / FOLDER / str(self.pipeline.dataset_name)
        journals = Journals(folder, self.claim.identity, state.setdefault("journals", {}))
        if TICKETS in self.going:
            journals.drop_others()
        trial = Trial(self.pipeline, pseudonyms)
        return Intake(journals, state, *self._held(), self.outbox, trial, pseudonyms)

    def _held(self) -> tuple[dict[int, Held], Actions, SetAside]:
        """What the tables hold that will not go when this package is loaded."""
        pipeline, going = self.pipeline, self.going
        held = held_histories(pipeline) | held_tickets(pipeline)
        if going >= {TICKETS, STATUS_HISTORY}:
            held = {}
        elif TICKETS in going:  # their histories go on with the next sight
            held = {each: ticket._replace(is_vanished=True) for each, ticket in held.items()}
        actions = {} if ACTION_HISTORY in going else held_actions(pipeline)
        set_aside = SetAside() if TICKETS_SET_ASIDE in going else read_set_aside(pipeline)
        return held, actions, set_aside

    def _open_run(self, configuration: SupportConfiguration) -> Run:
        clock = SteadyClock(system_clock)
        clock.begin_after(self._latest_sight(clock()))
        record = RunRecord(FULL if self.is_full else SYNC, clock())
        client = configuration.connect(departed=clock.depart, remark=record.add_note)
        ages = configured_ages(configuration)
        return Run(self.store, configuration, client, self.intake, record, clock, Quiet(), ages)

    def _latest_sight(self, now: datetime) -> datetime:
        """What was dated ahead of this machine's clock must not look fresher than what is read."""
        latest = max([now, *(each.last_seen_at for each in self.intake.held.values())])
        if latest - now > FAR_AHEAD:
            raise WrongClockError(
                f"The warehouse holds sightings dated {latest:%Y-%m-%d}, and this machine's clock "
                f"says {now:%Y-%m-%d}. One of the clocks was wrong. Nothing was read. If this one "
                "is right, `python -m pipelines sync` of the repository sets the times right."
            )
        return latest

    def rows(self) -> Iterator[Rows]:
        """Rows of tickets as they are read, those that were left by earlier extractions first."""
        left_since = self.intake.recover()
        if left_since is not None:
            self.store.doubt_runs(left_since)
        yield from self.intake.rows()
        progress = self.intake.progress() or {}
        self.run.lists = ListDepth.from_state(progress)
        try:
            yield from self._read(read_account(self.run, progress, self.is_full))
        except BudgetReachedError as reached:
            self.run.record.add_note(f"{reached} The next run goes on from here.")
        if self.intake.sample.is_doubtful:
            self.intake.refuse()
        yield from self.intake.rows()
        yield from self.intake.late_rows()

    def _read(self, reading: Reading[None]) -> Iterator[Rows]:
        """Not before it is known whether pages show what is outstanding, or it has to be."""
        for wish in reading:
            self._settle()
            if self._may_load(wish):
                yield from self.intake.rows()

    def _may_load(self, wish: Load) -> bool:
        if self.intake.sample.is_doubtful:
            if wish.to_come is None:
                self.intake.refuse()
            return False
        return wish.to_come is None or not self.run.lists.are_silent

    def _settle(self) -> None:
        """The API has answered to these keys: from now on the warehouse is this account's."""
        news = self.claim.settle(self.run.now)
        self.run.record.add_note(*filter(None, [news]))

    def cut_short(self) -> None:
        """Whoever asked for the rows wants no more."""
        self.run.record.is_complete = False
        self.run.record.add_note(CUT_SHORT)

    def release(self) -> None:
        """Give back connections and files, however the reading ended."""
        self.run.client.close()
        self.intake.journals.current.close()

    def put_last_rows(self) -> None:
        """What stands set aside, at once, and the row of the run with the others.

        An unproven run is worth a warning.
        """
        changed = self.intake.set_aside.take_changed()
        if TICKETS_SET_ASIDE in self.going:
            self.outbox.put(TICKETS_SET_ASIDE, changed)
        else:
            write_set_aside(self.pipeline, changed)
        self.outbox.put(SYNC_RUNS, [self._last_row()])

    def _last_row(self) -> Row:
        record = self.run.record
        fill_in(self.run)
        record.finished_at = self.run.now()
        if is_filtered():
            record.is_complete = False
            record.add_note(FILTERED)
        if not record.is_complete:
            logger.warning(f"The run is not proven complete. {record.note or ''}")
        return asdict(record)


def is_filtered() -> bool:
    """Whether somebody's filter may take tickets away on their way."""
    steps = dlt.current.source().resources[TICKETS]._pipe.steps
    return any(isinstance(step, FilterItem) for step in steps)


class Quiet:
    """Progress for whoever has a display of their own."""

    outlook = ""

    def show(self, what: str, to_come: int, left: int | None) -> None:
        """Nothing."""

    def say(self, sentence: str) -> None:
        """One line of dlt's log."""
        logger.info(sentence)
