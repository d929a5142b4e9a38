"""What was found out, as people read it: a line each, the configuration to paste, a report to send.

Depends on `findings`. Promises no key, no address, no ticket and no count of tickets in any of it.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from datetime import datetime

from sources.sendcloud_support import SOURCE_NAME

from .findings import Bound, Findings, Goes, Verdict

UNHELPFUL = frozenset({Verdict.IGNORED, Verdict.REFUSED})


def finding_lines(findings: Findings) -> Iterator[str]:
    """One line for each question."""
    if findings.is_empty:
        yield "note    The account has no tickets, so nothing can be told; try again with some."
        return
    yield f"found   The order of the list looks like {findings.order}."
    yield f"found   Requested actions: {findings.actions.value}."
    yield f"found   Largest page: {_largest(findings)}."
    yield f"found   A page past the end: {findings.past_the_end}."
    yield f"found   A parameter that nobody knows: {findings.unknown_names}."
    yield from _names(findings)


def _names(findings: Findings) -> Iterator[str]:
    for name, verdict in findings.names.items():
        if verdict not in UNHELPFUL:
            yield f"found   {name}: {_verdict(findings, name)}."
    without = [name for name, verdict in findings.names.items() if verdict in UNHELPFUL]
    if without:
        yield f"found   No filters: {', '.join(without)}."


def _verdict(findings: Findings, name: str) -> str:
    bound = findings.bounds.get(name)
    detail = findings.details.get(name)
    told = findings.names[name].value + (f", {_bound(bound)}" if bound else "")
    return f"{told}; {detail}" if detail else told


def _bound(bound: Bound) -> str:
    by = {
        Goes.BY_UPDATE: "by the time of change",
        Goes.BY_CREATION: "by the time of creation",
        Goes.UNKNOWN: "by creation or by change, which no ticket could tell",
    }[bound.goes]
    return f"{by}, days only" if bound.takes_days_only else by


def _largest(findings: Findings) -> str:
    if findings.largest_size is None:
        return f"larger sizes are {findings.above_largest}"
    return f"{findings.largest_size}; a larger size is {findings.above_largest}"


def configuration_lines(findings: Findings) -> list[str]:
    """What to paste into `.dlt/config.toml`, nothing if nothing helps."""
    name = findings.change_filter
    if name is None:
        return []
    return [f"[sources.{SOURCE_NAME}]", f'updated_since_param = "{name}"']


def report_lines(findings: Findings, now: datetime) -> Iterable[str]:
    """A block for a bug report: how this API behaves, and nothing of whom or of what."""
    yield f"sendcloud support api, {now:%Y-%m-%d}, python {platform.python_version()}"
    yield f"requests: {findings.requests}, of them throttled: {findings.throttled}"
    yield f"counts: {'given' if findings.has_counts else 'not given'}"
    yield f"order: {findings.order}"
    yield f"requested actions: {findings.actions.value}"
    yield f"largest size: {_largest(findings)}"
    yield f"page past the end: {findings.past_the_end}"
    yield f"unknown parameter: {findings.unknown_names}"
    yield f"headers of interest: {', '.join(findings.headers) or 'none'}"
    yield from (f"{name}: {_verdict(findings, name)}" for name in findings.names)
