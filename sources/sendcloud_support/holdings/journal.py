"""The journal: answers of the API that were paid for and are not in the warehouse yet.

Depends on dlt's JSON, which writes a line in a tenth of the time of Python's. One file for each
account in the warehouse's own folder, readable by its owner only; each entry is a line of JSON
(what was asked and when, when the answer came, how far the reading had come, the length and the
checksum of the answer), then the bytes. Promises: an entry once appended survives the death of the
process; an entry that was cut by a crash is dropped with all behind it; the entries of another
account or another warehouse are never given back.
"""

from __future__ import annotations

import os
import zlib
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from dlt.common import json

PAGE, TICKET = "page", "ticket"


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer. `kind` is "page" or "ticket", `asked` the page number or the ticket's id."""

    kind: str
    asked: int
    asked_at: datetime
    seen_at: datetime
    body: bytes
    progress: dict[str, Any] | None = None


class Journal:
    """Appends entries, and gives them back in the same order.

    Args:
        path: The file.
        owner: Tells this account and warehouse from others.
        former_owners: Other names of the same account and warehouse.
    """

    def __init__(self, path: Path, owner: str, former_owners: Collection[str] = ()) -> None:
        self.path, self.owner = path, owner
        self.after: str | None = None
        self._owners = {owner, *former_owners}
        self._file: BinaryIO | None = None

    def adopt(self, former: Path) -> None:
        """Go on with a journal that was kept elsewhere, if it is ours and there is none yet."""
        if self.path.exists() or not former.exists():
            return
        with former.open("rb") as file:
            is_ours = self._is_ours(_header(file))
        if is_ours:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            former.replace(self.path)

    def follows(self, progress: str | None) -> bool:
        """Whether the journal was begun after the load with this progress, or ends with it.

        If not, the warehouse is not the one any more that the reading went on from.
        """
        if not self.path.exists():
            return True
        with self.path.open("rb") as file:
            begun_after = _header(file).get("after", progress)
        return progress == begun_after or progress == self._last_progress()

    def latest(self) -> Entry | None:
        """The entry that was appended last."""
        last = deque(self.entries(), maxlen=1)
        return last[0] if last else None

    def _last_progress(self) -> str | None:
        last = self.latest()
        return (last.progress or {}).get("at") if last else None

    def append(self, entry: Entry) -> None:
        """Write an entry and hand it to the operating system."""
        file = self._file or self._open()
        file.write(_encode(entry))
        file.flush()

    def entries(self) -> Iterator[Entry]:
        """All whole entries of this owner, oldest first."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            if self._is_ours(_header(file)):
                yield from _read(file)

    def drop(self) -> None:
        """Forget everything: it is loaded."""
        self.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Release the file and keep what it holds."""
        if self._file:
            self._file.close()
            self._file = None

    def _open(self) -> BinaryIO:
        """A file that is new, or that ends with its last whole entry."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole = self._whole_bytes()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        self._file = file = os.fdopen(descriptor, "r+b")
        file.truncate(whole)
        file.seek(whole)
        if not whole:
            file.write(_line({"owner": self.owner, "after": self.after}))
        return file

    def _is_ours(self, header: dict[str, Any]) -> bool:
        return header.get("owner") in self._owners

    def _whole_bytes(self) -> int:
        if not self.path.exists():
            return 0
        with self.path.open("rb") as file:
            if not self._is_ours(_header(file)):
                return 0
            end = file.tell()
            for _ in _read(file):
                end = file.tell()
            return end


def _encode(entry: Entry) -> bytes:
    head = {
        "kind": entry.kind,
        "asked": entry.asked,
        "asked_at": entry.asked_at.isoformat(),
        "seen_at": entry.seen_at.isoformat(),
        "progress": entry.progress,
        "bytes": len(entry.body),
        "checksum": zlib.crc32(entry.body),
    }
    return _line(head) + entry.body + b"\n"


def _line(head: dict[str, Any]) -> bytes:
    return json.dumpb(head) + b"\n"


def _header(file: BinaryIO) -> dict[str, Any]:
    try:
        head = json.loadb(file.readline())
    except ValueError:
        return {}
    return head if isinstance(head, dict) else {}


def _read(file: BinaryIO) -> Iterator[Entry]:
    while (entry := _decode(file)) is not None:
        yield entry


def _decode(file: BinaryIO) -> Entry | None:
    """The next entry, None at the end or where a crash cut the file."""
    head = _header(file)
    if "checksum" not in head:
        return None
    body = file.read(head["bytes"] + 1)
    if len(body) != head["bytes"] + 1 or zlib.crc32(body[:-1]) != head["checksum"]:
        return None
    asked_at, seen_at = (datetime.fromisoformat(head[key]) for key in ("asked_at", "seen_at"))
    return Entry(head["kind"], head["asked"], asked_at, seen_at, body[:-1], head["progress"])
