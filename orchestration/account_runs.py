"""What a scheduler runs for one account: a sync, its marts, and a look at how fresh it is.

Depends on `pipelines` and on no scheduler. Promises that whatever goes wrong is one `RunError` with
the project's own sentence and with what to do about it; and that nothing hangs on that error, as
schedulers keep an error's causes, and those of drivers quote rows and addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from pipelines.accounts import Account, configured_accounts
from pipelines.alerts import read_alerts, told_ending
from pipelines.failures import DONE, Advice, advise, explain
from pipelines.marts import (
    begin_marts,
    build_together,
    built_nodes,
    publish,
    run_marts,
)
from pipelines.runs import (
    FULL,
    SYNC,
    Clock,
    RunRecord,
    carry_out,
    refuse_newer_tables,
    run_sync,
    system_clock,
)
from pipelines.status import read_status
from pipelines.warehouse import one_look, only_run, own_folder, use_own_settings

T = TypeVar("T")
Facts = dict[str, Any]

ONLY = "only"
"""What the only account is called where everything has to have a name."""


class RunError(Exception):
    """A run that failed: its sentence, and what to do about it."""

    def __init__(self, sentence: str, advice: Advice) -> None:
        super().__init__(sentence)
        self.advice = advice


@dataclass(frozen=True)
class Loaded:
    """What a sync did: its row of `sync_runs`, and the rows of each table after it."""

    record: RunRecord
    rows: dict[str, int]


@dataclass(frozen=True)
class Built:
    """What a build of the marts did: dbt's results by node, and what there is to say."""

    nodes: list[Facts]
    said: list[str]
    is_published: bool


@dataclass(frozen=True)
class Look:
    """What an account's own record of runs says: of the last run, and of the last complete one."""

    is_complete: bool
    held: int | None
    api: int | None
    note: str | None
    hours: float | None
    stale_hours: float

    @property
    def is_fresh(self) -> bool:
        """Whether the last complete run is young enough; a limit of 0 is none."""
        return self.hours is not None and (not self.stale_hours or self.hours <= self.stale_hours)

    @property
    def age(self) -> str:
        """How long ago a run was complete, for people."""
        return "never complete" if self.hours is None else f"complete {self.hours:.1f} hours ago"

    @property
    def counts(self) -> str:
        """What the last run found, for people."""
        return f"{self.held} held, API {self.api}. {self.note or ''}".strip()


def accounts_by_label(accounts: Sequence[Account] = ()) -> dict[str, Account]:
    """These accounts, or those that are configured, each by what it is called in a scheduler."""
    use_own_settings()
    return {account.name or ONLY: account for account in accounts or configured_accounts()}


def load(account: Account, full: bool = False, clock: Clock = system_clock) -> Loaded:
    """One sync of the account; raises RunError."""
    return _told(partial(_load, account, full, clock))


def build(account: Account) -> Built:
    """The marts of the account, published if all checks pass; raises RunError."""
    return _told(partial(_build, account))


def begin(account: Account) -> None:
    """Before somebody else calls dbt for the account; raises RunError."""
    missing = _told(partial(_begin, account))
    if missing:
        raise RunError(missing, Advice.STOP)


def end(account: Account) -> None:
    """After all calls of dbt have succeeded: publish the marts. Raises RunError."""
    _told(partial(_end, account))


def gather(accounts: Sequence[Account]) -> list[str]:
    """The marts of all accounts in one schema; what there is to say. Raises RunError."""
    said: list[str] = []
    _told(partial(build_together, accounts, said.append))
    return said


def look(account: Account, clock: Clock = system_clock) -> Look:
    """What is known of the account without asking the API; raises RunError."""
    return _told(partial(_look, account, clock))


def _told(run: Callable[[], T]) -> T:
    use_own_settings()
    try:
        return run()
    except Exception as error:
        failed = RunError(explain(error), advise(error))
    raise failed  # outside the handler: inside, the error would hang on this one


def _load(account: Account, full: bool, clock: Clock) -> Loaded:
    pipeline, mode = account.pipeline(), FULL if full else SYNC
    folder = own_folder(pipeline)
    with told_ending(folder, mode, clock=clock, account=account.name) as ending:
        read = partial(run_sync, full=full)
        record = carry_out(pipeline, account.read(), mode, read, clock)
        ending.finish(record)
    return Loaded(record, read_status(pipeline, account, clock())["tables"])


def _build(account: Account) -> Built:
    said: list[str] = []
    pipeline = account.pipeline()
    with only_run(pipeline):
        refuse_newer_tables(pipeline)
        code = run_marts(pipeline, said.append, schema=account.marts_schema)
    return Built(built_nodes(pipeline), said, code == DONE)


def _begin(account: Account) -> str | None:
    pipeline = account.pipeline()
    with only_run(pipeline):
        refuse_newer_tables(pipeline)
        return begin_marts(pipeline, account.marts_schema)


def _end(account: Account) -> None:
    pipeline = account.pipeline()
    with only_run(pipeline):
        publish(pipeline, account.marts_schema)


def _look(account: Account, clock: Clock) -> Look:
    pipeline = account.look()
    with one_look(pipeline):
        facts = read_status(pipeline, account, clock())
    last: Facts = next(iter(facts["runs"]), {})
    return Look(
        is_complete=bool(last.get("is_complete")),
        held=last.get("held_total"),
        api=last.get("api_total"),
        note=last.get("note"),
        hours=_hours(facts["last_complete_at"], clock()),
        stale_hours=read_alerts().stale_hours,
    )


def _hours(since: str | None, now: datetime) -> float | None:
    return (now - datetime.fromisoformat(since)) / timedelta(hours=1) if since else None
