"""Whether a warehouse holds values as they are or pseudonyms, and what a change of that needs.

Depends on the warehouse. Promises that a warehouse says which it is. Switched on, everything held
becomes a pseudonym at once, vanished tickets too, in one transaction and without a request.
Switched off, or with another key, everything is read again, because nobody can go back from a
pseudonym; a ticket that the API no longer has keeps the one it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import dlt

from sources.sendcloud_support import SOURCE_NAME
from sources.sendcloud_support.api import Pseudonyms
from sources.sendcloud_support.holdings import (
    ROWS_IN_STATEMENT,
    connected,
    execute,
    prepare_marks,
    query,
    read_mark,
    write_mark,
)
from sources.sendcloud_support.records import TICKETS

from ..warehouse import doubt

MARK = "pseudonyms"
LENGTH = 64
"""Of a pseudonym."""

CONCEALED = (
    "Pseudonyms were switched on: what was held of {} was replaced. Build the marts again; copies "
    "made before hold what they held."
)
REREAD = (
    "Pseudonyms were switched off, or have another key: everything is read again. Tickets that the "
    "API no longer has keep the pseudonyms that they have."
)


def settle_pseudonyms(pipeline: dlt.Pipeline, pseudonyms: Pseudonyms, now: datetime) -> list[str]:
    """Make the warehouse what the configuration wants; sentences where that changed something."""
    with connected(pipeline) as client:
        before = read_mark(pipeline, MARK) or ""
        if before == pseudonyms.fingerprint:
            return []
        is_empty = query(pipeline, f"select count(*) from {TICKETS}") in ([], [(0,)])
        news = [] if is_empty else [_sentence(before, pseudonyms)]
        if before and not is_empty:
            doubt(pipeline, now, "pseudonyms")
        prepare_marks(pipeline)
        with client.begin_transaction():
            if not (before or is_empty):
                _conceal_held(pipeline, pseudonyms)
            write_mark(pipeline, MARK, pseudonyms.fingerprint)
    return news


def are_concealed(pipeline: dlt.Pipeline, field: str) -> bool:
    """Whether the warehouse holds pseudonyms of this field, and nothing of it in clear."""
    if not read_mark(pipeline, MARK):
        return False
    clear = f"select count(*) from {TICKETS} where length({field}) <> {LENGTH}"
    return query(pipeline, clear) == [(0,)]


def _sentence(before: str, pseudonyms: Pseudonyms) -> str:
    return REREAD if before else CONCEALED.format(", ".join(pseudonyms.fields))


def _conceal_held(pipeline: dlt.Pipeline, pseudonyms: Pseudonyms) -> None:
    columns = pipeline.schemas[SOURCE_NAME].get_table_columns(TICKETS)
    for field in pseudonyms.fields:
        if field not in columns:
            continue
        held = query(pipeline, f"select id, {field} from {TICKETS} where {field} is not null")
        for some in _chunks([(ticket_id, pseudonyms.of(value)) for ticket_id, value in held]):
            _replace(pipeline, field, some)


def _replace(pipeline: dlt.Pipeline, field: str, rows: Sequence[tuple[Any, ...]]) -> None:
    places = ", ".join(["(%s, %s)"] * len(rows))
    execute(
        pipeline,
        f"update {TICKETS} set {field} = given.value from (values {places}) as given (id, value) "
        f"where {TICKETS}.id = given.id",
        *(each for row in rows for each in row),
    )


def _chunks(rows: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    return (
        rows[start : start + ROWS_IN_STATEMENT] for start in range(0, len(rows), ROWS_IN_STATEMENT)
    )
