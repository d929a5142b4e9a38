"""A real browser for tests: Debian's Chromium, headless, with a profile of its own.

Depends on Playwright's driver and on an installed Chromium; without one the tests skip, on CI they
fail. Promises to note what a page asks for, what it logs as an error, and what it throws.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

PLACES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HERE = {"127.0.0.1", "localhost", ""}


@dataclass
class Notes:
    """What a page did behind one's back."""

    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def hear(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self._request(request.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"data", "blob"}:
            return
        self.asked.append(url)
        if parts.scheme != "file" and (parts.hostname or "") not in HERE:
            self.elsewhere.append(url)


@contextmanager
def browsing(width: int = 1280, height: int = 900) -> Iterator[tuple[Page, Notes]]:
    """A page of a browser that knows nothing yet."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=QUIET)
        page = browser.new_page(viewport={"width": width, "height": height})
        notes = Notes()
        notes.hear(page)
        try:
            yield page, notes
        finally:
            browser.close()


def chromium() -> str:
    found = next(filter(None, map(shutil.which, PLACES)), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("CI has no Chromium: install Debian's package chromium.")
    if found is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    return found
