"""Columns of the tables, declared, so that no first page decides what money looks like.

Depends on dlt's schema types only. Promises that `tickets`, `tickets__requested_actions` and
`tickets__resolution` have all their columns whatever the data; a type that changes later is
refused, a field that is new becomes a column. Each function returns fresh dictionaries, because
dlt changes hints in place.
"""

from __future__ import annotations

from typing import Any, cast

from dlt.common.data_types import TDataType
from dlt.common.schema.typing import TColumnSchema, TSchemaContract, TTableSchemaColumns

CONTRACT: TSchemaContract = {"tables": "evolve", "columns": "evolve", "data_type": "freeze"}

TICKETS = "tickets"
REQUESTED_ACTIONS = "tickets__requested_actions"
RESOLUTION = "tickets__resolution"
STATUS_HISTORY = "ticket_status_history"
ACTION_HISTORY = "requested_action_history"
RESOLUTION_HISTORY = "resolution_history"
TICKETS_SET_ASIDE = "tickets_set_aside"
SYNC_RUNS = "sync_runs"

HISTORY_KEYS = {
    STATUS_HISTORY: ("ticket_id", "status", "stage", "seen_at"),
    ACTION_HISTORY: ("ticket_id", "id"),
    RESOLUTION_HISTORY: ("ticket_id", "seen_at"),
}


def ticket_columns() -> TTableSchemaColumns:
    """Columns of `tickets`. `last_seen_at` also decides between two copies in one load."""
    columns = _columns(
        id=("bigint", "Sendcloud's id of the ticket."),
        status=("text", "Current status, one of 28 known values; new values load as they come."),
        stage=("text", "Stage of the lifecycle, as the API gives it."),
        type=("text", "Category of the ticket, such as damaged or lost."),
        parcel_id=("bigint", "Sendcloud's id of the parcel."),
        carrier=("text", "Carrier code, such as postnl."),
        order_number=("text", "Order number of the parcel."),
        brand_id=("bigint", "Sendcloud's id of the brand."),
        created_at=("timestamp", "When the ticket was created, UTC."),
        updated_at=("timestamp", "When the API last updated it, UTC; may be null."),
        first_seen_at=("timestamp", "When we first saw the ticket, UTC."),
        last_seen_at=("timestamp", "When we last saw the ticket, UTC: the rest is as of then."),
        vanished_at=("timestamp", "When we found the API no longer has it, UTC; null if it has."),
    )
    columns["last_seen_at"]["dedup_sort"] = "desc"
    return _require(columns, "id", "status", "stage", "created_at", "first_seen_at", "last_seen_at")


def requested_action_columns() -> TTableSchemaColumns:
    """Columns of `tickets__requested_actions`."""
    columns = _columns(
        ticket_id=("bigint", "The ticket, tickets.id."),
        id=("bigint", "Sendcloud's id of the request."),
        data_type=("text", "What is asked for, such as sales_invoice."),
        created_at=("timestamp", "When it was asked for, UTC."),
    )
    return _require(columns, "ticket_id", "id", "data_type", "created_at")


def resolution_columns() -> TTableSchemaColumns:
    """Columns of `tickets__resolution`. Money is decimal(18,4) with its currency beside it."""
    columns = _columns(
        ticket_id=("bigint", "The ticket, tickets.id."),
        outcome=("text", "How the ticket ended, such as claim_approved."),
        amount=("decimal", "Compensation in `currency`; null is unknown, which is not 0."),
        currency=("text", "ISO 4217 code of `amount`."),
        solved_at=("timestamp", "When the ticket was resolved, UTC; may be null."),
    )
    return _require(_money(columns), "ticket_id", "outcome")


def status_history_columns() -> TTableSchemaColumns:
    """Columns of `ticket_status_history`. The change lies in (previously_seen_at, seen_at]."""
    columns = _columns(
        ticket_id=("bigint", "The ticket, tickets.id."),
        status=("text", "Status from this change on."),
        stage=("text", "Stage from this change on."),
        changed_at=("timestamp", "The API's updated_at if it lies between the two sightings, UTC."),
        seen_at=("timestamp", "When we first saw the ticket like this, UTC."),
        previously_seen_at=("timestamp", "When we had last seen it otherwise, UTC; null at first."),
    )
    return _require(columns, "ticket_id", "status", "stage", "seen_at")


