"""How long a resolution takes, in words and figures.

Depends on the marts of a `desk`. Promises that every estimate has its interval, and a sentence its
period.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import TICKETS, Desk
from answers.summaries import by_month, segments

from .figures import NO_TICKETS, Figure, if_few
from .freshness import vanished

Z95 = 1.959964
OPEN_NOW = """
    select
        cast(count(*) as bigint) as open_now,
        cast(sum(case when waiting_on = 'merchant' then 1 else 0 end) as bigint) as on_merchant,
        cast(sum(case when unsolved_ticket_age_minutes >= 43200 then 1 else 0 end) as bigint)
            as over_30d
    from fct_ticket_resolution
    where is_open
"""


def resolution_answer(desk: Desk) -> list[str]:
    """How long a resolution takes: the answer, and what belongs to it."""
    if not desk.tickets:
        return [NO_TICKETS]
    whole = segments(desk, "all").iloc[0]
    if words.is_missing(whole["median_hours"]):
        return ["Fewer than half of the tickets were followed to a resolution: no median yet."]
    within = words.days(whole["median_hours"])
    return [
        f"Half of all tickets are resolved within {within}, {_slow_tail(whole)}.",
        f"{_interval(whole)}{_tickets_created(desk)}, those still open counted in.",
        *_vanished_sentence(desk),
        *_watched_sentence(whole),
        *_naive_sentence(desk),
    ]


def _interval(whole: pd.Series) -> str:
    """Nothing where too few tickets tell none."""
    low, high = whole["median_hours_lo"], whole["median_hours_hi"]
    if words.is_missing(low):
        return ""
    return f"The 95 % interval of the half is {words.days_range(low, high)}. "


def _tickets_created(desk: Desk) -> str:
    created = desk.mart(TICKETS)["created_at"]
    first, last = words.day(created.min()), words.day(created.max())
    period = f"on {first}" if first == last else f"from {first} to {last}, UTC"
    return f"{words.plural(desk.tickets, 'ticket')} created {period}"


def _vanished_sentence(desk: Desk) -> list[str]:
    gone = vanished(desk)
    if not gone:
        return []
    return [
        (
            f"{words.plural(gone, 'of them has', 'of them have')} vanished from the API; "
            "they count up to then."
        )
    ]


def _watched_sentence(whole: pd.Series) -> list[str]:
    """Of what closed before the first sync the API tells the last resolution, not the first."""
    number = whole["watched_tickets"]
    if words.is_missing(number) or not number or number == whole["tickets"]:
        return []
    tickets = words.plural(number, "ticket")
    if words.is_missing(whole["watched_median_hours"]):
        return [f"Of the {tickets} that a sync saw open, half are not resolved yet."]
    span = words.days_range(whole["watched_median_hours_lo"], whole["watched_median_hours_hi"])
    return [
        (
            f"Of the {tickets} that a sync saw open half are resolved within "
            f"{words.days(whole['watched_median_hours'])} (95 %: {span}); for the others the first "
            "resolution is what the API still tells, which a reopening moves."
        )
    ]


def _slow_tail(whole: pd.Series) -> str:
    if words.is_missing(whole["p90_hours"]):
        return "nine in ten not yet"
    return f"nine in ten within {words.days(whole['p90_hours'])}"


def _naive_sentence(desk: Desk) -> list[str]:
    months = by_month(desk)
    if months.empty or words.is_missing(months["median_hours"].iloc[-1]):
        return []
    last = months.iloc[-1]
    if last["naive_median_hours"] == last["median_hours"]:
        return []
    return [
        (
            f"For tickets of {words.month(last['month'])} the usual median, over resolved ones "
            f"alone, would say {words.days(last['naive_median_hours'])}; it is "
            f"{words.days(last['median_hours'])}."
        )
    ]


def resolution_figures(desk: Desk) -> list[Figure]:
    """The headline figures of resolution."""
    if not desk.tickets:
        return []
    whole = segments(desk, "all").iloc[0]
    return [
        _quantile_figure(whole, "median", "Half resolved within"),
        *_watched_figure(whole),
        _quantile_figure(whole, "p90", "Nine tenths resolved within"),
        _mean_figure(whole),
        *_open_figures(desk),
    ]


def _quantile_figure(whole: pd.Series, column: str, label: str) -> Figure:
    span = words.days_range(whole[f"{column}_hours_lo"], whole[f"{column}_hours_hi"])
    note = f"95 %: {span}; of creation, {words.plural(whole['tickets'], 'ticket')}"
    return Figure(label, words.days(whole[f"{column}_hours"]), f"{note}{if_few(whole['tickets'])}")


def _watched_figure(whole: pd.Series) -> list[Figure]:
    number = whole["watched_tickets"]
    if words.is_missing(number) or not number:
        return []
    span = words.days_range(whole["watched_median_hours_lo"], whole["watched_median_hours_hi"])
    note = f"95 %: {span}; {words.plural(number, 'ticket')} that a sync saw open{if_few(number)}"
    return [
        Figure("Half, of those watched, within", words.days(whole["watched_median_hours"]), note)
    ]


def _mean_figure(whole: pd.Series) -> Figure:
    mean, error = whole["rmst_60d"], whole["rmst_60d_se"]
    if words.is_missing(mean):
        note = "fewer than 30 tickets were followed for 60 days"
        return Figure("Mean time open", words.MISSING, note)
    note = "of the first 60 days"
    if not words.is_missing(error):
        note = f"95 %: {max(0, mean - Z95 * error):.1f} to {mean + Z95 * error:.1f}; {note}"
    return Figure("Mean time open", f"{mean:.1f} days", note)


def _open_figures(desk: Desk) -> list[Figure]:
    now = desk.query(OPEN_NOW, (TICKETS,)).iloc[0]
    older, merchant = (
        0 if words.is_missing(each) else each for each in (now["over_30d"], now["on_merchant"])
    )
    at = words.moment(desk.as_of)
    return [
        Figure(
            f"Open on {words.day(desk.as_of)}",
            words.count(now["open_now"]),
            f"{words.plural(older, 'ticket')} 30 days old or more",
        ),
        Figure("Waiting for the merchant", words.count(merchant), f"open tickets, {at}"),
    ]
