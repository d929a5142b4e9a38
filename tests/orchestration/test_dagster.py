"""Dagster runs three accounts, one of them with a wrong key: in process, against the simulator.

Runs in an environment of its own, see `test_environments`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

if os.environ.get("TEST_INSIDE") != "dagster":
    pytest.skip("This runs where Dagster is.", allow_module_level=True)

import dagster as dg

from orchestration.account_runs import accounts_by_label
from orchestration.dagster import Patience, build_definitions
from orchestration.dagster.marts import GATHERED
from pipelines.dbt_process import DbtProcess
from pipelines.marts import manifest_file
from pipelines.warehouse import only_run
from simulator import Fault
from tests.orchestration.accounts import ROOT, TICKETS, WRONG, Shops, served
from tests.pipelines.conftest import KEYS

REFUSED = "GET tickets page 1: HTTP 401"
"""How the project's own sentence about refused keys begins."""


@dataclass
class Night:
    """What one scheduled night did."""

    shops: Shops
    instance: dg.DagsterInstance
    definitions: dg.Definitions
    told: list[tuple[str, str, str]]
    results: dict[str, dg.ExecuteInProcessResult] = field(default_factory=dict)
    given_to_dbt: list[str] = field(default_factory=list)

    def load(self, name: str, **options: Any) -> dg.ExecuteInProcessResult:
        """The job of this account."""
        return self.job("sendcloud_load").execute_in_process(
            partition_key=name, instance=self.instance, raise_on_error=False, **options
        )

    def look(self) -> dg.ExecuteInProcessResult:
        """The job that judges all accounts."""
        return self.job("sendcloud_look").execute_in_process(instance=self.instance)

    def job(self, name: str) -> dg.JobDefinition:
        return self.definitions.resolve_job_def(name)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of dbt's manifest, which dbt makes once for all tests."""
    return manifest_file(tmp_path_factory.mktemp("manifest")).parent


