"""Memory: what was told when, and how often it failed, in a file of the warehouse's own folder.

Depends on the standard library only. Promises that a file that is lost, or spoilt, is an empty
memory: at worst a cause is told once more.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..process import write_whole

NAME = "alerts.json"


@dataclass
class Memory:
    """What is remembered from run to run."""

    failures: int = 0
    complete_at: datetime | None = None
    told_at: dict[str, datetime] = field(default_factory=dict)

    def may_tell(self, cause: str, now: datetime, pause: timedelta) -> bool:
        """Whether the cause was not told lately; a time ahead of the clock counts as long ago."""
        told = self.told_at.get(cause)
        return told is None or not timedelta() <= now - told < pause

    def to_text(self) -> str:
        """As JSON."""
        return json.dumps(
            {
                "failures": self.failures,
                "complete_at": self.complete_at and self.complete_at.isoformat(),
                "told_at": {cause: at.isoformat() for cause, at in self.told_at.items()},
            }
        )

    @classmethod
    def from_text(cls, text: str) -> Memory:
        """What `to_text` wrote."""
        said = json.loads(text)
        return cls(
            int(said["failures"]),
            _moment(said["complete_at"]) if said["complete_at"] else None,
            {str(cause): _moment(at) for cause, at in said["told_at"].items()},
        )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_memory(folder: Path) -> Memory:
    """The memory of this folder, empty where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        return Memory.from_text((folder / NAME).read_text(encoding="utf-8"))
    return Memory()


def write_memory(folder: Path, memory: Memory) -> None:
    """Keep it, if the folder can be written."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / NAME, memory.to_text().encode())
