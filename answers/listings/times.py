"""Tables of resolution times: the numbers behind the curves.

Depends on the marts of a `desk`. Promises quantiles in days with their intervals, and the usual
median only beside them.
"""

from __future__ import annotations

import pandas as pd  # type: ignore[import-untyped]

from answers.desk import Desk
from answers.summaries import named, segments

from .columns import RESTS_ON, days_of_hours, rests_on


def resolution_times(desk: Desk, segment_type: str) -> pd.DataFrame:
    """The numbers behind the curves: quantiles with intervals, the usual median beside them."""
    frame = segments(desk, segment_type)
    is_carrier = segment_type == "carrier"
    return pd.DataFrame(
        {
            "Carrier" if is_carrier else "Type": named(desk, segment_type, frame["segment"]),
            "Tickets": list(frame["tickets"]),
            "Not resolved": list(frame["not_resolved"]),
            "Median, days": list(days_of_hours(frame["median_hours"])),
            "from": list(days_of_hours(frame["median_hours_lo"])),
            "to": list(days_of_hours(frame["median_hours_hi"])),
            "75 %, days": list(days_of_hours(frame["p75_hours"])),
            "90 %, days": list(days_of_hours(frame["p90_hours"])),
            "Mean of the first 60 days": list(frame["rmst_60d"].astype(float).round(1)),
            "The same, everybody's mix": list(
                frame["mix_adjusted_rmst_60d"].astype(float).round(1)
            ),
            "Watched from the start: median": list(days_of_hours(frame["watched_median_hours"])),
            "Usual median (resolved only)": list(days_of_hours(frame["naive_median_hours"])),
            RESTS_ON: rests_on(frame["tickets"]),
        }
    )
