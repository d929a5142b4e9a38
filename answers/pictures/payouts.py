"""Pictures of what was approved: by month, by carrier and type, how late, and what is missing.

Depends on the marts of a `desk`. Promises one currency to a scale, one axis of time for all
currencies, and that a month which is not over looks so.
"""

from __future__ import annotations

import math
import textwrap

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from answers import words
from answers.desk import Desk
from answers.summaries import FEW, UNKNOWN, currencies, named, segments, time_zone

from .curves import BESIDE, Panel, panel_axis, panel_scale, small_multiples
from .rows import in_rows, short, whole_numbers
from .theme import BLUE, INK, RED, Picture, framed, month_axis, nothing, title

BY_MONTH = """
    select
        currency,
        payout_month,
        cast(sum(payouts) as bigint) as payouts,
        sum(paid_amount) as paid_amount
    from mart_payouts_monthly
    where payout_month is not null and payouts > 0
    group by currency, payout_month
    order by currency, payout_month
"""
BY_KIND = """
    select
        carrier,
        ticket_type,
        cast(sum(case when amount_status = 'paid' then 1 else 0 end) as bigint) as payouts,
        sum(case when amount_status = 'paid' and currency = %s then amount else 0 end) as amount,
        cast(sum(case when is_mature and is_decided then 1 else 0 end) as bigint) as decided,
        cast(sum(case when is_mature and is_approved then 1 else 0 end) as bigint) as approved
    from fct_claim_payouts
    group by carrier, ticket_type
    order by carrier, ticket_type
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
PITCH = 1.5
PANEL = 120
MOST_CARRIERS = 8
OTHERS = "others"
LINES_OF_NAME = "split(datum.value, '\\n')"


def by_month(desk: Desk) -> Picture:
    """Bars: approved amounts by the month in which the claims ended, a panel per currency."""
    heading = "Approved amounts by month"
    frame = desk.query(BY_MONTH, ("mart_payouts_monthly",))
    met = [code for code in currencies(desk) if code in set(frame["currency"])]
    frame = frame[frame["currency"].isin(met)].copy()
    if frame.empty:
        return nothing(heading)
    base = {code: PITCH * place for place, code in enumerate(reversed(met))}
    frame["amount"] = frame.pop("paid_amount").astype(float)
    tops = {code: _nice(rows["amount"].max()) for code, rows in frame.groupby("currency")}
    frame["bottom"] = frame["currency"].map(base).astype(float)
    frame["top"] = frame["bottom"] + frame["amount"] / frame["currency"].map(tops)
    frame["is_over"] = frame["payout_month"] + pd.offsets.MonthBegin(1) <= desk.as_of
    said = f"By the month in which the claim ended, {time_zone(desk)}; a scale per currency."
    if not frame["is_over"].all():
        said += " Pale: the month is not over."
    texts = _worth(tops, base)
    bars = _bars(frame, base, panel_axis(list(texts)))
    return framed(
        alt.layer(bars, panel_scale(texts), _panel_names(frame, base)),
        PANEL * len(met),
        title(heading, said),
    )


def _nice(most: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 and so on: where a scale may end."""
    size = 10.0 ** math.floor(math.log10(most)) if most > 0 else 1.0
    return next(part * size for part in (1, 2, 5, 10) if part * size >= most * 0.999)


def _bars(frame: pd.DataFrame, base: dict[str, float], worth: alt.Axis) -> alt.Chart:
    bars = alt.Chart(frame).mark_bar(color=BLUE, width={"band": 0.82})
    scale = alt.Scale(domain=[0, PITCH * len(base)], nice=False)
    axis = month_axis(frame["payout_month"])
    return bars.encode(
        x=alt.X("payout_month:T", timeUnit="yearmonth", title=None, axis=axis, bandPosition=0.5),
        y=alt.Y("bottom:Q", title=None, axis=worth, scale=scale),
        y2="top:Q",
        opacity=alt.condition("datum.is_over", alt.value(1), alt.value(0.4)),
        tooltip=[
            alt.Tooltip("payout_month:T", timeUnit="yearmonth", title="Month"),
            alt.Tooltip("currency:N", title="Currency"),
            alt.Tooltip("amount:Q", format=",.2f", title="Approved"),
            alt.Tooltip("payouts:Q", title="Claims"),
        ],
    )


