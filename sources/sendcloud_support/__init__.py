"""Sendcloud support tickets: status, claims and payouts of parcels that went wrong, incrementally.

Reads the Support API v3 (beta); this folder survives being copied into another project.

    pipeline = dlt.pipeline("whatever", destination="duckdb", dataset_name="sendcloud")
    pipeline.run(sendcloud_support())           # first everything, later what may have changed
    pipeline.run(sendcloud_support(full=True))  # everything again

The resources and their tables:

- `tickets`: one row per ticket as last seen, merged on `id`; with it the child tables
  `tickets__requested_actions` (one row per outstanding request) and `tickets__resolution` (at
  most one row per ticket), which are replaced together with their ticket;
- `ticket_status_history`, `requested_action_history`, `resolution_history`: what was seen of a
  ticket, and when;
- `tickets_set_aside`: one row per ticket and field that breaks the contract;
- `sync_runs`: one row per run, which says whether it was complete.

The rooms, from the ground: `records`, `api`, `holdings`, `planning`, `reading`, `extraction`; each
opens with what it is. Credentials stand under `[sources.sendcloud_support.credentials]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import dlt
from dlt.extract import DltResource

from .api import (
    NotFoundError,
    SendcloudCredentials,
    SupportConfiguration,
    read_configuration,
)
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
    UnreadableTableError,
    WrongClockError,
)
from .extraction import Outbox, Rows, extract_tickets, is_extracting
from .reading import whole_list
from .records import (
    ACTION_HISTORY,
    RESOLUTION_HISTORY,
    STATUS_HISTORY,
    SYNC_RUNS,
    TICKETS_SET_ASIDE,
    action_history,
    create_all_tables,
    resolution_history,
    sendcloud_window,
    status_history,
    sync_runs,
    tickets,
    tickets_set_aside,
)
from .settings import BASE_URL, PAGE_SIZE, REQUESTS_PER_MINUTE, SOURCE_NAME

__all__ = [
    "PAGE_SIZE",
    "SOURCE_NAME",
    "AccessError",
    "AnswerError",
    "GiveUpError",
    "NotFoundError",
    "RefusedError",
    "SendcloudCredentials",
    "SendcloudError",
    "SkipTicketError",
    "SupportConfiguration",
    "ThrottledError",
    "TicketNotFoundError",
    "TryLaterError",
    "UnavailableError",
    "UnreadableTableError",
    "WrongClockError",
    "create_all_tables",
    "read_configuration",
    "sendcloud_support",
    "sendcloud_window",
]

PSEUDONYM_KEY = f"sources.{SOURCE_NAME}.pseudonym_key"


@dlt.source(name=SOURCE_NAME)
def sendcloud_support(
    credentials: SendcloudCredentials = dlt.secrets.value,
    base_url: str = BASE_URL,
    requests_per_minute: int = REQUESTS_PER_MINUTE,
    shared_pace: str = "",
    full: bool = False,
    same_account: bool = False,
    max_requests: int = SupportConfiguration.max_requests,
    max_minutes: float = SupportConfiguration.max_minutes,
    throttled_minutes: float = SupportConfiguration.throttled_minutes,
    settle_days: float = SupportConfiguration.settle_days,
    dormant_days: float = SupportConfiguration.dormant_days,
    live_max_age_minutes: float = SupportConfiguration.live_max_age_minutes,
    full_sweep_days: float = SupportConfiguration.full_sweep_days,
    updated_since_param: str = SupportConfiguration.updated_since_param,
    pseudonymise: list[str] | None = None,
) -> Iterable[DltResource]:
    """Support tickets of the organization, first all, later what is new or may have changed.

    What is held is read from the pipeline's own destination. Without a pipeline it is a plain
    sweep of the whole list.

    Args:
        credentials: API key pair or OAuth2 client.
        base_url: API root.
        requests_per_minute: Pace over every request, retries included; 0 is off.
        shared_pace: A name that keys of one account share, if they share its allowance.
        full: Read everything again, and mark what the API no longer has.
        same_account: Other keys, or another address, belong to the account whose tickets are held.
        max_requests, max_minutes: Where a run stops, and the next goes on; 0 is nowhere.
        throttled_minutes: How long one request is tried again while the API answers 429.
        settle_days, dormant_days: After so long without a change a ticket, closed or open, is read
            by complete sweeps only; `dormant_days` 0 makes none so.
        live_max_age_minutes: Live tickets seen so recently are not read again.
        full_sweep_days: A complete sweep is made when the last one is so old; 0 makes none.
        updated_since_param: Name of the list's filter by change, if you know it.
        pseudonymise: Fields that are loaded as a keyed hash, from the first load on, for here
            nothing that is held is changed. Their key is the secret
            `sources.sendcloud_support.pseudonym_key`, no argument, or `dlt init` would ask all
            for one.

    Yields:
        `tickets` and the resources of the other tables. Each run has its row in `sync_runs`; one
        that is not complete logs a warning.

    Raises:
        AccessError: credentials refused, or no access to the beta.
        AnswerError: the API contradicts itself or the contract.
        OtherAccountError: the dataset holds tickets of another account.
        TryLaterError: the API could not answer, for longer than the configured patience.
        UnreadableTableError: a table of the dataset is there and cannot be read.
    """
    configuration = SupportConfiguration(
        credentials=credentials,
        base_url=base_url,
        requests_per_minute=requests_per_minute,
        shared_pace=shared_pace,
        max_requests=max_requests,
        max_minutes=max_minutes,
        throttled_minutes=throttled_minutes,
        settle_days=settle_days,
        dormant_days=dormant_days,
        live_max_age_minutes=live_max_age_minutes,
        full_sweep_days=full_sweep_days,
        updated_since_param=updated_since_param,
        pseudonymise=pseudonymise,
        pseudonym_key=dlt.secrets.get(PSEUDONYM_KEY) if pseudonymise else None,
    )
    configuration.on_resolved()
    outbox = Outbox()

    def read() -> Iterator[Rows]:
        if is_extracting():
            yield from extract_tickets(configuration, outbox, full, same_account)
        else:
            yield from whole_list(configuration.connect(), configuration.pseudonyms)

    return (
        tickets(read),
        status_history(_fetching(outbox, STATUS_HISTORY)),
        action_history(_fetching(outbox, ACTION_HISTORY)),
        resolution_history(_fetching(outbox, RESOLUTION_HISTORY)),
        tickets_set_aside(_fetching(outbox, TICKETS_SET_ASIDE)),
        sync_runs(_fetching(outbox, SYNC_RUNS)),
    )


def _fetching(outbox: Outbox, table: str) -> Callable[[], Iterator[Any]]:
    """The generator function of a table that the reading fills."""

    def fetch() -> Iterator[Any]:
        yield from outbox.fetch(table)

    return fetch
