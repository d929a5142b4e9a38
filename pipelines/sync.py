"""The run that reads: a complete sweep of the list, journalled page by page.

Depends on the source's client and sweep, and on `loading`. Promises: after a run that returns a
complete record every ticket is as the API held it during the sweep, and what the API no longer
has carries `vanished_at`; a sweep that did not meet every page marks nothing. A sweep that was
killed is continued by the next run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dlt

from sources.sendcloud_support import (
    Pass,
    SupportClient,
    SupportConfiguration,
    Sweep,
    TryLaterError,
)

from .clock import Clock, SteadyClock, system_clock
from .journal import PAGE, Entry, Journal
from .loading import Loader
from .progress import Progress
from .records import RunRecord
from .warehouse import (
    count_held,
    fingerprint,
    last_finished_at,
    mark_vanished,
    start_up,
)

RESUMABLE = timedelta(hours=24)
"""A sweep that began longer ago is begun anew: its first pages are too old to be called current."""


@dataclass
class Run:
    """Everything one run works with."""

    pipeline: dlt.Pipeline
    configuration: SupportConfiguration
    client: SupportClient
    loader: Loader
    record: RunRecord
    now: SteadyClock
    progress: Progress
    waits: list[str] = field(default_factory=list)


def working_folder(pipeline: dlt.Pipeline) -> Path:
    """Where the journal and the pace are kept."""
    return Path(pipeline.working_dir)


def open_run(
    pipeline: dlt.Pipeline,
    configuration: SupportConfiguration,
    mode: str,
    clock: Clock = system_clock,
) -> Run:
    """Start up the warehouse, load what an earlier run left in the journal, connect the client."""
    now = SteadyClock(clock)
    record = RunRecord(mode, now())
    start_up(pipeline)
    journal = Journal(
        working_folder(pipeline) / "journal" / "answers", owner(pipeline, configuration)
    )
    loader = Loader(
        pipeline,
        journal,
        configuration.window_tickets,
        timedelta(minutes=configuration.window_minutes),
    )
    loader.load()
    progress = Progress(configuration.requests_per_minute)

    def announce(error: TryLaterError, seconds: float) -> None:
        progress.say(f"{error} Trying again in {seconds:.0f} s.")

    client = configuration.connect(
        pace_memory=working_folder(pipeline) / "pace.sqlite", announce=announce
    )
    return Run(pipeline, configuration, client, loader, record, now, progress)


def owner(pipeline: dlt.Pipeline, configuration: SupportConfiguration) -> str:
    """Whose answers a journal holds, and for which warehouse."""
    account = f"{configuration.base_url} {configuration.credentials.identity}"
    return f"{account} {fingerprint(pipeline)}"


def run_sweep(run: Run) -> RunRecord:
    """Read the whole list, load it, mark what is gone. Raises what the client raises."""
    sweep = continued_sweep(run) or Sweep(Pass(started_at=run.now()))
    with run.progress:
        read_pages(run, sweep)
    run.loader.load()
    close_sweep(run, sweep)
    return run.record


def read_pages(run: Run, sweep: Sweep) -> None:
    """Ask for the pages the sweep wants until it wants no more."""
    while (number := sweep.next_page) is not None:
        page, body = run.client.page(number)
        seen_at = run.now()
        sweep.take(page, seen_at)
        run.record.pages_read += 1
        entry = Entry(PAGE, number, seen_at, body, sweep.to_state() | {"at": seen_at.isoformat()})
        if run.loader.keep(entry, len(page.items), tickets_to_come(sweep)):
            run.progress.say(window_line(run, sweep))
        run.progress.show_page(run.record.pages_read, sweep.current.pages, run.client.attempts.left)


def tickets_to_come(sweep: Sweep) -> int:
    """About how many tickets the sweep has not met yet."""
    return 0 if sweep.is_done else max((sweep.current.total or 0) - len(sweep.current.met), 0)


def window_line(run: Run, sweep: Sweep) -> str:
    """What a log gets to read for each loaded window."""
    pages = sweep.current.pages or 0
    left = run.progress.time_left(max(pages - sweep.current.read, 0))
    ahead = f", done in about {left}" if run.configuration.requests_per_minute else ""
    return (
        f"Loaded {len(run.loader.tally.seen)} tickets so far, page {sweep.current.read} of "
        f"{pages or '?'}, {run.client.requests} requests{ahead}."
    )


def continued_sweep(run: Run) -> Sweep | None:
    """The sweep that an earlier run began and did not close, if it is recent."""
    progress = run.loader.progress()
    if progress is None:
        return None
    state = {key: progress[key] for key in ("passes", "pass")}
    started_at = datetime.fromisoformat(state["pass"]["started_at"])
    if run.now() - started_at > RESUMABLE or is_closed(run, progress):
        return None
    met = (
        ticket_id for ticket_id, held in run.loader.held.items() if held.last_seen_at >= started_at
    )
    run.record.add_note("Continued a sweep that an earlier run had begun.")
    return Sweep.from_state(state, met)


def is_closed(run: Run, progress: dict[str, Any]) -> bool:
    """Whether a run ended its sweep properly after that progress was made."""
    finished_at = last_finished_at(run.pipeline)
    return finished_at is not None and finished_at >= datetime.fromisoformat(progress["at"])


def close_sweep(run: Run, sweep: Sweep) -> None:
    """Mark what vanished, if every page was met, and compare the counts."""
    record, walk = run.record, sweep.current
    if walk.is_exact:
        record.tickets_vanished = mark_vanished(run.pipeline, walk.started_at, run.now())
    record.api_total, record.held_total = walk.total, count_held(run.pipeline)
    record.is_complete = walk.is_exact and record.held_total == record.api_total
    record.add_note(f"Order of the list: {sweep.order}.")
    if not record.is_complete:
        record.add_note(incompleteness(record, sweep))


def incompleteness(record: RunRecord, sweep: Sweep) -> str:
    """Why the run is not proven complete, and what to do."""
    if record.api_total is None:
        return "The API gave no count of tickets, so nothing proves that all were met."
    return (
        f"After {sweep.passes} passes {len(sweep.current.met)} tickets were met where the API "
        f"counts {record.api_total}: the list changed faster than it could be read. Nothing was "
        "marked as vanished; run sync again at a quieter hour."
    )


def finish(run: Run) -> None:
    """Fill in the counts and write the row."""
    record, tally = run.record, run.loader.tally
    record.requests, record.throttled = run.client.requests, run.client.throttled
    record.tickets_seen = len(tally.seen)
    record.tickets_new, record.tickets_changed = len(tally.new), len(tally.changed)
    record.add_note(*tally.unknown.sentences())
    record.write(run.pipeline, run.now())
    run.client.close()
