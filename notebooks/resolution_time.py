"""Resolution time: how long tickets take, how they end, and who they wait for.

Depends on `answers`, and on `pipelines` for the marts. One source for two views: `marimo run
notebooks/resolution_time.py` is the app with its filters, the `.ipynb` beside it the page with pictures.
Reads the configured warehouse, or the demo's file as long as nothing of your own was loaded.
"""
# ruff: noqa: PLR1711, ARG001, S608 (cells are written the way marimo writes them)

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="How long does a resolution take?")


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
        endings,
        follow_up,
        listings,
        periods,
        sentences,
        theme,
        times,
        waiting,
    )
    from notebooks import opened, shown

    theme.use_renderer()
    return (
        Desk,
        endings,
        follow_up,
        listings,
        opened,
        periods,
        sentences,
        shown,
        times,
        waiting,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # How long does a resolution take?

    The mean over resolved tickets is the usual answer, and it is wrong: slow tickets are not resolved
    yet, so they are not in it. Here every ticket counts, the open ones with the time they have been
    open so far.
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
def _(everything, opened, shown):
    period, carriers, types, brands = opened.filters(everything)
    shown.filters(period, carriers, types, brands)
    return brands, carriers, period, types


@app.cell(hide_code=True)
def _(brands, carriers, everything, opened, period, types):
    desk = opened.chosen(everything, opened.Filters(period, carriers, types, brands))
    return (desk,)


@app.cell(hide_code=True)
def _(desk, everything, marts, sentences, shown):
    shown.answer(
        sentences.resolution_answer(desk),
        [f"Read from {marts.name}.", *sentences.freshness(everything)],
    )
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.figures(sentences.resolution_figures(desk))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Since yesterday
    """)
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.said(sentences.yesterday_answer(desk))
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.since_yesterday(desk), "There are no tickets in the selection.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** What happened in the 24 hours up to the moment that the data are as of, and in those before.

    **How.** `mart_since_yesterday`. Claims are dated by the API's `solved_at`; a payment, and what
    vanished, by the sync that saw it.

    **How sure.** Full counts; what happened after the last sync is not known yet.

    **Does not say.** Whether a day is unusual.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## This month, against the one before
    """)
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.said(sentences.periods_answer(desk))
    return


@app.cell(hide_code=True)
def _(desk, periods):
    periods.volume(desk, "carrier")
    return


@app.cell(hide_code=True)
def _(desk, periods):
    periods.volume(desk, "ticket_type")
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.periods(desk), "There are no tickets in the selection.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** Tickets, decisions and money of this month and quarter beside the ones before.

    **How.** `mart_period_comparison` and `mart_period_payouts`, up to the same moment in both periods. Net
    is opened and reopened, less closed and vanished.

    **How sure.** Counts are full; in brackets stand 95 % intervals. Whether two months differ is a
    question of its own.

    **Does not say.** What was reopened before the first sync: nobody saw it.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## How long tickets stay open
    """)
    return


@app.cell(hide_code=True)
def _(desk, times):
    times.survival(desk, "carrier")
    return


@app.cell(hide_code=True)
def _(desk, times):
    times.survival(desk, "ticket_type")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** The share of tickets not resolved at each age, a panel each; the grey curve is that of
    all tickets, the same in every panel.

    **How.** Kaplan-Meier, in SQL (`mart_resolution_survival`). A ticket that is open leaves the
    count at the moment it was last seen, never at the moment of reading.

    **How sure.** The bands hold the true curve in 95 of 100 such samples, point by point (log-log
    Greenwood).

    **Does not say.** How long the carrier needed: everybody's time is in it. See whose turn it was,
    below. Carriers differ in their mix of types too: the table has both.
    """)
    return


@app.cell(hide_code=True)
def _(desk, times):
    times.quantiles(desk, "carrier")
    return


@app.cell(hide_code=True)
def _(desk, times):
    times.quantiles(desk, "ticket_type")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** When half, three quarters and nine tenths are resolved.

    **How.** Read off the curves; a level that no ticket reached yet is left out, never
    extrapolated.

    **How sure.** Lines are 95 % intervals. An upper end that was not reached is not drawn.

    **Does not say.** The cross, the usual median over resolved tickets alone, says nothing that the
    dot does not say better: it is here to be recognised.
    """)
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(
        listings.resolution_times(desk, "carrier"), "There are no tickets in the selection."
    )
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(
        listings.resolution_times(desk, "ticket_type"), "There are no tickets in the selection."
    )
    return


@app.cell(hide_code=True)
def _(desk, times):
    times.months(desk)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** The median by month of creation, counted both ways.

    **How.** Blue counts open tickets in; red is the usual figure over resolved tickets alone.

    **How sure.** The band is the blue line's 95 % interval. It widens for the last month, which is
    young.

    **Does not say.** That anybody became faster. Whether two months differ is not told by bands that
    meet or do not: it needs a test of the two, such as the log-rank test. The drop in red is an
    artefact that comes back every month.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## How tickets end
    """)
    return


@app.cell(hide_code=True)
def _(desk, endings):
    endings.endings(desk)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** Where tickets end up, and by when; what is white is still open.

    **How.** Aalen-Johansen incidences (`mart_outcome_incidence`): the ways to end compete, so
    together with the open ones they make 100 %.

    **How sure.** Intervals are in the mart; at this size they are a percent or two.

    **Does not say.** One minus a Kaplan-Meier curve of approvals, other endings taken as censored,
    would claim several times as many approvals. That is the commonest error with such data.
    """)
    return


@app.cell(hide_code=True)
def _(desk, endings):
    endings.reopened(desk, "ticket_type")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** How many resolved tickets were opened again.

    **How.** Closed and then open again between syncs (`mart_reopen_rates`), with Wilson's interval.

    **How sure.** A ticket closed again before the next sync is not noticed: the true share is at
    least this. Tickets resolved before the first sync were not watched.

    **Does not say.** Why they came back.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Who tickets wait for
    """)
    return


