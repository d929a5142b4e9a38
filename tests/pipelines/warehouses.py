"""A warehouse on a simulated account, synced in this process or by the command line, and the truth.

Depends on `pipelines` for running and on the simulator for serving; reads the warehouse with the
database's own driver and the account by its own reading of the contract, so that what a test
compares comes by two ways. In this process a run's time is the account's time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.failures.outcome import (
    DONE,
    INCOMPLETE,
    exit_code,
    explain,
)
from pipelines.runs.launching import LoadingRun
from pipelines.runs.refresh import run_refresh
from pipelines.runs.session import carry_out
from pipelines.runs.syncing import run_sync
from pipelines.warehouse.warehouse import open_pipeline
from simulator import Account, Service
from sources.sendcloud_support import read_configuration
from sources.sendcloud_support.holdings.account import identity_of
from sources.sendcloud_support.holdings.run_record import (
    FULL,
    REFRESH,
    SYNC,
    RunRecord,
)
from tests.pipelines.forking import Forked, can_fork
from tests.postgres import connect

ROOT = Path(__file__).parents[2]
INSTANT = timedelta(microseconds=1)
"""How long a look at the clock takes where the account is to stand still meanwhile."""

COMMAND = """
import runpy, sys, time
from datetime import UTC, datetime
from sources.sendcloud_support import holdings
ahead = {now} - time.time()
holdings.system_clock = lambda: datetime.fromtimestamp(time.time() + ahead, UTC)
{script}
sys.argv[0] = "pipelines"
runpy.run_module("pipelines", run_name="__main__", alter_sys=True)
"""

Rows = list[tuple[Any, ...]]
Process = Forked | subprocess.Popen[str]

TICKETS = "id, status, stage, type, parcel_id, carrier, order_number, brand_id, created_at"
TICKETS += ", updated_at"
TABLES = (
    "tickets",
    "tickets__requested_actions",
    "tickets__resolution",
    "ticket_status_history",
    "requested_action_history",
    "resolution_history",
    "tickets_set_aside",
    "sync_runs",
)


@dataclass
class Held:
    """The three tables of tickets, whole and sorted; `vanished` are ids that are marked."""

    tickets: Rows
    actions: Rows
    resolutions: Rows
    vanished: list[int] = field(default_factory=list)


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


class Warehouse:
    """One warehouse and the account it is loaded from.

    Args:
        service: The running simulator.
        folder: Of the database file and of dlt's working folder.
        credentials: A PostgreSQL's URL; a DuckDB file in `folder` if not given.
        settings: Under `[sources.sendcloud_support]`, for every run.
    """

    def __init__(
        self, service: Service, folder: Path, credentials: str = "", **settings: Any
    ) -> None:
        self.service, self.folder = service, folder
        self.postgres = credentials
        self.file = folder / "tickets.duckdb"
        self.dataset = "sendcloud"
        self.settings = {"requests_per_minute": 0} | settings
        self.tick = INSTANT
        self.prepare: Callable[[LoadingRun], object] = lambda _: None
        self._open: duckdb.DuckDBPyConnection | None = None

    # --- runs ----------------------------------------------------------------------------------

    @property
    def account(self) -> Account:
        return self.service.account

    def now(self) -> datetime:
        """The account's time, a tick after the last look at it."""
        return self.account.clock.advance(self.tick)

    def later(self, **span: float) -> datetime:
        """Let time pass."""
        return self.account.clock.advance(timedelta(**span))

    def sync(self, full: bool = False, **settings: Any) -> RunRecord:
        """`python -m pipelines sync`, in this process and in the account's time."""
        mode = FULL if full else SYNC
        return self._run(mode, lambda run: run_sync(run, full), settings)

    def belongs_to_this_account(self) -> None:
        """Say that a copied warehouse, loaded from another port, is this account's."""
        identity = identity_of(read_configuration())
        self.rows("update _sendcloud_account set identity = ?", identity)

    def refresh(self, *ids: int, **settings: Any) -> RunRecord:
        """`python -m pipelines refresh ID…`, the same way."""
        return self._run(REFRESH, lambda run: run_refresh(run, ids), settings)

    def _run(
        self, mode: str, read: Callable[[LoadingRun], RunRecord], settings: Mapping[str, Any]
    ) -> RunRecord:
        configuration = read_configuration()
        for name, value in {**self.settings, **settings}.items():
            setattr(configuration, name, value)
        pipeline = open_pipeline()
        self._hold()

        def prepared(run: LoadingRun) -> RunRecord:
            self._quicken(run)
            self.prepare(run)
            return read(run)

        return carry_out(pipeline, configuration, mode, prepared, self.now)

    def attempt(self, full: bool = False, **settings: Any) -> Done:
        """A sync in this process that may fail: its exit code and its sentence."""
        try:
            record = self.sync(full, **settings)
        except Exception as error:
            return Done(exit_code(error), "", explain(error))
        return Done(DONE if record.is_complete else INCOMPLETE, record.summary(), record.note or "")

    def _quicken(self, run: LoadingRun) -> None:
        """Waiting costs account time and no machine time."""

        def wait(seconds: float) -> None:
            self.account.clock.advance(timedelta(seconds=seconds))

        run.client.patience = replace(run.client.patience, sleep=wait)

    # --- the command line ------------------------------------------------------------------------

    def cli(self, *arguments: str, **options: Any) -> Done:
        """`python -m pipelines …` in a process of its own, in the account's time; see `start`."""
        return self.end(self.start(*arguments, **options))

    def start(
        self,
        *arguments: str,
        script: str = "",
        cwd: Path | None = None,
        without: Sequence[str] = (),
        ahead: timedelta = timedelta(),
        **environment: str,
    ) -> Process:
        """The same, without waiting for its end.

        Args:
            script: Runs before it in the same process.
            cwd: The folder it is run from.
            without: Environment variables that are not set.
            ahead: How far the clock of the machine is ahead.
        """
        self.release()
        now = (self.account.clock.now() + ahead).timestamp()
        code, folder = COMMAND.format(now=now, script=script), cwd or self.folder
        own = {name: value for name, value in self.environment().items() if name not in without}
        seen = own | environment
        if can_fork(seen):
            return Forked(code, list(arguments), folder, seen)
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=folder,
            env=seen,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, process: Process) -> Done:
        """Wait for it; the account's time then is later than the command's."""
        out, err = process.communicate(timeout=180)
        self.later(minutes=5)
        return Done(process.returncode, out, err)

    def environment(self) -> dict[str, str]:
        """What a started command sees: this configuration and nothing of the developer's."""
        kept = ("PATH", "DLT_", "SOURCES__", "DESTINATION__", "RUNTIME__", "XDG_", "LANG")
        own = {name: value for name, value in os.environ.items() if name.startswith(kept)}
        settings = {
            f"SOURCES__SENDCLOUD_SUPPORT__{name.upper()}": str(value)
            for name, value in self.settings.items()
        }
        paths = {"HOME": str(self.folder), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
        return own | settings | paths

    # --- what is in it ---------------------------------------------------------------------------

    def rows(self, sql: str, *values: Any) -> Rows:
        """Rows of a query over schema `sendcloud`, by the database's own driver, times in UTC."""
        if self.postgres:
            with closing(connect(self.postgres)) as opened, opened.cursor() as cursor:
                cursor.execute(f"set search_path = {self.dataset}")
                cursor.execute(sql.replace("?", "%s"), values)
                return cursor.fetchall() if cursor.description else []
        self._hold()
        assert self._open is not None
        with self._open.cursor() as cursor:
            cursor.execute(f"set timezone = 'UTC'; set schema = '{self.dataset}'")
            return cursor.execute(sql, list(values)).fetchall()

    def _hold(self) -> None:
        """Keep the file open: opening and closing it a dozen times a run costs half a second."""
        if self._open is None and not self.postgres:
            self._open = duckdb.connect(str(self.file))

    def release(self) -> None:
        """Close the file, for other processes."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def held(self) -> Held:
        """The tickets that are held and not vanished, with their children."""
        there = "where ticket_id in (select id from tickets where vanished_at is null)"
        return Held(
            self.rows(f"select {TICKETS} from tickets where vanished_at is null order by id"),
            self.rows(
                "select ticket_id, id, data_type, created_at from tickets__requested_actions "
                f"{there} order by ticket_id, id"
            ),
            self.rows(
                "select ticket_id, outcome, amount, currency, solved_at from tickets__resolution "
                f"{there} order by ticket_id"
            ),
            [
                number
                for (number,) in self.rows(
                    "select id from tickets where vanished_at is not null order by id"
                )
            ],
        )

    def statuses(self) -> Rows:
        """`ticket_status_history`, whole, in the order of what happened."""
        return self.rows(
            "select ticket_id, status, stage, changed_at, seen_at, previously_seen_at "
            "from ticket_status_history order by ticket_id, seen_at"
        )

    def actions(self) -> Rows:
        """`requested_action_history`, whole."""
        return self.rows(
            "select ticket_id, id, data_type, created_at, first_seen_at, last_seen_at, "
            "first_missing_at from requested_action_history order by ticket_id, id"
        )

    def resolutions(self) -> Rows:
        """`resolution_history`, whole, in the order of what happened."""
        return self.rows(
            "select ticket_id, outcome, amount, currency, solved_at, seen_at, previously_seen_at "
            "from resolution_history order by ticket_id, seen_at"
        )

    def runs(self, columns: str = "*") -> Rows:
        """`sync_runs`, oldest first."""
        return self.rows(f"select {columns} from sync_runs order by started_at, finished_at")

    def everything(self) -> dict[str, Rows]:
        """All tables of tickets and their histories, every column but dlt's own."""
        return {
            "tickets": self.rows(
                f"select {TICKETS}, first_seen_at, last_seen_at, vanished_at "
                "from tickets order by id"
            ),
            "children": self.rows(
                "select ticket_id, id, data_type, created_at from tickets__requested_actions "
                "order by ticket_id, id"
            )
            + self.rows(
                "select ticket_id, outcome, amount, currency, solved_at from tickets__resolution "
                "order by ticket_id"
            ),
            "statuses": self.statuses(),
            "actions": self.actions(),
            "resolutions": self.resolutions(),
        }

    def lose_working_folder(self) -> None:
        """What a run on another machine does not have."""
        shutil.rmtree(self.folder / "dlt" / "pipelines", ignore_errors=True)


# --- the truth ----------------------------------------------------------------------------------


def truth(tickets: Iterable[Mapping[str, Any]], vanished: Sequence[int] = ()) -> Held:
    """The rows that these tickets of the API should be, read from the contract by this module."""
    ordered = sorted(tickets, key=lambda ticket: ticket["id"])
    return Held(
        [ticket_of(ticket) for ticket in ordered],
        sorted(row for ticket in ordered for row in actions_of(ticket)),
        [row for ticket in ordered for row in resolution_of(ticket)],
        sorted(vanished),
    )


def ticket_of(ticket: Mapping[str, Any]) -> tuple[Any, ...]:
    """The row of `tickets`, without our own times."""
    plain = "status stage type parcel_id carrier order_number brand_id".split()
    times = (moment(ticket["created_at"]), moment(ticket["updated_at"]))
    return (ticket["id"], *(ticket[name] for name in plain), *times)


def actions_of(ticket: Mapping[str, Any]) -> Rows:
    """The rows of `tickets__requested_actions`."""
    return [
        (ticket["id"], action["id"], action["data_type"], moment(action["created_at"]))
        for action in ticket["requested_actions"]
    ]


def resolution_of(ticket: Mapping[str, Any]) -> Rows:
    """The row of `tickets__resolution`, if there is one."""
    resolution = ticket["resolution"]
    if resolution is None:
        return []
    amount = resolution["amount"]
    exact = (
        None
        if amount is None
        else Decimal(str(amount)).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
    )
    return [
        (
            ticket["id"],
            resolution["outcome"],
            exact,
            resolution["currency"],
            moment(resolution["solved_at"]),
        )
    ]


def moment(text: str | None) -> datetime | None:
    """A time of the API, in UTC."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
