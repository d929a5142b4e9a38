"""Pictures of what claims paid: by month, by carrier and type, how late, and what is missing.

Depends on the marts of a `desk`. Promises one currency to a scale, and that a month which is not
over looks so.
"""

from __future__ import annotations

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import currencies, segments

from .curves import directly_labelled
from .theme import BLUE, GREY, INK, WIDTH, Picture, by_volume, nothing, short_numbers, title

PAID_BY_MONTH = """
    select payout_month, cast(sum(payouts) as bigint) as payouts, sum(paid_amount) as paid_amount
    from mart_payouts_monthly
    where currency = %s and payout_month is not null
    group by payout_month
    order by payout_month
"""
PAID_BY_KIND = """
    select
        paid.carrier,
        paid.ticket_type,
        paid.payouts,
        paid.paid_amount,
        rates.decided,
        rates.approval_rate
    from (
        select
            carrier,
            ticket_type,
            cast(sum(payouts) as bigint) as payouts,
            sum(paid_amount) as paid_amount
        from mart_payouts_monthly
        where currency = %s
        group by carrier, ticket_type
    ) as paid
    left join mart_approval_rates as rates
        on rates.segment_type = 'carrier_and_type'
        and paid.carrier = rates.carrier
        and paid.ticket_type = rates.ticket_type
    where paid.payouts > 0
    order by paid.carrier, paid.ticket_type
"""
LEFT_OUT = """
    select
        carrier,
        cast(sum(approved_not_paid) as bigint) as not_paid,
        cast(sum(approved_without_amount) as bigint) as without_amount
    from mart_claims_monthly
    group by carrier
    order by carrier
"""


def paid_by_month(desk: Desk, currency: str) -> Picture:
    """Bars: what approved claims paid in the month in which they ended."""
    heading = f"Paid by month, {currency}"
    frame = desk.query(PAID_BY_MONTH, ("mart_payouts_monthly",), currency)
    if frame.empty:
        return nothing(heading)
    frame["is_over"] = frame["payout_month"] + pd.offsets.MonthBegin(1) <= desk.as_of
    frame["label"] = frame["paid_amount"].map(words.short_money)
    frame["paid"] = frame.pop("paid_amount").astype(float)
    bars = alt.Chart(frame).encode(
        x=alt.X(
            "payout_month:T", timeUnit="yearmonth", title=None, axis=_months(), bandPosition=0.5
        ),
        y=alt.Y("paid:Q", title=currency, axis=short_numbers(4)),
        tooltip=_month_tooltip(currency),
    )
    opacity = alt.condition("datum.is_over", alt.value(1), alt.value(0.4))
    drawn = bars.mark_bar(color=BLUE, width={"band": 0.82}).encode(opacity=opacity)
    labels = bars.mark_text(dy=-7, fontSize=10, color=GREY).encode(text="label:N")
    return (drawn + labels).properties(
        width=WIDTH, height=170, title=title(heading, *_not_over(frame))
    )


def paid_by_month_in_all(desk: Desk) -> Picture:
    """The same for every currency, one below the other: currencies are never added."""
    pictures = [paid_by_month(desk, currency) for currency in currencies(desk)["currency"]]
    return alt.vconcat(*pictures) if pictures else nothing("Paid by month")


def _months() -> alt.Axis:
    return alt.Axis(format="%b %Y", tickCount=alt.TimeIntervalStep("month", 3), labelFlush=False)


def _month_tooltip(currency: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("payout_month:T", timeUnit="yearmonth", title="Month"),
        alt.Tooltip("paid:Q", format=",.2f", title=currency),
        alt.Tooltip("payouts:Q", title="Payouts"),
    ]


def _not_over(frame: pd.DataFrame) -> list[str]:
    return [] if frame["is_over"].all() else ["Pale: the month is not over."]


