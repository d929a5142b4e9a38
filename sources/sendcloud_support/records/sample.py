"""A sample of what a run reads: single tickets that break the contract, or a contract that changed.

Depends on `breaches` and `exceptions`; no I/O. Promises that tickets which were set aside before
count for nothing, so that the few which stay broken never look like many in a run that reads
little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ..exceptions import AnswerError
from .breaches import Breach, Malformed
from .tickets import Ticket

FEW = 3
"""Fewer broken tickets than this are never a changed contract, however little was read."""

SHARE = 10
"""One in so many may be broken."""

FIRST_PAGES, MANY = 60, 200
"""Tickets after which a reading ends early: if all are broken, or more than half."""


class Sample:
    """Counts distinct tickets.

    Args:
        known: Tickets that stood set aside before.
        nameless: How many of these have no readable id.
    """

    def __init__(self, known: Iterable[int] = (), nameless: int = 0) -> None:
        self._known, self._nameless = set(known), nameless
        self._read: set[int] = set()
        self._broken: dict[int, Malformed] = {}
        self._marks: dict[int, Malformed] = {}

    def take(self, tickets: Sequence[Ticket], set_aside: Sequence[Malformed]) -> None:
        """Hear what an answer held."""
        self._read.update(ticket["id"] for ticket in tickets)
        for each in set_aside:
            if each.ticket_id is None:
                self._marks[each.mark] = each
            elif each.ticket_id not in self._known:
                self._broken[each.ticket_id] = each

    @property
    def broken(self) -> int:
        """Tickets that are newly broken."""
        return len(self._broken) + max(len(self._marks) - self._nameless, 0)

    @property
    def read(self) -> int:
        """All tickets read but those set aside before."""
        broken_only = sum(each not in self._read for each in self._broken)  # asked for every page
        return len(self._read) + broken_only + max(len(self._marks) - self._nameless, 0)

    @property
    def is_doubtful(self) -> bool:
        """Whether so many are broken that the contract must have changed."""
        return self.broken >= FEW and self.broken * SHARE > self.read

    @property
    def is_hopeless(self) -> bool:
        """Whether reading on would change nothing."""
        broken, read = self.broken, self.read
        return broken == read >= FIRST_PAGES or (read >= MANY and broken * 2 > read)

    def error(self) -> AnswerError:
        """What to tell: the fields, their types, how many tickets."""
        found = [*self._broken.values(), *self._marks.values()]
        counts: Counter[Breach] = Counter(breach for each in found for breach in each.breaches)
        worst = "; ".join(f"{breach} ({count} times)" for breach, count in counts.most_common(3))
        return AnswerError(
            f"{self.broken} of the {self.read} tickets read break the contract: {worst}. That is "
            "more than a tenth, so none of them was loaded; the contract may have changed, see "
            "CHANGELOG.md for a version of this connector that knows the new type."
        )
