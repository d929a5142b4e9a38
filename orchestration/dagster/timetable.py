"""When what runs: a job that loads an account and builds its marts, and one for all accounts.

Depends on the assets by their keys. Promises one run an account, so that one that fails stops no
other, and never two of the same account for the same hour.

No `from __future__ import annotations`: Dagster takes no text for the types of a step.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from .looking import COMPLETE, FRESH
from .marts import GATHERED

Job = Any
"""What `define_asset_job` gives; Dagster exports no name for it."""


def make_jobs(are_several: bool) -> tuple[Job, Job]:
    """`sendcloud_load`: an account's sync and its marts; `sendcloud_look`: what is of all accounts.

    Each in one process: to start another one takes as long as a sync does.
    """
    checks = dg.AssetSelection.checks(COMPLETE.key, FRESH.key)
    loading = dg.AssetSelection.groups("raw", "marts") - checks
    looking = checks | dg.AssetSelection.assets(GATHERED) if are_several else checks
    return (
        dg.define_asset_job("sendcloud_load", loading, executor_def=dg.in_process_executor),
        dg.define_asset_job("sendcloud_look", looking, executor_def=dg.in_process_executor),
    )


def schedule_of(
    job: Job, cron: str, timezone: str, accounts: Sequence[str | None] = (None,)
) -> dg.ScheduleDefinition:
    """A run an account, or one at all; it starts switched off, as Dagster's schedules do."""

    @dg.schedule(job=job, cron_schedule=cron, execution_timezone=timezone, name=job.name)
    def schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        for account in accounts:
            moment = f"{context.scheduled_execution_time:%Y-%m-%dT%H:%M}"
            yield dg.RunRequest(partition_key=account, run_key=f"{account or 'all'} {moment}")

    return schedule
