"""The report and the notebooks as of a moment: what the marts of that moment hold, and no other.

Needs a warehouse with both schemas of marts: last night's, and one built with `--as-of`.
"""

from __future__ import annotations

import pytest

from answers import Desk, sentences
from pipelines.opening import NotReadyError, open_marts
from pipelines.report import run_report
from tests.notebooks.desks import SUMMER, pipeline_on


def test_a_desk_as_of_a_moment_reads_the_marts_of_that_moment(both_moments) -> None:
    """Expected by a second way: the tickets of the raw tables that were created by then."""
    nightly = open_marts(pipeline_on(both_moments))
    created = nightly.query(
        "select count(*) as tickets from sendcloud.tickets where created_at <= '2026-07-01'"
    )
    desk = Desk(open_marts(pipeline_on(both_moments), SUMMER))

    assert desk.tickets == int(created["tickets"].iloc[0]) < Desk(nightly).tickets
    assert str(desk.as_of) == "2026-07-01 00:00:00"
    assert desk.mart("fct_ticket_resolution")["created_at"].max() <= desk.as_of
    assert desk.typed("stg_as_of").num_rows == 1


def test_a_sync_later_than_the_moment_is_no_word_on_its_completeness(both_moments) -> None:
    """The only sync on record ended in November."""
    assert sentences.freshness(Desk(open_marts(pipeline_on(both_moments), SUMMER)))[1:] == [
        "No record of a sync was found."
    ]


def test_the_report_as_of_a_moment_says_so_at_its_top(both_moments, tmp_path) -> None:
    out, said = tmp_path / "report.html", []

    assert run_report(out, said.append, pipeline_on(both_moments), SUMMER) == 0
    header = out.read_text(encoding="utf-8").partition("</header>")[0]
    assert "Data as of 1 July 2026, 00:00 UTC, " in header
    assert said[0].startswith("Read the file desk.duckdb, as of 2026-07-01 UTC; wrote ")


@pytest.mark.parametrize("told", ["2026-07-01", "2026-07-01T02:00+02:00"])
def test_a_notebook_takes_the_moment_as_text(both_moments, told) -> None:
    assert open_marts(pipeline_on(both_moments), told).schema == "sendcloud_marts_as_of_20260701"


def test_marts_that_were_not_built_as_of_a_moment_are_a_sentence(both_moments) -> None:
    with pytest.raises(NotReadyError) as refused:
        open_marts(pipeline_on(both_moments), "2026-06-01T18:30")

    assert str(refused.value) == (
        "There are no marts as of 2026-06-01T18:30 (UTC) in the file desk.duckdb. Build them: "
        "python -m pipelines marts --as-of 2026-06-01T18:30"
    )


def test_what_is_no_moment_is_a_sentence(both_moments) -> None:
    with pytest.raises(NotReadyError, match="--as-of: 'last June' is not a moment such as"):
        open_marts(pipeline_on(both_moments), "last June")
