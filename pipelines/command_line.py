"""The command line: `python -m pipelines COMMAND`.

Depends on every other module of this room. Promises the exit codes of `outcome` and one sentence
on standard error for each failure; results go to standard output. Where several accounts are
configured and none is named, a command is for each of them, one after the other, if that can be
meant.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sources.sendcloud_support.holdings import (
    FULL,
    REFRESH,
    SYNC,
    refuse_newer_tables,
    system_clock,
)

from .accounts import (
    Account,
    configured_account,
    configured_accounts,
    go_round,
    only_account,
)
from .alerts import code_of, told_ending
from .check import run_check, run_discovery
from .failures import (
    DONE,
    FAILED,
    USAGE,
    exit_code,
    explain,
)
from .marts import AsOf, build_together, run_marts
from .options import EXIT_CODES, build_parser
from .privacy import forget
from .process import is_standard_output, lasting_output, stopping_on_signals
from .runs import carry_out_aloud, run_refresh, run_sync
from .warehouse import only_run, own_folder, use_own_settings

__all__ = ["EXIT_CODES", "build_parser", "main"]

Say = Callable[[str], object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    with lasting_output() as lost:
        options = build_parser().parse_args(arguments)
        code = _carry_out(options)
    if lost and options.name == "status":  # which does nothing but speak
        return code or FAILED
    return code


def _carry_out(options: argparse.Namespace) -> int:
    try:
        with stopping_on_signals():
            use_own_settings()
            code: int = COMMANDS[options.name](options)
    except KeyboardInterrupt as stop:
        said = str(stop) or "Stopped. What was read is kept: run it again to go on."
        print(said, file=sys.stderr)
        return FAILED
    except Exception as error:
        print(explain(error), file=sys.stderr)
        return exit_code(error)
    return code


def sync(options: argparse.Namespace) -> int:
    """The scheduled run, and the marts if they are asked for and the tickets are there."""
    say = _complain if options.json else print
    if options.same_account:
        only_account(options.account)  # or wrong keys of another would be believed too
    code = go_round(_accounts(options), partial(_sync, options), say)
    return _add_together(say, code) if options.marts else code


def _sync(options: argparse.Namespace, account: Account, say: Say) -> int:
    mode, folder = FULL if options.full else SYNC, own_folder(account.pipeline())
    with told_ending(folder, mode, options.json, account=account.name) as ending:
        read = partial(run_sync, full=options.full)
        ending.finish(carry_out_aloud(account, mode, read, options.same_account, say))
        if options.marts:
            ending.code = _build_marts(account, say) or ending.code
    return ending.code


def marts(options: argparse.Namespace) -> int:
    """The tables that answer questions."""
    code = go_round(_accounts(options), partial(_build_marts, as_of=options.as_of))
    return _add_together(print, code, options.as_of)


def _build_marts(account: Account, say: Say, as_of: AsOf | None = None) -> int:
    pipeline = account.pipeline()
    with only_run(pipeline):
        refuse_newer_tables(pipeline)
        return run_marts(pipeline, say, as_of, account.marts_schema)


def _add_together(say: Say, code: int, as_of: AsOf | None = None) -> int:
    """The marts of all accounts in one schema, where there are several; the exit code."""
    accounts = configured_accounts()
    if len(accounts) > 1:
        build_together(accounts, say, as_of)
    return code


def report(options: argparse.Namespace) -> int:
    """The answers on one page."""
    from .report import run_report

    say = _complain if is_standard_output(options.out) else print
    return run_report(options.out, say, as_of=options.as_of, account=options.account)


def publish(options: argparse.Namespace) -> int:
    """The tables for engines that nothing is loaded into."""
    from .delta import publish_together, run_publish

    accounts = _accounts(options)
    code = go_round(accounts, partial(run_publish, to=options.to))
    if len(accounts) > 1 and code != USAGE:
        publish_together(accounts, print, options.to)
    return code


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def refresh(options: argparse.Namespace) -> int:
    """Some tickets, now."""
    read = partial(run_refresh, ticket_ids=options.ticket_ids)
    return code_of(carry_out_aloud(only_account(options.account), REFRESH, read))


def check(options: argparse.Namespace) -> int:
    """Whether a sync would get through, or what the API does that nobody documents."""
    if options.discover:
        return run_discovery(only_account(options.account), print)
    return go_round(_accounts(options), run_check)


def status(options: argparse.Namespace) -> int:
    """What was done and what is held."""
    from .status import look_at_status, print_status

    accounts, now = _accounts(options), system_clock()
    found = {account.name: look_at_status(account, now) for account in accounts}
    if options.json:
        print(json.dumps(found if accounts[0].name else found[""], indent=2))
        return DONE
    for name, facts in found.items():
        print_status(facts, name)
    return DONE


def demo(_: argparse.Namespace) -> int:
    """A made-up account."""
    from .demo import run_demo

    return run_demo(print)


def _accounts(options: argparse.Namespace) -> list[Account]:
    """The one that was named, or all."""
    return [configured_account(options.account)] if options.account else configured_accounts()


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    each.__name__: each
    for each in (sync, refresh, check, status, marts, forget, report, publish, demo)
}
"""By their names, as `options` has them."""
