"""Answers that are not known to be loaded, one journal for each extraction.

Depends on `journal`. How many answers of each journal are in a package is part of dlt's state, so
it is committed with their rows. Promises that an answer is given back until that state says that
its rows are in: killed before, and it is loaded by the next run; killed later, and it is not
loaded twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import uuid4

from ..holdings import Entry, Journal


class Journals:
    """The journals of one account and one dataset.

    Args:
        folder: Where they lie.
        owner: Tells account and warehouse from others.
        loaded: By the name of a journal, how many of its answers are in a package; part of the
            state, and kept up to date.
    """

    def __init__(self, folder: Path, owner: str, loaded: dict[str, int]) -> None:
        self.folder, self.owner, self.loaded = folder, owner, loaded
        self.current = Journal(folder / uuid4().hex, owner)

    def left(self) -> Iterator[tuple[str, Entry]]:
        """Answers of earlier extractions that no package has, oldest first, with their journal."""
        files = sorted(self.folder.glob("*"), key=lambda each: each.stat().st_mtime)
        for name in self.loaded.keys() - {each.name for each in files}:
            del self.loaded[name]
        for file in files:
            yield from ((file.name, entry) for entry in self._left_in(file))

    def _left_in(self, file: Path) -> list[Entry]:
        """Those of one journal, which is dropped if there are none."""
        journal = Journal(file, self.owner)
        entries = list(islice(journal.entries(), self.loaded.get(file.name, 0), None))
        if not entries:
            journal.drop()
            self.loaded.pop(file.name, None)
        return entries

    def append(self, entry: Entry) -> str:
        """Keep an answer; the name of its journal."""
        self.current.append(entry)
        return self.current.path.name

    def drop(self) -> None:
        """Forget what was read in this extraction."""
        self.current.drop()

    def drop_others(self) -> None:
        """Forget what earlier extractions left."""
        for file in self.folder.glob("*"):
            if file != self.current.path:
                file.unlink()

    def note_loaded(self, name: str) -> None:
        """One more answer of this journal is on its way into the package."""
        self.loaded[name] = self.loaded.get(name, 0) + 1
