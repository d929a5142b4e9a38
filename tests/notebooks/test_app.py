"""The apps in a real browser: what they draw, what a filter does, and what they leave alone."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from answers import Choice
from answers.sentences import resolution_answer
from tests.notebooks.browser import browsing, chromium

ROOT = Path(__file__).parents[2]
PATIENCE = 120_000


@contextmanager
def serving(name: str, warehouse: Path, folder: Path, *arguments: str) -> Iterator[str]:
    """The app on a free port of this machine; the arguments are the notebook's own."""
    chromium()
    port = free_port()
    own = {
        "DESTINATION__WAREHOUSE__CREDENTIALS": str(warehouse),
        "DLT_DATA_DIR": str(folder / "dlt"),
        "XDG_CONFIG_HOME": str(folder),
    }
    command = [
        sys.executable,
        "-m",
        "marimo",
        "run",
        "--headless",
        "--no-token",
        "--port",
        str(port),
    ]
    with subprocess.Popen(
        [*command, "--host", "127.0.0.1", f"notebooks/{name}.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("The app did not start.")


def wait_for_pictures(page: Page, number: int) -> None:
    page.wait_for_function(
        f"document.querySelectorAll('canvas').length === {number}", timeout=PATIENCE
    )


def test_the_claims_app_draws_its_pictures_and_asks_nobody_else(warehouse, tmp_path) -> None:
    with (
        serving("claim_payouts", warehouse, tmp_path) as address,
        browsing() as (page, notes),
    ):
        page.goto(address)
        wait_for_pictures(page, 11)
        page.wait_for_selector("text=/^Carriers approved EUR [0-9,]+/")

        page.wait_for_function("document.querySelectorAll('marimo-table').length >= 6")
        assert page.locator("text=/Traceback|Error:/").count() == 0
        assert (notes.errors, notes.elsewhere) == ([], [])


def test_a_filter_of_the_resolution_app_leaves_the_chosen_tickets(
    warehouse, desk, tmp_path
) -> None:
    everything, chosen = (
        resolution_answer(each)[0] for each in (desk, desk.choose(Choice(carriers=("colissimo",))))
    )
    assert everything != chosen

    with (
        serving("resolution_time", warehouse, tmp_path) as address,
        browsing() as (page, notes),
    ):
        page.goto(address)
        wait_for_pictures(page, 14)
        page.wait_for_selector(f"text={everything}")

        page.locator("marimo-multiselect").first.locator("button, [role=combobox]").first.click()
        page.get_by_role("option", name=re.compile("Colissimo")).click()
        page.wait_for_selector(f"text={chosen}", timeout=PATIENCE)

        assert (notes.errors, notes.elsewhere) == ([], [])


def test_an_app_tells_everything_as_of_a_moment(both_moments, tmp_path) -> None:
    told = ("--", "--as-of", "2026-07-01")
    with (
        serving("resolution_time", both_moments, tmp_path, *told) as address,
        browsing() as (page, notes),
    ):
        page.goto(address)
        wait_for_pictures(page, 14)
        page.wait_for_selector("text=Data as of 1 July 2026, 00:00 UTC")
        page.wait_for_selector("text=Read from the file desk.duckdb, as of 2026-07-01 UTC")

        assert page.locator("text=/Traceback|Error:/").count() == 0
        assert (notes.errors, notes.elsewhere) == ([], [])


def test_an_app_as_of_a_moment_without_marts_says_what_to_do(both_moments, tmp_path) -> None:
    told = ("--", "--as-of", "2026-06-01")
    with (
        serving("claim_payouts", both_moments, tmp_path, *told) as address,
        browsing() as (page, _),
    ):
        page.goto(address)
        page.wait_for_selector("text=python -m pipelines marts --as-of 2026-06-01")


def test_what_tickets_say_is_only_text_in_the_app(hostile_warehouse, tmp_path) -> None:
    with (
        serving("claim_payouts", hostile_warehouse, tmp_path) as address,
        browsing() as (page, notes),
    ):
        page.goto(address)
        wait_for_pictures(page, 11)
        page.wait_for_selector("text=NOT PROVEN COMPLETE")
        page.wait_for_selector("text=onerror=alert")

        assert page.locator("img[src='x']").count() == 0
        assert page.title() != "owned"
        assert (notes.errors, notes.elsewhere) == ([], [])


@pytest.mark.parametrize(("name", "pictures"), [("claim_payouts", 11), ("resolution_time", 14)])
def test_on_a_phone_every_picture_of_an_app_fits_its_width(
    name, pictures, warehouse, tmp_path
) -> None:
    with serving(name, warehouse, tmp_path) as address, browsing(390) as (page, _):
        page.goto(address)
        wait_for_pictures(page, pictures)

        edges = page.evaluate(
            """() => [...document.querySelectorAll('canvas')].map((each) => {
                const box = each.getBoundingClientRect();
                return box.left >= 0 && box.width > 250 && box.right <= innerWidth;
            })"""
        )
        assert edges == [True] * pictures
        assert page.evaluate("document.documentElement.scrollWidth") == 390
