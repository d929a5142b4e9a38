"""One walk over the whole list: which page comes next, and whether every ticket was met in the end.

Depends on `evidence`; no I/O, no clock. `Pass.next_page` says what to read, `take` hears the
answer. The list shifts while it is read, so the walk depends on its order:

- **Newest on top** (by creation or by update): pages 1, 2, 3, … New and updated tickets come in on
  top and only push the rest down, which shows tickets twice and hides none. Deletions pull the
  rest up past the reader, at most by as many places as `total` fell, because every insert pushed
  one place back: the walk goes back by that many places.
- **Newest at the bottom**: page 1 shows the order, then from the last page back to the first.
  Deletions and updates pull unread tickets towards the pages still to come. Page 1, read first, is
  read again unless nothing moved.
- **Closing**, in both: the new end is read again until one page there goes back to before the last
  reading of it, so that whatever came meanwhile was met.
- **No order**, or too little to tell top from bottom: pages 1, 2, 3, …
- **An end before the end**: a page that the API counts and twice does not give (refused, or empty)
  is where its list ends for us. The walk is over, what lies behind is out of `reach`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from ..api import Page
from .evidence import Evidence, Repetition
from .orders import Rank

CLOSING_ROUNDS = 20
"""How often the new end is read again before a list that changes faster is given up on."""

LONGEST_WALK = 4
"""Times the list's own pages after which a walk that is sent back again and again ends."""

MISSES = 5
"""After so many pages from the bottom up that are not given, the walk goes from the top down."""

WALKING, CLOSING, DONE = "walking", "closing", "done"
ON, AGAIN, CLOSED, OVER = "on", "again", "closed", "over"


@dataclass
class Closing:
    """Readings of the new end after the walk.

    `newest` are the latest tickets, by order, that the new end showed when it was read last,
    `round_newest` those of the reading under way, the `rounds`th.
    """

    newest: dict[str, Rank] = field(default_factory=dict)
    round_newest: dict[str, Rank] = field(default_factory=dict)
    rounds: int = 0

    def begin_round(self) -> bool:
        """Read the new end once more; whether that is worth it."""
        self.round_newest = {}
        self.rounds += 1
        return self.rounds <= CLOSING_ROUNDS

    def hear(self, page: Page, evidence: Evidence, upward: bool, fallen: int) -> str:
        """What a page says: `ON` from the new end, `AGAIN` from there, it is `CLOSED`, or `OVER`.

        Walking down, `fallen` tickets may have pulled others past the reader.
        """
        is_new_end = page.number == evidence.new_end(upward)
        if is_new_end:
            self.round_newest = evidence.newest_of(page)
        elif not self.round_newest or (fallen and not upward):
            return AGAIN
        if not evidence.orders:
            return OVER
        is_far_end = page.number == 1 if upward else page.is_last
        if not (is_far_end or evidence.goes_back_to(self.newest, page)):
            return ON
        if is_new_end:
            return CLOSED
        if self.newest == self.round_newest:
            return OVER
        self.newest = self.round_newest
        return AGAIN


@dataclass
class Proof:
    """Whether the tickets that a pass met are those that the API held at one moment of it.

    After a walk that closed, if they are as many as `total` says at its end, because none is
    missing; else if `total` stood still and is their number, and all of them existed when the pass
    began, because then they are all that existed. They did if none is younger than the pass (our
    clock against the API's, hence `FRESH`), or if the pass before met the same ones; `met_before`
    tells those from others.
    """

    is_closed: bool = False
    met_before: str | None = None

    def holds(self, evidence: Evidence) -> bool:
        """Whether it does, once the walk has ended."""
        if len(evidence.met) != evidence.total:
            return False
        is_same = self.met_before == _fingerprint(evidence.met)
        return self.is_closed or (evidence.is_quiet and (not evidence.is_fresh or is_same))


