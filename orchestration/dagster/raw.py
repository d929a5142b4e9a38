"""The raw tables as assets: one sync of one account brings all of them.

Depends on `account_runs`. Promises that the keys are those by which dagster-dbt joins models to
sources, and that a run which found another one at work materialises nothing and has not failed.

No `from __future__ import annotations`: Dagster takes no text for the types of a step.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from pipelines.accounts import Account
from pipelines.status import TABLES

from ..account_runs import Loaded, load
from .advice import Patience, heeding_advice

TICKETS = dg.AssetKey(["sendcloud", "tickets"])
RUNS = dg.AssetKey(["sendcloud", "sync_runs"])


class SyncConfig(dg.Config):
    """What a person may choose who starts a sync by hand: `full` is a complete sweep."""

    full: bool = False


def raw_assets(
    accounts: Mapping[str, Account], manifest: Mapping[str, Any], patience: Patience
) -> dg.AssetsDefinition:
    """One step that syncs the account of its partition."""

    @dg.multi_asset(
        name="sync",
        specs=[_spec(table, _described(manifest)) for table in TABLES],
        partitions_def=partitions_of(accounts),
    )
    def sync(context: dg.AssetExecutionContext, config: SyncConfig) -> Iterator[Any]:
        with heeding_advice(context, patience):
            loaded = load(accounts[context.partition_key], config.full)
            context.log.info(loaded.record.summary())
            yield from _told(loaded)

    return sync


def partitions_of(accounts: Mapping[str, Account]) -> dg.StaticPartitionsDefinition:
    """A partition an account."""
    return dg.StaticPartitionsDefinition(list(accounts))


def _described(manifest: Mapping[str, Any]) -> dict[str, str]:
    """What the dbt project says of its sources, by table."""
    return {each["name"]: each["description"] for each in manifest["sources"].values()}


def _spec(table: str, described: Mapping[str, str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        dg.AssetKey(["sendcloud", table]),
        description=described.get(table),
        group_name="raw",
        kinds={"dlt"},
        skippable=True,
    )


def _told(loaded: Loaded) -> Iterator[dg.MaterializeResult[Any]]:
    run = loaded.record
    of_run = {"run": run.run_id, "complete": run.is_complete, "note": run.note or ""}
    for table, rows in loaded.rows.items():
        key = dg.AssetKey(["sendcloud", table])
        yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": rows, **of_run})
