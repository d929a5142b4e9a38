"""The bundle for Superset: well formed, over the tiles alone, the same numbers on both engines.

What Superset itself makes of it is tested in `test_superset`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import psycopg2
import pytest
import yaml

from dashboards.superset import Bundle, BundleError
from dashboards.superset.charts import Listing, measure_of
from dashboards.superset.columns import COLUMNS
from dashboards.superset.datasets import STATEMENTS, columns_of, statement_of
from dashboards.superset.layout import WIDTH
from dashboards.superset.tiles import TILES, Tile
from tests.dashboards.marts import SCHEMA, ask_duckdb, ask_postgres, copy_to_postgres

ROOT = Path(__file__).parents[2]
ADDRESS = "postgresql+psycopg2://reader@warehouse.example:5432/analytics"
FILES = Bundle(ADDRESS).files()
GUIDE = (ROOT / "dashboards/superset/README.md").read_text(encoding="utf-8")


def under(folder: str) -> list[dict[str, Any]]:
    return [content for name, content in FILES.items() if name.startswith(folder)]


def test_there_is_a_tile_for_each_statement() -> None:
    assert sorted(tile.name for tile in TILES) == sorted(path.stem for path in STATEMENTS.iterdir())


@pytest.mark.parametrize("tile", TILES, ids=lambda tile: tile.name)
def test_a_dataset_is_the_statement_of_its_tile_and_nothing_else(tile: Tile) -> None:
    text = (STATEMENTS / f"{tile.name}.sql").read_text(encoding="utf-8")
    statement = FILES[f"datasets/sendcloud/{tile.name}.yaml"]["sql"]

    assert statement.count(f"{SCHEMA}.") == text.count("from ") + text.count("join ") - (
        text.count("from (")
    )
    assert statement.replace(f"{SCHEMA}.", "") == text


def drawn(tile: Tile) -> str:
    """The statement that Superset makes of a tile's groups and measures."""
    measures = [name for name in columns_of(tile) if COLUMNS[name].kind.is_measure]
    groups = [name for name in columns_of(tile) if name not in measures]
    if not isinstance(tile.chart, Listing):
        groups = sorted(tile.chart.names - {*getattr(tile.chart, "measures", ())})
    metrics = {
        each["metric_name"]: each["expression"]
        for each in FILES[f"datasets/sendcloud/{tile.name}.yaml"]["metrics"]
    }
    listed = ", ".join([*groups, *(metrics[measure_of(name)] for name in measures)])
    return (
        f"select {listed} from (\n{statement_of(tile, SCHEMA)}) as virtual_table "
        f"group by {', '.join(groups)}"
    )


def test_every_tile_has_the_same_rows_and_drawings_on_both_engines(
    warehouse: Path, postgres_url: str
) -> None:
    copy_to_postgres(warehouse, postgres_url)
    duckdb_, postgres = ask_duckdb(warehouse), ask_postgres(postgres_url)

    for tile in TILES:
        statement = statement_of(tile, SCHEMA)
        columns, rows = duckdb_(statement)
        assert (tile.name, columns) == (tile.name, columns_of(tile))
        assert rows, tile.name
        assert (tile.name, *postgres(statement)) == (tile.name, columns, rows)
        assert postgres(drawn(tile))[1] == duckdb_(drawn(tile))[1], tile.name


def test_each_group_that_is_drawn_is_one_row_of_the_tile(warehouse: Path) -> None:
    """So nothing is added up that the tile has not added: the drawing has the tile's numbers."""
    ask = ask_duckdb(warehouse)
    for tile in TILES:
        if not isinstance(tile.chart, Listing):
            assert len(ask(drawn(tile))[1]) == len(ask(statement_of(tile, SCHEMA))[1]), tile.name


def test_a_measure_over_two_currencies_is_empty(warehouse: Path) -> None:
    """By hand: 149.99 EUR and 50.00 GBP are no 199.99; of one currency it is the sum."""
    [metric] = [
        each
        for each in FILES["datasets/sendcloud/paid_by_month.yaml"]["metrics"]
        if each["metric_name"] == measure_of("paid_amount")
    ]
    rows = "(values (149.99, 'EUR'), (0.01, 'EUR'), (50.00, 'GBP')) as paid(paid_amount, currency)"
    ask = ask_duckdb(warehouse)

    assert ask(f"select {metric['expression']} from {rows}")[1] == [(None,)]
    assert ask(f"select {metric['expression']} from {rows} where currency = 'EUR'")[1] == [(150.0,)]


def test_every_amount_that_is_drawn_stands_by_its_currency() -> None:
    for tile in TILES:
        if any("amount" in name and name != "amount_status" for name in tile.chart.names):
            assert "currency" in tile.chart.names - {*getattr(tile.chart, "measures", ())}, (
                tile.name
            )
            assert not getattr(tile.chart, "is_stacked", False)


def test_what_a_chart_asks_for_its_dataset_has() -> None:
    for tile in TILES:
        asked = tile.chart.names | ({tile.above_zero} - {None})
        assert asked <= set(columns_of(tile)), tile.name


