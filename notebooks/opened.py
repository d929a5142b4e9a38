"""What a notebook tells of: the marts that are there, and the tickets of them that somebody chose.

Depends on marimo, `answers`, and `pipelines` for the marts. Promises that where there are no marts
the notebook stops with a sentence that says what to do, and that without a choice the marts are
taken as they are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import marimo as mo
from dlt.common.configuration.exceptions import ConfigurationValueError

from answers import Choice, Desk, choices
from pipelines.opening import NoDemoError, NotReadyError, make_demo, open_marts

from . import shown


class Filters(NamedTuple):
    """What somebody can choose by; no period where there is no ticket."""

    period: Any
    carriers: Any
    types: Any
    brands: Any


def demo_button() -> Any:
    """Makes the demo where nothing of one's own is loaded."""
    return mo.ui.run_button(label="Make the demo's file now (a minute)")


def marts(warehouse: Any, as_of: str | None, button: Any) -> Any:
    """The marts of the configured warehouse, of another pipeline, or of the demo.

    Of several accounts the one that is named: marimo run NOTEBOOK -- --account NAME.
    """
    said = make_demo() if button.value else ""
    try:
        return open_marts(warehouse, as_of, shown.argument("account"))
    except (NotReadyError, ConfigurationValueError) as error:
        offered = [button] if isinstance(error, NoDemoError) and shown.is_app() else []
        text = mo.md(shown.plain(f"{error} {said}"))
        return mo.stop(True, mo.callout(mo.vstack([text, *offered]), kind="warn"))


def filters(desk: Desk) -> Filters:
    """Widgets over all that the tickets have."""
    tickets = desk.mart("fct_ticket_resolution")
    brands = [str(each) for each in sorted(tickets["brand_id"].dropna().unique())]
    return Filters(
        None if tickets.empty else _period(tickets["created_at"].dt.date),
        mo.ui.multiselect(choices(desk, "carrier"), label="Carrier"),
        mo.ui.multiselect(choices(desk, "ticket_type"), label="Type"),
        mo.ui.multiselect(brands, label="Brand"),
    )


def _period(days: Any) -> Any:
    first, last = days.min(), days.max()
    return mo.ui.date_range(start=first, stop=last, value=(first, last), label="Created")


def chosen(desk: Desk, by: Filters) -> Desk:
    """The tickets that the widgets choose."""
    since, until = (None, None) if by.period is None else by.period.value
    if by.period is not None and (since, until) == (by.period.start, by.period.stop):
        since = until = None
    brands = tuple(int(each) for each in by.brands.value)
    return desk.choose(
        Choice(since, until, tuple(by.carriers.value), tuple(by.types.value), brands)
    )
