"""The arguments of `python -m simulator`, and the account and switches that they describe.

Depends on the account and the switches. Promises that every switch can be reached from a shell.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from .account import ORDERS, Account, Clock
from .api import KINDS, Drift, Fault, Switches
from .world import END, World

_DESCRIPTION = """\
Serve Sendcloud's Support API (list, detail, OAuth2 token) on this machine, filled with a made-up
support desk: no account, no network, the same tickets for the same seed. Point any client at the
address it prints. Everything is read-only; Ctrl-C ends it.
"""

_EPILOG = f"""\
faults, for --fault KIND[,every=N][,at=N+N][,on=ENDPOINT][,page=N][,ticket=ID][,times=N][,...]
  Requests that the fault could meet are counted from 1; without every= and at= it meets all.
  on= is list, detail, token, metadata or any (list and detail, the default).

{chr(10).join(f"  {kind:<17} {meaning}" for kind, meaning in KINDS.items())}

examples
  python -m simulator
  python -m simulator --tickets 100000 --order updated_first --requests-per-minute 0
  python -m simulator --fault 500,every=11 --fault stall,at=3,seconds=90
  python -m simulator --drift every=5,inserts=7,deletes=2 --lists-without-actions
  curl -u public:secret 'http://127.0.0.1:8765/api/v3/dsf/tickets?page=1&size=20'
"""

_NUMBERS: dict[str, Callable[[str], Any]] = {
    "every": int,
    "at": lambda text: tuple(int(number) for number in text.split("+")),
    "page": int,
    "ticket": int,
    "times": int,
    "seconds": float,
    "inserts": int,
    "deletes": int,
    "updates": int,
    "deletes_newest": lambda text: text.lower() in {"1", "true", "yes"},
}


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; argparse itself answers --help and mistakes."""
    return _parser().parse_args(arguments)


def account(options: argparse.Namespace) -> Account:
    """The account that the options describe."""
    world = World(
        seed=options.seed,
        tickets=options.tickets,
        months=options.months,
        end=options.at,
        vanishing=options.vanishing,
    )
    return Account(world, Clock(options.at, options.speed), options.order)


def switches(options: argparse.Namespace) -> Switches:
    """The switches that the options describe: same names, with dashes."""
    given = vars(options)
    chosen = {name.name: given[name.name] for name in fields(Switches) if name.name in given}
    return Switches(**chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one (8765)")
    _add_account(parser.add_argument_group("what it holds"))
    _add_access(parser.add_argument_group("who may ask, and how often"))
    undocumented = parser.add_argument_group("what the vendor does not document")
    _add_filters(undocumented)
    _add_pages(undocumented)
    _add_misbehaviour(parser.add_argument_group("misbehaviour"))
    return parser


def _add_account(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--tickets", type=int, default=20_000, help="at the start (20000)")
    group.add_argument("--months", type=int, default=22, help="over which they came (22)")
    group.add_argument("--seed", type=int, default=7, help="another seed, another desk (7)")
    group.add_argument("--order", choices=ORDERS, default="newest_first", help="(newest_first)")
    group.add_argument(
        "--at", type=_moment, default=END, metavar="TIME", help="the desk's time (2026-11-01)"
    )
    group.add_argument(
        "--speed",
        type=float,
        default=1.0,
        help="of its clock; 0 stands still (1)",
    )
    group.add_argument(
        "--vanishing",
        type=float,
        default=0.0,
        help="share of tickets deleted some day (0)",
    )


def _add_access(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--keys", type=_pair, default=("public", "secret"), metavar="PUBLIC:SECRET")
    client = ("client", "client-secret")
    group.add_argument("--client", type=_pair, default=client, metavar="ID:SECRET")
    group.add_argument(
        "--requests-per-minute", type=int, default=30, help="a bare fixed window; 0 is off (30)"
    )
    group.add_argument(
        "--retry-after", choices=("off", "seconds", "date"), default="off", help="on a 429 (off)"
    )
    group.add_argument("--demands-oauth", action="store_true", help="reject Basic")
    group.add_argument("--no-oauth", dest="oauth", action="store_false", help="give no tokens")
    group.add_argument(
        "--fine-scopes", action="store_true", help="tokens have fine scopes, `api` is refused"
    )
    group.add_argument("--token-seconds", type=int, default=3600, help="life of a token (3600)")
    group.add_argument(
        "--no-beta", dest="beta", action="store_false", help="403: no access to the beta"
    )


def _add_filters(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--updated-since", metavar="NAME", help="a change filter of that name")
    group.add_argument("--created-since", metavar="NAME", help="a filter by creation")
    group.add_argument(
        "--bounds-are-dates", action="store_true", help="both filters take days only"
    )
    group.add_argument(
        "--equal-filters",
        type=_names,
        default=(),
        metavar="NAME[=FIELD]+...",
        help="filters by a value, such as status+carrier_code=carrier",
    )
    group.add_argument(
        "--unknown-parameters",
        choices=("ignored", "refused"),
        default="ignored",
        help="names that are none of these (ignored)",
    )
    group.add_argument(
        "--ignores-updated-since",
        dest="obeys_updated_since",
        action="store_false",
        help="and this one too",
    )


def _add_pages(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--lists-without-actions", action="store_true", help="requested_actions only in the detail"
    )
    group.add_argument("--ignores-size", action="store_true", help="always 15 a page")
    group.add_argument(
        "--past-the-end",
        choices=("empty", "404", "422", "last"),
        default="empty",
        help="page too high (empty)",
    )
    group.add_argument("--largest-size", type=int, default=20, metavar="N", help="of a page (20)")
    group.add_argument(
        "--above-largest",
        choices=("refused", "clamped"),
        default="refused",
        help="a larger size (refused)",
    )
    group.add_argument(
        "--deepest-page", type=int, metavar="N", help="no page beyond it, though all are counted"
    )
    group.add_argument(
        "--past-the-deepest",
        choices=("400", "404", "422", "empty"),
        default="400",
        help="what comes instead (400)",
    )
    group.add_argument(
        "--validation",
        choices=("errors", "fastapi"),
        default="errors",
        help="of 4xx (errors)",
    )


def _add_misbehaviour(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--null-updated-at", action="store_true", help="for every ticket")
    group.add_argument("--parcel-id-as-text", action="store_true", help="the type has changed")
    group.add_argument("--new-field", metavar="NAME", help="a field that nobody knows yet")
    group.add_argument("--unknown-status", metavar="WORD", help="stands where pending would")
    group.add_argument(
        "--drift",
        type=_drift,
        metavar="every=N,inserts=N,deletes=N,updates=N",
        help="changes after every N list pages; deletes_newest=yes takes the newest",
    )
    group.add_argument(
        "--fault",
        dest="faults",
        type=_fault,
        action="append",
        default=[],
        metavar="KIND[,every=N]...",
        help="may be given several times; see below",
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _pair(text: str) -> tuple[str, str]:
    name, colon, word = text.partition(":")
    if not (name and colon and word):
        raise argparse.ArgumentTypeError("two words with a colon between them")
    return name, word


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split("+")))


def _fault(text: str) -> Fault:
    kind, _, rest = text.partition(",")
    try:
        return Fault(kind, **_settings(rest))  # type: ignore[arg-type]
    except (TypeError, ValueError) as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem


def _drift(text: str) -> Drift:
    try:
        return Drift(**_settings(text))
    except (TypeError, ValueError) as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem


def _settings(text: str) -> dict[str, Any]:
    pairs = (part.partition("=") for part in text.split(",") if part)
    return {name: _NUMBERS.get(name, str)(value) for name, _, value in pairs}