def test_every_reference_is_to_something_in_the_bundle() -> None:
    [database], [dashboard] = under("databases/"), under("dashboards/")
    datasets = {each["uuid"] for each in under("datasets/")}
    charts = {each["uuid"] for each in under("charts/")}
    parts = {name: each for name, each in dashboard["position"].items() if isinstance(each, dict)}

    assert {each["database_uuid"] for each in under("datasets/")} == {database["uuid"]}
    assert {each["dataset_uuid"] for each in under("charts/")} == datasets
    assert {part["meta"]["uuid"] for part in parts.values() if part["type"] == "CHART"} == charts
    held = {child for part in parts.values() for child in part.get("children", ())}
    assert held == set(parts) - {"ROOT_ID", "GRID_ID", "HEADER_ID"}
    assert len({database["uuid"], dashboard["uuid"], *datasets, *charts}) == 2 + 2 * len(TILES)


def test_no_row_is_wider_than_the_page() -> None:
    parts = under("dashboards/")[0]["position"]
    widths = [
        sum(parts[child]["meta"]["width"] for child in part["children"])
        for part in parts.values()
        if isinstance(part, dict) and part["type"] == "ROW"
    ]

    assert max(widths) == WIDTH


def test_ids_stay_and_those_of_another_schema_are_others() -> None:
    again, other = Bundle(ADDRESS), Bundle(ADDRESS, "sendcloud_berlin_marts")

    assert again.files() == FILES
    assert Bundle("duckdb:////warehouse.duckdb").identify("chart", "x") == again.identify(
        "chart", "x"
    )
    assert other.identify("dashboard") != again.identify("dashboard")
    names = [each["table_name"] for each in under("datasets/")]
    assert other.files()["datasets/sendcloud/paid_by_month.yaml"]["table_name"] not in names
    assert len(set(names)) == len(TILES)
    assert (
        "sendcloud_berlin_marts." in other.files()["datasets/sendcloud/paid_by_month.yaml"]["sql"]
    )


def test_a_file_is_opened_for_reading_only() -> None:
    [database] = [
        content
        for name, content in Bundle("duckdb:////warehouse.duckdb").files().items()
        if name.startswith("databases/")
    ]

    assert database["extra"]["engine_params"] == {"connect_args": {"read_only": True}}
    assert under("databases/")[0]["extra"]["engine_params"] == {}


@pytest.mark.parametrize(
    ("address", "schema", "said"),
    [
        ("postgresql://reader:geheim@warehouse.example/analytics", SCHEMA, "has a password"),
        (ADDRESS, "marts; drop table tickets", "is no schema of marts"),
        (ADDRESS, "sendcloud_accounts_marts", "several accounts"),
    ],
)
def test_what_would_tell_a_secret_or_a_wrong_number_is_refused(
    address: str, schema: str, said: str
) -> None:
    with pytest.raises(BundleError, match=said) as refused:
        Bundle(address, schema)

    assert "geheim" not in str(refused.value)


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dashboards.superset", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_writes_the_bundle_into_one_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dashboards.superset", "--database", ADDRESS, "--out"]
    done = subprocess.run(
        [*command, str(tmp_path / "bundle.zip")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert (
        done.stdout == f"{tmp_path}/bundle.zip: the dashboard over schema {SCHEMA} of {ADDRESS}.\n"
    )
    with ZipFile(tmp_path / "bundle.zip") as zipped:
        written = {
            name.removeprefix("sendcloud_dashboard/"): yaml.safe_load(zipped.read(name))
            for name in zipped.namelist()
        }
    assert written == FILES


def test_a_refusal_is_a_sentence_and_code_2(tmp_path: Path) -> None:
    out = tmp_path / "none.zip"
    done = run("--schema", "sendcloud_accounts_marts", "--out", str(out))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("sendcloud_accounts_marts holds the marts of several accounts")
    assert not out.exists()


def test_the_guide_tells_what_each_tile_says() -> None:
    told = [f"| {tile.title} | {tile.says} | `{tile.name}` |" for tile in TILES]

    assert [line for line in GUIDE.splitlines() if line.endswith("` |")][-len(TILES) :] == told


def test_the_role_of_the_guide_reads_the_tiles_and_no_ticket(postgres_url: str) -> None:
    role = f"reader_{uuid4().hex[:8]}"
    given = (
        GUIDE.partition("```postgresql\n")[2].partition("```")[0].replace("superset_reader", role)
    )
    as_reader = re.sub("//[^@]+@", f"//{role}:one%20of%20your%20own@", postgres_url)
    owner = ask_postgres(postgres_url)
    owner("create schema sendcloud; create table sendcloud.tickets (); select 1")
    owner(
        f"create schema {SCHEMA}; {dedent(given)}; create table {SCHEMA}.built_later (); select 1"
    )

    try:
        assert ask_postgres(as_reader)(f"select count(*) from {SCHEMA}.built_later")[1] == [(0.0,)]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask_postgres(as_reader)("select * from sendcloud.tickets")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask_postgres(as_reader)(f"delete from {SCHEMA}.built_later")
    finally:
        owner(f"drop owned by {role}; drop role {role}; select 1")
