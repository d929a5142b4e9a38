"""The marts as assets: dagster-dbt says what they are, the project's own command builds them.

Depends on dagster-dbt and on `account_runs`. Promises that dbt is run as by `python -m pipelines
marts`: with no API key, and so that all tables are replaced at once when all checks have passed.
Nothing is materialised in Dagster before that.

No `from __future__ import annotations`: Dagster takes no text for the types of a step.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from pipelines.accounts import Account
from pipelines.marts import is_nightly

from ..account_runs import Built, build, gather
from .advice import Patience, heeding_advice
from .raw import partitions_of

UNIQUE_ID = "dagster_dbt/unique_id"
GATHERED = dg.AssetKey("marts_of_all_accounts")


class Nightly(DagsterDbtTranslator):
    """All models and seeds in one group, with the checks that a build runs."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:  # noqa: ARG002
        """Of whatever dbt builds."""
        return "marts"

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """None for a check that only tests of the project run: it would never be judged."""
        if not is_nightly(manifest["nodes"][unique_id]):
            return None
        return super().get_asset_check_spec(asset_spec, manifest, unique_id, project)


def marts_assets(
    accounts: Mapping[str, Account], manifest: Mapping[str, Any], patience: Patience
) -> dg.AssetsDefinition:
    """One step that builds all marts of the account of its partition."""

    @dbt_assets(
        manifest=manifest,
        exclude="resource_type:unit_test",
        partitions_def=partitions_of(accounts),
        dagster_dbt_translator=Nightly(),
        name="marts",
    )
    def marts(context: dg.AssetExecutionContext) -> Iterator[Any]:
        with heeding_advice(context, patience):
            built = build(accounts[context.partition_key])
            for sentence in built.said:
                context.log.info(sentence)
            yield from _told(built, context)

    return marts


def gathered_marts(
    accounts: Mapping[str, Account], marts: dg.AssetsDefinition, patience: Patience
) -> dg.AssetsDefinition:
    """The marts of all accounts in one schema, by account; for whoever has several."""

    @dg.asset(
        key=GATHERED,
        deps=list(marts.keys),
        group_name="all_accounts",
        description="Each mart with the rows of all accounts, and `account` as its first column.",
    )
    def marts_of_all_accounts(context: dg.AssetExecutionContext) -> None:
        with heeding_advice(context, patience):
            for sentence in gather(list(accounts.values())):
                context.log.info(sentence)

    return marts_of_all_accounts


def _told(built: Built, context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Checks as they went; tables only if they were put in the place of the old ones."""
    definition = context.assets_def
    tables = {spec.metadata[UNIQUE_ID]: spec.key for spec in definition.specs}
    checks = {spec.metadata[UNIQUE_ID]: spec for spec in definition.check_specs}
    for node in built.nodes:
        name = node["unique_id"]
        if name in checks and checks[name].key in context.selected_asset_check_keys:
            yield _judgement(checks[name], node)
        elif built.is_published and tables.get(name) in context.selected_asset_keys:
            seconds = {"seconds": round(node["execution_time"], 3)}
            yield dg.MaterializeResult(asset_key=tables[name], metadata=seconds)
    if not built.is_published:
        raise dg.Failure(" ".join(built.said), allow_retries=False)


def _judgement(spec: dg.AssetCheckSpec, node: Mapping[str, Any]) -> dg.AssetCheckResult:
    """A check that warns has passed, as for dbt; how many rows it found odd is told."""
    is_warning = node["status"] == "warn"
    severity = dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR
    return dg.AssetCheckResult(
        passed=node["status"] == "pass",
        asset_key=spec.asset_key,
        check_name=spec.name,
        severity=severity,
        metadata={"found": node["failures"] or 0},
    )
