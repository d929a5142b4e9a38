"""Whose tickets a warehouse holds, as the warehouse itself says.

Depends on `warehouse`. Nothing in the API's answers names the account, so the warehouse remembers
the address and the public half of the credentials that its tickets were read with, as one hash, in
a table of one row, `_sendcloud_account`; and beside it, in `_sendcloud_marks`, the version of its
tables and what else it has to say of itself by a name and a value. Promises that tickets of another
identity are refused before anything is read or changed; that whose an empty warehouse was does not
matter; and that a new identity is written down only after the API has answered to it, and before
anything of it is loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import dlt
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.destinations.exceptions import DatabaseException

from ..api import SupportConfiguration
from ..records import ACTION_HISTORY, STATUS_HISTORY, TICKETS
from .clock import Clock, in_utc
from .dialects import has_transactions
from .qualified import qualified
from .statements import (
    connected,
    execute,
    make_own_table,
    query,
)

ACCOUNT = "_sendcloud_account"
COLUMNS = {
    "identity": "text",
    "known_since": "timestamp",
    "doubted_at": "timestamp",
    "doubt": "text",
}
DEFAULT_PORTS = {"https": 443, "http": 80}

TAKEN_OVER = (
    "This warehouse did not say whose tickets it holds; now it says that they are of the account "
    "that this run has read."
)
RENEWED = "This warehouse now belongs to the account as it is configured now (--same-account)."


class OtherAccountError(ConfigurationValueError):
    """The warehouse holds tickets of another identity."""


@dataclass(frozen=True)
class Standing:
    """What a warehouse says of itself.

    `doubted_at` is when it was last found that its tables may not be what its runs have proven,
    `doubt` what was found.
    """

    identity: str | None = None
    known_since: datetime | None = None
    doubted_at: datetime | None = None
    doubt: str | None = None


class Claim:
    """A run's account and the warehouse's, compared.

    Args:
        pipeline: Leads to the warehouse.
        identity: Of the run's account.
        is_same: The user says that both are one account, renewed or moved.

    Raises:
        OtherAccountError: The warehouse holds tickets of another identity.
        NewerTablesError: A newer program has written it.
    """

    def __init__(self, pipeline: dlt.Pipeline, identity: str, is_same: bool = False) -> None:
        self.pipeline, self.identity = pipeline, identity
        with connected(pipeline):
            refuse_newer_tables(pipeline)
            self.former = read_standing(pipeline).identity
            self.is_free = not holds_tickets(pipeline)
        self.is_settled = self.former == identity
        if not (self.is_settled or self.is_free or self.former is None or is_same):
            raise OtherAccountError(
                "This warehouse holds the tickets of another account: they were read with other "
                "keys or from another base_url. Nothing was read or changed. If it is the same "
                "account, with renewed keys or a moved address, say so once: python -m pipelines "
                "sync --same-account. If not, name another warehouse in [destination.warehouse], "
                "or give each account a name under [sources.sendcloud_support.accounts]."
            )

    def settle_if_free(self, clock: Clock) -> None:
        """Nothing is held yet: whatever is loaded from now on is of this account."""
        if self.is_free:
            self.settle(clock)

    def settle(self, clock: Clock) -> str | None:
        """Write down whose tickets are loaded from now on; a sentence where that is news."""
        if self.is_settled:
            return None
        self.is_settled = True
        write_standing(self.pipeline, identity=self.identity, known_since=clock())
        if self.is_free:
            return None
        return TAKEN_OVER if self.former is None else RENEWED


def identity_of(configuration: SupportConfiguration) -> str:
    """The account's address and the public half of its credentials, as one hash."""
    text = f"{plain_address(configuration.base_url)} {configuration.credentials.identity.strip()}"
    return hashlib.sha256(text.encode()).hexdigest()


def plain_address(base_url: str) -> str:
    """The address in one spelling: whether it ends with a slash makes it no other account."""
    parts = urlsplit(base_url.strip())
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}"


def holds_tickets(pipeline: dlt.Pipeline) -> bool:
    """Whether anything of a ticket is held, be it only its history."""
    counts = [
        query(pipeline, f"select count(*) from {table}")
        for table in (TICKETS, STATUS_HISTORY, ACTION_HISTORY)
    ]
    return any(count and count[0][0] for count in counts)


