"""The status for people: a table on a terminal, lines elsewhere.

Depends on rich and `wording`. Promises times without fractions of a second, and lines of a length
that people read, whatever is in a run's note.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sources.sendcloud_support.holdings import counted, shortened, when

from ..runs import duration

Facts = dict[str, Any]

WIDE = 110
"""A terminal of so many columns has room for notes."""

COLUMNS = {
    "seen": "tickets_seen",
    "new": "tickets_new",
    "changed": "tickets_changed",
    "vanished": "tickets_vanished",
    "requests": "requests",
    "held": "held_total",
    "API": "api_total",
}


def print_status(facts: Facts, account: str = "", console: Console | None = None) -> None:
    """Show the facts, of an account with its name above."""
    console = console or Console(highlight=False)
    if account:
        console.print(f"Account {account}", markup=False, style="bold")
    if facts["note"]:
        console.print(facts["note"], markup=False, soft_wrap=True)
    elif not facts["runs"] and not any(facts["tables"].values()):
        console.print("Nothing is loaded yet. Run: python -m pipelines sync", soft_wrap=True)
    elif console.is_terminal:
        _print_tables(facts, console)
    else:
        for line in _lines(facts):
            console.print(line, markup=False, soft_wrap=True)


def _print_tables(facts: Facts, console: Console) -> None:
    for line in _freshness(facts):
        console.print(line, markup=False)
    console.print(_table_of_tables(facts["tables"]))
    console.print(_table_of_runs(facts["runs"], console.width >= WIDE))


def _table_of_tables(tables: dict[str, int]) -> Table:
    table = Table("table")
    table.add_column("rows", justify="right")
    for name, rows in tables.items():
        table.add_row(name, f"{rows:,}")
    return table


def _table_of_runs(runs: list[Facts], shows_notes: bool) -> Table:
    table = Table("started", "mode", title="last runs, newest first", title_justify="left")
    for heading in COLUMNS:
        table.add_column(heading, justify="right")
    table.add_column("complete")
    if shows_notes:
        table.add_column("note", overflow="fold")
    for run in runs:
        numbers = ("-" if run[name] is None else f"{run[name]:,}" for name in COLUMNS.values())
        complete = "yes" if run["is_complete"] else "not proven"
        note = Text(shortened(run["note"] or ""))
        cells = when(run["started_at"]), run["mode"], *numbers, complete
        table.add_row(*cells, *([note] if shows_notes else []))
    return table


def _lines(facts: Facts) -> Iterator[str]:
    for table, rows in facts["tables"].items():
        yield f"{table}: {counted(rows, 'row')}"
    yield ""
    yield from _freshness(facts)
    yield ""
    yield "last runs, newest first:"
    yield from map(_run_line, facts["runs"])


def _freshness(facts: Facts) -> Iterator[str]:
    yield f"{counted(facts['tickets_held'], 'ticket')} held, {facts['tickets_vanished']} vanished"
    if facts["tickets_set_aside"]:
        aside = counted(facts["tickets_set_aside"], "ticket")
        yield f"{aside} set aside, see table tickets_set_aside"
    if facts["seconds_since_last_seen"] is not None:
        age = duration(timedelta(seconds=facts["seconds_since_last_seen"]))
        yield f"newest sighting: {when(facts['last_seen_at'])}, {age} ago"
    yield f"last proven complete: {when(facts['last_complete_at'])}"
    yield _sweep_line(facts["full_sweep"])


def _sweep_line(sweep: Facts) -> str:
    due = when(sweep["due_at"], "never" if sweep["last_at"] else "at the next sync")
    cost = counted(sweep["requests"], "request")
    if sweep["minutes"]:
        cost += f", about {duration(timedelta(minutes=sweep['minutes']))} at the configured pace"
    return f"next complete sweep due: {due}; it takes {cost}"


def _run_line(run: Facts) -> str:
    complete = "complete" if run["is_complete"] else "not proven complete"
    api = "no count from the API" if run["api_total"] is None else f"API {run['api_total']}"
    held = "" if run["held_total"] is None else f"{run['held_total']} held, "
    return (
        f"  {when(run['started_at'])}  {run['mode']}: {run['tickets_seen']} seen, "
        f"{run['tickets_new']} new, {run['tickets_changed']} changed, "
        f"{run['tickets_vanished']} vanished; {counted(run['requests'], 'request')}, "
        f"{run['throttled']} throttled; {held}{api}; {complete}. {shortened(run['note'] or '')}"
    ).rstrip()
