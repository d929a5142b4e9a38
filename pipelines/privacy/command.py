"""The command `forget`: its options, and the question before anything is deleted.

Depends on `forgetting`. Promises that nothing is deleted that nobody confirmed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from dlt.common.configuration.exceptions import ConfigurationValueError

from sources.sendcloud_support.holdings import counted, refuse_newer_tables, system_clock

from ..accounts import Account, marts_of_all, only_account
from ..failures import DONE, FAILED
from ..warehouse import duckdb_file
from .forgetting import forget_account, forget_tickets

DESCRIPTION = """\
Deletes tickets, or with --all the whole account, from the warehouse, its histories and what waits
on this machine, and says what it did. Asks the API nothing: a ticket that the API still has comes
back with the next sync.
"""


def add_forget(
    add: Callable[..., argparse.ArgumentParser], ticket_id: Callable[[str], int]
) -> None:
    """Add the command to the command line."""
    parser = add("forget", "delete tickets, or all, wherever they were put", DESCRIPTION)
    parser.add_argument(
        "ticket_ids", metavar="ID", type=ticket_id, nargs="*", help="Sendcloud's id of a ticket"
    )
    parser.add_argument("--all", action="store_true", help="the account, its marts and this state")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def forget(options: argparse.Namespace) -> int:
    """Tickets, or the account, are deleted."""
    ids = list(dict.fromkeys(options.ticket_ids))
    if bool(ids) == options.all:
        raise ConfigurationValueError("Name tickets by their ids, or --all; not both, not neither.")
    account = only_account(options.account)
    what = _what(account, len(ids))
    if not options.yes and not _is_confirmed(what):
        print("Nothing was deleted.", file=sys.stderr)
        return FAILED
    pipeline, together = account.pipeline(), marts_of_all() if account.name else ""
    file = duckdb_file(pipeline)
    if file is not None and not file.exists():
        print("Nothing is loaded here, so there is nothing to forget.")
        return DONE
    refuse_newer_tables(pipeline)
    told = (
        forget_account(account, together)
        if options.all
        else forget_tickets(account, ids, system_clock(), together)
    )
    for sentence in told:
        print(sentence)
    return DONE


def _what(account: Account, tickets: int) -> str:
    if tickets:
        return counted(tickets, "ticket") + (f" of account {account.name}" if account.name else "")
    return f"everything of {f'account {account.name}' if account.name else 'this account'}"


def _is_confirmed(what: str) -> bool:
    if not sys.stdin.isatty():
        raise ConfigurationValueError(
            f"Nobody is here to confirm that {what} may be deleted. Say it with --yes."
        )
    return input(f"Delete {what} from this warehouse, for good? [yes/no] ").strip() == "yes"
