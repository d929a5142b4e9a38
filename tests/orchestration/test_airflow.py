"""Airflow runs three accounts, one of them with a wrong key: in process, against the simulator.

Runs in an environment of its own, see `test_environments`. Of cosmos' tasks two are run, a seed and
a model: each starts dbt, and that all models are right is tested elsewhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

if os.environ.get("TEST_INSIDE") != "airflow":
    pytest.skip("This runs where Airflow is.", allow_module_level=True)

from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from orchestration.account_runs import RunError, accounts_by_label
from orchestration.airflow import factory
from pipelines.failures import Advice
from pipelines.marts import dbt_call
from pipelines.warehouse import only_run
from tests.orchestration.accounts import ROOT, TICKETS, WRONG, Shops, served
from tests.pipelines.conftest import KEYS

REFUSED = "GET tickets page 1: HTTP 401"
ALL_BUT_TWO = r"marts\.(?!stg_as_of_|carrier_names_).*"
"""Tasks of dbt that are taken for done."""


@dataclass
class Night:
    """What Airflow did: the states of the tasks of each run, by the DAG's name."""

    shops: Shops
    dags: dict[str, Any]
    states: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with served(tmp_path_factory.mktemp("night")) as shops:
        dags = _dags()
        states = {
            name: _states(dags[name].test(mark_success_pattern=ALL_BUT_TWO))
            for name in ("sendcloud_shop_a", "sendcloud_shop_c", "sendcloud_look")
        }
        yield Night(shops, dags, states)


def _dags() -> dict[str, Any]:
    """The DAGs as Airflow finds them in its folder, and writes them into its database."""
    folder = Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "orchestration/airflow/dags.py", folder / "sendcloud.py")
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True)
    manager = DagBundlesManager()
    manager.sync_bundles_to_db()
    [bundle] = manager.get_all_dag_bundles()
    bundle.initialize()
    bag = BundleDagBag(bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
    assert bag.import_errors == {}
    sync_bag_to_db(bag, bundle.name, bundle_version=None)
    return dict(bag.dags)


def _states(run: Any) -> dict[str, str]:
    return {each.task_id: str(each.state) for each in run.get_task_instances()}


def test_there_is_a_dag_for_each_account_and_one_for_all(night: Night) -> None:
    assert set(night.dags) == {*(f"sendcloud_{name}" for name in TICKETS), "sendcloud_look"}


def test_marts_are_published_when_every_task_of_dbt_has_succeeded(night: Night) -> None:
    dag = night.dags["sendcloud_shop_a"]
    models = {task for task in dag.task_ids if task.startswith("marts.")}
    before = {task.task_id for task in dag.get_task("publish_marts").get_flat_relatives(True)}

    assert {"marts.stg_tickets_run", "marts.mart_payouts_monthly_run"} < models
    assert before == {"sync", "begin_marts", *models}
    assert {dag.get_task(task).retries for task in models} == {0}


def test_what_the_account_has_is_held_and_what_dbt_built_is_published(night: Night) -> None:
    built = """
        select table_schema, table_name from information_schema.tables
        where table_schema like 'sendcloud_shop_a_marts%' order by table_schema, table_name
    """

    assert set(night.states["sendcloud_shop_a"].values()) == {"success"}
    assert night.shops.held("shop_a") == night.shops.truth("shop_a")
    assert night.shops.rows(built) == [
        ("sendcloud_shop_a_marts", "carrier_names"),
        ("sendcloud_shop_a_marts_staging", "stg_as_of"),
    ]


def test_refused_keys_fail_at_once_and_keep_the_marts_from_being_built(night: Night) -> None:
    states = night.states["sendcloud_shop_c"]

    assert states.pop("sync") == "failed"
    assert set(states.values()) == {"upstream_failed"}


def test_the_look_fails_for_the_accounts_that_are_not_fresh(night: Night) -> None:
    states = night.states["sendcloud_look"]

    assert {name: states[f"complete_and_fresh_{name}"] for name in TICKETS} == {
        "shop_a": "success",
        "shop_b": "failed",
        "shop_c": "failed",
    }


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Shops]:
    """The accounts anew, for tasks that are called without Airflow."""
    with served(tmp_path / "shops") as shops:
        yield shops


def test_a_refusal_is_told_by_its_sentence_and_never_tried_again(shops: Shops) -> None:
    with pytest.raises(AirflowFailException, match=REFUSED):
        factory.sync.function("shop_c")


def test_a_run_in_the_way_of_another_is_skipped(shops: Shops) -> None:
    with (
        only_run(accounts_by_label()["shop_b"].pipeline()),
        pytest.raises(AirflowSkipException, match="Another run"),
    ):
        factory.sync.function("shop_b")


def test_what_may_mend_itself_is_left_to_be_tried_again() -> None:
    with pytest.raises(RunError), factory._heeding_advice():
        raise RunError("HTTP 503.", Advice.RETRY)


def test_dbt_is_given_no_key(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "SOURCES__SENDCLOUD_SUPPORT__ACCOUNTS__SHOP_A__CREDENTIALS__SECRET_KEY", KEYS[1]
    )
    pipeline = accounts_by_label()["shop_a"].pipeline()

    program, environment = dbt_call(pipeline, "sendcloud_shop_a_marts", ["build"], os.environ)

    given = [*program, *environment.values()]
    assert not any(secret in each for each in given for secret in (*KEYS, WRONG))
