"""Check: whether a sync would get through, one line for each thing it needs.

Depends on the client, the warehouse and, for what nobody documents, on `discovery`. A check
promises to read one page, to load nothing, to do in the warehouse all that a sync does there (make
schemas and tables, write, delete), and to name the first thing that is wrong with its exit code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime

import dlt
from dlt.common import logger
from dlt.common.destination.exceptions import DestinationException

from sources.sendcloud_support import SupportConfiguration
from sources.sendcloud_support.api import SupportClient
from sources.sendcloud_support.holdings import Claim, counted, identity_of, system_clock
from sources.sendcloud_support.planning import Sweep

from . import __version__
from .accounts import Account
from .discovery import configuration_lines, discover, finding_lines, report_lines
from .failures import DONE, exit_code, explain
from .warehouse import (
    missing_for_marts,
    missing_settings,
    only_run,
    start_up,
    try_writing,
    untried,
)

Say = Callable[[str], object]


def run_check(account: Account, say: Say) -> int:
    """Say one line for each check; the exit code of the first that fails, which ends it."""
    try:
        for line in _lines(account):
            say(line)
    except Exception as error:
        say(f"FAILED  {explain(error)}")
        return exit_code(error)
    return DONE


def run_discovery(account: Account, say: Say) -> int:
    """Say what the API does that nobody documents; asks the API alone, no warehouse is opened."""
    try:
        for line in _discovery_lines(account, system_clock()):
            say(line)
    except Exception as error:
        say(f"FAILED  {explain(error)}")
        return exit_code(error)
    return DONE


def _discovery_lines(account: Account, now: datetime) -> Iterator[str]:
    configuration = account.read()
    yield from _notes(missing_settings())
    client = _impatient(configuration)
    with closing(client):
        first, _ = client.page(1)
        yield "ok      Access: the Support API (beta) accepts the credentials."
        yield "note    About twenty requests follow, at the configured pace; they change nothing."
        findings = discover(client, first, now)
    yield from finding_lines(findings)
    wanted = configuration_lines(findings)
    yield from ["", "For .dlt/config.toml:", "", *wanted] if wanted else []
    yield from ["", "For a report about this program (no key and no ticket is in it):", ""]
    yield f"program: {__version__}"
    yield from report_lines(findings, now)


def _lines(account: Account) -> Iterator[str]:
    pipeline = account.pipeline()  # a sync refuses a warehouse before it looks at anything else
    configuration = account.read()
    yield from _notes(missing_settings())
    scheme = "OAuth2 client" if configuration.credentials.uses_oauth else "API key pair"
    yield f"ok      Credentials: {scheme} configured."
    _refuse_other_account(pipeline, configuration)
    yield from _api_lines(configuration)
    yield from _warehouse_lines(pipeline, account.marts_schema)


def _api_lines(configuration: SupportConfiguration) -> Iterator[str]:
    remarks: list[str] = []
    client = _impatient(configuration, remarks.append)
    page, _ = client.page(1)
    yield "ok      Access: the Support API (beta) accepts the credentials."
    yield from _notes(*remarks)
    sweep = Sweep.begin(system_clock())
    sweep.take(page, system_clock())
    count = "gives no count" if page.total is None else f"counts {counted(page.total, 'ticket')}"
    yield f"ok      API: {count}; the order of its list looks like {sweep.order}."
    client.close()


def _impatient(
    configuration: SupportConfiguration, remark: Callable[[str], object] = logger.warning
) -> SupportClient:
    """A client for somebody who is looking on."""
    client = configuration.connect(remark=remark)
    client.patience = replace(client.patience, attempts=2, throttled_minutes=2)
    return client


def _refuse_other_account(pipeline: dlt.Pipeline, configuration: SupportConfiguration) -> None:
    """Before the API is asked, as in a sync; a warehouse that cannot be read is told of later."""
    with suppress(DestinationException):
        Claim(pipeline, identity_of(configuration))


def _warehouse_lines(pipeline: dlt.Pipeline, marts: str) -> Iterator[str]:
    with only_run(pipeline):  # a start-up drops what a run under way is loading
        start_up(pipeline, system_clock())
        try_writing(pipeline)
        missing = missing_for_marts(pipeline, marts)
    kind = pipeline.destination.destination_type.rsplit(".", 1)[-1]
    yield f"ok      Warehouse: {kind} is writable, dataset {pipeline.dataset_name} has its tables."
    if why := untried(kind):
        yield from _notes(f"{kind} is untried ({why}): look well at what is loaded.")
    yield from _notes(missing)


def _notes(*sentences: str | None) -> Iterator[str]:
    yield from (f"note    {sentence}" for sentence in sentences if sentence)
