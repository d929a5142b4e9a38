"""Publish: the tables of a warehouse as Delta tables, for engines that it cannot be loaded into.

Depends on `tables` and on the package `deltalake`, which is an extra. Promises whole tables; that
who reads a table meanwhile finds it as it was or as it is now; that all tables are of one state of
the warehouse; and that nothing of an address that may be secret is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa  # type: ignore[import-untyped]
from dlt.common.configuration.exceptions import ConfigurationValueError

from sources.sendcloud_support import SendcloudError
from sources.sendcloud_support.holdings import connected, counted

from ..accounts import Account, account_of_all
from ..failures import DONE, FAILED
from ..warehouse import NoFileError, kind_of, one_look, only_run
from .tables import find_tables, rows_of

Say = Callable[[str], object]

WITHOUT_BOUNDS = {"delta.dataSkippingNumIndexedCols": "0"}
"""No least and greatest values beside a table: an engine may take them for a column's only value,
and they are decimal text, from which Sail reads a number that differs in the last place."""
MISSING = (
    "The package that writes Delta tables is not installed. Install it: "
    '.venv/bin/python -m pip install "deltalake>=1.6,<2"'
)


UNREAD = ("bigquery", "snowflake")
"""Warehouses of which nothing is published."""


class PublishError(SendcloudError):
    """A table could not be written; those written before it are whole."""


def run_publish(account: Account, say: Say, to: str) -> int:
    """Write all tables below a folder or an address of a bucket; the exit code."""
    place, raw, marts = _place(to), account.dataset, account.marts_schema
    try:
        written = _write(account, (raw, marts), place)
    except NoFileError as error:
        say(str(error))
        return FAILED
    if not written[raw]:
        say("Nothing is loaded in this warehouse yet. Run `python -m pipelines sync` first.")
        return FAILED
    for sentence in _published(written, place):
        say(sentence)
    if not written[marts]:
        say("There are no marts yet. Build them: python -m pipelines marts")
    return DONE


def publish_together(accounts: Sequence[Account], say: Say, to: str) -> None:
    """Write the marts of all accounts, where they have been put together."""
    if (account := account_of_all(accounts)) is None:
        return
    place = _place(to)
    for sentence in _published(_write(account, (account.dataset,), place), place):
        say(sentence)


def _write(account: Account, datasets: Sequence[str], place: str) -> dict[str, int]:
    """Write the tables of these datasets; how many each has."""
    pipeline, write = account.look(), _writer()
    if (kind := kind_of(pipeline)) in UNREAD:
        raise ConfigurationValueError(
            f"`publish` does not read {kind} yet, which many of these programs read by themselves."
        )
    with only_run(account.pipeline()), one_look(pipeline), connected(pipeline) as client:
        found = {dataset: find_tables(client, dataset) for dataset in datasets}
        for dataset, tables in found.items():
            for table, columns in tables.items():
                write(f"{place}/{dataset}/{table}", rows_of(client, dataset, table, columns))
    return {dataset: len(tables) for dataset, tables in found.items()}


def _published(written: Mapping[str, int], place: str) -> Iterator[str]:
    for dataset, tables in written.items():
        yield f"Published {counted(tables, 'table')} of {dataset} to {place}/{dataset}."


def _place(to: str) -> str:
    """Where the tables go.

    Raises:
        ConfigurationValueError: The address holds what could be a secret.
    """
    parts = urlsplit(to)
    if not parts.scheme or len(parts.scheme) == 1:  # C:\\folder
        return str(Path(to).absolute())
    if parts.password is not None or parts.query:
        raise ConfigurationValueError(
            "The address of --to holds a password or a token. Take it out, and let the environment "
            "have it (AWS_SECRET_ACCESS_KEY, AZURE_STORAGE_SAS_TOKEN and the like)."
        )
    return to.rstrip("/")


def _writer() -> Callable[[str, pa.RecordBatchReader], None]:
    """Writes one table, in one commit, in the place of what it was."""
    try:
        from deltalake import write_deltalake
        from deltalake.exceptions import DeltaError
    except ImportError:
        raise ConfigurationValueError(MISSING) from None

    def write(place: str, rows: pa.RecordBatchReader) -> None:
        try:
            write_deltalake(
                place,
                rows,
                mode="overwrite",
                schema_mode="overwrite",
                configuration=WITHOUT_BOUNDS,
            )
        except (DeltaError, OSError) as error:
            raise PublishError(
                f"{place} could not be written ({type(error).__name__}). The tables before it are "
                "whole, and it is as it was. See that this user may write there, and that the "
                "environment has what the bucket asks for; then publish again."
            ) from error

    return write
