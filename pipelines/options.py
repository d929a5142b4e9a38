"""Options: what each command may be told on the command line, and what its help says.

Depends on argparse alone, and on `marts` and `privacy` for what only they know how to read.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from . import __version__
from .marts import read_as_of
from .privacy import add_forget

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


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; `name` is that of the command."""
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
    for each in commands.choices.values():
        each.add_argument("--account", metavar="NAME", help=OF_ACCOUNTS)
    _add(
        commands,
        "demo",
        "load a made-up account from a simulator on this machine",
        "Starts the simulator on a free port, moves its clock through several syncs, loads every "
        "ticket over real HTTP into sendcloud_demo.duckdb, and prints what to look at. Needs no "
        "keys and no network.",
    )
    return parser


OF_ACCOUNTS = "one of several accounts, as configured under [sources.sendcloud_support.accounts]"


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
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
    parser.set_defaults(name=name)
    return parser


def _add_sync(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "sync",
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
        "see the last runs, rows and freshness",
        "Shows the last runs, what they cost, what is held and how fresh it is. Asks the API "
        "nothing.",
    )
    parser.add_argument("--json", action="store_true", help="the same facts for machines")


def _ticket_id(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a ticket id")
    return int(text)