def action_history_columns() -> TTableSchemaColumns:
    """Columns of `requested_action_history`. It was met in (last_seen_at, first_missing_at]."""
    columns = _columns(
        ticket_id=("bigint", "The ticket, tickets.id."),
        id=("bigint", "Sendcloud's id of the request."),
        data_type=("text", "What was asked for, such as sales_invoice."),
        created_at=("timestamp", "When it was asked for, UTC."),
        first_seen_at=("timestamp", "When we first saw the request, UTC."),
        last_seen_at=("timestamp", "When we last saw it outstanding, UTC."),
        first_missing_at=("timestamp", "When we first saw its ticket without it; null before."),
    )
    names = ("ticket_id", "id", "data_type", "created_at", "first_seen_at", "last_seen_at")
    return _require(columns, *names)


def resolution_history_columns() -> TTableSchemaColumns:
    """Columns of `resolution_history`. The change lies in (previously_seen_at, seen_at]."""
    columns = _columns(
        ticket_id=("bigint", "The ticket, tickets.id."),
        outcome=("text", "Outcome from this change on; null: resolved no longer."),
        amount=("decimal", "Compensation in `currency`; null is unknown, which is not 0."),
        currency=("text", "ISO 4217 code of `amount`."),
        solved_at=("timestamp", "When the API said the ticket was resolved, UTC; may be null."),
        seen_at=("timestamp", "When we first saw it like this, UTC."),
        previously_seen_at=("timestamp", "When we had last seen it otherwise, UTC; null at first."),
    )
    return _require(_money(columns), "ticket_id", "seen_at")


def set_aside_columns() -> TTableSchemaColumns:
    """Columns of `tickets_set_aside`. No value of a ticket is in it."""
    columns = _columns(
        ticket_id=("bigint", "The ticket, tickets.id; null if it cannot be read."),
        field=("text", "What breaks the contract, such as resolution.amount."),
        expected=("text", "The type it should have."),
        found=("text", "The type that came."),
        first_seen_at=("timestamp", "When we first saw it broken, UTC."),
        last_seen_at=("timestamp", "When we last saw it broken, UTC."),
        mended_at=("timestamp", "When we saw it whole again, or gone, UTC; null while it stands."),
    )
    return _require(columns, "field", "expected", "found", "first_seen_at", "last_seen_at")


def sync_run_columns() -> TTableSchemaColumns:
    """Columns of `sync_runs`."""
    columns = _columns(
        run_id=("text", "Id of the run."),
        mode=("text", "sync, full or refresh."),
        started_at=("timestamp", "When the run started, UTC."),
        finished_at=("timestamp", "When it ended, UTC."),
        requests=("bigint", "Requests sent, retries included."),
        throttled=("bigint", "Answers of status 429 among them."),
        pages_read=("bigint", "Pages of the list read."),
        details_read=("bigint", "Tickets read by the detail endpoint."),
        tickets_seen=("bigint", "Distinct tickets loaded."),
        tickets_new=("bigint", "Of these, tickets not held before."),
        tickets_changed=("bigint", "Of these, tickets whose status, stage or updated_at changed."),
        tickets_vanished=("bigint", "Tickets found to be gone."),
        api_total=("bigint", "Tickets the API counted last; null if it gave no count."),
        held_total=("bigint", "Tickets held and not vanished, after the run."),
        is_complete=("bool", "Whether the run proved that nothing is missing."),
        note=("text", "What else is worth knowing, in sentences."),
    )
    return _require(columns, "run_id", "mode", "started_at", "finished_at", "is_complete")


def nested_hints() -> dict[str, Any]:
    """Hints of the two child tables, for `@dlt.resource(nested_hints=…)`."""
    return {
        "requested_actions": {"columns": requested_action_columns(), "schema_contract": CONTRACT},
        "resolution": {"columns": resolution_columns(), "schema_contract": CONTRACT},
    }


def _columns(**columns: tuple[TDataType, str]) -> TTableSchemaColumns:
    return {
        name: {"name": name, "data_type": data_type, "description": description, "nullable": True}
        for name, (data_type, description) in columns.items()
    }


def _money(columns: TTableSchemaColumns) -> TTableSchemaColumns:
    columns["amount"] |= cast(TColumnSchema, {"precision": 18, "scale": 4})
    return columns


def _require(columns: TTableSchemaColumns, *names: str) -> TTableSchemaColumns:
    for name in names:
        columns[name]["nullable"] = False
    return columns


ROOTS = {
    TICKETS: ticket_columns,
    STATUS_HISTORY: status_history_columns,
    ACTION_HISTORY: action_history_columns,
    RESOLUTION_HISTORY: resolution_history_columns,
    TICKETS_SET_ASIDE: set_aside_columns,
    SYNC_RUNS: sync_run_columns,
}
CHILDREN = {REQUESTED_ACTIONS: requested_action_columns, RESOLUTION: resolution_columns}
"""The columns of each table, by its name; children hang on `tickets`."""
