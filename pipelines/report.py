"""The report: the answers on one page, for people without Python.

Depends on `answers`. Promises one HTML file that asks no network, with the data's age and the
completeness of the last sync at its top, in which what tickets say is text and nothing else; and
that an old report stays until the new one is whole.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dlt

from answers import Desk, report_page

from .failures import DONE, FAILED
from .marts import AsOf
from .opening import NotReadyError, open_marts
from .process import write_whole

BYTES_IN_A_MEGABYTE = 1_000_000


def run_report(
    out: Path,
    say: Callable[[str], object],
    pipeline: dlt.Pipeline | None = None,
    as_of: AsOf | None = None,
    account: str | None = None,
) -> int:
    """Write the report; the exit code.

    Args:
        out: The HTML file, a pipe, a device, or `-` for standard output.
        say: Is told what was written, or why nothing was.
        pipeline: Another warehouse than the configured one (or the demo's).
        as_of: The moment that `marts --as-of` was told; without it, the nightly marts.
        account: Which one, where several are configured.
    """
    try:
        marts = open_marts(pipeline, as_of, account)
    except NotReadyError as error:
        say(str(error))
        return FAILED
    page = report_page(Desk(marts)).encode()
    try:
        write_whole(out, page)
    except OSError as error:
        say(f"The report could not be written to {out}: {error.strerror}.")
        return FAILED
    size = len(page) / BYTES_IN_A_MEGABYTE
    say(f"Read {marts.name}; wrote {out} ({size:.1f} MB). Open it with any browser.")
    return DONE
