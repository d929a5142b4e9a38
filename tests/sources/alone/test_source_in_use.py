"""What a dlt user does to the source on its way: chosen tables, steps, limits, refresh, threads."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from tests.sources.alone.conftest import Desk


def test_a_limited_run_loads_what_it_read_and_is_gone_on_with(duck: Desk) -> None:
    source = duck.source()
    source.tickets.add_limit(5)
    duck.pipeline.run(source)
    assert duck.rows("select count(*) from tickets") == [(100,)]
    assert not duck.last_run()["is_complete"]

    run = duck.run()

    assert (run["is_complete"], run["requests"] <= 51 - 5 + 2) == (True, True)
    duck.check()


def test_a_filtered_run_proves_nothing_and_says_so(
    duck: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    source = duck.source()
    source.tickets.add_filter(lambda ticket: ticket["type"] == "lost")
    duck.pipeline.run(source)

    run = duck.last_run()
    assert not run["is_complete"]
    assert "Rows were filtered on their way, so the run proves nothing." in run["note"]
    lost = sum(each["type"] == "lost" for each in duck.account.tickets())
    assert duck.rows("select count(*) from tickets") == [(lost,)]


def test_a_map_changes_what_is_loaded_and_nothing_that_is_promised(duck: Desk) -> None:
    source = duck.source()
    source.tickets.add_map(lambda ticket: ticket | {"carrier": "hidden"})
    duck.pipeline.run(source)
    assert duck.last_run()["is_complete"]
    assert duck.rows("select distinct carrier from tickets") == [("hidden",)]


def test_tickets_can_be_had_without_the_other_tables(duck: Desk) -> None:
    duck.pipeline.run(duck.source().with_resources("tickets"))
    duck.check()
    assert duck.rows("select * from sync_runs") == []

    duck.account.clock.advance(timedelta(hours=3))
    duck.service.reset_log()
    duck.pipeline.run(duck.source().with_resources("tickets", "sync_runs"))
    assert duck.last_run()["is_complete"]
    duck.check()


def test_other_tables_alone_read_nothing(duck: Desk) -> None:
    duck.pipeline.run(duck.source().with_resources("sync_runs"))
    assert duck.service.requests == []


def test_without_a_pipeline_it_is_a_plain_complete_sweep(duck: Desk) -> None:
    rows = list(duck.source().tickets)
    there = sorted(each["id"] for each in duck.account.tickets())
    assert sorted({row["id"] for row in rows}) == there
    assert len(duck.service.requests) == 51
    duck.run()
    assert sorted({row["id"] for row in duck.source().tickets}) == there


@pytest.mark.parametrize("refresh", ["drop_sources", "drop_resources", "drop_data"])
def test_a_refresh_reads_everything_because_what_is_held_goes(desk: Desk, refresh: str) -> None:
    desk.run()
    gone = desk.account.newest(1)[0]
    desk.account.drop(gone)
    desk.account.clock.advance(timedelta(hours=3))

    run = desk.load(desk.source(), refresh=refresh)

    assert (run["mode"], run["is_complete"], run["tickets_new"]) == ("full", True, 999)
    assert desk.rows("select count(*), count(distinct id) from tickets") == [(999, 999)]
    assert desk.rows("select count(*) from sync_runs") == [(1,)]
    desk.check()
    desk.account.clock.advance(timedelta(hours=3))
    later = desk.run()
    assert (later["mode"], later["is_complete"], later["requests"] <= 20) == ("sync", True, True)


def test_what_is_set_aside_outlives_the_refresh_that_found_it(duck: Desk) -> None:
    duck.run()
    duck.account.clock.advance(timedelta(hours=3))
    number = duck.account.newest(300)[-1]
    broken = {number: {"status": 7}}
    duck.service.switches.reshape = lambda each: each | broken.get(each["id"], {})

    run = duck.load(duck.source(), refresh="drop_sources")

    assert not run["is_complete"]
    assert duck.rows("select ticket_id, field from tickets_set_aside") == [(number, "status")]


def test_histories_that_a_refresh_leaves_go_on(duck: Desk) -> None:
    duck.run()
    number = duck.account.newest(1)[0]
    duck.account.hold(number, status="escalated", resolution=None)
    duck.account.clock.advance(timedelta(hours=3))
    duck.pipeline.run(duck.source().with_resources("tickets"), refresh="drop_resources")
    duck.account.clock.advance(timedelta(hours=3))
    assert duck.run()["is_complete"]

    histories = duck.rows(
        "select status, previously_seen_at is null from ticket_status_history "
        f"where ticket_id = {number} order by seen_at"
    )
    assert [is_first for _, is_first in histories] == [True, False]
    assert histories[-1][0] == "escalated"
    duck.check()


@pytest.mark.parametrize("disposition", ["append", "replace"])
def test_tickets_are_merged_and_written_in_no_other_way(duck: Desk, disposition: str) -> None:
    duck.run()
    before = duck.rows("select id, last_seen_at from tickets order by id")
    duck.service.reset_log()

    with pytest.raises(PipelineStepFailed) as refused:
        duck.pipeline.run(duck.source(), write_disposition=disposition)

    assert f"write_disposition='{disposition}' would" in str(refused.value)
    assert "tickets are merged. Nothing was read." in str(refused.value)
    assert duck.service.requests == []
    assert duck.rows("select id, last_seen_at from tickets order by id") == before


@dlt.destination
def sink(items: Any, table: Any) -> None:
    """Somebody's own, which holds nothing."""


