"""The demo: a made-up account on this machine, loaded over real HTTP through several syncs.

Depends on the simulator, the only module here that does. Promises no key, no network beyond this
machine, nothing of the user's own warehouse touched, and the same tables each time: the account
has a seed, and the runs get their time from the account's clock.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import dlt
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from simulator import Account, Clock, Service, Switches, World, serve
from sources.sendcloud_support import SendcloudCredentials, SupportConfiguration
from sources.sendcloud_support.holdings import SYNC

from .failures import DONE
from .marts import run_marts
from .runs import carry_out, run_sync
from .warehouse import duckdb_destination, open_pipeline

Say = Callable[[str], object]

DATABASE = Path("sendcloud_demo.duckdb")
FOLDER = Path(".sendcloud_demo")
TICKETS = 4_000
FIRST_SYNC_BEFORE_END = timedelta(days=30)
BETWEEN_SYNCS = timedelta(days=2)
VANISHING = 0.01
KEYS = ("demo-public-key", "demo-secret-key")


def run_demo(say: Say, tickets: int = TICKETS) -> int:
    """Load the account, build the marts, say what to look at."""
    _start_afresh()
    world = World(tickets=tickets, vanishing=VANISHING)
    clock = Clock(world.end - FIRST_SYNC_BEFORE_END)
    pipeline = demo_pipeline()
    with serve(Account(world, clock), Switches(requests_per_minute=None), keys=KEYS) as service:
        say(f"A made-up account answers at {service.base_url}. Loading it, and again as time goes")
        say("by in it: a first sync, then one every two days of its last month.")
        say("")
        while clock.now() <= world.end:
            say(_sync(pipeline, service, clock))
            clock.advance(BETWEEN_SYNCS)
    say("")
    code = run_marts(pipeline, say)
    say("")
    say(WHAT_TO_LOOK_AT)
    return code or DONE


def demo_pipeline() -> dlt.Pipeline:
    """The pipeline on the demo's own file and working folder."""
    destination = duckdb_destination(DuckDbCredentials(str(DATABASE)))
    return open_pipeline(destination, FOLDER.absolute())


def _start_afresh() -> None:
    for path in (DATABASE, DATABASE.with_name(f"{DATABASE.name}.wal")):
        path.unlink(missing_ok=True)
    shutil.rmtree(FOLDER, ignore_errors=True)


def _sync(pipeline: dlt.Pipeline, service: Service, clock: Clock) -> str:
    public_key, secret_key = KEYS
    configuration = SupportConfiguration(
        credentials=SendcloudCredentials(public_key=public_key, secret_key=secret_key),
        base_url=service.base_url,
        requests_per_minute=0,
    )
    record = carry_out(pipeline, configuration, SYNC, run_sync, clock.now)
    return f"{clock.now():%d %B %Y}: {record.summary()}"


WHAT_TO_LOOK_AT = f"""\
Now it is all in {DATABASE}:

  python -m pipelines report            a page with the answers, for any browser
  marimo run notebooks/claim_payouts.py       what claims pay out
  marimo run notebooks/resolution_time.py     how long a resolution takes

  duckdb {DATABASE}       or any other tool that reads DuckDB files, for example:

    select carrier, currency, count(*) as claims, sum(amount) as paid
    from sendcloud_marts.fct_claim_payouts where amount_status = 'paid'
    group by carrier, currency order by paid desc;

    select ticket_id, status, stage, previously_seen_at, seen_at
    from sendcloud.ticket_status_history order by ticket_id desc, seen_at limit 20;

Your own account: copy .dlt/example.secrets.toml to .dlt/secrets.toml, fill in your keys, then
  python -m pipelines check
  python -m pipelines sync"""
