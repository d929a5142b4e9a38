"""The definitions, put together for the configured accounts.

Depends on the other modules of this folder. Promises that to load them opens no warehouse and asks
no API; where dbt's manifest is not there yet, dbt reads its project, without a key.
"""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from pipelines.accounts import Account
from pipelines.marts import read_manifest

from ..account_runs import accounts_by_label
from .advice import PATIENCE, Patience
from .looking import looking_checks
from .marts import gathered_marts, marts_assets
from .raw import raw_assets
from .telling import Tell, failure_sensor
from .timetable import make_jobs, schedule_of

HOURLY, HALF_AN_HOUR_LATER = "17 * * * *", "47 * * * *"


def build_definitions(
    accounts: Sequence[Account] = (),
    load_at: str = HOURLY,
    look_at: str = HALF_AN_HOUR_LATER,
    timezone: str = "UTC",
    patience: Patience = PATIENCE,
    tell: Tell | None = None,
) -> dg.Definitions:
    """Assets, checks, jobs, schedules and the sensor.

    Args:
        accounts: A partition each; those that are configured, if none is given.
        load_at: Cron expression of when each account is loaded and its marts are built.
        look_at: When it is judged whether all are complete and fresh, and the marts of several are
            put together.
        timezone: Of both.
        patience: How often a step is tried again where that may help.
        tell: Called with account, job and sentence for each run that failed, to tell people.
    """
    by_label, manifest = accounts_by_label(accounts), read_manifest()
    marts = marts_assets(by_label, manifest, patience)
    together = [gathered_marts(by_label, marts, patience)] if len(by_label) > 1 else []
    loading, looking = make_jobs(bool(together))
    return dg.Definitions(
        assets=[raw_assets(by_label, manifest, patience), marts, *together],
        asset_checks=[looking_checks(by_label)],
        jobs=[loading, looking],
        schedules=[
            schedule_of(loading, load_at, timezone, list(by_label)),
            schedule_of(looking, look_at, timezone),
        ],
        sensors=[failure_sensor([loading, looking], tell)],
    )
