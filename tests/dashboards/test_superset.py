"""Superset imports the dashboard and shows it in Chromium: on DuckDB, and beside it on PostgreSQL.

Superset runs in an environment of its own, which `TEST_SUPERSET_PACKAGES` names. What is compared
is what the browser was given. One test does it all, since Superset takes long to start.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import duckdb
import pytest
from playwright.sync_api import Page, Request, Response

from dashboards.superset import Bundle
from dashboards.superset.charts import Listing, Series, label_of, measure_of
from dashboards.superset.datasets import statement_of
from dashboards.superset.tiles import TILES, Tile
from tests.dashboards.marts import SCHEMA, Ask, Rows, ask_duckdb, ask_postgres, comparable
from tests.dashboards.marts import copy_to_postgres as copied
from tests.engines.environments import interpreter_of, packages_of
from tests.notebooks.browser import Notes, browsing
from tests.postgres import _free_port, own_database

ROOT = Path(__file__).parents[2]
BERLIN = "sendcloud_berlin_marts"
START_SECONDS, DRAW_SECONDS = 300, 120
COUNTED = "scarf.sh"
"""Where Superset's pages would fetch a picture from, which the trial's policy forbids."""


@dataclass
class Superset:
    """A running Superset with a dashboard on either engine."""

    address: str
    password: str
    asks: dict[str, Ask]


@pytest.fixture(scope="module")
def superset(
    warehouse: Path, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Superset]:
    if sys.version_info >= (3, 13):
        pytest.skip("Superset's packages are for Python 3.11 and 3.12.")
    packages = packages_of("superset")
    folder, port = tmp_path_factory.mktemp("superset"), _free_port()
    with own_database(postgres_server) as url:
        copied(warehouse, url, BERLIN)
        bundles = write_bundles(folder, warehouse, url)
        command = [str(interpreter_of(packages)), "-m", "dashboards.superset.trial"]
        options = ["--folder", str(folder / "kept"), "--port", str(port)]
        with running([*command, *bundles, *options], folder, url):
            address = f"http://127.0.0.1:{port}"
            password = (folder / "kept" / "password").read_text(encoding="utf-8")
            yield Superset(
                address, password, {SCHEMA: ask_duckdb(warehouse), BERLIN: ask_postgres(url)}
            )


def write_bundles(folder: Path, file: Path, url: str) -> list[str]:
    """Of the file, and of the server: without its password."""
    parts = urlsplit(url)
    server = f"postgresql+psycopg2://{parts.username}@{parts.hostname}:{parts.port}{parts.path}"
    Bundle(f"duckdb:///{file}").write(folder / "duckdb.zip")
    Bundle(server, BERLIN).write(folder / "postgres.zip")
    return [str(folder / "duckdb.zip"), str(folder / "postgres.zip")]


@contextmanager
def running(command: list[str], folder: Path, url: str) -> Iterator[None]:
    """Superset from its first start until it answers, ended at the end."""
    given = os.environ | {"HOME": str(folder), "PGPASSWORD": urlsplit(url).password or ""}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=given, stdout=log, stderr=log)
        try:
            await_answer(command[-1], server, folder / "log")
            yield
        finally:
            server.terminate()
            server.wait(30)


def await_answer(port: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS):
        assert server.poll() is None, log.read_text(encoding="utf-8")[-5000:]
        with suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{port}/health") as answer:
            assert answer.status == 200
            return
        time.sleep(1)
    pytest.fail(f"Superset did not answer: {log.read_text(encoding='utf-8')[-5000:]}")


@dataclass
class Visit:
    """A browser that is logged in, and what its pages were given for each chart."""

    page: Page
    superset: Superset
    titles: dict[int, str] = field(default_factory=dict)
    answers: list[Response] = field(default_factory=list)
    given: dict[int, Any] = field(default_factory=dict)
    forbidden: list[tuple[str | None, str]] = field(default_factory=list)
    """What pages asked of others and were kept from, and by what."""

    def log_in(self) -> None:
        self.page.goto(f"{self.superset.address}/login/")
        self.page.fill("#username", "admin")
        self.page.fill("#password", self.superset.password)
        self.page.press("#password", "Enter")
        self.page.wait_for_url("**/welcome/**")

    def open(self, schema: str) -> None:
        """The dashboard of that schema, each tab until every chart of it is drawn."""
        self.given.clear()
        self.answers.clear()
        self.page.goto(f"{self.superset.address}/superset/dashboard/{schema.replace('_', '-')}/")
        self.titles = self._charts(schema)
        for tab, tiles in groupby(TILES, key=lambda tile: tile.tab):
            self.page.get_by_role("tab", name=tab).click()
            for tile in tiles:
                self._await_drawing(tile)
            self._keep_answers()

    def _charts(self, schema: str) -> dict[int, str]:
        slug = schema.replace("_", "-")
        answer = self.page.request.get(
            f"{self.superset.address}/api/v1/dashboard/{slug}/charts"
        ).json()
        return {each["id"]: each["slice_name"] for each in answer["result"]}

    def _await_drawing(self, tile: Tile) -> None:
        [number] = [number for number, title in self.titles.items() if title == tile.title]
        chart = self.page.locator(f".dashboard-chart-id-{number}")
        chart.scroll_into_view_if_needed()
        drawing = chart.locator("canvas, table").first
        drawing.wait_for(state="visible")

    def hear(self, response: Response) -> None:
        if urlsplit(response.url).path == "/api/v1/chart/data":
            self.answers.append(response)

    def hear_failure(self, request: Request) -> None:
        if urlsplit(request.url).hostname != "127.0.0.1":
            self.forbidden.append((request.failure, request.url))

    def _keep_answers(self) -> None:
        """What charts were given; the filter asks without telling a chart."""
        for response in self.answers:
            assert response.status == 200, response.text()
            for form in parse_qs(urlsplit(response.url).query).get("form_data", ()):
                self.given[json.loads(form)["slice_id"]] = response.json()["result"][0]["data"]
        self.answers.clear()

    def rows_of(self, tile: Tile) -> list[dict[str, Any]]:
        [number] = [number for number, title in self.titles.items() if title == tile.title]
        return list(self.given[number])


@pytest.fixture(scope="module")
def visit(superset: Superset) -> Iterator[tuple[Visit, Notes]]:
    with browsing(1440, 1200) as (page, notes):
        page.set_default_timeout(DRAW_SECONDS * 1000)
        visit = Visit(page, superset)
        page.on("response", visit.hear)
        page.on("requestfailed", visit.hear_failure)
        visit.log_in()
        yield visit, notes


def shown(visit: Visit, tile: Tile) -> Rows:
    """What the chart of a tile was given."""
    rows, chart = visit.rows_of(tile), tile.chart
    if isinstance(chart, Series):
        points = [(row[chart.x], *point) for row in rows for point in row.items()]
        return comparable(point for point in points if point[1] != chart.x and point[2] is not None)
    if isinstance(chart, Listing):
        return comparable(tuple(row[name] for name in chart.columns) for row in rows)
    groups = [label_of(name) for name in (*chart.rows, *chart.columns)]
    names = [*groups, *map(measure_of, chart.measures)]
    return comparable(tuple(row[name] for name in names) for row in rows)


def told(ask: Ask, tile: Tile, schema: str) -> Rows:
    """The same by the tile's own statement: points of series, or rows."""
    columns, rows = ask(statement_of(tile, schema))
    every = [dict(zip(columns, map(milliseconds, row), strict=True)) for row in rows]
    kept = [row for row in every if tile.above_zero is None or row[tile.above_zero] > 0]
    chart = tile.chart
    if isinstance(chart, Series):
        return comparable(
            (
                row[chart.x],
                " ".join(row[group] for group in chart.by) or measure_of(name),
                row[name],
            )
            for row in kept
            for name in chart.measures
            if row[name] is not None
        )
    if isinstance(chart, Listing):
        return comparable(tuple(row[name] for name in chart.columns) for row in kept)
    names = [*chart.rows, *chart.columns, *chart.measures]
    return comparable(tuple(row[name] for name in names) for row in kept)


def milliseconds(value: Any) -> Any:
    """As answers of charts tell a time."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).timestamp() * 1000
    return value


def test_every_chart_is_drawn_with_the_numbers_of_its_tile(
    visit: tuple[Visit, Notes], warehouse: Path
) -> None:
    """On DuckDB and on PostgreSQL, from bundles that were imported side by side."""
    page, notes = visit
    for schema, ask in page.superset.asks.items():
        page.open(schema)
        for tile in TILES:
            assert shown(page, tile) == told(ask, tile, schema), (schema, tile.name)
        assert page.page.locator(".ant-alert-error, [data-test='error-message']").count() == 0

    assert [each for each in notes.errors if COUNTED not in each] == []
    assert page.forbidden == [("csp", url) for url in notes.elsewhere if COUNTED in url]
    assert [url for url in notes.elsewhere if COUNTED not in url] == []
    with closing(duckdb.connect(str(warehouse))) as written:  # no chart keeps a sync out
        assert written.execute("select 1").fetchone() == (1,)
