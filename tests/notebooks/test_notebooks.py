"""The notebooks, each run as a program, as a page in Jupyter, and against the law of the world."""

from __future__ import annotations

import ast
import importlib
import json
import math
import textwrap
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import nbformat
import pytest
from nbclient import NotebookClient

from answers import sentences, theme, words
from notebooks.__main__ import FOR_THE_GUIDE, PICTURES, picture_of
from notebooks.shown import plain
from pipelines.opening import NoDemoError, NotReadyError, open_marts
from simulator import World
from tests.notebooks.desks import HOSTILE, WORLD, pipeline_on

ROOT = Path(__file__).parents[2]
NAMES = tuple(FOR_THE_GUIDE)
every_notebook = pytest.mark.parametrize("name", NAMES)

# 3.29 standard errors instead of the 1.96 of the intervals in the marts: 99.9 %
WIDER = 3.29 / 1.96


@pytest.fixture(scope="module")
def ran(warehouse: Path) -> dict[str, SimpleNamespace]:
    """Both notebooks run as programs on the same warehouse."""
    return {name: run(name, warehouse) for name in NAMES}


def run(name: str, warehouse: Path) -> SimpleNamespace:
    app = importlib.import_module(f"notebooks.{name}").app
    outputs, definitions = app.run(defs={"warehouse": pipeline_on(warehouse)})
    return SimpleNamespace(outputs=outputs, **dict(definitions))


@every_notebook
def test_a_notebook_runs_as_a_program_and_draws_all_its_pictures(name, ran) -> None:
    drawn = [each for each in ran[name].outputs if isinstance(each, theme.Picture)]

    assert len(drawn) == {"claim_payouts": 11, "resolution_time": 14}[name]
    assert [theme.sentence_of(each.to_dict()) for each in drawn] == [None] * len(drawn)


