"""One complete sweep of the list, for the resources of a source without a runner.

Depends on the client, the sweep, `set_aside` and dlt's current pipeline. Whichever resource is
asked next reads on, so that both work alone and together. Promises that nothing is loaded of a list
much of which breaks the contract, and one warning for whatever the sweep does not prove.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import dlt
from dlt.common import logger
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.destination.exceptions import SqlClientNotAvailable
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..api import Page, SupportClient
from ..exceptions import RefusedError
from ..planning import Pass, Sweep
from ..records import (
    TICKETS_SET_ASIDE,
    Malformed,
    Sample,
    SetAside,
    described,
    set_aside_columns,
    ticket_row,
)
from ..settings import SOURCE_NAME

Row = dict[str, Any]


class WholeList:
    """Reads the list page by page; what it reads waits until a resource takes it."""

    def __init__(
        self, client: SupportClient, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client, self._now = client, now
        self._sweep = Sweep(Pass(started_at=now()))
        self._rows: deque[list[Row]] = deque()
        self._seen: dict[int, tuple[datetime, datetime]] = {}
        self._broken: list[tuple[Malformed, datetime]] = []
        self._sample = Sample()

    def rows(self) -> Iterator[list[Row]]:
        """Rows of `tickets`, page by page."""
        while self._rows or not self._sweep.is_done:
            if self._rows:
                yield self._rows.popleft()
            else:
                self._read_on()

    def set_aside_rows(self) -> Iterator[list[Row] | None]:
        """All rows of `tickets_set_aside` as they are after this sweep."""
        while not self._sweep.is_done:
            self._read_on()
            yield None
        kept = SetAside(_held())
        for found, seen_at in self._broken:
            kept.sight(found, seen_at)
        for ticket_id in kept.tickets & self._seen.keys():
            kept.mend(ticket_id, self._seen[ticket_id][1])
        if self._sweep.current.is_exact or self._sweep.current.is_nameless:
            kept.close_unseen(self._sweep.current.started_at, self._now())
        yield kept.all_rows() or None

    def _read_on(self) -> None:
        try:
            self._read_page()
        except BaseException:
            self._client.close()
            raise
        if self._sweep.is_done:
            self._client.close()
            self._judge()

    def _read_page(self) -> None:
        page = self._answer(self._sweep.current.next_page)
        seen_at = self._now()
        if page is None:
            self._sweep.take_missing()
            return
        self._sweep.take(page, seen_at)
        self._sample.take(page.items, page.set_aside)
        if self._sample.is_hopeless:
            raise self._sample.error()
        self._broken += [(each, seen_at) for each in page.set_aside]
        self._rows.append([self._row(ticket, seen_at) for ticket in page.items])

    def _answer(self, number: int) -> Page | None:
        """The page, None if the API does not give it."""
        try:
            return self._client.page(number)[0]
        except RefusedError:
            if number == 1:
                raise
            return None

    def _row(self, ticket: Row, seen_at: datetime) -> Row:
        first, _ = self._seen.get(ticket["id"], (seen_at, seen_at))
        self._seen[ticket["id"]] = first, seen_at
        return ticket_row(ticket, seen_at, first)

    def _judge(self) -> None:
        if self._sample.is_doubtful:
            raise self._sample.error()
        if self._sample.broken:
            logger.warning(described(self._sample.broken))
        walk = self._sweep.current
        if self._sweep.is_cut:
            logger.warning(
                f"The API gives no page of its list after page {walk.reach}: the {len(walk.met)} "
                "tickets up to there are loaded, the others are out of reach."
            )
        elif not walk.is_exact and not walk.is_nameless:
            logger.warning(
                "The sweep is not proven complete: the list of tickets gave no count, or changed "
                "faster than it could be read. Run it again at a quieter hour."
            )


def _held() -> list[Row]:
    """What the pipeline's own destination says is set aside; nothing where there is no such table.

    A destination without SQL cannot be asked; there `first_seen_at` begins anew with each sweep.
    """
    try:
        pipeline = dlt.current.pipeline()
        if SOURCE_NAME not in pipeline.schemas:
            return []
        columns = [*set_aside_columns(), "_dlt_id"]
        with pipeline.sql_client(SOURCE_NAME) as client:
            table = client.make_qualified_table_name(TICKETS_SET_ASIDE)
            rows = client.execute_sql(f"select {', '.join(columns)} from {table}") or []  # noqa: S608
    except (ConfigurationException, DatabaseUndefinedRelation, SqlClientNotAvailable):
        return []
    return [dict(zip(columns, map(_utc, row), strict=True)) for row in rows]


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value
