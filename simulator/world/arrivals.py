"""When tickets come in: more on Mondays, before Christmas, at eleven and at three, and each year.

Depends on nothing. Promises that the n-th ticket's moment is a pure function of the world's
parameters and one draw, that later numbers come later, and that exactly `tickets` lie between
`start` and `end`; after `end` they go on coming by the same law.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from itertools import accumulate

DAY = 86_400
HOUR = 3_600
MONTHS = (0.98, 0.92, 0.95, 0.93, 0.97, 0.95, 0.90, 0.86, 0.96, 1.05, 1.32, 1.50)
WEEKDAYS = (1.35, 1.20, 1.12, 1.10, 1.05, 0.50, 0.25)
HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 14, 19, 22, 23, 18, 17, 20, 22, 20, 15, 10, 8, 7, 6, 4, 2)
GROWTH = 0.45  # over the world's months; level afterwards

_DAY_SHAPE = [0.0, *(part / sum(HOURS) for part in accumulate(HOURS))]


class Arrivals:
    """The cumulative arrival law and its inverse, in seconds since 1970."""

    def __init__(self, start: datetime, end: datetime, tickets: int) -> None:
        self._start = int(start.timestamp())
        self._length = max(int(end.timestamp()) - self._start, 1)
        self._until = [0.0]  # arrival mass before each day, extended when asked
        self._mass_per_ticket = self._mass(self._start + self._length) / max(tickets, 1)

    def moment(self, number: float) -> int:
        """When ticket `number` comes (0 is the first; the fraction places it in its turn)."""
        mass = number * self._mass_per_ticket
        while self._until[-1] <= mass:
            self._add_day()
        day = bisect_right(self._until, mass) - 1
        share = (mass - self._until[day]) / self._weight(day)
        hour = min(bisect_right(_DAY_SHAPE, share) - 1, 23)
        within = (share - _DAY_SHAPE[hour]) / (_DAY_SHAPE[hour + 1] - _DAY_SHAPE[hour])
        return self._start + day * DAY + int((hour + within) * HOUR)

    def _mass(self, moment: int) -> float:
        day, seconds = divmod(moment - self._start, DAY)
        while len(self._until) <= day:
            self._add_day()
        hour, rest = divmod(seconds, HOUR)
        step = _DAY_SHAPE[hour + 1] - _DAY_SHAPE[hour]
        return self._until[day] + self._weight(day) * (_DAY_SHAPE[hour] + step * rest / HOUR)

    def _add_day(self) -> None:
        self._until.append(self._until[-1] + self._weight(len(self._until) - 1))

    def _weight(self, day: int) -> float:
        date = datetime.fromtimestamp(self._start + day * DAY, UTC)
        growth = 1 + GROWTH * min(day * DAY / self._length, 1)
        return MONTHS[date.month - 1] * WEEKDAYS[date.weekday()] * growth
