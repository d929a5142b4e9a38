"""What each column of the tiles is: its name for people, its unit, and whether it may be added.

Depends on nothing. Promises a column's name means the same in every tile.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a value is: its type in SQL, how it is printed, and whether rows of it may be added."""

    TEXT = "VARCHAR", "", False
    FLAG = "BOOLEAN", "", False
    DAY = "DATE", "", False
    MOMENT = "TIMESTAMP", "", False
    IDENTIFIER = "BIGINT", "d", False
    COUNT = "BIGINT", ",d", True
    REPEATED_COUNT = "BIGINT", ",d", False
    MONEY = "DECIMAL(38, 4)", ",.2f", True
    ESTIMATE = "DOUBLE PRECISION", ",.2f", False
    DAYS = "DOUBLE PRECISION", ",.1f", False
    SHARE = "DOUBLE PRECISION", ".1%", False
    RATIO = "DOUBLE PRECISION", ".2f", False

    def __init__(self, sql_type: str, number_format: str, is_additive: bool) -> None:
        self.sql_type = sql_type
        self.number_format = number_format
        self.is_additive = is_additive

    @property
    def is_temporal(self) -> bool:
        """Whether it lies on a time axis; a moment is UTC."""
        return self in {Kind.DAY, Kind.MOMENT}

    @property
    def is_measure(self) -> bool:
        """Whether it is a number to be drawn."""
        return bool(self.number_format) and self is not Kind.IDENTIFIER


@dataclass(frozen=True)
class Column:
    """A column for people."""

    label: str
    kind: Kind


def _all(kind: Kind, /, **labels: str) -> dict[str, Column]:
    return {name: Column(label, kind) for name, label in labels.items()}


COLUMNS: dict[str, Column] = {
    **_all(
        Kind.TEXT,
        age_band="Days since the approval",
        amount_status="Amount status",
        carrier_name="Carrier",
        currency="Currency",
        data_type="Document",
        kind="What happened",
        order_number="Order",
        outcome_group="Ending",
        period="Which",
        period_type="Period",
        status="Status",
        ticket_type="Type",
        waiting_on="Waits for",
    ),
    **_all(Kind.FLAG, is_followed_enough="Followed long enough"),
    **_all(
        Kind.DAY,
        date_day="Day (UTC)",
        payout_month="Month",
        period_start="Begins",
    ),
    **_all(
        Kind.MOMENT,
        last_day_until="Day ends (UTC)",
        solved_at="Approved at (UTC)",
        until_moment="Up to (UTC)",
    ),
    **_all(Kind.IDENTIFIER, ticket_id="Ticket", horizon_days="Within days"),
    **_all(
        Kind.COUNT,
        claims="Claims",
        closed="Closed",
        day_before="Day before",
        decided="Claims decided",
        last_day="Last 24 hours",
        met="Delivered",
        missing_amounts="Without an amount",
        net="Net",
        open_over_30_days="Open over 30 days",
        open_tickets="Open tickets",
        opened="Opened",
        outstanding="Outstanding",
        payouts="Payouts",
        requests="Requested",
        tickets="Tickets",
        unchanged_14d="Unchanged 14 days",
        unchanged_30d="Unchanged 30 days",
        unchanged_7d="Unchanged 7 days",
        withdrawn="Withdrawn",
    ),
    **_all(Kind.REPEATED_COUNT, left_out="Left out"),
    **_all(
        Kind.MONEY,
        amount="Amount",
        approved_amount="Approved",
        day_before_amount="Amount, day before",
        last_day_amount="Amount, last 24 hours",
        marked_paid_amount="Marked as paid",
        not_marked_paid_amount="Not marked as paid",
        paid_amount="Paid",
    ),
    **_all(
        Kind.ESTIMATE,
        expected_payout_amount="Expected",
        expected_payout_amount_hi="at most (95 %)",
        expected_payout_amount_lo="at least (95 %)",
        mix_adjusted_amount="A ticket brings",
        mix_adjusted_amount_hi="at most (95 %)",
        mix_adjusted_amount_lo="at least (95 %)",
        value_amount="A ticket brings, own mix",
    ),
    **_all(
        Kind.DAYS,
        age_days="Age in days",
        mean_days_up_to_60="Mean days, up to 60",
        mean_days_up_to_60_same_mix="Mean days, up to 60, same mix",
        median_days="Median days",
        median_days_hi="at most (95 %)",
        median_days_lo="at least (95 %)",
        oldest_days="Oldest, days",
        oldest_request_days="Oldest request, days",
        p90_days="9 of 10 within days",
    ),
    **_all(
        Kind.SHARE,
        approval_rate="Approved",
        approval_rate_hi="at most (95 %)",
        approval_rate_lo="at least (95 %)",
        incidence="Share of tickets",
        mix_adjusted_rate="Approved, same mix of types",
        survival="Still unresolved",
        survival_hi="at most (95 %)",
        survival_lo="at least (95 %)",
    ),
    **_all(Kind.RATIO, closing_ratio="Closed for each opened"),
}
"""By name, whichever tile has it."""
