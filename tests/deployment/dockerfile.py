"""A Dockerfile read as its instructions, as far as ours needs it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    """A name in capitals, and what follows it on one line."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The arguments, be they a list of JSON or words of a shell."""
        if self.text.startswith("["):
            found: list[str] = json.loads(self.text)
            return found
        return shlex.split(self.text)


def read_dockerfile(file: Path) -> list[Instruction]:
    """All instructions in their order."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    pairs = (line.partition(" ") for line in joined if line.strip())
    return [Instruction(name, text.strip()) for name, _, text in pairs]
