"""Sendcloud support tickets: status, claims and payouts of parcels that went wrong.

Reads the Support API v3 (beta) and depends on dlt, requests and requests-ratelimiter; this folder
survives being copied into another project. One resource:

- `tickets`: one row per ticket as last seen, merged on `id`; with it the child tables
  `tickets__requested_actions` (one row per outstanding request) and `tickets__resolution` (at
  most one row per ticket), which are replaced together with their ticket.

Whoever knows what a warehouse held before (`python -m pipelines sync`) keeps four more, declared
by `sendcloud_window`: `ticket_status_history`, `requested_action_history`, `resolution_history` and
`sync_runs`.

    pipeline = dlt.pipeline("sendcloud_support", destination="duckdb", dataset_name="sendcloud")
    create_all_tables(pipeline)
    pipeline.run(sendcloud_support(), loader_file_format="parquet")

Credentials stand under `[sources.sendcloud_support.credentials]`, see `credentials.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import dlt
from dlt.common.schema.typing import TTableSchemaColumns, TWriteDisposition
from dlt.extract import DltResource

from .breaches import Breach, Malformed
from .client import NotFoundError, SupportClient, read_detail, read_page, read_ticket
from .columns import (
    ACTION_HISTORY,
    CONTRACT,
    HISTORY_KEYS,
    REQUESTED_ACTIONS,
    RESOLUTION,
    RESOLUTION_HISTORY,
    STATUS_HISTORY,
    SYNC_RUNS,
    TICKETS,
    TICKETS_SET_ASIDE,
    action_history_columns,
    nested_hints,
    resolution_history_columns,
    set_aside_columns,
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
    RefusedError,
    SendcloudError,
    SkipTicketError,
    ThrottledError,
    TicketNotFoundError,
    TryLaterError,
    UnavailableError,
)
from .orders import ORDERS, Order, agreeing, describe
from .pages import Page
from .placement import Placement
from .sample import Sample
from .set_aside import DETAIL, LOAD, SetAside, described
from .settings import BASE_URL, PAGE_SIZE, REQUESTS_PER_MINUTE, SOURCE_NAME
from .sweep import Pass, Sweep
from .tables import (
    create_tables,
    example_action,
    example_resolution,
    example_row,
    example_run,
    example_set_aside,
    example_status,
    lost_tables,
)
from .tickets import Ticket, is_by_contract, ticket_row
from .vocabulary import UnknownValues
from .whole_list import WholeList

__all__ = [
    "ACTION_HISTORY",
    "DETAIL",
    "HISTORY_KEYS",
    "LOAD",
    "ORDERS",
    "PAGE_SIZE",
    "REQUESTED_ACTIONS",
    "RESOLUTION",
    "RESOLUTION_HISTORY",
    "SOURCE_NAME",
    "STATUS_HISTORY",
    "SYNC_RUNS",
    "TICKETS",
    "TICKETS_SET_ASIDE",
    "AccessError",
    "AnswerError",
    "Breach",
    "GiveUpError",
    "Malformed",
    "NotFoundError",
    "Order",
    "Page",
    "Pass",
    "RefusedError",
    "Sample",
    "SendcloudCredentials",
    "SendcloudError",
    "SetAside",
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
    "agreeing",
    "create_all_tables",
    "describe",
    "described",
    "is_by_contract",
    "lost_tables",
    "read_configuration",
    "read_detail",
    "read_page",
    "read_ticket",
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
    shared_pace: str = "",
) -> Iterable[DltResource]:
    """Every support ticket of the organization, by one complete sweep of the list.

    Args:
        credentials: API key pair or OAuth2 client.
        base_url: API root.
        requests_per_minute: Pace over every request, retries included; 0 is off.
        shared_pace: A name that keys of one account share, if they share its allowance.

    Yields:
        The resource `tickets`, and `tickets_set_aside` for what breaks the contract. The
        `first_seen_at` of a ticket is the time of this run: what a warehouse held before is known
        to whoever runs `python -m pipelines sync`, not to a source.

    Raises:
        AccessError: credentials refused, or no access to the beta.
        AnswerError: the API contradicts itself or the contract.
        TryLaterError: the API could not answer, for longer than the configured patience.
    """
    configuration = SupportConfiguration(
        credentials=credentials,
        base_url=base_url,
        requests_per_minute=requests_per_minute,
        shared_pace=shared_pace,
    )
    client = configuration.connect()
    reading = WholeList(client)
    return (
        tickets(reading.rows()),
        tickets_set_aside(reading.set_aside_rows(), write_disposition="replace"),
    )


@dlt.source(name=SOURCE_NAME)
def sendcloud_window(
    rows: Iterable[Row | list[Row]] = (),
    statuses: Iterable[Row] = (),
    actions: Iterable[Row] = (),
    resolutions: Iterable[Row] = (),
    runs: Iterable[Row] = (),
    broken: Iterable[Row] = (),
    progress: Row | None = None,
) -> Iterable[DltResource]:
    """Rows that were made from answers read already, loaded by the same tables and rules.

    Args:
        rows: Rows of `ticket_row`, one by one or in lists.
        statuses, actions, resolutions, runs: Rows of `ticket_status_history`,
            `requested_action_history`, `resolution_history` and `sync_runs`. They are declared
            here; `pipelines` writes them by SQL, because they have to go in before or after the
            tickets they belong to.
        progress: Plain values to keep in the state of resource `tickets`, in one package with the
            rows: how far the reading had come.
    """
    return (
        tickets(_with_progress(rows, progress)),
        status_history(statuses),
        action_history(actions),
        resolution_history(resolutions),
        sync_runs(runs),
        tickets_set_aside(broken),
    )


def create_all_tables(pipeline: dlt.Pipeline) -> None:
    """Create the tables with all their columns before the first load, empty where need be."""
    examples = sendcloud_window(
        [example_row()],
        [example_status()],
        [example_action()],
        [example_resolution()],
        [example_run()],
        broken=[example_set_aside()],
    )
    create_tables(pipeline, examples)


def tickets(rows: Iterable[Any]) -> DltResource:
    """One row per ticket as last seen; merge, so that a second sighting replaces the first.

    Children are deleted and inserted with their ticket; of two copies in one load the one seen
    last wins.
    """
    return _merged(_placed(rows), TICKETS, "id", ticket_columns(), nested_hints=nested_hints())


def status_history(rows: Iterable[Row]) -> DltResource:
    """One row per change of status or stage that was seen; merge, so that reloading is harmless."""
    return _merged(rows, STATUS_HISTORY, HISTORY_KEYS[STATUS_HISTORY], status_history_columns())


def action_history(rows: Iterable[Row]) -> DltResource:
    """One row per request ever seen; merge, because its times move with each sighting."""
    return _merged(rows, ACTION_HISTORY, HISTORY_KEYS[ACTION_HISTORY], action_history_columns())


def resolution_history(rows: Iterable[Row]) -> DltResource:
    """One row per resolution as it was seen; merge, so that reloading is harmless."""
    key, columns = HISTORY_KEYS[RESOLUTION_HISTORY], resolution_history_columns()
    return _merged(rows, RESOLUTION_HISTORY, key, columns)


def sync_runs(rows: Iterable[Any]) -> DltResource:
    """One row per run; append. Declared here, written by `pipelines` when a run ends."""
    return _declared(rows, SYNC_RUNS, "run_id", sync_run_columns(), write_disposition="append")


def tickets_set_aside(
    rows: Iterable[Any], write_disposition: TWriteDisposition = "append"
) -> DltResource:
    """One row per ticket and field that breaks the contract.

    The source alone replaces the table by what it is after the sweep; `pipelines` writes it by SQL.
    """
    columns = set_aside_columns()
    return _declared(rows, TICKETS_SET_ASIDE, (), columns, write_disposition=write_disposition)


def _with_progress(rows: Iterable[Row | list[Row]], progress: Row | None) -> Iterator[Any]:
    yield from rows
    if progress is not None:
        dlt.current.resource_state(TICKETS)["progress"] = progress


def _placed(rows: Iterable[Any]) -> Iterator[Any]:
    """Rows with the values of unknown fields in columns that can hold them."""
    placement = None
    for some in rows:
        batch = some if isinstance(some, list) else [some]
        if all(not isinstance(row, dict) or is_by_contract(row) for row in batch):
            yield some
            continue
        placement = placement or Placement(dlt.current.source_schema())
        yield [placement.place(row) if isinstance(row, dict) else row for row in batch]


def _merged(
    rows: Iterable[Any],
    name: str,
    key: str | tuple[str, ...],
    columns: TTableSchemaColumns,
    **hints: Any,
) -> DltResource:
    disposition = {"disposition": "merge", "strategy": "delete-insert"}
    return _declared(rows, name, key, columns, write_disposition=disposition, **hints)


def _declared(
    rows: Any,
    name: str,
    key: str | tuple[str, ...],
    columns: TTableSchemaColumns,
    **hints: Any,
) -> DltResource:
    resource: DltResource = dlt.resource(
        rows, name=name, primary_key=key, columns=columns, schema_contract=CONTRACT, **hints
    )
    return resource
