"""Which tiles the dashboard has, in which tab and order, and what each says.

Depends on `charts` for how one is drawn. Promises a tile for each file of `transform/tiles`, with
period, unit and interval said, and no drawing that puts amounts of two currencies together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .charts import Chart, Listing, Pivot, areas, bars, dots

MONEY, TIME, WORK = "Claims and payouts", "Time to resolution", "To do"


@dataclass(frozen=True)
class Tile:
    """A chart over the statement `transform/tiles/NAME.sql`; width in twelfths of the page."""

    name: str
    title: str
    says: str
    chart: Chart
    tab: str
    width: int = 6
    height: int = 45
    above_zero: str | None = None
    """A column: rows where it is 0 are left out."""
    is_filtered: bool = True
    """Whether the filter of currencies is for this tile too."""
    only: Mapping[str, str] = field(default_factory=dict)
    """Rows that are shown: column and value."""


TILES: tuple[Tile, ...] = (
    Tile(
        "paid_by_month",
        "Paid by month, each currency by itself",
        "Amounts of approved claims, by the month of the approval (UTC). A bar is one currency; "
        "amounts of two are never added.",
        bars(
            "payout_month",
            "paid_amount",
            by=["currency"],
            grain="P1M",
            unit="Amount, in the bar's currency",
        ),
        MONEY,
        width=8,
    ),
    Tile(
        "payout_forecast",
        "Expected within 30, 60 and 90 days",
        "What open tickets are expected to be approved for, from the last sync on, with the range "
        "that holds it in 95 of 100 cases. In its currency.",
        Listing(
            [
                *("currency", "horizon_days", "expected_payout_amount"),
                *("expected_payout_amount_lo", "expected_payout_amount_hi"),
            ],
            ["currency", "horizon_days"],
        ),
        MONEY,
        width=4,
    ),
    Tile(
        "approved_against_the_period_before",
        "Approved this month and quarter, and in the ones before",
        "Each period up to the same moment in it. Not marked as paid: the ticket's status is not "
        "(yet) that of a paid claim. In each currency.",
        Pivot(
            ["period_type", "period"],
            ["currency"],
            ["approved_amount", "not_marked_paid_amount"],
        ),
        MONEY,
        height=35,
    ),
    Tile(
        "expected_payout",
        "Expected from open tickets, by carrier",
        "What the tickets open at the last sync are expected to pay yet. A bar is one currency; "
        "the range of 95 % is in the dataset.",
        bars(
            "carrier",
            "expected_payout_amount",
            by=["currency"],
            unit="Expected, in the bar's currency",
        ),
        MONEY,
        height=35,
    ),
    Tile(
        "unpaid_approvals_by_age",
        "Approved and not marked as paid, by days since the approval",
        "Amount in its currency; claims approved without an amount count as tickets, not as money.",
        Pivot(["carrier_name", "currency"], ["age_band"], ["amount"]),
        MONEY,
        height=50,
    ),
    Tile(
        "paid_by_carrier_and_type",
        "Paid by carrier and type of ticket, over all time",
        "Amounts of approved claims in their currency; empty where nothing was paid.",
        Pivot(["carrier", "currency"], ["ticket_type"], ["paid_amount"]),
        MONEY,
        height=50,
        above_zero="payouts",
    ),
    Tile(
        "approval_rate_by_carrier",
        "Share of claims approved, by carrier",
        "Of claims decided, with the interval of 95 % around the raw share. Same mix: what it "
        "would be, had each carrier the account's mix of types.",
        Listing(
            [
                *("carrier", "decided", "approval_rate", "approval_rate_lo", "approval_rate_hi"),
                "mix_adjusted_rate",
            ],
            ["-mix_adjusted_rate"],
        ),
        MONEY,
        is_filtered=False,
    ),
    Tile(
        "what_a_ticket_brings",
        "What a ticket brings, by carrier",
        "Amount approved for each ticket, those without any counted as 0, with the account's mix "
        "of types; the range of 95 %. Carriers with few tickets are left out. In its currency.",
        Listing(
            [
                *("carrier_name", "currency", "tickets", "mix_adjusted_amount"),
                *("mix_adjusted_amount_lo", "mix_adjusted_amount_hi"),
            ],
            ["currency", "carrier_name"],
        ),
        MONEY,
    ),
    Tile(
        "period_against_the_one_before",
        "This month and quarter, and the ones before",
        "Each up to the same moment in it (UTC). Closed for each opened: below 1 the backlog "
        "grows. Median days: of tickets resolved and open alike.",
        Listing(
            [
                *("period_type", "period", "period_start", "opened", "closed", "net"),
                *("closing_ratio", "claims", "approval_rate", "median_days"),
            ],
            ["period_type", "-period"],
        ),
        TIME,
        width=12,
        height=25,
    ),
    Tile(
        "resolution_curve_by_carrier",
        "Share of tickets still unresolved, by age",
        "Open tickets are counted for as long as they were watched. A dot wherever the share "
        "steps, up to 90 days; bounds of 95 % are in the dataset.",
        dots("age_days", "survival", "carrier_name"),
        TIME,
    ),
    Tile(
        "where_tickets_end_up",
        "Where tickets end up, by age",
        "Probability of each ending at that age, the others competing; what is missing to 100 % "
        "is unresolved.",
        areas("age_days", "incidence", "outcome_group"),
        TIME,
    ),
    Tile(
        "resolution_summary_by_carrier",
        "Days to resolution, by carrier",
        "Median with its interval of 95 %, ninth decile, and mean over the first 60 days, raw and "
        "with the account's mix of types. Empty: not reached yet.",
        Listing(
            [
                *("carrier", "tickets", "median_days", "median_days_lo", "median_days_hi"),
                *("p90_days", "mean_days_up_to_60", "mean_days_up_to_60_same_mix"),
            ],
            ["mean_days_up_to_60"],
        ),
        TIME,
        width=12,
        height=40,
    ),
    Tile(
        "backlog_over_time",
        "Open tickets at the end of each day, by who must act",
        "In UTC. Days before the first sync are worked out from what tickets tell of themselves; "
        "whom a ticket waited for then is unknown.",
        areas("date_day", "open_tickets", "waiting_on", grain="P1D"),
        TIME,
        width=12,
    ),
    Tile(
        "since_yesterday",
        "The last 24 hours, and the 24 before",
        "Up to the last sync. Counts are of all tickets, amounts in their currency.",
        Listing(
            [
                *("kind", "currency", "last_day", "day_before"),
                *("last_day_amount", "day_before_amount"),
            ],
            ["kind", "currency"],
        ),
        WORK,
        is_filtered=False,
    ),
    Tile(
        "open_tickets_by_waiting_on",
        "Open tickets, by who must act",
        "As last seen. Who a status waits for is our reading; change it in the seeds.",
        bars("waiting_on", "open_tickets"),
        WORK,
        width=3,
        is_filtered=False,
    ),
    Tile(
        "standing_still",
        "Unchanged for 7, 14 and 30 days",
        "Open tickets, by who they wait for; those of 30 days are among those of 14 and 7.",
        bars("waiting_on", "unchanged_7d", "unchanged_14d", "unchanged_30d", unit="Open tickets"),
        WORK,
        width=3,
        is_filtered=False,
    ),
    Tile(
        "money_waiting_on_us",
        "Tickets that wait for us, by what is at stake",
        "The list to work through: expected payout in its currency. Tickets all of whose requests "
        "are answered are not in it, and counted in the last column.",
        Listing(
            [
                *("ticket_id", "order_number", "carrier", "ticket_type", "status", "age_days"),
                *("oldest_request_days", "currency", "expected_payout_amount", "left_out"),
            ],
            ["currency", "-expected_payout_amount", "ticket_id"],
        ),
        WORK,
        width=12,
        height=55,
    ),
    Tile(
        "approved_but_not_paid",
        "Approved, and not marked as paid or without an amount",
        "To follow up with Sendcloud, oldest first. Amount in its currency.",
        Listing(
            [
                *("ticket_id", "order_number", "carrier", "ticket_type", "solved_at"),
                *("amount_status", "amount", "currency"),
            ],
            ["solved_at", "ticket_id"],
        ),
        WORK,
        width=7,
        height=55,
    ),
    Tile(
        "requested_documents",
        "Documents that were asked for",
        "How they ended, how many are outstanding, and how long delivery takes, those outstanding "
        "counted in. Empty: too few were delivered to tell.",
        Listing(
            [
                *("data_type", "requests", "met", "closed", "withdrawn", "outstanding"),
                *("median_days", "p90_days"),
            ],
            ["-outstanding", "data_type"],
        ),
        WORK,
        width=5,
        height=55,
        is_filtered=False,
    ),
)
"""In the order in which they are shown, tab by tab."""
