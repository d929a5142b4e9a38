"""The command line: `python -m pipelines COMMAND`.

Depends on every other module of this room. Promises the exit codes of `outcome` and one sentence
on standard error for each failure; results go to standard output.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sources.sendcloud_support.holdings import (
    FULL,
    REFRESH,
    SYNC,
    refuse_newer_tables,
    system_clock,
)

from . import __version__
from .alerts import code_of, told_ending
from .check import run_check, run_discovery
from .failures import (
    DONE,
    FAILED,
    exit_code,
    explain,
)
from .marts import AsOf, read_as_of, run_marts
from .privacy import add_forget
from .process import is_standard_output, lasting_output, stopping_on_signals
from .runs import carry_out_aloud, run_refresh, run_sync
from .warehouse import (
    only_run,
    open_for_writing,
    own_folder,
    use_own_settings,
)

Say = Callable[[str], object]

EXIT_CODES = """\
exit codes:
  0  done
  1  failed; tables are as they were
  2  wrong usage or configuration
  3  credentials refused, or no access to the Support API beta
  4  done, but not proven complete
  5  another run is loading this warehouse

configuration: .dlt/config.toml and .dlt/secrets.toml, or the environment, for example
  SOURCES__SENDCLOUD_SUPPORT__CREDENTIALS__PUBLIC_KEY and ..__SECRET_KEY
  DESTINATION__WAREHOUSE__CREDENTIALS
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    with lasting_output() as lost:
        options = build_parser().parse_args(arguments)
        code = _carry_out(options)
    if lost and options.command is status:  # which does nothing but speak
        return code or FAILED
    return code


def _carry_out(options: argparse.Namespace) -> int:
    try:
        with stopping_on_signals():
            use_own_settings()
            code: int = options.command(options)
    except KeyboardInterrupt as stop:
        said = str(stop) or "Stopped. What was read is kept: run it again to go on."
        print(said, file=sys.stderr)
        return FAILED
    except Exception as error:
        print(explain(error), file=sys.stderr)
        return exit_code(error)
    return code


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m pipelines",
        description="Loads Sendcloud support tickets into a warehouse, exactly.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"pipelines {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_sync(commands)
    _add_refresh(commands)
    _add_check(commands)
    _add_status(commands)
    _add_marts(commands)
    add_forget(partial(_add, commands), _ticket_id)
    _add_report(commands)
    _add_publish(commands)
    _add(
        commands,
        "demo",
        demo,
        "load a made-up account from a simulator on this machine",
        "Starts the simulator on a free port, moves its clock through several syncs, loads every "
        "ticket over real HTTP into sendcloud_demo.duckdb, and prints what to look at. Needs no "
        "keys and no network.",
    )
    return parser


def sync(options: argparse.Namespace) -> int:
    """The scheduled run, and the marts if they are asked for and the tickets are there."""
    mode = FULL if options.full else SYNC
    pipeline, say = open_for_writing(), _complain if options.json else print
    with told_ending(own_folder(pipeline), mode, options.json) as ending:
        read = partial(run_sync, full=options.full)
        ending.finish(carry_out_aloud(pipeline, mode, read, options.same_account, say))
        if options.marts:
            ending.code = _build_marts(say) or ending.code
    return ending.code


def marts(options: argparse.Namespace) -> int:
    """The tables that answer questions."""
    return _build_marts(print, options.as_of)


def _build_marts(say: Say, as_of: AsOf | None = None) -> int:
    pipeline = open_for_writing()
    with only_run(pipeline):
        refuse_newer_tables(pipeline)
        return run_marts(pipeline, say, as_of)


def report(options: argparse.Namespace) -> int:
    """The answers on one page."""
    from .report import run_report

    say = _complain if is_standard_output(options.out) else print
    return run_report(options.out, say, as_of=options.as_of)


def publish(options: argparse.Namespace) -> int:
    """The tables for engines that nothing is loaded into."""
    from .delta import run_publish

    return run_publish(options.to, print)


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def refresh(options: argparse.Namespace) -> int:
    """Some tickets, now."""
    read = partial(run_refresh, ticket_ids=options.ticket_ids)
    return code_of(carry_out_aloud(open_for_writing(), REFRESH, read))


def check(options: argparse.Namespace) -> int:
    """Whether a sync would get through, or what the API does that nobody documents."""
    return run_discovery(print) if options.discover else run_check(print)


def status(options: argparse.Namespace) -> int:
    """What was done and what is held."""
    from .status import look_at_status, print_status

    facts = look_at_status(system_clock())
    print(json.dumps(facts, indent=2)) if options.json else print_status(facts)
    return DONE


def demo(_: argparse.Namespace) -> int:
    """A made-up account."""
    from .demo import run_demo

    return run_demo(print)


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    command: Callable[[argparse.Namespace], int],
    summary: str,
    description: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=command)
    return parser


