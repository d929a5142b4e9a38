"""Whose requests count together, and the file in which all who share them keep the last minute.

Depends on the address of the API and the public half of the credentials. Promises that every
command and every pipeline of this user that asks one API with one key, or by configuration with
one `shared_pace`, finds the same file, wherever it works and whatever it loads into; and that the
file's name tells no key.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ..settings import SOURCE_NAME
from .transport import origin_of


def pace_file(base_url: str, identity: str, shared_pace: str = "") -> Path:
    """The file of those who share an allowance.

    Args:
        base_url: The API root; only its host and port count.
        identity: The public half of the credentials.
        shared_pace: A name for keys of one account, which share what the API allows it.
    """
    _, host, port = origin_of(base_url)
    who = f"pace {shared_pace}" if shared_pace else f"key {identity}"
    name = hashlib.sha256(f"{host.lower()}:{port} {who}".encode()).hexdigest()[:16]
    return pace_folder() / f"{name}.sqlite"


def pace_folder() -> Path:
    """A folder of the user, not of dlt: those who work in folders of their own share it too."""
    return _data_folder() / SOURCE_NAME / "pace"


def _data_folder() -> Path:
    """Where programs of this user keep data, by the XDG rules; on Windows its own variable."""
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        folder = Path(os.environ.get(name, ""))
        if folder.is_absolute():
            return folder
    return Path(os.path.expanduser("~")) / ".local" / "share"  # noqa: PTH111 (never raises)
