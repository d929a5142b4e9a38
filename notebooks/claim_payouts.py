"""Claim payouts: what carriers pay, how sure they say yes, and what is still to come.

Depends on `answers`, and on `pipelines` for the marts. One source for two views: `marimo run
notebooks/claim_payouts.py` is the app with its filters, the `.ipynb` beside it the page with pictures.
Reads the configured warehouse, or the demo's file as long as nothing of your own was loaded.
"""
# ruff: noqa: PLR1711, ARG001, S608 (cells are written the way marimo writes them)

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="What do claims pay out?")


@app.cell(hide_code=True)
def _():
    import os
    import sys
    from pathlib import Path

    import marimo as mo

    # Jupyter starts in this folder; code, configuration and warehouse are found from the one above
    _places = [Path.cwd(), Path(mo.notebook_dir() or "."), *Path.cwd().parents]
    _root = next(
        p for p in [*_places, Path(mo.notebook_dir() or ".").parent] if (p / "transform").is_dir()
    )
    if str(_root) not in sys.path:
        sys.path.insert(0, str(_root))
    if not (Path.cwd() / "transform").is_dir():
        os.chdir(_root)
    return (mo,)


@app.cell(hide_code=True)
def _():
    from answers import (
        Desk,
        claims_to_come,
        currencies,
        decisions,
        follow_up,
        listings,
        payouts,
        sentences,
        theme,
    )
    from notebooks import opened, shown

    theme.use_renderer()
    return (
        Desk,
        claims_to_come,
        currencies,
        decisions,
        follow_up,
        listings,
        opened,
        payouts,
        sentences,
        shown,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # What do claims pay out?

    Lost and damaged parcels become claims; carriers approve or decline them, and pay. This notebook
    reads the marts and answers: what was approved and what of it is marked as paid, how many claims are
    approved, what a ticket brings, what to ask the carriers for, what open tickets will probably bring and
    when, and what changed in months already reported.
    """)
    return


@app.cell(hide_code=True)
def _():
    warehouse = None  # another dlt pipeline than the configured one
    return (warehouse,)


@app.cell(hide_code=True)
def _(shown):
    as_of = shown.argument("as-of")  # marimo run NOTEBOOK -- --as-of 2026-10-01
    return (as_of,)


@app.cell(hide_code=True)
def _(opened):
    demo_button = opened.demo_button()
    return (demo_button,)


@app.cell(hide_code=True)
def _(Desk, as_of, demo_button, opened, warehouse):
    marts = opened.marts(warehouse, as_of, demo_button)
    everything = Desk(marts)
    return everything, marts


@app.cell(hide_code=True)
def _(currencies, everything, mo, opened, shown):
    period, carriers, types, brands = opened.filters(everything)
    _currencies = currencies(everything)
    currency_choice = mo.ui.dropdown(
        _currencies, value=_currencies[0] if _currencies else None, label="Currency"
    )
    shown.filters(period, carriers, types, brands, currency_choice)
    return brands, carriers, currency_choice, period, types


@app.cell(hide_code=True)
def _(brands, carriers, everything, opened, period, types):
    desk = opened.chosen(everything, opened.Filters(period, carriers, types, brands))
    return (desk,)


@app.cell(hide_code=True)
def _(desk, everything, marts, sentences, shown):
    shown.answer(
        sentences.claims_answer(desk),
        [f"Read from {marts.name}.", *sentences.freshness(everything)],
    )
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.figures(sentences.claims_figures(desk))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What was approved
    """)
    return


@app.cell(hide_code=True)
def _(desk, payouts):
    payouts.by_month(desk)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** The amounts of approved claims, by the month in which they ended; a panel per
    currency, all over the same months.

    **How.** Sum of the amounts of approved claims (`mart_payouts_monthly`), dated by the API's
    `solved_at`.

    **How sure.** These are counts of money, not estimates. A claim approved without an amount is
    not in the bars; the figures above say how many there are.

    **Does not say.** That the money was paid, or when: approved is what the carrier said yes to.
    What is marked as paid stands in the figures above. Currencies are never added.
    """)
    return


@app.cell(hide_code=True)
def _(currency_choice, desk, payouts):
    payouts.heat_map(desk, currency_choice.value or "EUR")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** Which carrier and which kind of trouble the money comes from, in the chosen currency.

    **How.** Large: approved amount. Small: approved of all decided claims, among tickets old enough
    for the decision to have fallen. Red: some were decided, and none approved.

    **How sure.** Below 30 decided claims the small print counts them instead of giving a share,
    which can be anything.
    Intervals are in the pictures below.

    **Does not say.** Whether a carrier loses many parcels: nothing here knows how many were sent.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## How claims are decided
    """)
    return


