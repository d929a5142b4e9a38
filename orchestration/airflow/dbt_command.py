"""dbt as cosmos calls it: `python -m orchestration.airflow.dbt_command run --models …`.

Depends on `pipelines` and on the account that the variable `SENDCLOUD_ACCOUNT` names. Promises that
dbt begins with nothing of this environment but what it may have: cosmos would give it all of
Airflow's, keys included, or show the warehouse's password among a task's rendered fields.
"""

from __future__ import annotations

import os
import sys

from pipelines.marts import dbt_call

from ..account_runs import accounts_by_label

ACCOUNT = "SENDCLOUD_ACCOUNT"


def main() -> None:
    """Become dbt."""
    account = accounts_by_label()[os.environ[ACCOUNT]]
    program, environment = dbt_call(
        account.pipeline(), account.marts_schema, sys.argv[1:], os.environ
    )
    os.execve(program[0], program, environment)  # noqa: S606 (no shell is what is wanted)


if __name__ == "__main__":
    main()
