"""The checks of all accounts at once: was the last run complete, and how long ago was one that was.

Depends on `account_runs`, which reads the accounts' own records of runs. Promises that the API is
asked nothing, that an account whose runs fail is judged like the others, and that one which cannot
be read is red. A check is of all accounts, not of a partition: Dagster has checks of partitions as
a preview only, and of a plain check in each run the last account's would hide the others'.

No `from __future__ import annotations`: Dagster takes no text for the types of a step.
"""

from collections.abc import Callable, Iterator, Mapping

import dagster as dg

from pipelines.accounts import Account

from ..account_runs import Look, RunError, look
from .raw import RUNS, TICKETS

COMPLETE = dg.AssetCheckSpec(
    "complete",
    asset=TICKETS,
    description="The last run of every account proved that it holds all that the API counts.",
)
FRESH = dg.AssetCheckSpec(
    "fresh",
    asset=RUNS,
    description="Every account has a run proven complete within the last `alerts.stale_hours`.",
)
Found = Mapping[str, Look | RunError]


def looking_checks(accounts: Mapping[str, Account]) -> dg.AssetChecksDefinition:
    """Both checks, by one look at each account."""

    @dg.multi_asset_check(name="look", specs=[COMPLETE, FRESH])
    def looking() -> Iterator[dg.AssetCheckResult]:
        found = {label: _look(account) for label, account in accounts.items()}
        yield _result(COMPLETE, found, lambda seen: seen.is_complete, lambda seen: seen.counts)
        yield _result(FRESH, found, lambda seen: seen.is_fresh, lambda seen: seen.age)

    return looking


def _look(account: Account) -> Look | RunError:
    try:
        return look(account)
    except RunError as error:
        return error


def _result(
    check: dg.AssetCheckSpec,
    found: Found,
    is_well: Callable[[Look], bool],
    told: Callable[[Look], str],
) -> dg.AssetCheckResult:
    """Red if one account is; what is told of each account stands beside it."""
    red = [name for name, seen in found.items() if isinstance(seen, RunError) or not is_well(seen)]
    return dg.AssetCheckResult(
        passed=not red,
        asset_key=check.asset_key,
        check_name=check.name,
        description=f"Not {check.name}: {', '.join(red)}." if red else None,
        metadata={
            name: str(seen) if isinstance(seen, RunError) else told(seen)
            for name, seen in found.items()
        },
    )
