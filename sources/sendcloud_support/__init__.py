"""Sendcloud support tickets: status, claims and payouts of parcels that went wrong.

Reads the Support API v3 (beta) and depends on dlt, requests and requests-ratelimiter; this folder
survives being copied into another project. One resource:

- `tickets`: one row per ticket as last seen, merged on `id`; with it the child tables
  `tickets__requested_actions` (one row per outstanding request) and `tickets__resolution` (at
  most one row per ticket), which are replaced together with their ticket.

    pipeline = dlt.pipeline("sendcloud_support", destination="duckdb", dataset_name="sendcloud")
    create_all_tables(pipeline)
    pipeline.run(sendcloud_support(), loader_file_format="parquet")

Credentials stand under `[sources.sendcloud_support.credentials]`, see `credentials.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import dlt
from dlt.extract import DltResource

from .client import SupportClient, read_page, read_ticket
from .columns import (
    CONTRACT,
    REQUESTED_ACTIONS,
    RESOLUTION,
    SYNC_RUNS,
    TICKETS,
    nested_hints,
    sync_run_columns,
    ticket_columns,
)
from .configuration import SupportConfiguration, read_configuration
from .credentials import SendcloudCredentials
from .exceptions import (
    AccessError,
    AnswerError,
    GiveUpError,
    SendcloudError,
    SkipTicketError,
    ThrottledError,
    TicketNotFoundError,
    TryLaterError,
    UnavailableError,
)
from .settings import BASE_URL, REQUESTS_PER_MINUTE, SOURCE_NAME
from .sweep import Pass, Sweep
from .tables import create_tables, example_row, example_run
from .tickets import Ticket, ticket_row
from .vocabulary import UnknownValues

__all__ = [
    "REQUESTED_ACTIONS",
    "RESOLUTION",
    "SOURCE_NAME",
    "SYNC_RUNS",
    "TICKETS",
    "AccessError",
    "AnswerError",
    "GiveUpError",
    "Pass",
    "SendcloudCredentials",
    "SendcloudError",
    "SkipTicketError",
    "SupportClient",
    "SupportConfiguration",
    "Sweep",
    "ThrottledError",
    "Ticket",
    "TicketNotFoundError",
    "TryLaterError",
    "UnavailableError",
    "UnknownValues",
    "create_all_tables",
    "read_configuration",
    "read_page",
    "read_ticket",
    "sendcloud_support",
    "sendcloud_window",
    "ticket_row",
]


@dlt.source(name=SOURCE_NAME)
def sendcloud_support(
    credentials: SendcloudCredentials = dlt.secrets.value,
    base_url: str = BASE_URL,
    requests_per_minute: int = REQUESTS_PER_MINUTE,
) -> Iterable[DltResource]:
    """Every support ticket of the organization, by one complete sweep of the list.

    Args:
        credentials: API key pair or OAuth2 client.
        base_url: API root.
        requests_per_minute: Pace over every request, retries included; 0 is off.

    Yields:
        The resource `tickets`. `first_seen_at` is the time of this run for every ticket: what a
        warehouse held before is known to whoever runs `python -m pipelines sync`, not to a source.

    Raises:
        AccessError: credentials refused, or no access to the beta.
        AnswerError: the API contradicts itself or the contract.
        TryLaterError: the API could not answer, for longer than the configured patience.
    """
    client = SupportClient(credentials, base_url, requests_per_minute)
    return (tickets(_sweep_rows(client)),)


@dlt.source(name=SOURCE_NAME)
def sendcloud_window(
    rows: Iterable[dict[str, Any]] = (),
    progress: Callable[[], dict[str, Any] | None] | None = None,
    runs: Iterable[dict[str, Any]] = (),
) -> Iterable[DltResource]:
    """Ticket rows that were read already, loaded by the same tables and rules.

    Args:
        rows: Rows of `ticket_row`.
        progress: Gives, after the last row, the plain values to keep in the state of resource
            `tickets`, in one package with the rows: how far the reading had come.
        runs: Rows of `sync_runs`.
    """
    return (tickets(_with_progress(rows, progress)), sync_runs(runs))


def create_all_tables(pipeline: dlt.Pipeline) -> None:
    """Create the tables with all their columns before the first load, empty where need be."""
    create_tables(pipeline, sendcloud_window(rows=[example_row()], runs=[example_run()]))


def tickets(rows: Iterable[Any]) -> DltResource:
    """One row per ticket as last seen; merge, so that a second sighting replaces the first.

    Children are deleted and inserted with their ticket; of two copies in one load the one seen
    last wins.
    """
    return dlt.resource(
        rows,
        name=TICKETS,
        primary_key="id",
        write_disposition={"disposition": "merge", "strategy": "delete-insert"},
        columns=ticket_columns(),
        nested_hints=nested_hints(),
        schema_contract=CONTRACT,
    )


def sync_runs(rows: Iterable[Any]) -> DltResource:
    """One row per run; append. Declared here, written by `pipelines` when a run ends."""
    return dlt.resource(
        rows,
        name=SYNC_RUNS,
        primary_key="run_id",
        write_disposition="append",
        columns=sync_run_columns(),
        schema_contract=CONTRACT,
    )


def _sweep_rows(
    client: SupportClient, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[list[dict[str, Any]]]:
    sweep = Sweep(Pass(started_at=now()))
    first_seen: dict[int, datetime] = {}
    while (number := sweep.next_page) is not None:
        page, _ = client.page(number)
        seen_at = now()
        sweep.take(page, seen_at)
        yield [
            ticket_row(ticket, seen_at, first_seen.setdefault(ticket["id"], seen_at))
            for ticket in page.items
        ]


def _with_progress(
    rows: Iterable[dict[str, Any]], progress: Callable[[], dict[str, Any] | None] | None
) -> Iterator[dict[str, Any]]:
    yield from rows
    if progress is not None:
        dlt.current.resource_state(TICKETS)["progress"] = progress()
