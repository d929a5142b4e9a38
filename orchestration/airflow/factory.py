"""A DAG for each account, which loads it and builds its marts, and one that looks at all of them.

Depends on Airflow's task SDK, on cosmos and on `account_runs`. Promises that a task is tried again
only where the error says that waiting may mend it, that it fails by the project's own sentence, and
that the marts are published when every task of dbt has succeeded.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from cosmos import (
    DbtTaskGroup,
    ExecutionConfig,
    ProfileConfig,
    ProjectConfig,
    RenderConfig,
)
from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, TestBehavior

from pipelines.failures import Advice
from pipelines.marts import manifest_file

from .. import account_runs
from ..account_runs import RunError, accounts_by_label
from .dbt_command import ACCOUNT

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "transform"
COMMAND = "orchestration.airflow.dbt_command"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def build_dags(
    load_at: str = "17 * * * *",
    look_at: str = "47 * * * *",
    retries: int = 2,
    retry_delay: timedelta = timedelta(minutes=10),
    dbt_tasks: bool = True,
) -> dict[str, DAG]:
    """The DAGs of the configured accounts, by their names.

    Args:
        load_at: Cron expression of when each account is loaded and its marts are built.
        look_at: When it is judged whether all are complete and fresh.
        retries: How often a task is tried again where that may help.
        retry_delay: How long it waits before.
        dbt_tasks: A task for each model, by cosmos; if not, one task builds all marts, which takes
            a twentieth of the CPU time.
    """
    labels = list(accounts_by_label())
    common = {
        "start_date": BEGAN,
        "catchup": False,
        "max_active_runs": 1,
        "max_active_tasks": 1,  # DuckDB's file has one writer, and a desk's marts are small
        "default_args": {"retries": retries, "retry_delay": retry_delay},
        "tags": ["sendcloud"],
    }
    dags = [_account_dag(label, dbt_tasks, schedule=load_at, **common) for label in labels]
    return {dag.dag_id: dag for dag in (*dags, _look_dag(labels, schedule=look_at, **common))}


def _account_dag(label: str, dbt_tasks: bool, **options: Any) -> DAG:
    with DAG(f"sendcloud_{label}", **options) as dag:
        loaded = sync(label)
        if dbt_tasks:
            begun = begin_marts(label)
            loaded >> begun >> _marts(label) >> publish_marts(label)
        else:
            loaded >> marts(label)
    return dag


def _look_dag(labels: Sequence[str], **options: Any) -> DAG:
    with DAG("sendcloud_look", **options) as dag:
        if len(labels) > 1:
            marts_of_all_accounts()
        for label in labels:
            complete_and_fresh.override(task_id=f"complete_and_fresh_{label}")(label)
    return dag


def _marts(label: str) -> DbtTaskGroup:
    """A task for each seed and model, and one for all checks; dbt is called by `dbt_command`."""
    return DbtTaskGroup(
        group_id="marts",
        project_config=ProjectConfig(
            dbt_project_path=PROJECT, manifest_path=manifest_file(), project_name=PROJECT_NAME
        ),
        profile_config=ProfileConfig(
            profile_name=PROJECT_NAME,
            target_name="duckdb",  # `dbt_command` names the warehouse's own
            profiles_yml_filepath=PROJECT / "profiles.yml",
        ),
        execution_config=ExecutionConfig(
            execution_mode=ExecutionMode.LOCAL,
            invocation_mode=InvocationMode.SUBPROCESS,
            dbt_executable_path=sys.executable,
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            test_behavior=TestBehavior.AFTER_ALL,
            emit_datasets=False,
        ),
        operator_args={
            "dbt_cmd_global_flags": ["-m", COMMAND],
            "env": {ACCOUNT: label, "PYTHONPATH": str(ROOT)},
            "append_env": True,
            "install_deps": False,
            "retries": 0,  # what dbt could not build, it cannot build again
        },
    )


PROJECT_NAME = "sendcloud_support"


@task
def sync(label: str) -> dict[str, int]:
    """One sync of the account; the rows of each table."""
    with _heeding_advice():
        loaded = account_runs.load(accounts_by_label()[label])
        print(loaded.record.summary())
    return loaded.rows


@task
def begin_marts(label: str) -> None:
    """Whether marts can be built; takes away what a build has left that failed."""
    with _heeding_advice():
        account_runs.begin(accounts_by_label()[label])


@task
def publish_marts(label: str) -> None:
    """Put the new tables in the places of the old ones, all at once."""
    with _heeding_advice():
        account_runs.end(accounts_by_label()[label])


@task
def marts(label: str) -> None:
    """All marts by one call of dbt."""
    with _heeding_advice():
        built = account_runs.build(accounts_by_label()[label])
    print("\n".join(built.said))
    if not built.is_published:
        raise AirflowFailException(" ".join(built.said))


@task
def marts_of_all_accounts() -> None:
    """The marts of all accounts in one schema, by account."""
    with _heeding_advice():
        print("\n".join(account_runs.gather(list(accounts_by_label().values()))))


@task
def complete_and_fresh(label: str) -> None:
    """Fails if the account's last run was not complete, or the last complete one is too old."""
    with _heeding_advice():
        seen = account_runs.look(accounts_by_label()[label])
    if not seen.is_fresh:
        raise AirflowFailException(f"{label} is not fresh: {seen.age}.")
    if not seen.is_complete:
        raise AirflowFailException(f"{label} is not complete: {seen.counts}")


@contextmanager
def _heeding_advice() -> Iterator[None]:
    """Translate what goes wrong in the block; Airflow tries any other error again."""
    try:
        yield
    except RunError as error:
        if error.advice == Advice.SKIP:
            raise AirflowSkipException(str(error)) from None
        if error.advice == Advice.STOP:
            raise AirflowFailException(str(error)) from None
        raise
