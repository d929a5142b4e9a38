"""A support desk with a seed: which tickets it has at any moment, and what the API says of them.

Depends on arrivals, stories and the truth of their law. Promises pure functions of (seed, id,
time): the same question gets the same answer, in any order and on any machine, and a later time or
more tickets change nothing of what was said.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime
from functools import cached_property
from threading import RLock
from typing import Any

from .arrivals import Arrivals
from .draws import eight
from .story import Story
from .telling import tell
from .truth import Truth
from .vocabulary import STAGES

END = datetime(2026, 11, 1, tzinfo=UTC)

# ids are the vendor's, not the merchant's: there are gaps, and room for tickets made by hand
STRIDE = 1_000
SPREAD = 500


class World:
    """All tickets of one organisation, past and to come."""

    def __init__(
        self,
        seed: int = 7,
        tickets: int = 20_000,
        months: int = 22,
        end: datetime = END,
        vanishing: float = 0.0,
    ) -> None:
        """`tickets` are created in the `months` before `end`, and more of them afterwards.

        `vanishing` is the share of tickets that the API loses some day, a month after creation on
        average.
        """
        self.seed, self.tickets, self.vanishing = seed, tickets, vanishing
        self.end = end.astimezone(UTC)
        self.start = _midnight_months_before(self.end, months)
        self._arrivals = Arrivals(self.start, self.end, tickets)
        self._ids: list[int] = []
        self._created: list[int] = []
        self._stories: dict[int, Story] = {}
        self._growing = RLock()

    def ids(self, at: datetime) -> list[int]:
        """The tickets that the API has at that moment, oldest first."""
        moment = int(at.timestamp())
        ids = self._ids[: self.arrived(moment)]
        if not self.vanishing:
            return ids
        return [number for number in ids if self.story(number, moment) is not None]

    def ticket(self, ticket_id: int, at: datetime) -> dict[str, Any] | None:
        """The ticket as the detail endpoint answers it at that moment, or None."""
        moment = int(at.timestamp())
        story = self.story(ticket_id, moment)
        return story.ticket(moment) if story else None

    def history(self, ticket_id: int, until: datetime) -> list[tuple[datetime, str, str]]:
        """Every (moment, status, stage) of the ticket so far, which the API never tells."""
        moment = int(until.timestamp())
        story = self._story_of(ticket_id, moment)
        changes = zip(story.moments, story.statuses, strict=True) if story else ()
        return [
            (datetime.fromtimestamp(at, UTC), status, STAGES[status])
            for at, status in changes
            if at <= moment
        ]

    def resolved_at(self, ticket_id: int, until: datetime) -> datetime | None:
        """When the ticket was first resolved, if it was by then."""
        moment = int(until.timestamp())
        story = self._story_of(ticket_id, moment)
        if story is None or not story.spells or story.spells[0].solved > moment:
            return None
        return datetime.fromtimestamp(story.spells[0].solved, UTC)

    @cached_property
    def truth(self) -> Truth:
        """The law's own figures, for judging estimates."""
        return Truth()

    def story(self, ticket_id: int, moment: int) -> Story | None:
        """The whole life of a ticket that the API has at that moment."""
        story = self._story_of(ticket_id, moment)
        return story if story is not None and story.holds(moment) else None

    def tell(self, ticket_id: int, created: int) -> Story:
        """The life that a ticket with this id would lead, had it come at that moment."""
        return tell(self.seed, ticket_id, created, self.vanishing)

    def arrived(self, moment: int) -> int:
        """How many tickets had been created by then, those since vanished among them."""
        self._grow_past(moment)
        return bisect_right(self._created, moment)

    def id_of(self, index: int) -> int:
        """The id of the index-th ticket, counted from 0, among those that have arrived."""
        return self._ids[index]

    def created(self, ticket_id: int) -> int | None:
        """When a ticket that has arrived was created; None for ids that are nobody's."""
        index = self._index_of(ticket_id)
        return None if index is None else self._created[index]

    def _story_of(self, ticket_id: int, moment: int) -> Story | None:
        story = self._stories.get(ticket_id)
        if story is not None:
            return story
        with self._growing:
            if not self._ids or ticket_id > self._ids[-1]:
                self._grow_past(moment)
            index = self._index_of(ticket_id)
            if index is None:
                return None
            story = self._stories[ticket_id] = self.tell(ticket_id, self._created[index])
            return story

    def _index_of(self, ticket_id: int) -> int | None:
        index = bisect_left(self._ids, ticket_id)
        return index if index < len(self._ids) and self._ids[index] == ticket_id else None

    def _grow_past(self, moment: int) -> None:
        with self._growing:
            while self.tickets and (not self._created or self._created[-1] <= moment):
                index = len(self._ids)
                gap, turn, *_ = eight(self.seed, b"arrival", index)
                self._ids.append(STRIDE * (index + 1) + int(gap * SPREAD))
                self._created.append(self._arrivals.moment(index + turn))


def _midnight_months_before(end: datetime, months: int) -> datetime:
    year, month = divmod(end.year * 12 + end.month - 1 - months, 12)
    return datetime(year, month + 1, min(end.day, 28), tzinfo=UTC)
