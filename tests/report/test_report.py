"""The report: whole, by itself, honest about its age, and deaf to what tickets would like."""

from __future__ import annotations

import html.parser
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from answers import sentences, words
from answers.page import listing
from pipelines.report import run_report
from tests.notebooks.browser import browsing
from tests.notebooks.desks import HOSTILE, pipeline_on

PICTURES = 21
"""Nine of claims, nine of resolution, two of volume, one of what stands still."""

DRAWN = "document.querySelectorAll('[data-spec] > svg, [data-spec] svg.marks').length"


class Tags(html.parser.HTMLParser):
    """The tags of a page and the text of its scripts of data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data: list[Any] = []
        self._is_data = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._is_data = dict(attrs).get("type") == "application/json"

    def handle_data(self, data: str) -> None:
        if self._is_data and data.strip():
            self.data.append(json.loads(data))


@pytest.fixture(scope="module")
def report(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(warehouse, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def hostile(hostile_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(hostile_warehouse, tmp_path_factory.mktemp("hostile"))


def written(warehouse: Path, folder: Path) -> Path:
    out = folder / "report.html"
    assert run_report(out, lambda _: None, pipeline_on(warehouse)) == 0
    return out


def test_the_report_is_one_file_that_names_no_other(report) -> None:
    page = Tags(report.read_text(encoding="utf-8"))
    links = [
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "action", "data"}
    ]

    assert {link for link in links if link and not link.startswith(("#", "data:"))} == set()
    assert report.stat().st_size < 3_000_000
    assert len(page.data) == PICTURES


def test_the_report_says_at_its_top_how_old_it_is_and_how_complete(report, desk) -> None:
    header = report.read_text(encoding="utf-8").partition("</header>")[0]

    assert "Data as of 1 November 2026, 00:00 UTC, 5,000 tickets." in header
    assert "Last sync 1 November 2026, 00:00 UTC: complete" in header
    assert "doubtful" not in header.partition("<body>")[2]
    assert sentences.is_complete(desk)


def test_a_sync_that_was_not_proven_complete_is_said_in_red(hostile) -> None:
    header = hostile.read_text(encoding="utf-8").partition("</header>")[0].partition("<body>")[2]

    assert '<p class="fresh doubtful">Last sync' in header
    assert "NOT PROVEN COMPLETE (300 tickets held, 307 counted by the API)" in header


def test_what_tickets_say_is_text_in_the_source_of_the_report(hostile) -> None:
    text = hostile.read_text(encoding="utf-8")
    page = Tags(text)

    assert HOSTILE not in text
    assert "7*7" in text
    assert [tag for tag, _ in page.tags if tag == "img"] == []
    assert sum(tag == "script" for tag, _ in page.tags) == len(page.data) + 2


def test_what_tickets_say_does_nothing_in_a_browser(hostile) -> None:
    with opened(hostile) as (page, notes):
        assert page.title() == "Support tickets: claim payouts and resolution time"
        assert page.locator("img").count() == 0
        assert page.locator("td", has_text="onerror=alert").count() > 0
        assert (notes.errors, notes.asked) == ([], [hostile.as_uri()])


def opened(file: Path, width: int = 1280) -> Any:
    """The report in a browser, all its pictures drawn."""
    from contextlib import contextmanager

    @contextmanager
    def session() -> Iterator[tuple[Page, Any]]:
        with browsing(width) as (page, notes):
            page.goto(file.as_uri())
            specs = page.locator("[data-spec]").count()
            page.wait_for_function(f"{DRAWN} === {specs}", timeout=60_000)
            yield page, notes

    return session()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_report_draws_every_picture_and_asks_nobody(report, width) -> None:
    with opened(report, width) as (page, notes):
        assert page.locator("[data-spec] svg.marks").count() == PICTURES
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert (notes.errors, notes.asked) == ([], [report.as_uri()])


OUTSIDE = """() => [...document.querySelectorAll('[data-spec] svg.marks')].flatMap((svg) => {
    const frame = svg.getBoundingClientRect();
    const heading = svg.closest('figure').querySelector('h3').textContent;
    const drawn = [...svg.querySelectorAll('text, path, rect, line')];
    return drawn.filter((each) => !each.closest('clipPath, defs')).filter((each) => {
        const box = each.getBoundingClientRect();
        const isSeen = box.width || box.height;
        return isSeen && (box.left < frame.left - 1 || box.right > frame.right + 1);
    }).map((each) => `${heading}: ${each.textContent || each.tagName}`);
})"""
SCROLLED = """() => [...document.querySelectorAll('figure, figure *')].filter((each) =>
    each.scrollWidth > each.clientWidth + 1
    && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX)).length"""


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_drawn_lies_outside_the_frame_of_its_picture(report, width) -> None:
    with opened(report, width) as (page, _):
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate(SCROLLED) == 0


def test_long_and_hostile_names_lie_inside_their_frames_too(hostile) -> None:
    with opened(hostile, 390) as (page, _):
        assert page.evaluate(OUTSIDE) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_no_two_names_of_a_picture_cover_each_other(report, width) -> None:
    with opened(report, width) as (page, _):
        covered = page.evaluate(
            """() => [...document.querySelectorAll('[data-spec] svg.marks')].flatMap((svg) => {
                const boxes = [...svg.querySelectorAll('text')].filter(
                    (text) => text.textContent.trim() && text.getAttribute('opacity') !== '0'
                ).map((text) => [text.textContent, text.getBoundingClientRect()]);
                const hit = [];
                boxes.forEach(([one, a], place) => boxes.slice(place + 1).forEach(([two, b]) => {
                    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                    if (wide > 2 && high > 4) hit.push([one, two]);
                }));
                return hit;
            })"""
        )

        assert covered == []


def test_a_table_is_sorted_by_a_click_and_back_by_another(report) -> None:
    with opened(report) as (page, _):
        table = page.locator(".table", has_text="Resolution time by carrier").locator("table")
        head = table.get_by_role("button", name="Median, days")
        column = [each.strip() for each in table.locator("th").all_inner_texts()].index(
            "Median, days"
        )

        def values() -> list[float]:
            cells = table.locator(f"tbody tr td:nth-child({column + 1})").all_inner_texts()
            return [float(cell) for cell in cells]

        before = values()
        head.click()
        assert values() == sorted(before, reverse=True)
        assert table.locator("th[aria-sort=descending]").count() == 1
        head.click()
        assert values() == sorted(before)


def test_on_paper_nothing_scrolls(report) -> None:
    with opened(report) as (page, _):
        page.emulate_media(media="print")

        assert page.locator("nav").is_hidden()
        assert page.evaluate(
            "[...document.querySelectorAll('.scroll')].every("
            "(each) => getComputedStyle(each).overflowX === 'visible')"
        )


def test_an_empty_account_gets_a_report_that_says_so(empty_warehouse, tmp_path) -> None:
    text = written(empty_warehouse, tmp_path).read_text(encoding="utf-8")

    assert text.count(sentences.NO_TICKETS) == 9
    assert Tags(text).data == []
    assert len(re.findall(r'<p class="nothing">', text)) > 15


def test_without_a_warehouse_the_report_says_what_to_do(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    said: list[str] = []

    code = run_report(tmp_path / "report.html", said.append)

    assert (code, (tmp_path / "report.html").exists()) == (1, False)
    assert "make demo" in said[0]


def test_a_report_that_cannot_be_written_is_a_sentence(warehouse, tmp_path) -> None:
    said: list[str] = []

    code = run_report(tmp_path / "no" / "report.html", said.append, pipeline_on(warehouse))

    assert code == 1
    assert said == [
        f"The report could not be written to {tmp_path}/no/report.html: No such file or directory."
    ]


def test_a_table_of_which_nothing_rests_on_few_does_not_say_so() -> None:
    """Thirteen columns are one too many for a page of 1,280 points."""
    import pandas as pd

    frame = pd.DataFrame({"Type": ["Lost", "Damaged"], "Rests on": ["", ""]})
    few = pd.DataFrame({"Type": ["Lost", "Damaged"], "Rests on": ["", "few"]})

    assert [column.name for column in listing("t", "t", "n", frame).columns] == ["Type"]
    assert [column.name for column in listing("t", "t", "n", few).columns] == ["Type", "Rests on"]


def test_a_table_shows_ids_money_and_missing_values_as_what_they_are() -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "Ticket": [1234567],
            "Order": ["<b>"],
            "Paid, EUR": [1234.5],
            "Median, days": [float("nan")],
            "Tickets": [12_000],
            "Change": [Decimal("-46.8600")],
            "Rests on": ["few"],
        }
    )

    [row] = listing("t", "t", "n", frame).rows
    assert [(cell.text, cell.value, cell.kind) for cell in row.cells] == [
        ("1234567", "1234567.0", "number"),
        ("<b>", "<b>", "text"),
        ("1,234.50", "1234.5", "number"),
        (words.MISSING, "", "number"),
        ("12,000", "12000.0", "number"),
        ("-46.86", "-46.86", "number"),
        ("few", "few", "text"),
    ]
    assert row.is_few
