"""Variables of other programs and other dlt projects change nothing of what is loaded, or where."""

from __future__ import annotations

import tomllib
from pathlib import Path

import duckdb
import pytest

from pipelines.warehouse.settings import DEFAULTS, FIXED
from simulator import Account, Clock, World
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import ROOT, Warehouse, truth

FEW = World(tickets=30, months=2)
NOWHERE = "postgresql://somebody:hush-hush@127.0.0.1:1/other"
FOREIGN = {
    # other dlt projects
    "CREDENTIALS": NOWHERE,
    "DESTINATION__CREDENTIALS": NOWHERE,
    "DESTINATION__DUCKDB__CREDENTIALS": "other.duckdb",
    "DESTINATION__DESTINATION_TYPE": "filesystem",
    "DESTINATION__POSTGRES__CREDENTIALS": NOWHERE,
    "DATASET_NAME": "other",
    "DATASET_NAME_LAYOUT": "other_%s",
    "DESTINATION__WAREHOUSE__DATASET_NAME_LAYOUT": "other_%s",
    "DESTINATION__WAREHOUSE__STAGING_DATASET_NAME_LAYOUT": "sendcloud",
    "DEV_MODE": "true",
    "FULL_REFRESH": "true",
    "PIPELINE_NAME": "other",
    "PIPELINES_DIR": "other",
    "REFRESH": "drop_sources",
    "RESTORE_FROM_DESTINATION": "false",
    "ENABLE_RUNTIME_TRACE": "true",
    "SCHEMA__NAMING": "direct",
    "NAMING": "direct",
    "SCHEMA__JSON_NORMALIZER": '{"module": "other"}',
    "SOURCES__REQUESTS_PER_MINUTE": "1",
    "LOAD__RAISE_ON_FAILED_JOBS": "false",
    "LOAD__TRUNCATE_STAGING_DATASET": "false",
    "LOAD__DELETE_COMPLETED_JOBS": "false",
    "RUNTIME__SENTRY_DSN": "http://key@127.0.0.1:1/1",
    "RUNTIME__SLACK_INCOMING_HOOK": "http://127.0.0.1:1/hook",
    "RUNTIME__HTTP_SHOW_ERROR_BODY": "true",
    "RUNTIME__LOG_LEVEL": "",
    "LOAD__WORKERS": "",
    # other programs
    "BASE_URL": "http://127.0.0.1:1/api/v3",
    "MAX_REQUESTS": "1",
    "REQUESTS_PER_MINUTE": "1",
    "FULL_SWEEP_DAYS": "soon",
    "WORKERS": "0",
    "HOST": "127.0.0.1",
    "PORT": "1",
    "PGHOSTADDR": "127.0.0.2",
    "PGOPTIONS": "-c default_transaction_read_only=on",
    "PGSERVICE": "other",
    "PGTZ": "Asia/Tokyo",
    "PGDATESTYLE": "SQL, DMY",
    "PGCLIENTENCODING": "LATIN1",
    "PGPORT": "1",
    "PGDATABASE": "other",
    "PGUSER": "other",
}


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(make: Make, request: pytest.FixtureRequest) -> Warehouse:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    return make(Account(FEW, Clock(FEW.end)), postgres=url)


def base_url_in_a_file(warehouse: Warehouse) -> None:
    """As users have it: not in the environment, where it would be nearest anyway."""
    file = warehouse.folder / "dlt" / ".dlt" / "config.toml"
    official = "https://panel.sendcloud.sc/api/v3"
    file.write_text(file.read_text().replace(official, warehouse.service.base_url))


def test_what_others_have_in_the_environment_changes_nothing(warehouse: Warehouse) -> None:
    base_url_in_a_file(warehouse)
    del warehouse.settings["requests_per_minute"]  # 30, as in the file
    without = ("SOURCES__SENDCLOUD_SUPPORT__BASE_URL",)

    codes = [
        warehouse.cli(command, without=without, **FOREIGN).code
        for command in ("check", "sync", "sync")
    ]

    assert codes == [0, 0, 0]
    assert warehouse.held() == truth(warehouse.account.tickets())
    assert warehouse.runs("mode, is_complete") == [("full", True), ("sync", True)]
    assert {
        schema
        for (schema,) in warehouse.rows(
            "select distinct table_schema from information_schema.tables "
            "where table_schema not in ('information_schema', 'pg_catalog')"
        )
    } == {"sendcloud", "sendcloud_staging"}
    assert sorted(path.name for path in warehouse.folder.rglob("other*")) == []
    assert [path.name for path in warehouse.folder.rglob("trace.pickle")] == []


def test_what_was_loaded_through_does_not_stay_whatever_others_say(make: Make) -> None:
    warehouse = make(Account(FEW, Clock(FEW.end)))

    assert warehouse.cli("sync", **FOREIGN).code == 0

    with duckdb.connect(str(warehouse.file), read_only=True) as opened:
        assert opened.execute("select count(*) from sendcloud_staging.tickets").fetchone() == (0,)
    assert list((warehouse.folder / "dlt").rglob("completed_jobs/*")) == []


def test_full_names_of_other_settings_of_dlt_still_count(make: Make) -> None:
    warehouse = make(Account(FEW, Clock(FEW.end)))

    done = warehouse.cli("sync", RUNTIME__LOG_LEVEL="INFO")

    assert done.code == 0
    assert "[INFO]" in done.err or "|INFO|" in done.err


def test_an_empty_variable_is_none(make: Make, tmp_path: Path) -> None:
    """As a compose file leaves them that passes on what is not set."""
    warehouse = make(Account(FEW, Clock(FEW.end)))
    empty = {
        "DESTINATION__WAREHOUSE__CREDENTIALS": "",
        "DESTINATION__WAREHOUSE__DESTINATION_TYPE": "",
        "SOURCES__SENDCLOUD_SUPPORT__FULL_SWEEP_DAYS": "",
        "SOURCES__SENDCLOUD_SUPPORT__CREDENTIALS__CLIENT_ID": "",
    }

    done = warehouse.cli("sync", cwd=tmp_path, **empty)

    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "sendcloud_support.duckdb").exists()


def test_without_the_shipped_file_its_settings_hold_all_the_same() -> None:
    shipped = tomllib.loads((ROOT / ".dlt/config.toml").read_text())
    sections = {name: table for name, table in shipped.items() if isinstance(table, dict)}
    root = {name: value for name, value in shipped.items() if name not in sections}
    told = root | {
        f"{section}.{name}": value
        for section, table in sections.items()
        if section not in {"sources", "destination"}
        for name, value in table.items()
    }

    fixed = {name for name in FIXED if any(each.endswith(name) for each in told)}
    given = {name.rpartition(".")[2]: value for name, value in (DEFAULTS | FIXED).items()}
    assert {name.rpartition(".")[2]: value for name, value in told.items()} == {
        name: value for name, value in given.items() if name not in FIXED or name in fixed
    }
