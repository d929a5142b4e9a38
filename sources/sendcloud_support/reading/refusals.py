"""Details that the API refuses: of one ticket, or of all.

Depends on the source's errors; no I/O. Promises that a refusal is noted as the ticket's own only
once the API has answered something else afterwards, and that nobody asks on for ever where every
detail is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ..exceptions import GiveUpError, SendcloudError, UnavailableError
from ..holdings import named
from ..records import DETAIL, Breach, Malformed, SetAside

IN_A_ROW = 3
"""After so many the list is asked whether the API answers at all."""

ENOUGH = 9
"""After so many in a row the detail endpoint is not asked again in the run."""

OF_ALL = frozenset({401, 404, 407, 429})
"""Statuses that say nothing of a single ticket, and the one that has a meaning of its own."""


@dataclass
class Refusals:
    """Counts refusals since a detail was answered last."""

    in_a_row: int = 0
    unasked: int = 0
    refused: list[int] = field(default_factory=list)
    _pending: list[tuple[Malformed, datetime]] = field(default_factory=list)

    def add(self, ticket_id: int, error: SendcloudError, now: datetime) -> Malformed:
        """Hear of one; what it makes of the ticket."""
        found = f"HTTP {error.status}" if error.status else "no whole answer"
        refused = Malformed(ticket_id, (Breach(DETAIL, "HTTP 200 with the ticket", found),))
        self.in_a_row += 1
        self.refused.append(ticket_id)
        self._pending.append((refused, now))
        return refused

    def leave_out(self, ticket_id: int) -> Malformed:
        """A ticket that is not asked for any more."""
        self.unasked += 1
        return Malformed(ticket_id, (Breach(DETAIL, "HTTP 200 with the ticket", "not asked"),))

    def settle(self, set_aside: SetAside) -> None:
        """Hear that another detail is answered: what was refused was refused by itself."""
        self.in_a_row = 0
        self.note(set_aside)

    def note(self, set_aside: SetAside) -> None:
        """Hear that the API answers something else: each refusal is its ticket's own."""
        for refused, seen_at in self._pending:
            set_aside.sight(refused, seen_at)
        self._pending.clear()

    @property
    def are_in_doubt(self) -> bool:
        """Whether it is time to ask whether the API answers at all."""
        return bool(self._pending) and self.in_a_row % IN_A_ROW == 0

    @property
    def are_unproven(self) -> bool:
        """Whether nothing was answered since the last one."""
        return bool(self._pending)

    @property
    def are_enough(self) -> bool:
        """Whether to stop asking."""
        return self.in_a_row >= ENOUGH

    def sentences(self) -> list[str]:
        """What a run says of them."""
        said = []
        if self.refused:
            ids = named(dict.fromkeys(self.refused))
            plural = "s" if len(set(self.refused)) > 1 else ""
            said.append(f"The API refused the detail of ticket{plural} {ids}.")
        if self.unasked:
            said.append(f"It refused {ENOUGH} in a row, so {self.unasked} more were not asked for.")
        return said


def is_refusal(error: SendcloudError) -> bool:
    """Whether the error may be one ticket's own."""
    if isinstance(error, UnavailableError):
        return True
    is_client_error = error.status is not None and 400 <= error.status < 500  # noqa: PLR2004
    return isinstance(error, GiveUpError) and is_client_error and error.status not in OF_ALL
