"""What dashboards stand on: contracts, descriptions, money, metrics, tiles, maps, exposures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.marts.marts import PROJECT
from tests.transform.metric_pages import render_overview
from tests.transform.project import Project, read_catalogue

CONTRACT = Path(__file__).parents[1] / "recorded" / "retrieve-a-support-ticket.yaml"
METRICS = {metric["name"]: metric for metric in read_catalogue()}
TILES = {path.stem: path.read_text(encoding="utf-8") for path in PROJECT.glob("tiles/*.sql")}
MONEY = re.compile(r"amount")
KINDS_OF_MONEY = {"numeric(18,4)", "numeric(38,4)", "double precision"}


def key_of(project: Project, mart: str) -> list[str]:
    [columns] = [
        test["test_metadata"]["kwargs"]["columns"]
        for test in project.tests.values()
        if test.get("attached_node") == project.marts[mart]["unique_id"]
        and test["test_metadata"]["name"] == "one_row_per"
    ]
    return list(columns)


def money_columns(mart: dict[str, Any]) -> set[str]:
    return {
        name
        for name, column in mart["columns"].items()
        if MONEY.search(name) and column["data_type"] in KINDS_OF_MONEY
    }


def test_every_mart_has_a_contract_and_describes_every_column(project: Project) -> None:
    undescribed = {
        (name, column)
        for name, mart in project.marts.items()
        for column, facts in mart["columns"].items()
        if not facts["description"] or not facts["data_type"]
    }
    assert undescribed == set()
    assert {
        name for name, mart in project.marts.items() if not mart["contract"]["enforced"]
    } == set()
    assert {name for name, mart in project.marts.items() if not mart["description"]} == set()


def test_the_contract_holds_all_columns_that_the_model_makes(
    project: Project, world: duckdb.DuckDBPyConnection
) -> None:
    built = {
        name: [c[0] for c in world.execute(f"from {name}").description] for name in project.marts
    }
    assert built == {name: list(mart["columns"]) for name, mart in project.marts.items()}


def test_descriptions_are_comments_in_the_warehouse(
    project: Project, world: duckdb.DuckDBPyConnection
) -> None:
    told = world.execute(
        "select table_name, column_name, comment from duckdb_columns() "
        "where schema_name = 'sendcloud_marts'"
    ).fetchall()
    described = {**project.marts, **project.seeds}
    assert sorted(told) == sorted(
        (name, column, facts["description"])
        for name, node in described.items()
        for column, facts in node["columns"].items()
    )
    tables = dict(
        world.execute(
            "select table_name, comment from duckdb_tables() where schema_name = 'sendcloud_marts'"
        ).fetchall()
    )
    assert tables == {name: node["description"] for name, node in described.items()}


def test_no_money_stands_without_its_currency(project: Project) -> None:
    """A row of single tickets has a currency that is never null; a sum has it in its key."""
    with_money = {name for name, mart in project.marts.items() if money_columns(mart)}
    assert {"fct_claim_payouts", "mart_payouts_monthly", "mart_claim_exposure"} <= with_money
    for name in with_money:
        mart = project.marts[name]
        constraints = [c["type"] for c in mart["columns"]["currency"]["constraints"]]
        assert constraints == ["not_null"], name
        key = key_of(project, name)
        assert "currency" in key or "ticket_id" in key, name
    converted = {
        (name, column)
        for name in with_money
        for column in money_columns(project.marts[name])
        if column.endswith("_reporting")
    }
    assert all("reporting_currency" in project.marts[name]["columns"] for name, _ in converted)


def test_money_that_is_told_by_another_name_is_found_out(project: Project) -> None:
    """Exact decimals are money; a mart that calls one otherwise slips past the test above."""
    exact = {
        (name, column)
        for name, mart in project.marts.items()
        for column, facts in mart["columns"].items()
        if facts["data_type"].startswith("numeric") and not MONEY.search(column)
    }
    assert exact == set()


def test_every_value_of_the_contract_is_mapped(world: duckdb.DuckDBPyConnection) -> None:
    schemas = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["components"]["schemas"]
    enums = [
        set(node["enum"])
        for schema in schemas.values()
        for node in [schema, *schema.get("properties", {}).values()]
        if "enum" in node
    ]
    statuses = {row[0] for row in world.execute("select status from ticket_status_map").fetchall()}
    outcomes = {row[0] for row in world.execute("select outcome from outcome_map").fetchall()}

    assert len(statuses) == 28
    assert statuses in enums
    assert outcomes in enums


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_told_completely_and_gives_a_number(
    world: duckdb.DuckDBPyConnection, name: str
) -> None:
    metric = METRICS[name]
    assert set(metric) == {"name", "label", "sql", "grain", "unit", "maturity", "caveat"}

    cursor = world.execute(metric["sql"])
    columns = [column[0] for column in cursor.description]
    rows = cursor.fetchall()

    assert "value" in columns
    assert rows
    values = [row[columns.index("value")] for row in rows]
    assert all(value is not None and value >= 0 for value in values)
    if "value_lo" in columns:
        bounds = [(r[columns.index("value_lo")], r[columns.index("value_hi")]) for r in rows]
        assert all(lo <= v <= hi for v, (lo, hi) in zip(values, bounds, strict=True))


RECOUNTS = {
    "open_tickets": "select count(*) from sendcloud.tickets t "
    "left join sendcloud_marts.ticket_status_map m using (status) "
    "where not m.is_closed and t.vanished_at is null",
    "approved_without_amount": "select count(*) from sendcloud.tickets__resolution "
    "where outcome = 'claim_approved' and amount is null",
    "amount_on_other_outcome": "select count(*) from sendcloud.tickets__resolution "
    "where outcome <> 'claim_approved' and amount <> 0",
    "paid_amount": "select currency, sum(amount) from sendcloud.tickets__resolution "
    "where outcome = 'claim_approved' and amount is not null group by currency",
    "approved_not_paid": "select count(*) from sendcloud.tickets__resolution r "
    "join sendcloud.tickets t on t.id = r.ticket_id "
    "where outcome = 'claim_approved' and status <> 'claim_paid'",
}


@pytest.mark.parametrize("name", RECOUNTS)
def test_a_metric_is_what_a_count_of_the_raw_tables_gives(
    world: duckdb.DuckDBPyConnection, name: str
) -> None:
    assert sorted(world.execute(METRICS[name]["sql"]).fetchall()) == sorted(
        world.execute(RECOUNTS[name]).fetchall()
    )


def test_the_page_of_metrics_is_rendered_from_the_catalogue() -> None:
    page = PROJECT / "models" / "overview.md"
    assert page.read_text(encoding="utf-8") == render_overview(read_catalogue())


@pytest.mark.parametrize("name", TILES)
def test_a_tile_says_what_it_shows_and_gives_rows(
    world: duckdb.DuckDBPyConnection, name: str
) -> None:
    assert TILES[name].startswith("-- ")
    rows = world.execute(TILES[name]).fetchall()

    assert rows
    assert rows == world.execute(TILES[name]).fetchall()


def test_there_are_the_ten_usual_tiles_and_their_marts_are_an_exposure(project: Project) -> None:
    assert len(TILES) >= 10
    read = {
        name
        for name in project.marts
        if any(re.search(rf"\b{name}\b", sql) for sql in TILES.values())
    }
    [tiles] = [e for e in project.exposures.values() if e["name"] == "dashboard_tiles"]
    assert {node.split(".")[-1] for node in tiles["depends_on"]["nodes"]} == read