@app.cell(hide_code=True)
def _(desk, waiting):
    waiting.backlog(desk)
    return


@app.cell(hide_code=True)
def _(desk, waiting):
    waiting.ages(desk)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** How many tickets are open, whose turn it is, and how old they are.

    **How.** Status by `seeds/ticket_status_map.csv`, which says who must act; a stage of action
    required means the merchant. Backlog by counting what opens, moves and closes.

    **How sure.** Exact as of each sync; a change between two syncs is dated by the API's own update
    where it lies between them.

    **Does not say.** The map is our reading of the statuses: the vendor documents no meanings. Edit
    the file if yours differ.
    """)
    return


@app.cell(hide_code=True)
def _(desk, waiting):
    waiting.shares(desk, "carrier")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** Of all the time that tickets were open, whose turn it was.

    **How.** Spans of status between syncs (`fct_status_spans`), added up per ticket; open tickets
    count with their time so far.

    **How sure.** Waiting for carriers is right within a percent even with daily syncs; short steps
    at Sendcloud are seen too rarely when syncs are a day apart.

    **Does not say.** Anything about tickets that were old when the first sync saw them: they are
    left out.
    """)
    return


@app.cell(hide_code=True)
def _(desk, waiting):
    waiting.documents(desk)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** How long what Sendcloud asks for stays outstanding.

    **How.** Kaplan-Meier with late entry (`mart_request_summary`); a request is met between two
    syncs, and the middle is taken.

    **How sure.** The interval belongs to the median. A request that is outstanding counts with its
    age. What is asked for and met between two syncs is never seen, so medians seem longer the farther
    syncs lie apart (`hours_between_sights`); the interval reaches lower by that.

    **Does not say.** Whether what was sent was enough: a request also goes when the ticket is
    closed.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What stands still
    """)
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.said(sentences.standing_answer(desk))
    return


@app.cell(hide_code=True)
def _(desk, follow_up):
    follow_up.standing_still(desk)
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.standing_still(desk), "No ticket is open.")
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.longest_unchanged(desk), "No open ticket has been unchanged for 7 days.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** Open tickets in which nothing changed for 7, 14 and 30 days, and the longest of them,
    those that wait for the merchant first.

    **How.** Status, stage and what is asked for, since the last change up to the last sight
    (`fct_open_tickets`, `mart_standing_still`).

    **How sure.** A change between two syncs has no exact moment: the answer says how many there may be
    at most.

    **Does not say.** That nobody works on it: messages are not in the API.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Whether targets are met
    """)
    return


@app.cell(hide_code=True)
def _(desk, sentences, shown):
    shown.said(sentences.targets_answer(desk))
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.targets(desk), "No target is set.")
    return


@app.cell(hide_code=True)
def _(desk, listings, shown):
    shown.listed(listings.due_next(desk), "No open ticket has a target that is not missed yet.")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Shows.** How many tickets met their target, by month of creation and carrier, and which open tickets
    miss theirs next.

    **How.** First resolution within the days of `seeds/sla_targets.csv` (`mart_target_attainment`,
    `fct_open_tickets`). Tickets neither resolved nor late yet are not due.

    **How sure.** Full counts; from and to are 95 % intervals of the share. Pale: fewer than 30 decided.

    **Does not say.** That a young month is good: late tickets show last.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Go on from here

    Everything above stands in tables of schema `sendcloud_marts` that any tool can read. Here are three
    ways to take them; each works on DuckDB and PostgreSQL alike. Money comes as exact decimals beside
    its currency, moments are UTC without a zone, and what is missing stays missing.

    Tables behind this notebook: `fct_ticket_resolution`, `mart_since_yesterday`, `mart_period_comparison`, `mart_period_payouts`, `fct_open_tickets`, `mart_standing_still`, `mart_resolution_summary`, `mart_resolution_survival`, `mart_outcome_incidence`, `mart_reopen_rates`, `fct_daily_backlog`, `mart_waiting_shares`, `fct_status_spans`, `mart_request_summary`, `fct_requested_actions`, `mart_target_attainment`.
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

    resolution_summary = read_mart("mart_resolution_summary", marts.pipeline, marts.schema)
    resolution_summary[
        ["segment_type", "segment", "tickets", "not_resolved", "median_hours"]
    ].head()
    return read_query, resolution_summary


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **In DuckDB SQL**, over the frames you already hold (no server, nothing written):
    """)
    return


@app.cell(hide_code=True)
def _(resolution_summary):
    import duckdb

    duckdb.sql("""
        select segment as carrier, tickets, median_hours / 24.0 as median_days
        from resolution_summary
        where segment_type = 'carrier'
        order by tickets desc
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
        select segment as carrier, tickets, median_hours / 24.0 as median_days
        from mart_resolution_summary
        where segment_type = 'carrier'
        order by tickets desc
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
    select segment_type, segment, tickets, not_resolved, median_hours, p90_hours
    from {marts.schema}.mart_resolution_summary
    order by tickets desc, segment_type, segment
    limit 5
    """,
        _execute_raw_query=True,
    ).df()
    return


if __name__ == "__main__":
    app.run()
