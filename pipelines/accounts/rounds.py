"""One command for several accounts, one after the other.

Depends on `failures`. Promises that one account's failure keeps no other from its turn, that each
line says whose it is, and that the exit code is the worst of all.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence

from ..failures import ACCESS, BUSY, DONE, FAILED, INCOMPLETE, USAGE, exit_code, explain
from .account import Account

Say = Callable[[str], object]

ENDINGS = {
    DONE: "done",
    BUSY: "not begun, another run loads it",
    INCOMPLETE: "done, not proven complete",
    FAILED: "failed; tables are as they were",
    ACCESS: "credentials refused, or no access to the Support API beta",
    USAGE: "wrong usage or configuration",
}
"""From the best to the worst: what mends itself, what may, what somebody has to mend."""


def go_round(
    accounts: Sequence[Account],
    command: Callable[[Account, Say], int],
    say: Say = print,
    complain: Say | None = None,
) -> int:
    """Carry out the command for each account; the worst exit code.

    For the only account nothing is added to what the command says and raises.
    """
    if len(accounts) == 1 and not accounts[0].name:
        return command(accounts[0], say)
    complain = complain or _complain
    codes = {each.name: _take_turn(each, command, say, complain) for each in accounts}
    if len(codes) > 1:
        for name, code in codes.items():
            say(f"{name:{max(map(len, codes))}}  {ENDINGS[code]}")
    return worst(codes.values())


def worst(codes: Iterable[int]) -> int:
    """The exit code that asks most of whoever reads it."""
    return max(codes, key=list(ENDINGS).index)


def _take_turn(
    account: Account, command: Callable[[Account, Say], int], say: Say, complain: Say
) -> int:
    try:
        return command(account, _naming(account, say))
    except Exception as error:
        _naming(account, complain)(explain(error))
        return exit_code(error)


def _naming(account: Account, say: Say) -> Say:
    def named(sentence: str) -> object:
        return say("\n".join(f"{account.name}: {line}" for line in sentence.splitlines()))

    return named


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr)