@app.cell(hide_code=True)
def _(decisions, desk):
    decisions.outcome_mix(desk)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** What became of the claims of each carrier, most approvals first.

    **How.** Outcomes of `fct_claim_payouts`, only of tickets old enough for a decision to have
    fallen.

    **How sure.** Full counts; n is their number.

    **Does not say.** Settled in the carrier's portal and not opened at all are no declines: they
    have parts of their own.
    """)
    return


@app.cell(hide_code=True)
def _(decisions, desk):
    decisions.approval_rates(desk, "carrier")
    return


@app.cell(hide_code=True)
def _(decisions, desk):
    decisions.approval_rates(desk, "ticket_type")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** How often a claim is approved, by carrier and by type, as it is and with everybody's
    mix.

    **How.** Approved / (approved + declined) with Wilson's 95 % interval. The diamond weighs each
    carrier's rates per type by the whole account's types (and the types by carriers).

    **How sure.** An interval belongs to its own rate; whether two rates differ is a question of its
    own, which intervals that meet do not answer. Below 30 a rate is pale and has no rank. Only mature
    tickets count: approvals take longer than refusals, so young tickets would show too few.

    **Does not say.** Why a carrier declines. Nor is a difference that stays after the adjustment
    proof of anything about single claims.
    """)
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.approvals(desk), "No claim is old enough for a rate.")
    return


@app.cell(hide_code=True)
def _(desk, payouts):
    payouts.payout_lag(desk)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** How long the yes takes: the share of all tickets that was approved by that age, a
    panel for each carrier; grey: all carriers.

    **How.** Aalen-Johansen incidence of approvals (`mart_outcome_incidence`): other endings
    compete, open tickets count as far as they were followed.

    **How sure.** A flat end means hardly anything comes after it. Small carriers have coarse steps.

    **Does not say.** It is no approval rate: tickets that never became a claim are in the whole.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What a ticket brings
    """)
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.said(sentences.value_answer(desk))
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.ticket_values(desk, "carrier"), "Nothing was approved.")
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.ticket_values(desk, "ticket_type"), "Nothing was approved.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** What a ticket of each carrier and type brings on average, in each currency, as it is and
    with everybody's mix.

    **How.** The chance to be approved in that currency, times the mean amount then, a missing one counted
    as 0 (`mart_ticket_value`); only tickets old enough for a decision.

    **How sure.** From and to are 95 % intervals. Below 30 tickets or claims a row is pale and has no rank.

    **Does not say.** What the next ticket brings: most bring nothing, a few bring much.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What is approved and not paid yet
    """)
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.said(sentences.unpaid_answer(desk))
    return


@app.cell(hide_code=True)
def _(currency_choice, desk, follow_up):
    follow_up.unpaid(desk, currency_choice.value or "EUR")
    return


@app.cell(hide_code=True)
def _(desk, payouts):
    payouts.left_out(desk)
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.unpaid_approvals(desk), "There is nothing to ask about.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** Approved claims that are not marked as paid, by the age of the approval; approved claims
    of which the API tells no amount; and the 15 largest of each currency to ask about.

    **How.** Outcome against status: approved and yet not `claim_paid` (`fct_unpaid_approvals`,
    `mart_unpaid_approvals`); approved and the amount null. An amount of 0 is neither. Up to 30 days
    after the approval a claim is waited for.

    **How sure.** Full counts.

    **Does not say.** That money is owed: a carrier may have paid without anybody moving the ticket.
    It is a list to ask about.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What is still to come
    """)
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.said(sentences.to_come_answer(desk))
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.totals_to_come(desk), "Nothing is expected.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** The total by two ways that share no data: by the tickets open now, and by how the amounts
    of earlier months grew.

    **How.** Chance times amount of each open ticket (`mart_claim_exposure`); chain ladder with Mack's
    error, nothing below 30 claims in a column (`mart_claims_to_come`).

    **How sure.** Each has its 95 % range. Where the two do not meet, one of them does not fit this
    account.

    **Does not say.** The same thing twice: earlier months know no ticket of the month in progress, open
    tickets nobody who will reopen.
    """)
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.said(sentences.forecast_answer(desk) or ["Nothing is expected from open tickets."])
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.forecast(desk), "Nothing is expected from open tickets.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** What tickets open now are expected to be approved for within 30, 60 and 90 days of their
    last sight; each horizon holds the one before.

    **How.** The chance of approval between a ticket's age and that age and so many days, times the mean
    amount (`mart_payout_forecast`).

    **How sure.** The range holds 95 of 100 such sums. Below 30 open tickets a row is pale.

    **Does not say.** When money arrives: an approval is dated, a payment is not. Tickets that nobody has
    opened yet are not in it.
    """)
    return


@app.cell(hide_code=True)
def _(claims_to_come, currency_choice, desk):
    claims_to_come.triangle(desk, currency_choice.value or "EUR")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** How fast the amounts of each month of creation came, in per cent of what the month
    comes to, and what is to be expected of the young ones.

    **How.** Chain ladder: the last amount observed, times the growth that earlier months had from
    there on.

    **How sure.** A projection, in pale; its error for the youngest rows is a fifth or more at a
    thousand payouts a month, and larger for fewer.

    **Does not say.** Anything about a change of rules: it assumes that this year's tickets ripen
    like last year's.
    """)
    return


@app.cell(hide_code=True)
def _(claims_to_come, currency_choice, desk):
    claims_to_come.exposure(desk, currency_choice.value or "EUR", "carrier")
    return


