"""As of when the data are, and how complete: what stands above everything else.

Depends on the marts of a `desk` and on the row of its last sync. Promises that tickets which have
vanished are said where they make a difference between two counts.
"""

from __future__ import annotations

from answers import words
from answers.desk import TICKETS, Desk


def vanished(desk: Desk) -> int:
    """Tickets that the API does not tell any more; they are kept."""
    return int(desk.mart(TICKETS)["vanished_at"].notna().sum())


def freshness(desk: Desk) -> list[str]:
    """As of when the data are, and whether the last sync was proven complete."""
    gone = vanished(desk)
    beside = f", {words.count(gone)} of them vanished from the API" if gone else ""
    tickets = words.plural(desk.tickets, "ticket")
    lines = [f"Data as of {words.moment(desk.as_of)}, {tickets}{beside}."]
    run = desk.last_run()
    if run is None:
        return [*lines, "No record of a sync was found."]
    held, counted = words.plural(run["held_total"], "ticket"), words.count(run["api_total"])
    counts = f"{held} held, {counted} counted by the API"
    at = words.moment(run["finished_at"])
    if run["is_complete"]:
        return [*lines, f"Last sync {at}: complete ({counts})."]
    return [*lines, f"Last sync {at}: NOT PROVEN COMPLETE ({counts}). Tickets may be missing."]


def is_complete(desk: Desk) -> bool:
    """Whether the last sync was proven complete."""
    run = desk.last_run()
    return run is not None and bool(run["is_complete"])