def _panel_names(frame: pd.DataFrame, base: dict[str, float]) -> alt.Chart:
    rows = []
    for code, at in base.items():
        own = frame[frame["currency"] == code]
        best = own.loc[own["amount"].idxmax()]
        said = f"most in {words.month(best['payout_month'])}: {words.short_money(best['amount'])}"
        rows.append({"y": at + 1.16, "text": f"{code}, {said}"})
    names = alt.Chart(pd.DataFrame(rows)).mark_text(align="left", baseline="bottom", color=INK)
    return names.encode(x=alt.value(BESIDE), y="y:Q", text="text:N")


def _worth(tops: dict[str, float], base: dict[str, float]) -> dict[float, str]:
    """What half and all of the height of each panel is worth."""
    return {
        at + part: words.short_money(part * tops[code])
        for code, at in base.items()
        for part in (0, 0.5, 1)
    }


def heat_map(desk: Desk, currency: str) -> Picture:
    """Carrier by type: the money large, the approval rate of mature claims small below it."""
    heading = f"Where the money comes from, {currency}"
    frame = desk.query(BY_KIND, ("fct_claim_payouts",), currency)
    frame["amount"] = frame["amount"].astype(float)
    frame = frame[(frame["amount"] > 0) | (frame["decided"] > 0)]
    if frame.empty:
        return nothing(heading)
    frame = _largest_carriers(frame)
    frame["is_dark"] = frame["amount"] > 0.55 * frame["amount"].max()
    frame["large"] = [_in_a_cell(each) if each > 0 else "" for each in frame["amount"]]
    frame["small"] = [
        _share(*each) for each in zip(frame["approved"], frame["decided"], strict=True)
    ]
    frame["is_none"] = (frame["decided"] > 0) & (frame["approved"] == 0)
    return _cells(desk, frame).properties(
        title=title(
            heading,
            "Large: approved amount. Small: approved of decided claims old enough to count, as a "
            f"share from {FEW} on, else as counted; red: decided, and none approved.",
        ),
    )


def _in_a_cell(amount: float) -> str:
    """Four letters, for which a phone has room: 9.9k, 15k."""
    said = words.short_money(amount)
    return f"{amount / 1000:.0f}k" if len(said) > 4 and said.endswith("k") else said  # noqa: PLR2004


def _share(approved: int, decided: int) -> str:
    if not decided:
        return ""
    return (
        f"{approved}/{decided}"
        if decided < FEW or not approved
        else words.percent(approved / decided).replace(" ", "")
    )


def _largest_carriers(frame: pd.DataFrame) -> pd.DataFrame:
    """The rest together, so that the cells of many carriers still have room for their text."""
    weight = frame.groupby("carrier")[["amount", "decided"]].sum()
    first = list(weight.sort_values(["amount", "decided"], ascending=False).index[:MOST_CARRIERS])
    carrier = frame["carrier"].where(frame["carrier"].isin(first), OTHERS)
    sums = ["payouts", "amount", "decided", "approved"]
    return (
        frame.assign(carrier=carrier)
        .groupby(["carrier", "ticket_type"], as_index=False)[sums]
        .sum()
    )


def _cells(desk: Desk, frame: pd.DataFrame) -> Picture:
    frame = frame.assign(
        row=[
            "\n".join(textwrap.wrap(each, 13))
            for each in named(desk, "ticket_type", frame["ticket_type"])
        ],
        column=[
            short(each) if code != OTHERS else OTHERS
            for code, each in zip(
                frame["carrier"], named(desk, "carrier", frame["carrier"]), strict=True
            )
        ],
    )
    top = max(float(frame["amount"].max()), 1.0)
    base = alt.Chart(frame).encode(
        x=alt.X("column:N", sort=_heaviest(frame, "column"), title=None, axis=_top_axis()),
        y=alt.Y(
            "row:N",
            sort=_heaviest(frame, "row"),
            title=None,
            axis=alt.Axis(domain=False, ticks=False, labelFontSize=11, labelExpr=LINES_OF_NAME),
        ),
    )
    scale = alt.Scale(domain=[0, top], range=["#f3f7fb", "#0b5394"])
    ink = alt.condition("datum.is_dark", alt.value("white"), alt.value(INK))
    return framed(
        alt.layer(
            base.mark_rect(stroke="white", strokeWidth=1).encode(
                color=alt.Color("amount:Q", legend=None, scale=scale)
            ),
            base.mark_text(dy=-6, fontSize=10, fontWeight="bold").encode(text="large:N", color=ink),
            base.transform_filter("!datum.is_none")
            .mark_text(dy=9, fontSize=8.5)
            .encode(text="small:N", color=ink),
            base.transform_filter("datum.is_none")
            .mark_text(dy=9, fontSize=9, color=RED)
            .encode(text="small:N"),
        ),
        alt.Step(40),
        alt.TitleParams(""),
    )


