"""A window as one file that the warehouse takes apart.

dlt takes each row apart in Python, field by field; DuckDB does it in a fraction of the time.
Depends on the source for what the contract knows. Promises that a row goes into the file only if
the client has checked each of its values: one with a field that is new, whose type has to be
compared with its column, goes dlt's way. The file is readable by its owner only, and gone after
the load.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import dlt
from dlt.common import json
from dlt.common.utils import uniq_id

from sources.sendcloud_support.records import is_by_contract

Row = dict[str, Any]

NAME = "window.jsonl"


@contextmanager
def packed(batches: Iterable[list[Row]], folder: Path) -> Iterator[list[Any]]:
    """What dlt is given to load for these rows, by way of a file in this folder."""
    path = folder / NAME
    others: list[Row] = []
    try:
        lines = _write(_checked(chain.from_iterable(batches), others), path)
        imported = [dlt.mark.with_file_import(str(path), "jsonl", lines)] if lines else []
        yield imported + others
    finally:
        path.unlink(missing_ok=True)


def _checked(rows: Iterable[Row], others: list[Row]) -> Iterator[Row]:
    """The rows that may go into the file; the others are put aside."""
    for row in rows:
        if is_by_contract(row):
            yield row
        else:
            others.append(row)


def _write(rows: Iterable[Row], path: Path) -> int:
    """A line for each row, with an id that no other row ever has; how many there are."""
    window, number = uniq_id(8), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for number, row in enumerate(rows, 1):
            file.write(json.dumpb(row | {"_dlt_id": f"{window}-{number}"}) + b"\n")
    return number