@pytest.mark.parametrize("kind", ["filesystem", "dummy", "sink"])
def test_a_destination_without_tables_is_refused_before_anything_is_read(
    duck: Desk, tmp_path: Path, kind: str
) -> None:
    files = dlt.destinations.filesystem(str(tmp_path / "files"))
    destination = {"filesystem": files, "dummy": dlt.destinations.dummy(), "sink": sink}[kind]

    with pytest.raises(PipelineStepFailed) as refused:
        Desk(duck.service, tmp_path, destination).pipeline.run(duck.source())

    assert f"Destination {kind} has no tables that can be asked what they hold" in str(
        refused.value
    )
    assert "list(sendcloud_support().tickets)" in str(refused.value)
    assert duck.service.requests == []


def test_resources_may_be_read_side_by_side(duck: Desk) -> None:
    for later in (False, True):
        source = duck.source()
        for resource in source.resources.values():
            resource.parallelize()
        run = duck.load(source)
        assert (run["is_complete"], run["mode"]) == (True, "sync" if later else "full")
        duck.check()
        duck.account.clock.advance(timedelta(hours=3))


def test_it_runs_in_a_thread_and_in_an_event_loop(duck: Desk) -> None:
    thread = threading.Thread(target=duck.run)
    thread.start()
    thread.join()
    assert duck.last_run()["is_complete"]

    async def within() -> None:
        duck.run()

    duck.account.clock.advance(timedelta(hours=3))
    asyncio.run(within())
    assert (duck.last_run()["mode"], duck.last_run()["is_complete"]) == ("sync", True)
    duck.check()


def named(duck: Desk, name: str, dataset: str, **how: Any) -> dlt.Pipeline:
    """A pipeline of another name or dataset, in the same folder and file."""
    return dlt.pipeline(
        name,
        destination=duck.destination,
        dataset_name=dataset,
        pipelines_dir=str(duck.folder / "work"),
        **how,
    )


def rows_of(pipeline: dlt.Pipeline, sql: str) -> list[tuple[Any, ...]]:
    with pipeline.sql_client() as client:
        return [tuple(row) for row in client.execute_sql(sql) or []]


def test_two_pipelines_carry_one_dataset_on_and_a_second_dataset_is_another_one(
    duck: Desk,
) -> None:
    count = "select count(*), count(distinct id), sum(case when is_complete then 0 else 1 end) "
    count += "from tickets, sync_runs"
    duck.run()
    for name, dataset, full in (("second", "support", 0), ("whatever", "other", 1)) * 2:
        duck.account.clock.advance(timedelta(hours=3))
        duck.account.insert(1)
        duck.service.reset_log()
        pipeline = named(duck, name, dataset)
        runs = rows_of(pipeline, "select count(*) from sync_runs") if dataset == "support" else []
        pipeline.run(duck.source())
        assert runs == [] or rows_of(pipeline, "select count(*) from sync_runs") > runs
        [(_, held, unproven)] = rows_of(pipeline, count)
        assert (held, unproven) == (duck.account.total, 0)
        assert full or len(duck.service.requests) <= 20
    duck.run()
    duck.check()


def test_each_run_in_dev_mode_is_a_first_one(duck: Desk) -> None:
    for _ in range(2):
        pipeline = named(duck, "trial", "support", dev_mode=True)
        pipeline.run(duck.source())
        assert rows_of(pipeline, "select mode, is_complete from sync_runs") == [("full", True)]


def test_a_pipeline_that_was_dropped_goes_on_with_what_is_held(duck: Desk) -> None:
    duck.run()
    duck.pipeline.drop()
    duck.account.clock.advance(timedelta(hours=3))
    run = duck.run()
    assert (run["mode"], run["is_complete"], run["tickets_new"]) == ("sync", True, 0)
    duck.check()