@pytest.fixture(scope="module")
def night(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Each account loaded once, by what the schedule asks for; then all are looked at."""
    told: list[tuple[str, str, str]] = []
    with (
        served(tmp_path_factory.mktemp("night"), manifest) as shops,
        dg.instance_for_test() as instance,
    ):
        definitions = build_definitions(tell=lambda *words: told.append(words))
        night = Night(shops, instance, definitions, told)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DbtProcess, "run", _listening(DbtProcess.run, night.given_to_dbt))
            for name in TICKETS:
                night.results[name] = night.load(name)
        night.results["look"] = night.look()
        yield night


def _listening(run: Any, given: list[str]) -> Any:
    def listen(self: DbtProcess, arguments: Any, environment: Any, results: Any = None) -> int:
        own = Path(f"/proc/{self._process.pid}/environ").read_text()
        given.extend([str(arguments), str(environment), own])
        return int(run(self, arguments, environment, results))

    return listen


@pytest.mark.parametrize("name", ["shop_a", "shop_b"])
def test_what_an_account_has_is_held_whatever_happens_to_another(night: Night, name: str) -> None:
    assert night.results[name].success
    assert night.shops.held(name) == night.shops.truth(name)
    assert len(night.shops.held(name).tickets) == TICKETS[name]
    counted = f"select count(*) from sendcloud_{name}_marts.fct_ticket_resolution"
    assert night.shops.rows(counted) == [(TICKETS[name],)]


@pytest.mark.parametrize("name", ["shop_a", "shop_b"])
def test_every_asset_is_materialized_for_the_account_and_every_check_judged(
    night: Night, name: str
) -> None:
    graph = night.definitions.resolve_asset_graph()
    events = night.results[name].get_asset_materialization_events()
    judged = {each.asset_check_key for each in night.results[name].get_asset_check_evaluations()}

    assert {event.asset_key for event in events} == set(graph.get_all_asset_keys()) - {GATHERED}
    assert {event.partition for event in events} == {name}
    looks = {key for key in graph.asset_check_keys if key.name in {"complete", "fresh"}}
    assert judged == set(graph.asset_check_keys) - looks


def test_the_rows_of_each_table_are_told(night: Night) -> None:
    [event] = [
        event
        for event in night.results["shop_a"].get_asset_materialization_events()
        if event.asset_key == dg.AssetKey(["sendcloud", "tickets"])
    ]
    metadata = event.materialization.metadata

    assert (metadata["dagster/row_count"].value, metadata["complete"].value) == (45, True)


def test_marts_stand_on_the_raw_tables_of_the_same_account(night: Night) -> None:
    graph = night.definitions.resolve_asset_graph()
    staged = graph.get(dg.AssetKey(["staging", "stg_tickets"]))

    assert dg.AssetKey(["sendcloud", "tickets"]) in staged.parent_keys
    assert staged.partitions_def.get_partition_keys() == sorted(TICKETS)


def test_refused_keys_fail_at_once_with_the_sentence_and_nothing_else(night: Night) -> None:
    result = night.results["shop_c"]
    [failed] = [event for event in result.all_events if event.is_step_failure]
    said = failed.step_failure_data.user_failure_data.description

    assert not result.success
    assert said.startswith(REFUSED)
    assert [event for event in result.all_events if event.is_step_up_for_retry] == []
    assert result.get_asset_materialization_events() == []
    assert not any(secret in str(result.all_events) for secret in (WRONG, *KEYS))


def test_the_look_is_red_for_the_account_that_failed_and_names_it(night: Night) -> None:
    found = {each.check_name: each for each in night.results["look"].get_asset_check_evaluations()}

    assert {name: (each.passed, each.description) for name, each in found.items()} == {
        "complete": (False, "Not complete: shop_c."),
        "fresh": (False, "Not fresh: shop_c."),
    }
    ages = {name: told.value.partition(" ")[0] for name, told in found["fresh"].metadata.items()}
    assert ages == {"shop_a": "complete", "shop_b": "complete", "shop_c": "never"}


def test_the_marts_of_several_accounts_stand_together_by_account(night: Night) -> None:
    counted = """
        select account, count(*) from sendcloud_accounts_marts.fct_ticket_resolution
        group by account order by account
    """

    assert night.shops.rows(counted) == [("shop_a", 45), ("shop_b", 30)]


def test_the_sensor_tells_the_sentence_with_its_account(night: Night) -> None:
    result = night.results["shop_c"]
    context = dg.build_run_status_sensor_context(
        "sendcloud_failed",
        result.get_run_failure_event(),
        night.instance,
        result.dagster_run,
    ).for_run_failure()
    night.told.clear()
    night.definitions.resolve_sensor_def("sendcloud_failed")(context)

    [(account, job, sentence)] = night.told
    assert (account, job) == ("shop_c", "sendcloud_load")
    assert sentence.startswith(REFUSED)


def test_dbt_is_given_no_key(night: Night) -> None:
    assert len(night.given_to_dbt) == 2 * 3  # two builds
    assert not any(secret in each for each in night.given_to_dbt for secret in (*KEYS, WRONG))


def test_the_schedule_asks_for_a_run_an_account(night: Night) -> None:
    [schedule] = [
        each for each in night.definitions.schedules or () if each.name == "sendcloud_load"
    ]
    hour = datetime(2026, 11, 30, 3, 17, tzinfo=UTC)
    with dg.build_schedule_context(
        night.instance,
        scheduled_execution_time=hour,
        repository_def=night.definitions.get_repository_def(),
    ) as context:
        asked = schedule.evaluate_tick(context).run_requests

    assert [request.partition_key for request in asked] == sorted(TICKETS)
    assert len({request.run_key for request in asked}) == 3


# --- what may mend itself, and what is in the way -------------------------------------------------


@pytest.fixture
def shops(manifest: Path, tmp_path: Path) -> Iterator[Shops]:
    """The accounts anew."""
    with served(tmp_path / "shops", manifest) as shops:
        yield shops


def sync_alone(account: str, retries: int = 1) -> dg.ExecuteInProcessResult:
    """The sync of an account, without its marts; a retry waits for nothing."""
    definitions = build_definitions(patience=Patience(retries, 0))
    job = dg.define_asset_job("alone", dg.AssetSelection.groups("raw"))
    with dg.instance_for_test() as instance:
        return (
            dg.Definitions.merge(definitions, dg.Definitions(jobs=[job]))
            .resolve_job_def("alone")
            .execute_in_process(partition_key=account, instance=instance, raise_on_error=False)
        )


def test_an_api_that_is_down_is_asked_again_and_the_last_failure_says_why(
    shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "1")
    service = shops.services["shop_a"]
    service.switches.faults = [Fault("503", times=2)]

    result = sync_alone("shop_a")

    [failed] = [event for event in result.all_events if event.is_step_failure]
    assert sum(event.is_step_up_for_retry for event in result.all_events) == 1
    assert "503" in failed.step_failure_data.user_failure_data.description


def test_a_run_in_the_way_of_another_materializes_nothing_and_has_not_failed(
    shops: Shops,
) -> None:
    with only_run(accounts_by_label()["shop_a"].pipeline()):
        result = sync_alone("shop_a")

    assert result.success
    assert result.get_asset_materialization_events() == []


# --- what docs/scheduling.md shows ---------------------------------------------------------------

PAGE = (ROOT / "docs/scheduling.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Dagster\n")[2].partition("\n## ")[0]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)


def test_the_command_that_is_shown_loads_an_account(shops: Shops) -> None:
    [shown] = [text for text in blocks("sh") if "asset materialize" in text]
    command = shown.replace("$PWD", str(ROOT)).replace("--partition only", "--partition shop_b")
    command = command.replace(
        ".tools/environments/dagster/bin/dagster", f"{sys.executable} -m dagster"
    )
    command = command.replace(f"DAGSTER_HOME={ROOT}/.dagster", f"DAGSTER_HOME={shops.folder}")
    shutil.copy(ROOT / "orchestration/dagster/dagster.yaml", shops.folder)

    subprocess.run(["sh", "-ec", command], cwd=shops.folder, check=True)

    assert shops.held("shop_b") == shops.truth("shop_b")


def test_the_definitions_that_are_shown_have_the_times_that_they_name(shops: Shops) -> None:
    [program] = blocks("python")
    given: dict[str, Any] = {}
    exec(program, given)

    crons = {each.name: each.cron_schedule for each in given["defs"].schedules}
    assert crons == {"sendcloud_load": "5 4 * * *", "sendcloud_look": "0 8 * * *"}