def rows(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def test_the_claims_notebook_says_what_the_raw_tables_hold(ran, warehouse) -> None:
    paid = rows(
        warehouse,
        "select currency, count(*), sum(amount), "
        "coalesce(sum(amount) filter (where status = 'claim_paid'), 0), "
        "coalesce(sum(amount) filter (where status <> 'claim_paid'), 0) "
        "from sendcloud.tickets__resolution as resolution "
        "join sendcloud.tickets on tickets.id = resolution.ticket_id "
        "where outcome = 'claim_approved' and amount > 0 group by 1 order by 2 desc, 1",
    )
    approved, marked, unmarked = (
        [words.money(row[column], row[0]) for row in paid] for column in (2, 3, 4)
    )

    claims, period = sum(row[1] for row in paid), " from Jan 2025 to Oct 2026"
    assert sentences.claims_answer(ran["claim_payouts"].desk)[:2] == [
        f"Carriers approved {words.listing(approved)} on {claims:,} claims{period}.",
        f"Of that {words.listing(marked)} is marked as paid, {words.listing(unmarked)} is not.",
    ]


def test_the_headlines_are_the_marts(ran, warehouse) -> None:
    [(median, low, high)] = rows(
        warehouse,
        "select median_hours / 24.0, median_hours_lo / 24.0, median_hours_hi / 24.0 "
        "from sendcloud_marts.mart_resolution_summary where segment = 'all'",
    )
    [(rate,)] = rows(
        warehouse,
        "select approval_rate from sendcloud_marts.mart_approval_rates where segment = 'all'",
    )
    times = {each.label: each for each in sentences.resolution_figures(ran["resolution_time"].desk)}
    claims = {each.label: each for each in sentences.claims_figures(ran["claim_payouts"].desk)}

    assert times["Half resolved within"].value == f"{median:.1f} days"
    assert times["Half resolved within"].note == (
        f"95 %: {low:.1f} to {high:.1f} days; of creation, 5,000 tickets"
    )
    assert claims["Approval rate"].value == f"{100 * rate:.0f} %"


def test_the_time_to_resolution_holds_the_law_of_the_world(desk) -> None:
    """Median and p90 of all tickets and every carrier and type, by 99.9 % intervals."""
    summary = desk.mart("mart_resolution_summary").set_index(["segment_type", "segment"])
    missed = {
        (segment, column): (value, truth)
        for segment, column, value, truth, low, high in quantiles_beside_truth(summary, WORLD)
        if not value - WIDER * (value - low) <= truth <= value + WIDER * (high - value)
    }

    assert missed == {}


def quantiles_beside_truth(summary: Any, world: World) -> Iterator[tuple[Any, ...]]:
    for (kind, name), law in world.truth.segments.items():
        row = summary.loc[({"type": "ticket_type"}.get(kind, kind), name)]
        for column, truth in (("median", law.median_days), ("p90", law.p90_days)):
            if (
                row[f"{column}_hours_hi"] is not None
                and row[f"{column}_hours_hi"] == row[f"{column}_hours_hi"]
            ):
                days = (row[f"{column}_hours{end}"] / 24 for end in ("", "_lo", "_hi"))
                value, low, high = days
                # the mart counts in whole hours
                yield name, column, value, truth, low - 1 / 24, high + 1 / 24


def test_the_approval_rate_and_the_endings_hold_the_law_of_the_world(desk) -> None:
    rate = sentences.approval(desk)
    assert rate is not None
    truth = WORLD.truth.all.approval_rate
    assert within(rate["approval_rate"], rate["approval_rate_lo"], rate["approval_rate_hi"], truth)

    incidence = desk.mart("mart_outcome_incidence")
    incidence = incidence[(incidence["segment"] == "all") & (incidence["hours"] <= 90 * 24)]
    last = incidence.groupby("outcome_group").tail(1).set_index("outcome_group")
    for group, share in WORLD.truth.all.incidence_at_90_days.items():
        row = last.loc[group]
        assert within(row["incidence"], row["incidence_lo"], row["incidence_hi"], share), group


def within(value: float, low: float, high: float, truth: float) -> bool:
    return value - WIDER * (value - low) <= truth <= value + WIDER * (high - value)


def test_what_open_tickets_will_pay_holds_what_the_law_expects_of_them(desk) -> None:
    """By ticket: the law's payout of its carrier and type, given that it is open at its age."""
    tickets = desk.mart("fct_open_claim_exposure").drop_duplicates("ticket_id")
    known = tickets[(tickets["carrier"] != "(none)") & (tickets["ticket_type"] != "(none)")]
    law: dict[str, float] = {}
    for row in known.itertuples():
        segment = WORLD.truth.segment(row.carrier, row.ticket_type)
        for currency, money in segment.open_payout(row.age_minutes / 1440).items():
            law[currency] = law.get(currency, 0.0) + money

    for row in sentences.expected(desk).itertuples():
        error = abs(row.expected_payout_amount - law[row.currency])
        assert error <= 3.29 * row.expected_payout_amount_se, row.currency


def test_the_usual_median_of_the_last_month_is_far_below_the_truth_and_ours_is_not(desk) -> None:
    summary = desk.mart("mart_resolution_summary").set_index(["segment_type", "segment"])
    last = summary.loc[("created_month", "2026-10")]
    truth = WORLD.truth.all.median_days

    assert last["naive_median_hours"] / 24 < 0.7 * truth
    assert within(
        last["median_hours"] / 24, last["median_hours_lo"] / 24, last["median_hours_hi"] / 24, truth
    )


@every_notebook
def test_without_tickets_a_notebook_says_so_and_runs_to_its_end(name, empty_warehouse) -> None:
    done = run(name, empty_warehouse)
    drawn = [each.to_dict() for each in done.outputs if isinstance(each, theme.Picture)]

    assert drawn
    assert None not in [theme.sentence_of(each) for each in drawn]
    assert any(sentences.NO_TICKETS in getattr(each, "text", "") for each in done.outputs)


@every_notebook
def test_without_a_warehouse_a_notebook_offers_the_demo(name, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "transform").mkdir()  # so that the notebook does not look elsewhere

    outputs, definitions = importlib.import_module(f"notebooks.{name}").app.run()

    assert "desk" not in dict(definitions)
    assert any("make demo" in getattr(each, "text", "") for each in outputs)


def test_what_cannot_be_read_is_a_sentence(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoDemoError, match="make demo"):
        open_marts()

    monkeypatch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", str(tmp_path / "mine.duckdb"))
    with pytest.raises(NotReadyError, match=r"mine\.duckdb does not exist"):
        open_marts()

    duckdb.connect(str(tmp_path / "mine.duckdb")).close()
    with pytest.raises(NotReadyError, match=r"no marts in the file mine\.duckdb"):
        open_marts()

    (tmp_path / "mine.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(NotReadyError, match=r"mine\.duckdb, which exists and is no DuckDB"):
        open_marts()


def cells_of(name: str) -> list[str]:
    """The sources of a notebook's cells, read from its text."""
    tree = ast.parse((ROOT / "notebooks" / f"{name}.py").read_text(encoding="utf-8"))
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
    return [squeezed(ast.unparse(without_return(each))) for each in functions]


def without_return(function: ast.FunctionDef) -> ast.Module:
    body = [each for each in function.body if not isinstance(each, ast.Return)]
    return ast.Module(body=body, type_ignores=[])


def squeezed(source: str) -> str:
    """Without what an export may change: blanks, and the call around a constant text."""
    module = ast.parse(textwrap.dedent(source))
    texts = [text_of(each) for each in module.body]
    if len(texts) == 1 and texts[0] is not None:
        return " ".join(texts[0].split())
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = " ".join(node.value.split())
    return ast.unparse(module)


def text_of(statement: ast.stmt) -> str | None:
    """The constant text of `mo.md(...)`."""
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(attr="md"), args=[ast.Constant(str(text))])
        ):
            return text
    return None


