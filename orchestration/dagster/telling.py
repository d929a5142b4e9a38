"""The sensor that tells what failed, in the project's own sentence.

Depends on Dagster's record of runs. Promises one line for each run that failed, with its account;
people are told by whatever is given for it, or by the project's own alerts.

No `from __future__ import annotations`: Dagster takes no text for the types of a step.
"""

from collections.abc import Callable, Iterator, Sequence

import dagster as dg

from .timetable import Job

Tell = Callable[[str, str, str], object]
"""Takes account, job and sentence."""


def failure_sensor(jobs: Sequence[Job], tell: Tell | None = None) -> dg.SensorDefinition:
    """Hears of each run of these jobs that failed."""

    @dg.run_failure_sensor(
        name="sendcloud_failed",
        monitored_jobs=list(jobs),
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def failed(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        account = run.tags.get("dagster/partition", "no account")
        for sentence in sentences(context):
            context.log.error(f"{account}: {sentence}")
            if tell:
                tell(account, run.job_name, sentence)

    return failed


def sentences(context: dg.RunFailureSensorContext) -> Iterator[str]:
    """What the failed steps said of themselves, else what Dagster says of the run."""
    said = [_sentence(event) for event in context.get_step_failure_events()]
    yield from said or [context.failure_event.message or "The run failed before its first step."]


def _sentence(event: dg.DagsterEvent) -> str:
    failed = event.step_failure_data
    if failed.user_failure_data and failed.user_failure_data.description:
        return failed.user_failure_data.description
    return failed.error.message.strip() if failed.error else "A step failed and said nothing."
