"""Sending: sentences to the addresses that the user named, by Apprise.

Depends on Apprise, an extra that need not be installed. Promises that what goes wrong in sending is
a sentence without an address, and never changes how the run ended.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence
from typing import Any

TITLE = "Sendcloud support tickets"
NOT_INSTALLED = (
    "Nobody was notified: alerts.urls is set, and apprise is not installed. "
    'Install it: .venv/bin/python -m pip install "apprise>=1.9,<3"'
)
NOT_SENT = (
    "Not everybody was notified: an address of alerts.urls is wrong, or did not take the message."
)


def send(urls: Sequence[str], sentences: Sequence[str], account: str | None = None) -> str | None:
    """Send the sentences to all addresses; what went wrong, None if nothing did."""
    title = f"{TITLE}: {account}" if account else TITLE
    try:
        library = importlib.import_module("apprise")
    except ImportError:
        return NOT_INSTALLED
    try:
        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its log names addresses
        return None if _notify(library, urls, title, sentences) else NOT_SENT
    except Exception as error:
        return f"{NOT_SENT} ({type(error).__name__})"


def _notify(library: Any, urls: Sequence[str], title: str, sentences: Sequence[str]) -> bool:
    to = library.Apprise()
    are_right = [bool(to.add(url)) for url in urls]
    return bool(to.notify(title=title, body="\n".join(sentences))) and all(are_right)
