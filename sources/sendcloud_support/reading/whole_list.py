"""The rows of one complete sweep, for whoever looks at the source without a pipeline.

Depends on the client and the sweep. Promises one warning for whatever the sweep does not prove, and
an error where much of the list breaks the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from dlt.common import logger

from ..api import Page, Pseudonyms, SupportClient
from ..exceptions import RefusedError
from ..holdings import SteadyClock
from ..planning import Sweep
from ..records import Sample, described, ticket_row

Row = dict[str, Any]


def whole_list(client: SupportClient, pseudonyms: Pseudonyms) -> Iterator[list[Row]]:
    """Rows of `tickets`, page by page; a ticket that the list shows twice comes twice."""
    now, sample = SteadyClock(), Sample()
    sweep, first_seen = Sweep.begin(now()), dict[int, datetime]()
    with closing(client):
        while (number := sweep.next_page) is not None:
            page, seen_at = _answer(client, number), now()
            if page is None:
                sweep.take_missing()
                continue
            sweep.take(page, seen_at)
            sample.take(page.items, page.set_aside)
            if sample.is_hopeless:
                raise sample.error()
            yield [
                pseudonyms.conceal(
                    ticket_row(ticket, seen_at, first_seen.setdefault(ticket["id"], seen_at))
                )
                for ticket in page.items
            ]
    _judge(sweep, sample)


def _answer(client: SupportClient, number: int) -> Page | None:
    """The page, None if the API does not give it."""
    try:
        return client.page(number)[0]
    except RefusedError:
        if number == 1:
            raise
        return None


def _judge(sweep: Sweep, sample: Sample) -> None:
    if sample.is_doubtful:
        raise sample.error()
    if sample.broken:
        logger.warning(described(sample.broken))
    walk = sweep.current
    if sweep.is_cut:
        logger.warning(
            f"The API gives no page of its list after page {walk.reach}: the "
            f"{len(sweep.evidence.met)} tickets up to there were read, the others are out of reach."
        )
    elif not walk.is_exact and not walk.is_nameless:
        logger.warning(
            "The sweep is not proven complete: the list of tickets gave no count, or changed "
            "faster than it could be read. Run it again at a quieter hour."
        )