def _heaviest(frame: pd.DataFrame, column: str) -> list[str]:
    """The values of a column, the most money first; what has no name comes last."""
    sums = frame.groupby(column)[["amount", "decided"]].sum()
    values = [str(each) for each in sums.sort_values(["amount", "decided"], ascending=False).index]
    last = {words.name(UNKNOWN), "No carrier", OTHERS}
    return sorted(values, key=lambda value: value in last)


def _top_axis() -> alt.Axis:
    return alt.Axis(orient="top", labelAngle=-90, domain=False, ticks=False, labelFontSize=11)


def payout_lag(desk: Desk) -> Picture:
    """Curves: the share of a carrier's tickets that is approved within so many days."""
    heading = "How late the yes comes, by carrier"
    frame = desk.mart("mart_outcome_incidence")
    frame = frame[frame["outcome_group"] == "claim_approved"]
    frame = frame.drop(columns=["outcome_group"])
    carriers = frame[frame["segment_type"] == "carrier"]
    if carriers["n_event"].sum() == 0:
        return nothing(heading)
    lags = desk.mart("mart_payout_lag").set_index(["segment_type", "segment"])
    panels = _lag_panels(desk, lags, set(carriers["segment"]))
    return small_multiples(
        carriers,
        frame[frame["segment_type"] == "all"],
        panels,
        ["incidence", "incidence_lo", "incidence_hi"],
        title(
            heading,
            "Share of all tickets approved by that age, open ones counted in, with 95 % bands; "
            "grey: all carriers. Named: by when half of the approvals, n, had come. Pale below 30.",
        ),
        days=90,
    )


def _lag_panels(desk: Desk, lags: pd.DataFrame, met: set[str]) -> list[Panel]:
    rows = segments(desk, "carrier")
    rows = rows[rows["segment"].isin(met)]
    panels = []
    for code, name in zip(rows["segment"], named(desk, "carrier", rows["segment"]), strict=True):
        if ("carrier", code) not in lags.index:
            panels.append(Panel(code, f"{short(name)}: none approved", 0))
            continue
        lag = lags.loc[("carrier", code)]
        half = words.days(lag["half_hours"])
        text = f"{short(name)}: half within {half}, n {words.count(lag['approvals'])}"
        few = " (few)" if lag["approvals"] < FEW else ""
        panels.append(Panel(code, f"{text}{few}", int(lag["approvals"])))
    return panels


def left_out(desk: Desk) -> Picture:
    """Bars: approved claims without their money, and without an amount."""
    heading = "Approved, and yet something is missing"
    frame = desk.query(LEFT_OUT, ("mart_claims_monthly",))
    kinds = {"not_paid": "not marked as paid", "without_amount": "without an amount"}
    if frame[list(kinds)].sum().sum() == 0:
        return nothing(heading, "No approved claim lacks its amount or its payment.")
    frame = frame[frame[list(kinds)].sum(axis=1) > 0]
    frame = frame.sort_values(["not_paid", "carrier"], ascending=[False, True])
    frame["row"] = named(desk, "carrier", frame["carrier"])
    frame["above"] = [
        f"{short(row)}: {words.count(unpaid)} not marked, {words.count(missing)} no amount"
        for row, unpaid, missing in zip(
            frame["row"], frame["not_paid"], frame["without_amount"], strict=True
        )
    ]
    axis = alt.Axis(tickMinStep=1, tickCount=4)
    scale = whole_numbers(frame[list(kinds)].max())
    bars = [
        alt.Chart(frame)
        .mark_bar(height=8, yOffset=offset, color=colour)
        .encode(x=alt.X(f"{column}:Q", title="claims", axis=axis, scale=scale))
        for column, offset, colour in (("not_paid", 0, BLUE), ("without_amount", 9, "#e69f00"))
    ]
    return in_rows(
        frame,
        list(frame["row"]),
        bars,
        title(
            heading,
            "Approved claims not marked as paid (blue) and without an amount (orange); a claim "
            "may count as both.",
        ),
    )
