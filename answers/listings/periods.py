"""Tables of periods: this month and quarter beside the ones before.

Depends on the marts of a `desk`. Promises that each column names its period, and that a rate has
its interval beside it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import UNKNOWN, in_order_of_currencies, named, period_name

PERIODS = [(kind, period) for kind in ("month", "quarter") for period in ("this", "before")]
COUNTS = {
    "Tickets opened": "opened",
    "Tickets reopened, as seen": "reopened",
    "Tickets closed": "closed",
    "Tickets vanished": "vanished",
    "Net": "net",
    "Claims ended": "claims",
    "Claims decided": "decided",
    "Claims approved": "approved",
    "Of them marked as paid by now": "approved_marked_paid",
}
AMOUNTS = {
    "Approved": "approved_amount",
    "Of it marked as paid by now": "marked_paid_amount",
    "Of it not marked as paid": "not_marked_paid_amount",
}


def periods(desk: Desk) -> pd.DataFrame:
    """All measures, a column for each period."""
    frame = desk.mart("mart_period_comparison")
    frame = frame[frame["segment_type"] == "all"]
    payouts = desk.mart("mart_period_payouts")
    shown: dict[str, dict[str, str]] = {}
    for kind, period in PERIODS:
        for _, row in _of(frame, kind, period).iterrows():
            sums = _amounts(desk, _of(payouts, kind, period))
            shown[period_name(row)] = _measures(row) | sums
    order = list(dict.fromkeys(each for column in shown.values() for each in column))
    columns = {
        name: [told.get(each, words.MISSING) for each in order] for name, told in shown.items()
    }
    return pd.DataFrame({"What": order, **columns})


def _of(frame: pd.DataFrame, kind: str, period: str) -> pd.DataFrame:
    return frame[(frame["period_type"] == kind) & (frame["period"] == period)]


def _measures(row: pd.Series) -> dict[str, str]:
    counts = {said: words.count(row[column]) for said, column in COUNTS.items()}
    ratio = row["closing_ratio"]
    return {
        **counts,
        "Closed for each opened or reopened": words.MISSING
        if words.is_missing(ratio)
        else f"{ratio:.2f}",
        "Approved of decided": _with_range(
            words.percent(row["approval_rate"]),
            words.percent_range(row["approval_rate_lo"], row["approval_rate_hi"]),
        ),
        "Half resolved within": _with_range(
            words.days(row["median_hours"]),
            words.days_range(row["median_hours_lo"], row["median_hours_hi"]),
        ),
    }


def _with_range(value: str, span: str) -> str:
    return value if span == words.MISSING else f"{value} ({span})"


def _amounts(desk: Desk, rows: pd.DataFrame) -> dict[str, str]:
    told = {}
    known = rows[(rows["currency"] != UNKNOWN) | (rows["approved_amount"] > 0)]
    for _, row in in_order_of_currencies(desk, known).iterrows():
        code = "currency not known" if row["currency"] == UNKNOWN else row["currency"]
        for said, column in AMOUNTS.items():
            told[f"{said}, {code}"] = f"{float(row[column]):,.2f}"
    missing = int(rows["missing_amounts"].sum())
    return {**told, "Approved without an amount": words.count(missing)} if told else told


def volumes(desk: Desk, segment_type: str) -> pd.DataFrame:
    """The month's volume by carrier or type, the month before beside it."""
    frame = desk.mart("mart_period_comparison")
    frame = frame[(frame["segment_type"] == segment_type) & (frame["period_type"] == "month")]
    this, before = (
        frame[frame["period"] == each].set_index("segment") for each in ("this", "before")
    )
    both = this.join(before.add_suffix("_before"), how="outer").sort_values(
        "opened", ascending=False, kind="stable"
    )
    heading = "Carrier" if segment_type == "carrier" else "Type"
    columns = _volume_columns(both, _name(this), _name(before))
    return pd.DataFrame({heading: named(desk, segment_type, both.index), **columns})


def _volume_columns(both: pd.DataFrame, this: str, before: str) -> dict[str, Any]:
    """Counts alone: rates of a month rest on few."""
    measures = ("opened", "closed", "decided", "approved")
    columns = {}
    for measure in measures:
        columns[f"{measure.capitalize()}, {this}"] = both[measure]
        columns[f"{measure.capitalize()}, {before}"] = both[f"{measure}_before"]
    return {name: list(column.fillna(0).astype("Int64")) for name, column in columns.items()}


def _name(rows: pd.DataFrame) -> str:
    return words.MISSING if rows.empty else period_name(rows.iloc[0])
