"""Tickets that a list counts and of which nothing is known that would tell their place.

Depends on the source only; no I/O. They are set aside and were never held: a plan counts them, or
it would look for a hole where they are.
"""

from __future__ import annotations

from collections.abc import Collection

from ..records import DETAIL, Malformed


class Beside:
    """Counts them.

    Args:
        ids: Those whose ids are known.
        nameless: How many others there were at last.
    """

    def __init__(self, ids: Collection[int] = (), nameless: int = 0) -> None:
        self.ids, self._nameless = set(ids), nameless
        self._marks: set[int] = set()

    def __len__(self) -> int:
        """How many there are, as far as is known."""
        return len(self.ids) + max(self._nameless, len(self._marks))

    def meet(self, found: Malformed, known: Collection[int]) -> None:
        """Hear of one; those among `known` have their place, one that is refused may not exist."""
        if found.ticket_id is None:
            self._marks.add(found.mark)
        elif found.ticket_id not in known and found.breaches[0].field != DETAIL:
            self.ids.add(found.ticket_id)

    def discard(self, ticket_id: int) -> None:
        """This one is whole, or gone."""
        self.ids.discard(ticket_id)
