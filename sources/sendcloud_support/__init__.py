"""Sendcloud support tickets: status, claims and payouts of parcels that went wrong.

Reads the Support API v3 (beta) and depends on dlt, requests and requests-ratelimiter; this folder
survives being copied into another project. One resource:

- `tickets`: one row per ticket as last seen, merged on `id`; with it the child tables
  `tickets__requested_actions` (one row per outstanding request) and `tickets__resolution` (at
  most one row per ticket), which are replaced together with their ticket.

Whoever knows what a warehouse held before (`python -m pipelines sync`) loads two more by
`sendcloud_window`: `ticket_status_history` and `requested_action_history`, merged on their keys.

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
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.extract import DltResource

from .client import SupportClient, read_page, read_ticket
from .columns import (
    ACTION_HISTORY,
    CONTRACT,
    REQUESTED_ACTIONS,
    RESOLUTION,
    STATUS_HISTORY,
    SYNC_RUNS,
    TICKETS,
    action_history_columns,
    nested_hints,
    status_history_columns,
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
from .tables import create_tables, example_action, example_row, example_run, example_status
from .tickets import Ticket, ticket_row
from .vocabulary import UnknownValues

__all__ = [
    "ACTION_HISTORY",
    "REQUESTED_ACTIONS",
    "RESOLUTION",
    "SOURCE_NAME",
    "STATUS_HISTORY",
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
    "sendcloud_history",
    "sendcloud_support",
    "sendcloud_window",
    "ticket_row",
]

Row = dict[str, Any]


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
    rows: Iterable[list[Row]] = (),
    progress: Callable[[], Row | None] | None = None,
    statuses: Callable[[], list[Row]] = list,
    actions: Callable[[], list[Row]] = list,
    runs: Iterable[Row] = (),
) -> Iterable[DltResource]:
    """Ticket rows that were read already, loaded by the same tables and rules.

    Args:
        rows: Rows of `ticket_row`, answer by answer.
        progress: Gives, after the last row, the plain values to keep in the state of resource
            `tickets`, in one package with the rows: how far the reading had come.
        statuses, actions: Give, after each answer's rows, the rows of the two histories that
            belong to them.
        runs: Rows of `sync_runs`.
    """
    seen = tickets(_with_progress(rows, progress))
    return (
        seen,
        dlt.transformer(lambda _: statuses(), data_from=seen, **_status_history()),
        dlt.transformer(lambda _: actions(), data_from=seen, **_action_history()),
        sync_runs(runs),
    )


@dlt.source(name=SOURCE_NAME)
def sendcloud_history(statuses: list[Row], actions: list[Row]) -> Iterable[DltResource]:
    """Rows of the two histories alone: what has to be loaded before the tickets it is about."""
    return (
        dlt.resource(statuses, **_status_history()),
        dlt.resource(actions, **_action_history()),
    )


def create_all_tables(pipeline: dlt.Pipeline) -> None:
    """Create the tables with all their columns before the first load, empty where need be."""
    examples = sendcloud_window(
        rows=[[example_row()]],
        statuses=lambda: [example_status()],
        actions=lambda: [example_action()],
        runs=[example_run()],
    )
    create_tables(pipeline, examples)


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


def _status_history() -> dict[str, Any]:
    """One row per change of status or stage that was seen; merge, so that reloading is harmless."""
    key = ("ticket_id", "status", "stage", "seen_at")
    return _history(STATUS_HISTORY, key, status_history_columns())


def _action_history() -> dict[str, Any]:
    """One row per request ever seen; merge, because its times move with each sighting."""
    return _history(ACTION_HISTORY, ("ticket_id", "id"), action_history_columns())


def _history(table: str, key: tuple[str, ...], columns: TTableSchemaColumns) -> dict[str, Any]:
    return {
        "name": table,
        "primary_key": key,
        "write_disposition": {"disposition": "merge", "strategy": "delete-insert"},
        "columns": columns,
        "schema_contract": CONTRACT,
    }


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
    rows: Iterable[list[Row]], progress: Callable[[], Row | None] | None
) -> Iterator[list[Row]]:
    yield from rows
    if progress is not None:
        dlt.current.resource_state(TICKETS)["progress"] = progress()
