"""Which tiles the dashboard has, in which tab and order, and what each says.

Depends on `charts` for how one is drawn. Promises a tile for each file of `transform/tiles`, with
period, unit and interval said, and no drawing that puts amounts of two currencies together.
"""

from __future__ import annotations

from dataclasses import dataclass

from .charts import Chart, Listing, Pivot, areas, bars, dots, lines

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


TILES: tuple[Tile, ...] = (
    Tile(
        "paid_by_month",
        "Paid by month, each currency by itself",
        "Amounts of approved claims, by the month (UTC) in which the claim ended. A bar is one "
        "currency; amounts of two are never added. Payouts without a date are not in it.",
        bars(
            "payout_month",
            "paid_amount",
            by=["currency"],
            grain="P1M",
            unit="Amount, in the bar's currency",
        ),
        MONEY,
        width=7,
        height=46,
    ),
    Tile(
        "payout_forecast",
        "Expected within 30, 60 and 90 days",
        "What tickets open at the last sync are expected to be approved for so many days later, "
        "with a 95 % range for what comes. In its currency. Tickets to come are not in it.",
        Listing(
            [
                *("currency", "horizon_days", "expected_payout_amount"),
                *("expected_payout_amount_lo", "expected_payout_amount_hi"),
            ],
            ["currency", "horizon_days"],
        ),
        MONEY,
        width=5,
        height=46,
    ),
    Tile(
        "approved_against_the_period_before",
        "Approved this month and quarter, and in the ones before",
        "Each period up to the same moment in it; on its first day, the one just over. How much of "
        "it is not marked as paid by now. In each currency.",
        Pivot(
            ["period_type", "currency"],
            ["period"],
            ["approved_amount", "not_marked_paid_amount"],
        ),
        MONEY,
        height=48,
    ),
    Tile(
        "expected_payout",
        "Expected from open tickets, by carrier",
        "What the tickets open at the last sync are expected to pay yet. A bar is one currency; "
        "the 95 % range is in the dataset.",
        bars(
            "carrier_name",
            "expected_payout_amount",
            by=["currency"],
            unit="Expected, in the bar's currency",
            is_horizontal=True,
        ),
        MONEY,
        height=48,
    ),
    Tile(
        "approval_rate_by_carrier",
        "Share of claims approved, by carrier",
        "Of claims decided, among tickets old enough for that, with the 95 % interval of the raw "
        "share. Same mix: with the account's mix of types for every carrier.",
        Listing(
            [
                *(
                    "carrier_name",
                    "decided",
                    "approval_rate",
                    "approval_rate_lo",
                    "approval_rate_hi",
                ),
                "mix_adjusted_rate",
            ],
            ["-mix_adjusted_rate"],
        ),
        MONEY,
        height=47,
        is_filtered=False,
    ),
    Tile(
        "what_a_ticket_brings",
        "What a ticket brings, by carrier",
        "Chance that a ticket is approved in the currency, times the mean amount then, with the "
        "account's mix of types for every carrier and a 95 % range. Carriers of which too few "
        "tickets are old enough are left out.",
        Listing(
            [
                *("carrier_name", "currency", "tickets", "mix_adjusted_amount"),
                *("mix_adjusted_amount_lo", "mix_adjusted_amount_hi"),
            ],
            ["currency", "carrier_name"],
        ),
        MONEY,
        height=47,
    ),
    Tile(
        "unpaid_approvals_by_age",
        "Approved, not marked as paid, by days since",
        "Days since the approval. Amounts in their currency; 0 with currency (none): approved "
        "without an amount.",
        Pivot(["carrier_name", "currency"], ["age_band"], ["amount"]),
        MONEY,
        width=5,
        height=58,
    ),
    Tile(
        "paid_by_carrier_and_type",
        "Paid by carrier and type of ticket, over all time",
        "Amounts of approved claims in their currency; empty where nothing was paid.",
        Pivot(["ticket_type"], ["carrier_name", "currency"], ["paid_amount"]),
        MONEY,
        width=7,
        height=58,
        above_zero="payouts",
    ),
    Tile(
        "period_against_the_one_before",
        "This month and quarter, and the ones before",
        "Each up to the same moment in it; on its first day, the one just over. Net: how much the "
        "backlog grew. Median days to resolution of tickets created in the period, open ones "
        "counted as far as they were followed.",
        Listing(
            [
                *("period_type", "period", "period_start", "opened", "closed", "net"),
                *("closing_ratio", "claims", "approval_rate", "median_days"),
            ],
            ["period_type", "-period"],
        ),
        TIME,
        width=12,
        height=28,
    ),
    Tile(
        "resolution_curve_by_carrier",
        "Share of tickets still unresolved, by age",
        "Open tickets count for as long as they were watched. A dot wherever the share steps, up "
        "to 90 days; the 95 % bounds are in the dataset.",
        dots("age_days", "survival", "carrier_name"),
        TIME,
    ),
    Tile(
        "where_tickets_end_up",
        "Where tickets end up, by age",
        "Probability that a ticket has ended so at that age, the other endings competing. The "
        "lines and the share unresolved add up to 100 %.",
        lines("age_days", "incidence", "outcome_group"),
        TIME,
    ),
    Tile(
        "resolution_summary_by_carrier",
        "Days to resolution, by carrier",
        "Median with its 95 % interval, ninth decile, and mean over the first 60 days, raw and "
        "with the account's mix of types. Empty: not reached yet.",
        Listing(
            [
                *("carrier_name", "tickets", "median_days", "median_days_lo", "median_days_hi"),
                *("p90_days", "mean_days_up_to_60", "mean_days_up_to_60_same_mix"),
            ],
            ["mean_days_up_to_60"],
        ),
        TIME,
        width=12,
        height=47,
    ),
    Tile(
        "backlog_over_time",
        "Open tickets at the end of each day, by who must act",
        "Days are UTC. Unknown: whom the tickets waited for before a sync saw them.",
        areas("date_day", "open_tickets", "waiting_on", grain="P1D"),
        TIME,
        width=12,
    ),
    Tile(
        "since_yesterday",
        "The last 24 hours, and the 24 before",
        "Up to the last sync. (all): tickets of all currencies, counted; amounts only by currency.",
        Listing(
            [
                *("kind", "currency", "last_day", "day_before"),
                *("last_day_amount", "day_before_amount"),
            ],
            ["kind", "currency"],
        ),
        WORK,
        width=5,
        height=55,
        is_filtered=False,
    ),
    Tile(
        "open_tickets_by_waiting_on",
        "Open tickets, by who must act",
        "As last seen. Whom a status waits for is our reading, in a seed that can be changed.",
        bars("waiting_on", "open_tickets", is_horizontal=True),
        WORK,
        width=3,
        height=55,
        is_filtered=False,
    ),
    Tile(
        "standing_still",
        "Unchanged for 7, 14 and 30 days",
        "Open tickets, by who they wait for; those of 30 days are among those of 14, and of 7.",
        bars("waiting_on", "unchanged_7d", "unchanged_14d", "unchanged_30d", unit="Open tickets"),
        WORK,
        width=4,
        height=55,
        is_filtered=False,
    ),
    Tile(
        "money_waiting_on_us",
        "Tickets that wait for us, by what is at stake",
        "The list to work through: expected payout in its currency. Left out: how many tickets of "
        "the currency are not in it, because all that was asked is answered.",
        Listing(
            [
                *("ticket_id", "order_number", "carrier_name", "ticket_type", "status", "age_days"),
                *("oldest_request_days", "currency", "expected_payout_amount", "left_out"),
            ],
            ["currency", "-expected_payout_amount", "ticket_id"],
            page=20,
        ),
        WORK,
        width=12,
        height=55,
    ),
    Tile(
        "approved_but_not_paid",
        "Approved, and not marked as paid or without an amount",
        "To follow up, oldest first. Amount in its currency.",
        Listing(
            [
                *("ticket_id", "order_number", "carrier_name", "ticket_type", "solved_at"),
                *("amount_status", "amount", "currency"),
            ],
            ["solved_at", "ticket_id"],
            page=20,
        ),
        WORK,
        width=12,
        height=55,
    ),
    Tile(
        "requested_documents",
        "Documents that were asked for",
        "How requests ended, how many are outstanding, and how long delivery takes, those "
        "outstanding counted in. Empty: not reached yet.",
        Listing(
            [
                *("data_type", "requests", "met", "closed", "withdrawn", "outstanding"),
                *("median_days", "p90_days"),
            ],
            ["-outstanding", "data_type"],
        ),
        WORK,
        width=12,
        height=55,
        is_filtered=False,
    ),
)
"""In the order in which they are shown, tab by tab."""
