"""The list's filters, none of which the vendor names: those that the switches say there are.

Depends on the account and the switches. Promises that a parameter does what its switch says and
that all others are ignored, or refused where the switches say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..account import Account, seconds
from .switches import Switches

PAGING = ("page", "size")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

Ticket = dict[str, Any]
Keep = Callable[[Ticket], bool]


@dataclass(frozen=True)
class Filters:
    """Which tickets are listed: those changed since, and those that all others keep."""

    since: int | None = None
    others: tuple[Keep, ...] = ()

    def slice(self, account: Account, first: int, count: int) -> tuple[int, list[int]]:
        """How many there are, and the ids of some."""
        if not self.others:
            return account.slice(first, count, self.since)
        known, least = account.tickets(), self.since or 0
        chosen = [
            each["id"]
            for each in known
            if _changed(each) >= least and all(keep(each) for keep in self.others)
        ]
        return len(chosen), chosen[first : first + count]


NO_FILTERS = Filters()


def read_filters(query: Mapping[str, str], switches: Switches) -> Filters:
    """The filters of a request that has no mistake in it."""
    since = switches.updated_since
    is_obeyed = since is not None and since in query and switches.obeys_updated_since
    return Filters(
        seconds(query[since]) if since is not None and is_obeyed else None,
        tuple(_others(query, switches)),
    )


def mistake(query: Mapping[str, str], switches: Switches) -> tuple[str, str] | None:
    """The first parameter that is not as it should be, and what is wrong with it."""
    equal = dict(equal_filters(switches))
    for name, value in query.items():
        if name in PAGING:
            continue
        if name in bounds(switches) and not _is_bound(value, switches):
            return name, "Input should be a valid date"
        if equal.get(name) == "parcel_id" and not value.isdecimal():
            return name, "Input should be a valid integer"
        is_unknown = name not in {*bounds(switches), *equal}
        if is_unknown and switches.unknown_parameters == "refused":
            return name, "Extra inputs are not permitted"
    return None


def bounds(switches: Switches) -> set[str]:
    """The names of the filters that are lower bounds of a time."""
    return {name for name in (switches.updated_since, switches.created_since) if name}


def equal_filters(switches: Switches) -> Iterator[tuple[str, str]]:
    """The filters by a value: the parameter, and the field that it asks for."""
    for each in switches.equal_filters:
        name, _, field = each.partition("=")
        yield name, field or name


def _others(query: Mapping[str, str], switches: Switches) -> Iterator[Keep]:
    created = switches.created_since
    if created is not None and created in query:
        least = seconds(query[created])
        yield lambda ticket: seconds(ticket["created_at"]) >= least
    for name, field in equal_filters(switches):
        if name in query:
            yield _equals(field, query[name])


def _equals(field: str, value: str) -> Keep:
    return lambda ticket: str(ticket[field]) == value


def _changed(ticket: Ticket) -> int:
    return seconds(ticket["updated_at"]) or seconds(ticket["created_at"])


def _is_bound(value: str, switches: Switches) -> bool:
    if switches.bounds_are_dates:
        return DATE.fullmatch(value) is not None
    try:
        return bool(datetime.fromisoformat(value))
    except ValueError:
        return False