def heat_map(desk: Desk, currency: str) -> Picture:
    """Carrier by type: the money large, the approval rate of mature claims small below it."""
    heading = f"Where the money comes from, {currency}"
    frame = desk.query(PAID_BY_KIND, ("mart_payouts_monthly", "mart_approval_rates"), currency)
    if frame.empty:
        return nothing(heading)
    frame["paid"] = frame.pop("paid_amount").astype(float)
    frame["is_dark"] = frame["paid"] > 0.55 * frame["paid"].max()
    frame["large"] = frame["paid"].map(words.short_money)
    frame["small"] = [
        "" if words.is_missing(rate) else f"{100 * rate:.0f} % of {decided}"
        for rate, decided in zip(frame["approval_rate"], frame["decided"], strict=True)
    ]
    return _cells(frame).properties(
        width=alt.Step(76),
        height=alt.Step(42),
        title=title(
            heading,
            "Large: paid. Small: share approved of the claims decided, old enough to count.",
        ),
    )


def _cells(frame: pd.DataFrame) -> alt.LayerChart:
    carriers, types = by_volume(frame, "carrier", "paid"), by_volume(frame, "ticket_type", "paid")
    frame["type_name"] = frame["ticket_type"].map(words.name)
    order = [words.name(each) for each in types]
    base = alt.Chart(frame).encode(
        x=alt.X("carrier:N", sort=carriers, title=None, axis=_top_axis()),
        y=alt.Y("type_name:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False)),
    )
    colour = alt.Color("paid:Q", legend=None, scale=alt.Scale(range=["#e8f0f8", "#0b5394"]))
    ink = alt.condition("datum.is_dark", alt.value("white"), alt.value(INK))
    return alt.layer(
        base.mark_rect(stroke="white", strokeWidth=2).encode(color=colour),
        base.mark_text(dy=-6, fontSize=13, fontWeight="bold").encode(text="large:N", color=ink),
        base.mark_text(dy=10, fontSize=10.5).encode(text="small:N", color=ink),
    )


def _top_axis() -> alt.Axis:
    return alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, labelLimit=74)


def payout_lag(desk: Desk) -> Picture:
    """Curves: the share of a carrier's tickets that is approved within so many days."""
    frame = desk.mart("mart_outcome_incidence")
    frame = frame[
        (frame["segment_type"] == "carrier") & (frame["outcome_group"] == "claim_approved")
    ]
    heading = "How late the yes comes"
    if frame["n_event"].sum() == 0:
        return nothing(heading)
    lags = desk.mart("mart_payout_lag").set_index(["segment_type", "segment"])
    whole = lags.loc[("all", "all")]
    return directly_labelled(
        frame,
        "incidence",
        title(
            heading,
            f"Share of all tickets approved by that age. Half of the approvals have come after "
            f"{words.days(whole['half_hours'])},",
            f"nine tenths after {words.days(whole['ninety_percent_hours'])}. "
            "Open tickets count in.",
        ),
        days=90,
        order=list(segments(desk, "carrier")["segment"]),
    )


def left_out(desk: Desk) -> Picture:
    """Bars: approved claims without their money, and without an amount."""
    heading = "Approved, and yet something is missing"
    frame = desk.query(LEFT_OUT, ("mart_claims_monthly",))
    kinds = {"not_paid": "not marked as paid", "without_amount": "without an amount"}
    long = frame.melt("carrier", list(kinds), "kind", "claims")
    if long["claims"].sum() == 0:
        return nothing(heading, "No approved claim lacks its amount or its payment.")
    long["kind"] = long["kind"].map(kinds)
    base = alt.Chart(long).encode(
        y=alt.Y("carrier:N", sort=by_volume(long, "carrier", "claims"), title=None),
        yOffset=alt.YOffset("kind:N", sort=list(kinds.values())),
        x=alt.X("claims:Q", title="claims", axis=alt.Axis(tickMinStep=1, tickCount=5)),
    )
    colour = alt.Color(
        "kind:N",
        sort=list(kinds.values()),
        scale=alt.Scale(domain=list(kinds.values()), range=[BLUE, "#e69f00"]),
    )
    return alt.layer(
        base.mark_bar().encode(color=colour),
        base.mark_text(align="left", dx=4, fontSize=11).encode(text="claims:Q"),
    ).properties(
        width=WIDTH,
        height=alt.Step(15),
        title=title(heading, "Approved claims by carrier; a claim may count twice."),
    )
