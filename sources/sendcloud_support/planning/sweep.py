"""The complete sweep: passes over the list until one of them met every ticket.

Depends on `walk`; no I/O, no clock. `Sweep.next_page` says what to read, `take` and `take_missing`
hear the answer. A pass that is not exact is followed by another, up to `PASSES`. Serialises to
plain values between pages, except for the ids met, which whoever stores the tickets can give back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, TypeVar

from ..api import Page
from .evidence import Evidence, Repetition
from .orders import BY_NAME, Rank, describe
from .walk import Closing, Pass, Proof

PASSES = 3

State = dict[str, Any]
T = TypeVar("T", Evidence, Repetition, Closing, Proof)


@dataclass
class Sweep:
    """Passes over the list until one is exact, or `PASSES` were made."""

    current: Pass
    passes: int = 1

    @classmethod
    def begin(cls, now: datetime) -> Sweep:
        """A sweep from the first page on."""
        return cls(Pass(Evidence(now)))

    @property
    def evidence(self) -> Evidence:
        """What the pages of this pass told."""
        return self.current.evidence

    @property
    def next_page(self) -> int | None:
        """The page to read next, None when the sweep has ended."""
        return None if self.is_done else self.current.next_page

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to read."""
        return self.current.is_done

    @property
    def is_cut(self) -> bool:
        """Whether the API gives less of the list than it counts."""
        return self.current.reach is not None

    @property
    def order(self) -> str:
        """The list's order, as far as it showed."""
        return describe(self.evidence.orders)

    def take(self, page: Page, now: datetime) -> None:
        """Hear the answer to `next_page`, seen `now`; begin another pass if one is needed."""
        self.current.take(page)
        current = self.current
        is_met = current.is_exact or current.is_nameless
        settled = is_met or self.evidence.total is None or self.is_cut
        if self.is_done and not settled and self.passes < PASSES:
            self.current = current.followed_by(page, now)
            self.passes += 1

    def take_missing(self) -> None:
        """Hear that the API answers 404 for `next_page`; for page 1 there is nothing to hear."""
        self.current.take_missing()

    def to_state(self) -> State:
        """Plain values, for a journal or a pipeline state; `met` is left to the reader."""
        return {"passes": self.passes, "pass": _plain(self.current)}

    @classmethod
    def from_state(cls, state: State, met: Iterable[int]) -> Sweep:
        """The sweep that `to_state` described; `met` are the ids seen at `started_at` or later.

        A doubt whether pages repeat is not taken along: the API may have recovered since.
        """
        return cls(_restored(state["pass"], set(met)), state["passes"])


PARTS = ("evidence", "repetition", "closing", "proof")
"""Their fields stand beside those of the pass."""


def _plain(walk: Pass) -> State:
    parts = (walk, *(getattr(walk, name) for name in PARTS))
    plain = {entry.name: getattr(part, entry.name) for part in parts for entry in fields(part)}
    kept = {name: value for name, value in plain.items() if name not in (*PARTS, "met")}
    return kept | {
        "started_at": walk.evidence.started_at.isoformat(),
        "orders": [order.name for order in walk.evidence.orders],
        "rising": sorted(walk.evidence.rising),
        "newest": _plain_ranks(walk.closing.newest),
        "round_newest": _plain_ranks(walk.closing.round_newest),
        "previous": sorted(walk.repetition.previous),
    }


def _restored(state: State, met: set[int]) -> Pass:
    values = {name: READ.get(name, _as_is)(value) for name, value in state.items()}
    values |= {"met": met, "doubtful": False}
    if state["doubtful"]:
        values["previous"] = frozenset()
    walk = Pass(
        _part(Evidence, values),
        _part(Repetition, values),
        _part(Closing, values),
        _part(Proof, values),
    )
    return replace(walk, **_known(Pass, values))


def _part(kind: type[T], values: State) -> T:
    return kind(**_known(kind, values))


def _known(kind: type, values: State) -> State:
    """The values of its fields; what a state of an older version lacks has its default."""
    return {entry.name: values[entry.name] for entry in fields(kind) if entry.name in values}


def _as_is(value: Any) -> Any:
    return value


def _plain_ranks(ranks: Mapping[str, Rank]) -> dict[str, list[Any]]:
    return {name: [moment.isoformat(), ticket_id] for name, (moment, ticket_id) in ranks.items()}


def _ranks(plain: Mapping[str, list[Any]]) -> dict[str, Rank]:
    return {name: (datetime.fromisoformat(text), each) for name, (text, each) in plain.items()}


READ: dict[str, Callable[[Any], Any]] = {
    "started_at": datetime.fromisoformat,
    "orders": lambda names: tuple(BY_NAME[name] for name in names),
    "rising": set,
    "newest": _ranks,
    "round_newest": _ranks,
    "previous": frozenset,
}
"""How plain values are read, where they are not what they were."""
