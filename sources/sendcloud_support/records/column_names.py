"""Names of columns for fields that the contract does not know.

Depends on dlt's naming only. Promises that two fields of one object never share a column, that no
field gets the column of one that the contract knows, of ours or of dlt's, and that a name that
needs no change gets none. What a name looks like is decided here, because warehouses see no
difference between `Status` and `status`, and between `createdAt` and `created_at`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from hashlib import sha256

from dlt.common.normalizers.naming.snake_case import NamingConvention

AS_SENT = "__as_sent"
"""Added to a name that belongs to another column."""

LONGEST = 48
"""So that PostgreSQL's 63 characters hold a name with whatever is added to it."""

OF_DLT = "_dlt"
VARIANT = "__v_"
"""Stands in the names of columns for values of another type, see `placement`."""

_naming = NamingConvention()


def renamed(names: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """The column of each name, where `known` are columns that belong to others.

    Of names that look alike the one that needs no change is served first.
    """
    plain = {name: plain_name(name) for name in names}
    columns: dict[str, str] = {}
    for name in sorted(plain, key=lambda name: (plain[name] != name, name)):
        column = plain[name] + AS_SENT if plain[name] in known else plain[name]
        taken = column in columns.values()
        columns[name] = _marked(column, name) if taken else column
    return columns


@lru_cache(10_000)
def plain_name(name: str) -> str:
    """The column of a name that looks like no other."""
    try:
        plain = str(_naming.normalize_path(name))
    except ValueError:
        return f"field__{_digest(name)}"
    if plain.startswith(OF_DLT):
        plain = plain.lstrip("_") + AS_SENT
    return _marked(plain, name) if len(plain) > LONGEST or VARIANT in plain else plain


def _marked(plain: str, name: str) -> str:
    start = plain.replace(VARIANT, "_v_")[: LONGEST - 10].rstrip("_")
    return f"{start}__{_digest(name)}"


def _digest(name: str) -> str:
    return sha256(name.encode(errors="replace")).hexdigest()[:8]
