"""Intervals of curves: how many are not resolved after a week, a month, two and three.

Depends on the law for the truth. Both curves are judged, of all resolutions and of the watched
ones; looked at from the first day on, they are of the same tickets.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from simulator import World

from .interval import ENOUGH, Interval, fetch, law_of

DAYS = (7, 30, 60, 90)
CURVES = {
    "mart_resolution_survival": "not resolved",
    "mart_watched_survival": "watched, not resolved",
}
LAST_STEPS = """\
from (
    select
        *,
        max(hours) over (partition by segment_type, segment) as followed_hours,
        sum(n_event + n_censored) over (partition by segment_type, segment) as tickets
    from {mart}
    where segment_type in ('all', 'carrier', 'ticket_type')
) as curves
where hours <= {days} * 24 and followed_hours >= {days} * 24 and tickets >= {enough}
qualify row_number() over (partition by segment_type, segment order by hours desc) = 1"""


def survivals(marts: duckdb.DuckDBPyConnection, world: World) -> Iterator[Interval]:
    """Of every segment of thirty tickets that was followed so long.

    Not only where ten are still at risk: that would choose the segments that were slow by chance.
    """
    for mart, name in CURVES.items():
        for days in DAYS:
            for row in fetch(marts, LAST_STEPS.format(mart=mart, days=days, enough=ENOUGH)):
                told = law_of(row, world.truth)
                if told and row["survival_lo"] is not None:
                    low, high, survival = (
                        row["survival_lo"],
                        row["survival_hi"],
                        row["survival"],
                    )
                    truth = told[1].survival(days)
                    yield Interval(f"{name}, {days} d", told[0], low, high, truth, survival)
