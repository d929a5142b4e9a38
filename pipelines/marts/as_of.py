"""A moment to look back to: which schema holds the marts as of then, and how dbt is told.

Depends on the standard library only. Promises that a moment without an offset is UTC,
and that each moment has a schema of its own, so that the nightly marts stay.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class AsOf:
    """A moment, in UTC."""

    moment: datetime

    def beside(self, marts: str) -> str:
        """The schema of these marts as of then, such as `sendcloud_marts_as_of_20261001`."""
        clock = f"{self.moment:_%H%M%S}".replace("_000000", "")
        return f"{marts}_as_of_{self.moment:%Y%m%d}{clock}"

    def __str__(self) -> str:
        """The moment as a command line takes it: a day, or a day and an hour."""
        clock = f"{self.moment:T%H:%M:%S}".removesuffix(":00")
        return f"{self.moment:%Y-%m-%d}{clock}".removesuffix("T00:00")

    @property
    def variable(self) -> dict[str, str]:
        """As dbt's project takes it."""
        return {"as_of": f"{self.moment:%Y-%m-%d %H:%M:%S}"}


def read_as_of(text: str) -> AsOf:
    """The moment that a command line names, a day meaning its begin."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return AsOf(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a moment such as 2026-10-01 or 2026-10-01T18:30"
        ) from None
