"""A run, from the start-up of its warehouse to its row.

Depends on the reading, on `loading` and on the warehouse. Promises that what an earlier run left is
loaded before anything is read, that what a reading wishes to be loaded is, and that a run leaves a
row in `sync_runs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import dlt

from sources.sendcloud_support import SupportConfiguration, TryLaterError
from sources.sendcloud_support.api import SupportClient
from sources.sendcloud_support.holdings import (
    Claim,
    Clock,
    Journal,
    RunRecord,
    SteadyClock,
    Store,
    connected,
    identity_of,
    note_tables_version,
    system_clock,
)
from sources.sendcloud_support.planning import ListDepth
from sources.sendcloud_support.reading import (
    Load,
    Reading,
    Run,
    configured_ages,
    fill_in,
)

from ..loading import Loader
from ..privacy import settle_pseudonyms
from ..warehouse import find_apart, open_journal, refuse_impossible, set_right, start_up
from .progress import Progress

T = TypeVar("T")


@dataclass
class LoadingRun(Run):
    """A run of the reading that loads what it reads, while a person sees how far it is."""

    loader: Loader
    progress: Progress


def open_run(
    pipeline: dlt.Pipeline,
    configuration: SupportConfiguration,
    mode: str,
    clock: Clock = system_clock,
    same_account: bool = False,
) -> LoadingRun:
    """Start up the warehouse, load what an earlier run left in the journal, connect the client.

    All over one connection; from then on each load has its own, and the file is free in between.

    Raises:
        OtherAccountError: The warehouse holds tickets of another account, and nobody said that it
            is the `same_account`.
    """
    steady = SteadyClock(clock)
    record = RunRecord(mode, steady())
    progress = Progress(configuration.requests_per_minute)
    with connected(pipeline):
        claim = Claim(pipeline, identity_of(configuration), same_account)
        record.add_note(*start_up(pipeline, steady()))
        record.add_note(*filter(None, [note_tables_version(pipeline)]))
        record.add_note(*settle_pseudonyms(pipeline, configuration.pseudonyms, steady()))
        client = open_client(configuration, steady, progress, record)
        journal = open_journal(pipeline, configuration, claim)
        loader = open_loader(pipeline, configuration, journal, client, steady, record)
        claim.settle_if_free(steady)

    def before_load() -> None:
        refuse_impossible(loader.kept)
        record.add_note(*filter(None, [claim.settle(steady)]))

    loader.before_load = before_load
    ages = configured_ages(configuration)
    lists = ListDepth.from_state(loader.progress() or {})
    return LoadingRun(
        Store(pipeline), configuration, client, loader, record, steady, progress, ages, lists
    )


def open_client(
    configuration: SupportConfiguration, clock: SteadyClock, progress: Progress, record: RunRecord
) -> SupportClient:
    """A client that says what it waits for."""

    def announce(error: TryLaterError, seconds: float) -> None:
        progress.say(f"{error} Trying again in {seconds:.0f} s.")

    def remark(sentence: str) -> None:
        progress.say(sentence)
        record.add_note(sentence)

    return configuration.connect(announce=announce, departed=clock.depart, remark=remark)


def open_loader(
    pipeline: dlt.Pipeline,
    configuration: SupportConfiguration,
    journal: Journal,
    client: SupportClient,
    clock: SteadyClock,
    record: RunRecord,
) -> Loader:
    """A loader that has loaded what an earlier run left, in a warehouse that was set right."""
    last = journal.latest()
    waiting = last.seen_at if last else None
    amiss = set_right(pipeline, clock, waiting, lambda: list(client.page(1)[0].items))
    window_age = timedelta(minutes=configuration.window_minutes)
    loader = Loader(pipeline, journal, configuration.window_tickets, window_age)
    loader.pseudonyms = configuration.pseudonyms
    loader.recover(clock)
    if apart := find_apart(pipeline, clock()):
        loader.begin_anew()
        amiss.append(apart)
    record.add_note(*amiss)
    record.started_at = clock()
    return loader


def finish(run: Run) -> None:
    """Fill in the counts and write the row."""
    fill_in(run)
    run.record.write(run.store.pipeline, run.now())
    run.client.close()


def drive(run: LoadingRun, reading: Reading[T]) -> T:
    """Carry a reading to its end, loading what it wishes to be loaded."""
    while True:
        try:
            _fulfil(run, next(reading))
        except StopIteration as end:
            found: T = end.value
            return found


def _fulfil(run: LoadingRun, wish: Load) -> None:
    if wish.to_come is None:
        run.loader.load()
    elif run.loader.load_full_window(wish.to_come):
        run.progress.say(_window_line(run))


def _window_line(run: LoadingRun) -> str:
    return (
        f"Loaded {len(run.loader.tally.seen)} tickets so far, {run.record.pages_read} pages "
        f"and {run.record.details_read} single tickets read with {run.client.requests} "
        f"requests{run.progress.outlook}."
    )