@app.cell(hide_code=True)
def _(claims_to_come, currency_choice, desk):
    claims_to_come.exposure(desk, currency_choice.value or "EUR", "ticket_type")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** What the tickets open now will probably bring.

    **How.** For each open ticket the chance of approval given its age, by type (by carrier and type
    where 200 were resolved), times the mean amount of approved claims, a missing amount counted as
    0.

    **How sure.** The line holds 95 of 100 such totals: the luck of each ticket, and what is not
    known of chances and means.

    **Does not say.** What was claimed: the API has no claimed amount. With values of your own in
    `seeds/claim_values.csv` those are used.
    """)
    return


@app.cell(hide_code=True)
def _(currency_choice, desk, listings, mo):
    _currency = currency_choice.value or "EUR"
    at_risk = listings.money_at_risk(desk, _currency)
    _more = listings.nothing_asked(desk, _currency)
    mo.md(
        f"### Waiting for you: the {len(at_risk)} largest expected payouts, {_currency}\n\n"
        f"Left out: {_more} more of which nothing is asked for any more."
    )
    return (at_risk,)


@app.cell(hide_code=True)
def _(at_risk, shown):
    shown.listed(at_risk, "No open ticket waits for the merchant with money in this currency.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** Open tickets that wait for the merchant, without those of which all is answered, by expected
    payout: where an answer earns most.

    **How.** The same expectation per ticket (`fct_open_claim_exposure`).

    **How sure.** A single ticket pays all or nothing: the expectation ranks them, it does not
    foretell one.

    **Does not say.** Deadlines: the API tells none.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ### Unusual amounts
    """)
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.unusual_payouts(desk), "No approved amount is unusual for its type.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** Approved amounts that are far from what their type usually brings, in any currency.

    **How.** The last column is the distance of the amount's logarithm from the median of its type
    and currency, in robust spreads (`mart_payout_sizes`); beyond 3.5 it is listed.

    **How sure.** Exact amounts.

    **Does not say.** That an unusual amount is wrong.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What changed in months already reported
    """)
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.said(sentences.changes_answer(desk))
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.changes(desk), "No month that was over has changed.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** What became known of approved amounts after their month was over.

    **How.** Each change is an entry of `fct_payout_ledger`, dated by the sync that saw it;
    `mart_changes_since` adds them up by month of payout and month of knowing.

    **How sure.** Exact amounts; of claims that were decided at the first sight nothing is known before.

    **Does not say.** Why a claim was taken back.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Go on from here

    Everything above stands in tables of schema `sendcloud_marts` that any tool can read. Here are three
    ways to take them; each works on DuckDB and PostgreSQL alike. Money comes as exact decimals beside
    its currency, moments are UTC without a zone, and what is missing stays missing.

    Tables behind this notebook: `fct_claim_payouts`, `fct_unpaid_approvals`, `mart_unpaid_approvals`, `mart_changes_since`, `mart_claims_to_come`, `mart_payouts_monthly`, `mart_approval_rates`, `mart_claims_monthly`, `mart_payout_lag`, `mart_outcome_incidence`, `mart_claim_development`, `mart_claim_exposure`, `fct_open_claim_exposure`, `mart_payout_sizes`, `mart_ticket_value`, `mart_payout_forecast`.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **As a pandas DataFrame**, by name, or any query over the marts:
    """)
    return


@app.cell(hide_code=True)
def _(marts):
    from pipelines.reading import read_mart, read_query

    payouts_monthly = read_mart("mart_payouts_monthly", marts.pipeline, marts.schema)
    payouts_monthly.head()
    return payouts_monthly, read_query


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **In DuckDB SQL**, over the frames you already hold (no server, nothing written):
    """)
    return


@app.cell(hide_code=True)
def _(payouts_monthly):
    import duckdb

    duckdb.sql("""
        select currency, sum(payouts) as payouts, sum(paid_amount) as paid_amount
        from payouts_monthly
        group by currency
        order by currency
    """).df()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    The same **in the warehouse's own SQL**, where the tables need no copying:
    """)
    return


@app.cell(hide_code=True)
def _(marts, read_query):
    read_query(
        """
        select currency, sum(payouts) as payouts, sum(paid_amount) as paid_amount
        from mart_payouts_monthly
        group by currency
        order by currency
        """,
        marts.pipeline,
        schema=marts.schema,
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Through the dlt dataset**: raw tables by name, marts by a query that dlt passes on:
    """)
    return


@app.cell(hide_code=True)
def _(marts):
    dataset = marts.pipeline.dataset()
    dataset.tickets.select("id", "carrier", "status").order_by("id").limit(5).df()
    return (dataset,)


@app.cell(hide_code=True)
def _(dataset, marts):
    dataset(
        f"""
    select payout_month, carrier, ticket_type, currency, payouts, paid_amount
    from {marts.schema}.mart_payouts_monthly
    order by paid_amount desc, 1, 2, 3, 4
    limit 5
    """,
        _execute_raw_query=True,
    ).df()
    return


if __name__ == "__main__":
    app.run()
