"""The ending of a run: one line for machines, metrics, and notifications where something is wrong.

Depends on `causes`, `memory`, `metrics`, `sending` and on `failures` for codes. Promises that the
ending is told whatever happened in the run, and that telling it changes nothing of it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sources.sendcloud_support.holdings import Clock, RunRecord, system_clock

from ..failures import BUSY, DONE, FAILED, INCOMPLETE, Advice, advise, exit_code, explain
from .causes import SENTENCES, find_causes, pause
from .configuration import AlertConfiguration, read_alerts
from .memory import Memory, read_memory, write_memory
from .metrics import send_metrics
from .sending import send

STOPPED = "Stopped."


@dataclass
class Ending:
    """How a run ended, filled in as it goes."""

    mode: str
    record: RunRecord | None = None
    failure: str | None = None
    code: int = DONE
    advice: Advice | None = None
    account: str | None = None
    causes: list[str] = field(default_factory=list)

    def fail(self, error: BaseException) -> None:
        """The run ended with this error; one that was stopped was not failed by anything."""
        is_stop = isinstance(error, KeyboardInterrupt)
        self.code = FAILED if is_stop else exit_code(error)
        self.failure = STOPPED if is_stop else explain(error)
        self.advice = Advice.RETRY if is_stop else advise(error)

    def finish(self, record: RunRecord) -> None:
        """The run ended by itself."""
        self.record, self.code = record, code_of(record)

    @property
    def is_failed(self) -> bool:
        """Whether something has to be mended; not where it was stopped, or in another's way."""
        return self.failure != STOPPED and self.code not in {DONE, INCOMPLETE, BUSY}

    def facts(self) -> dict[str, Any]:
        """Everything about it as plain values; `note` as in `sync_runs`."""
        of_run = asdict(self.record) if self.record else {"mode": self.mode}
        plain = {"account": self.account} | {name: _plain(value) for name, value in of_run.items()}
        told = {"exit_code": self.code, "failure": self.failure, "advice": self.advice}
        return plain | told | {"causes": self.causes}

    def line(self) -> str:
        """The facts as one line of JSON."""
        return json.dumps(self.facts(), ensure_ascii=False)


def code_of(record: RunRecord) -> int:
    """The exit code of a run that ended by itself."""
    return DONE if record.is_complete else INCOMPLETE


@contextmanager
def told_ending(
    folder: Path,
    mode: str,
    as_json: bool = False,
    clock: Clock = system_clock,
    account: str = "",
) -> Iterator[Ending]:
    """Tell at the end of the block how it ended; `folder` keeps what was told."""
    ending, begun = Ending(mode, account=account or None), time.monotonic()
    try:
        yield ending
    except BaseException as error:
        ending.fail(error)
        raise
    finally:
        _tell(ending, folder, clock())
        _count(ending, time.monotonic() - begun)
        if as_json:
            print(ending.line())


def _tell(ending: Ending, folder: Path, now: datetime) -> None:
    if ending.code == BUSY:  # another run is telling
        return
    try:
        settings = read_alerts()
    except Exception as error:
        print(explain(error), file=sys.stderr)
        return
    memory = read_memory(folder)
    _remember(memory, ending, now)
    stale = timedelta(hours=settings.stale_hours)
    ending.causes = list(find_causes(ending.code, ending.record, memory, now, stale))
    _notify(ending, memory, now, settings)
    write_memory(folder, memory)


def _count(ending: Ending, seconds: float) -> None:
    problem = send_metrics(ending.facts(), seconds)
    if problem:
        print(problem, file=sys.stderr)


def _remember(memory: Memory, ending: Ending, now: datetime) -> None:
    if ending.failure != STOPPED:
        memory.failures = memory.failures + 1 if ending.is_failed else 0
    if ending.record is not None and ending.record.is_complete:
        memory.complete_at = now


def _notify(ending: Ending, memory: Memory, now: datetime, settings: AlertConfiguration) -> None:
    due = [cause for cause in ending.causes if memory.may_tell(cause, now, pause(cause))]
    if not due or not settings.urls:
        return
    problem = send(settings.urls, [SENTENCES[cause] for cause in due], ending.account)
    if problem:
        print(problem, file=sys.stderr)
        return
    memory.told_at |= dict.fromkeys(due, now)


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
