"""A file that is there whole or not at all, and what is no file stays what it is.

Depends on the standard library only. Promises that a file of that name is replaced in one step,
keeps its rights, and is as it was where writing fails; that a link goes on leading to the file that
it leads to, which is the one replaced; and that pipes and devices are written to.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

STANDARD_OUTPUT = "-"
OF_THE_SYSTEM = ("/dev/", "/proc/")


def is_standard_output(path: Path) -> bool:
    """Whether what is written there goes where a command speaks."""
    return str(path) in {STANDARD_OUTPUT, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}


def write_whole(path: Path, content: bytes) -> None:
    """Write; raises OSError."""
    if str(path) == STANDARD_OUTPUT:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    elif _is_no_file(path):
        with path.open("ab") as there:
            there.write(content)
    else:
        _replace(path.resolve(), content)


def _is_no_file(path: Path) -> bool:
    """A pipe or a device; or a name of an open file, which must stay that file."""
    if str(path.absolute()).startswith(OF_THE_SYSTEM):
        return True
    return path.exists() and not (path.is_file() or path.is_dir())


def _replace(path: Path, content: bytes) -> None:
    if path.is_dir():
        raise IsADirectoryError(0, "It is a folder")
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".unfinished", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        unfinished.chmod(_rights(path))
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _rights(path: Path) -> int:
    """Those of the file that is there, else those of any new file."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
