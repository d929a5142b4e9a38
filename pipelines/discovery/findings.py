"""What was found out: plain values, none of them of a ticket.

Depends on nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    """What the API does with a parameter."""

    FILTER = "a filter"
    REFUSES_VALUE = "known, but refuses the values that were tried"
    NOT_OBEYED = "accepted where other names are refused, and yet everything came"
    UNCLEAR = "not understood"
    IGNORED = "ignored"
    REFUSED = "refused like any unknown name"


class Goes(Enum):
    """What a bound of time is compared with."""

    BY_UPDATE = "change"
    BY_CREATION = "creation"
    UNKNOWN = "unknown"


class Depth(Enum):
    """Whether pages of the list hold requested actions."""

    SHOWN = "pages show them"
    LEFT_OUT = "pages leave them out, details have them"
    UNKNOWN = "no ticket that was seen has any"


@dataclass(frozen=True)
class Bound:
    """A filter by time: what it goes by, and whether it takes days only."""

    goes: Goes
    takes_days_only: bool = False


@dataclass
class Findings:
    """The answers, as far as they could be had.

    `unknown_names` says what is done with a parameter that nobody can know; `largest_size` is None
    where it lies beyond what was tried; `requests` counts every attempt.
    """

    has_counts: bool = True
    order: str = "unknown"
    unknown_names: str = "not asked"
    names: dict[str, Verdict] = field(default_factory=dict)
    bounds: dict[str, Bound] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    largest_size: int | None = None
    above_largest: str = "not asked"
    past_the_end: str = "not asked"
    actions: Depth = Depth.UNKNOWN
    headers: tuple[str, ...] = ()
    requests: int = 0
    throttled: int = 0
    is_empty: bool = False

    @property
    def change_filter(self) -> str | None:
        """The name that `updated_since_param` may have: it takes times and goes by change."""
        wanted = Bound(Goes.BY_UPDATE)
        return next((name for name, bound in self.bounds.items() if bound == wanted), None)
