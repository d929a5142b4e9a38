"""Names of filters: which parameters the list knows, by what it answers to a value nothing meets.

Depends on `findings` and the source's probe. The proof: a bound in the far future, or a value that
no ticket has, leaves no ticket; an error that names the parameter knows it. A name that nobody can
have thought of is asked first, for comparison. The candidates are the names that the vendor's other
services use; that this one uses any of them is a guess until it is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sources.sendcloud_support.api import Probe

from .findings import Verdict

FAR, FAR_DAY = "2100-01-01T00:00:00+00:00", "2100-01-01"
INVENTED = "zz_nobody_knows_this"

TIMES = (
    "updated_after",
    "created_after",
    "start_date",
    "start_datetime",
    "updated_at_from",
    "created_at_from",
    "date_from",
    "from_date",
    "created_at_min",
)
VALUES = {
    "status": "zz_no_such_status",
    "carrier": "zz_no_such_carrier",
    "carrier_code": "zz_no_such_carrier",
    "parcel_id": "999999999999999",
}

HALF = 2
Ask = Callable[..., Probe]


@dataclass(frozen=True)
class Known:
    """What the list gives without a filter, and what it does with a name that nobody knows."""

    total: int | None
    control: Probe

    @property
    def refuses_unknown(self) -> bool:
        """Whether unknown names are refused."""
        return not self.control.is_ok

    @property
    def tells_nothing(self) -> bool:
        """Whether even an unknown name leaves no ticket, so that no answer means anything."""
        return self.control.is_empty

    def judge(self, answer: Probe) -> Verdict:
        """What an answer says about the parameter that was asked with it."""
        if not answer.is_ok:
            return self._judge_refusal(answer)
        if answer.is_empty:
            return Verdict.UNCLEAR if self.tells_nothing else Verdict.FILTER
        if self.refuses_unknown:
            return Verdict.NOT_OBEYED
        return Verdict.UNCLEAR if self._is_fewer(answer) else Verdict.IGNORED

    def _judge_refusal(self, answer: Probe) -> Verdict:
        if self.refuses_unknown and answer.fingerprint == self.control.fingerprint:
            return Verdict.REFUSED
        return Verdict.REFUSES_VALUE if answer.names_parameter else Verdict.UNCLEAR

    def _is_fewer(self, answer: Probe) -> bool:
        """Far fewer than all; some come and go meanwhile."""
        if self.total is None or answer.total is None:
            return False
        return answer.total * HALF < self.total


def ask_control(ask: Ask, total: int | None) -> Known:
    """What is done with a name that nobody can know."""
    return Known(total, ask(about=INVENTED, size=1, **{INVENTED: FAR}))


def ask_time(ask: Ask, known: Known, name: str) -> tuple[Verdict, bool, Probe]:
    """What a bound of that name does, and whether it takes days only."""
    answer = ask(about=name, size=1, **{name: FAR})
    verdict = known.judge(answer)
    if verdict is not Verdict.REFUSES_VALUE:
        return verdict, False, answer
    answer = ask(about=name, size=1, **{name: FAR_DAY})
    return known.judge(answer), True, answer


def ask_value(ask: Ask, known: Known, name: str) -> tuple[Verdict, Probe]:
    """What a filter by value of that name does; one that refuses an impossible value is one."""
    answer = ask(about=name, size=1, **{name: VALUES[name]})
    verdict = known.judge(answer)
    return (Verdict.FILTER if verdict is Verdict.REFUSES_VALUE else verdict), answer