def read_standing(pipeline: dlt.Pipeline) -> Standing:
    """What the warehouse says of itself, nothing where it says nothing."""
    names = list(COLUMNS)
    try:
        rows = query(pipeline, f"select {', '.join(names)} from {ACCOUNT}")
    except DatabaseException:
        names = _columns_there(pipeline)
        if len(names) == len(COLUMNS):
            raise
        rows = query(pipeline, f"select {', '.join(names)} from {ACCOUNT}")
    found = [Standing(**dict(zip(names, map(in_utc, row), strict=True))) for row in rows]
    return max(found, key=_newest, default=Standing())


def _columns_there(pipeline: dlt.Pipeline) -> list[str]:
    """Those that the table has; one that an older program made has fewer."""
    with connected(pipeline) as client:
        statement = qualified(client, f"select * from {ACCOUNT} where 1 = 0")
        with client.execute_query(statement) as cursor:
            there = {str(column[0]).lower() for column in cursor.description}
    return [name for name in COLUMNS if name in there]


def _newest(standing: Standing) -> datetime:
    """Where no transaction holds them together, what was and what is may both stand there."""
    moments = standing.known_since, standing.doubted_at, datetime.min.replace(tzinfo=UTC)
    return max(moment for moment in moments if moment is not None)


def write_standing(pipeline: dlt.Pipeline, **news: Any) -> None:
    """Change some of what the warehouse says of itself."""
    with connected(pipeline) as client:
        make_own_table(pipeline, ACCOUNT, COLUMNS)
        is_older = len(_columns_there(pipeline)) < len(COLUMNS)
        said = {name: getattr(read_standing(pipeline), name) for name in COLUMNS} | news
        places = ", ".join(["%s"] * len(said))
        insert = f"insert into {ACCOUNT} ({', '.join(said)}) values ({places})"
        with client.begin_transaction():
            if is_older:
                execute(pipeline, f"drop table {ACCOUNT}")
                make_own_table(pipeline, ACCOUNT, COLUMNS)
            if has_transactions(client):
                execute(pipeline, f"delete from {ACCOUNT} where 1 = 1")
                execute(pipeline, insert, *said.values())
            else:
                execute(pipeline, insert, *said.values())
                _forget_others(pipeline, said)


def _forget_others(pipeline: dlt.Pipeline, said: Mapping[str, Any]) -> None:
    """Delete rows that say something else; where nothing else is said two rows say the same."""
    known = {name: value for name, value in said.items() if value is not None}
    same = " and ".join(f"{name} = %s" if name in known else f"{name} is null" for name in said)
    execute(pipeline, f"delete from {ACCOUNT} where not coalesce({same}, false)", *known.values())


MARKS = "_sendcloud_marks"
MARK_COLUMNS = {"name": "text", "value": "text"}


def read_mark(pipeline: dlt.Pipeline, name: str) -> str | None:
    """The value of a mark."""
    rows = query(pipeline, f"select value from {MARKS} where name = %s", name)
    return rows[0][0] if rows else None


def prepare_marks(pipeline: dlt.Pipeline) -> None:
    """Make the table, if it is not there; to be done outside of a transaction."""
    make_own_table(pipeline, MARKS, MARK_COLUMNS)


def write_mark(pipeline: dlt.Pipeline, name: str, value: str) -> None:
    """Make or change a mark, in the transaction that runs, if one does."""
    with connected(pipeline):
        execute(pipeline, f"delete from {MARKS} where name = %s", name)
        execute(pipeline, f"insert into {MARKS} (name, value) values (%s, %s)", name, value)


TABLES_VERSION = 1
"""The form of the tables. Raised with every change that an older program would not understand."""

VERSION_MARK = "tables_version"


class NewerTablesError(ConfigurationValueError):
    """A newer program has written this warehouse."""


def refuse_newer_tables(pipeline: dlt.Pipeline) -> None:
    """Raise if the tables are of a form that this program does not know."""
    version = int(read_mark(pipeline, VERSION_MARK) or 0)
    if version > TABLES_VERSION:
        raise NewerTablesError(
            f"The tables of this warehouse have version {version}, from a newer version of this "
            f"program; this one knows them up to version {TABLES_VERSION}. Nothing was read or "
            "changed. Update this program."
        )


def note_tables_version(pipeline: dlt.Pipeline) -> str | None:
    """Write down the version of tables that are as this program makes them.

    A sentence where an older program had filled them.
    """
    before = int(read_mark(pipeline, VERSION_MARK) or 0)
    if before == TABLES_VERSION:
        return None
    is_filled = query(pipeline, f"select count(*) from {TICKETS}") not in ([], [(0,)])
    prepare_marks(pipeline)
    write_mark(pipeline, VERSION_MARK, str(TABLES_VERSION))
    if not is_filled:
        return None
    return f"The tables were brought from version {before} to version {TABLES_VERSION}."
