"""Pseudonyms: values that lead to an order or a person, replaced by a keyed hash on their way.

Depends on `records` for the names of columns. The hash is HMAC-SHA256 of the value's UTF-8, in
hexadecimal: one value has one pseudonym as long as the key is the same, so joins and counts hold,
and whoever has the key can make the pseudonym of a value that is known. Nobody can go back from one
without trying values, which needs the key. Promises that a value which is null stays null.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import Any

from ..records import ticket_columns

Row = dict[str, Any]

CHILDREN = ("requested_actions", "resolution")
FITTING = frozenset({"order_number"})
SHORTEST_KEY = 16


class Pseudonyms:
    """The fields that are replaced, and the key.

    Args:
        fields: Names of fields of a ticket; without any, rows stay as they are.
        key: Secret.
    """

    def __init__(self, fields: Iterable[str] = (), key: str = "") -> None:
        self.fields, self._key = tuple(sorted(set(fields))), key.encode()

    def objection(self) -> str | None:
        """What is wrong with the choice, beginning with the setting's name; None if nothing is."""
        unfit = sorted(set(self.fields) & ({*ticket_columns(), *CHILDREN} - FITTING))
        if unfit:
            return (
                f"pseudonymise names {', '.join(unfit)}, which the tables need as it is. Of the "
                "contract's fields order_number can be a pseudonym."
            )
        if self.fields and len(self._key) < SHORTEST_KEY:
            return (
                f"pseudonym_key should be a secret of at least {SHORTEST_KEY} characters, in "
                ".dlt/secrets.toml; keep a copy, because without it no pseudonym can be made again."
            )
        return None

    @property
    def fingerprint(self) -> str:
        """Tells one key and choice of fields from another, and neither of them; empty for none."""
        if not self.fields:
            return ""
        text = f"fingerprint of {', '.join(self.fields)}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:16]

    def of(self, value: Any) -> str | None:
        """The pseudonym of a value; of one that is no text, of its JSON."""
        if value is None:
            return None
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def conceal(self, row: Row) -> Row:
        """The row of a ticket with pseudonyms in it."""
        if not self.fields:
            return row
        return row | {name: self.of(row[name]) for name in self.fields if name in row}