@every_notebook
def test_the_committed_page_is_the_notebook_as_it_stands(name) -> None:
    """If this fails: `make notebooks`, and commit what it writes."""
    page = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    shown = [
        " ".join("".join(cell["source"]).split())
        if cell["cell_type"] == "markdown"
        else squeezed("".join(cell["source"]))
        for cell in page["cells"]
    ]

    assert shown == cells_of(name)


@every_notebook
def test_the_committed_page_shows_a_picture_wherever_the_notebook_draws_one(name, ran) -> None:
    page = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in page["cells"] for output in cell.get("outputs", ())]
    pictures = [each["data"]["image/png"] for each in outputs if "image/png" in each["data"]]
    drawn = [each for each in ran[name].outputs if isinstance(each, theme.Picture)]

    assert len(pictures) == len(drawn)
    assert all(b64decode(each).startswith(b"\x89PNG") for each in pictures)
    assert {each["output_type"] for each in outputs} == {"display_data"}
    assert page["metadata"]["kernelspec"]["name"] == "python3"


@every_notebook
def test_the_guides_picture_is_the_pages(name) -> None:
    page = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))

    assert (PICTURES / f"{name}.png").read_bytes() == picture_of(page, FOR_THE_GUIDE[name])


@every_notebook
def test_the_committed_page_runs_again_in_jupyter(name, warehouse, monkeypatch) -> None:
    monkeypatch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", str(warehouse))
    monkeypatch.setenv(theme.RENDERER, "png")
    page = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    for cell in page.cells:
        cell.outputs = [] if cell.cell_type == "code" else None
    folder = {"metadata": {"path": str(ROOT / "notebooks")}}

    NotebookClient(page, timeout=120, kernel_name="python3", resources=folder).execute()

    outputs = [each for cell in page.cells for each in cell.get("outputs") or ()]
    assert [each for each in outputs if each.output_type == "error"] == []
    assert (
        sum("image/png" in each.get("data", {}) for each in outputs)
        == {
            "claim_payouts": 11,
            "resolution_time": 14,
        }[name]
    )


def test_text_from_tickets_is_no_markup_in_a_notebook() -> None:
    import marimo as mo

    text = mo.md(f"## {plain(HOSTILE)}").text

    assert "<img" not in text
    assert "<script" not in text
    assert "href" not in text


def test_the_law_has_a_number_for_every_segment() -> None:
    """Guards the tests above: a truth that is not there would be within any interval."""
    assert all(math.isfinite(each.median_days) for each in WORLD.truth.segments.values())
    assert len(WORLD.truth.segments) == 16