@dataclass
class Pass:
    """One walk. See the module for where it goes.

    `frontier` is the place, counted from the top, before which nothing is unread; `missing` is the
    page that was not given when it was last asked for, `reach` the last page that the API gives, if
    that is not all.
    """

    evidence: Evidence
    repetition: Repetition = field(default_factory=Repetition)
    closing: Closing = field(default_factory=Closing)
    proof: Proof = field(default_factory=Proof)
    phase: str = WALKING
    upward: bool = False
    next_page: int = 1
    frontier: int = 0
    missing: int | None = None
    misses: int = 0
    reach: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether the walk has ended."""
        return self.phase == DONE

    @property
    def is_exact(self) -> bool:
        """Whether what was met is what the API held, at one moment of this pass."""
        return self.is_done and self.proof.holds(self.evidence)

    @property
    def is_nameless(self) -> bool:
        """Whether all was met, but for tickets on it of which nobody can tell which they are."""
        return self.is_done and self.evidence.lacks_nameless

    def followed_by(self, page: Page, now: datetime) -> Pass:
        """The next pass, begun with the last page of this one, which was seen `now`."""
        evidence = Evidence(now, set(page.ids), total=page.total)
        return Pass(evidence, proof=Proof(met_before=_fingerprint(self.evidence.met)))

    def take(self, page: Page) -> None:
        """Hear the answer to `next_page` and decide what comes next."""
        fallen = self.evidence.note(page)
        if self.phase == CLOSING:
            self._close(page, fallen)
        elif page.is_empty and page.number <= (page.pages or 0):
            self._miss(page.number)
        elif self.repetition.is_suspected(page, self.evidence.is_quiet):
            self.next_page = page.number - self._onward
        else:
            self._step(page, fallen)
        read = self.evidence.read
        if read > LONGEST_WALK * (self.evidence.pages or read) + CLOSING_ROUNDS:
            self.phase = DONE

    def take_missing(self) -> None:
        """Hear that there is no such page."""
        self.evidence.note_missing()
        if self.phase == CLOSING and not self.upward:
            self._begin_round()
        else:
            self._miss(self.next_page)

    @property
    def _onward(self) -> int:
        """The direction of the walk, in pages."""
        return -1 if self.upward else 1

    def _miss(self, number: int) -> None:
        """A page that is not given: the one before tells whether the list became shorter."""
        before, self.missing = self.missing, number
        self.misses = self.misses + 1 if before == number + 1 else 1
        size = self.evidence.size
        if before == number:
            self.reach, self.phase = number - 1 if self.evidence.pages else None, DONE
        elif self.upward and self.misses == MISSES:
            self.upward, self.next_page = False, self.frontier // max(size, 1) + 1
        else:
            self.next_page = max(1, number - 1)
            self.frontier = min(self.frontier, (self.next_page - 1) * size)

    def _step(self, page: Page, fallen: int) -> None:
        self.evidence.met |= page.ids
        if self.upward:
            self._step_up(page)
        else:
            self._step_down(page, fallen)

    def _step_down(self, page: Page, fallen: int) -> None:
        """From the top: on, or back to the place up to which tickets may have been pulled."""
        if self.evidence.read == 1:
            self.closing.newest = self.evidence.newest_of(page)
        if self.evidence.orders:
            self.frontier = max(0, self.frontier - fallen)
        start = (page.number - 1) * page.size
        has_gap = start > self.frontier
        if not has_gap:
            self.frontier = max(self.frontier, start + page.size)
        self.next_page = self.frontier // page.size + 1
        if page.is_last and not has_gap:
            self._end_walk()
        elif page.pages and self.evidence.is_ascending and self.missing is None:
            self.upward, self.next_page, self.closing.newest = True, page.pages, {}

    def _step_up(self, page: Page) -> None:
        """From the bottom: to the page above, unless all above was read and has not moved."""
        if page.is_empty and page.pages:
            self.next_page = min(page.pages, page.number - 1)
            return
        self.closing.newest = self.closing.newest or self.evidence.newest_of(page)
        self.next_page = page.number - 1
        if self.next_page * page.size <= (self.frontier if self.evidence.is_still else 0):
            self._end_walk()

    def _end_walk(self) -> None:
        """A list on one page was seen whole; a longer one has to be closed, if it has an end."""
        evidence = self.evidence
        has_end = evidence.orders and (self.upward or evidence.is_descending)
        if evidence.read == 1:
            self.phase, self.proof.is_closed = DONE, True
        elif evidence.total is not None and has_end:
            self._begin_round()
        else:
            self.phase = DONE

    def _begin_round(self) -> None:
        """Read the new end again, from where it is now."""
        self.next_page = self.evidence.new_end(self.upward)
        self.phase = CLOSING if self.closing.begin_round() else DONE

    def _close(self, page: Page, fallen: int) -> None:
        """Read on from the new end until a page goes back to before the last reading of it."""
        self.evidence.met |= page.ids
        found = self.closing.hear(page, self.evidence, self.upward, fallen)
        if found == ON:
            self.next_page = page.number + self._onward
        elif found == AGAIN:
            self._begin_round()
        elif found == CLOSED:
            self._finish()
        else:
            self.phase = DONE

    def _finish(self) -> None:
        """Read the first pages of an upward walk again, if anything can have moved onto them."""
        if self.upward and self.frontier and not self.evidence.is_still:
            self.phase, self.next_page = WALKING, max(1, self.frontier // self.evidence.size)
            self.frontier = 0
        else:
            self.phase, self.proof.is_closed = DONE, True


def _fingerprint(ids: Iterable[int]) -> str:
    """Tells one set of ids from another."""
    return sha256(" ".join(map(str, sorted(ids))).encode()).hexdigest()