def _add_sync(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "sync",
        sync,
        "load what the API has, the run for a scheduler",
        "Into an empty warehouse: the whole list, page by page. Afterwards: what is new, what is\n"
        "still moving, and whatever the counts show to be missing or gone; everything again when\n"
        "the last complete sweep is full_sweep_days (7) old. At most requests_per_minute (30)\n"
        "requests in any minute. A run that was killed, or reached max_minutes or max_requests,\n"
        "is continued by the next one.",
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="read everything again and mark tickets that the API no longer has",
    )
    parser.add_argument("--marts", action="store_true", help="build the marts afterwards")
    parser.add_argument(
        "--json",
        action="store_true",
        help="the run as one line of JSON on standard output, whatever its end; words elsewhere",
    )
    parser.add_argument(
        "--same-account",
        action="store_true",
        help="once, after the keys or the address changed: this is still the account whose tickets "
        "the warehouse holds",
    )


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "check",
        check,
        "see whether a sync would get through",
        "Checks credentials, beta access, the API's answer and the warehouse, one line each. Reads "
        "one page and loads nothing.",
    )
    parser.add_argument(
        "--discover",
        action="store_true",
        help="instead, find out by about twenty requests what the vendor does not document",
    )


def _add_marts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "marts",
        marts,
        "build the tables that answer questions",
        "Builds dataset sendcloud_marts from dataset sendcloud with dbt, on DuckDB or Postgres,\n"
        "and checks it. The new tables take the place of the old ones when all checks have passed.",
    )
    _add_as_of(
        parser,
        "tell everything as of that moment (UTC), such as 2026-10-01, in a schema of its own",
    )


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "report",
        report,
        "write the answers to one HTML page",
        "Writes one self-contained HTML file from the marts: what claims pay out, how long a\n"
        "resolution takes. It opens in any browser and asks no network.",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("sendcloud_report.html"),
        metavar="FILE",
        help="where to write it, - for standard output (default: %(default)s)",
    )
    _add_as_of(
        parser, "tell what was known at that moment (UTC); `marts --as-of` with it comes first"
    )


def _add_as_of(parser: argparse.ArgumentParser, said: str) -> None:
    parser.add_argument("--as-of", type=read_as_of, metavar="MOMENT", help=said)


def _add_publish(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "publish",
        publish,
        "write all tables and marts as Delta tables",
        "Writes tickets, their histories and the marts as whole Delta tables, for engines that no\n"
        "sync loads into: Spark, Databricks, Trino, Fabric. Each table is replaced at once, and\n"
        "who reads it meanwhile finds the one before. Needs the package deltalake.",
    )
    parser.add_argument(
        "--to",
        required=True,
        metavar="URL",
        help="a folder, or the address of a bucket such as s3://bucket/prefix; secrets belong into "
        "the environment (AWS_SECRET_ACCESS_KEY and the like)",
    )


def _add_refresh(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "refresh",
        refresh,
        "load some tickets now, by their ids",
        "Reads each ticket by the detail endpoint and loads it. An id that the API does not have\n"
        "is marked as vanished.",
    )
    parser.add_argument(
        "ticket_ids", metavar="ID", type=_ticket_id, nargs="+", help="Sendcloud's id of a ticket"
    )


def _add_status(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "status",
        status,
        "see the last runs, rows and freshness",
        "Shows the last runs, what they cost, what is held and how fresh it is. Asks the API "
        "nothing.",
    )
    parser.add_argument("--json", action="store_true", help="the same facts for machines")


def _ticket_id(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a ticket id")
    return int(text)
