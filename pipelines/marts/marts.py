"""The marts: dbt on the configured warehouse, from dataset `sendcloud` into `sendcloud_marts`.

Depends on `warehouse`, on `dbt_process` and on the project in `transform/`. Promises that dbt is
told by environment variables where the warehouse is, so that nothing secret is written; that it
asks no network but the warehouse; and that what is said of a failure holds no ticket.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dlt

from sources.sendcloud_support.holdings import query
from sources.sendcloud_support.records import RESOLUTION_HISTORY, TICKETS

from ..dbt_environment import PROJECT, own_settings
from ..dbt_process import NOT_THERE, DbtProcess, dbt_process
from ..failures import DONE, FAILED
from ..privacy import are_concealed
from ..warehouse import DATASET, marts_beside, own_folder
from .as_of import AsOf
from .dbt_warehouse import warehouse_variables
from .publishing import (
    UNPUBLISHED,
    discard,
    name_tickets,
    publish,
)
from .seeds import check_concealed, check_seeds

STOPPED = (
    "Stopped while the marts were built: those of the last build stay as they were. "
    "Build them again: python -m pipelines marts"
)

# unit tests judge the SQL, and the keys of marts follow from those of the raw tables, which are
# checked: both run in the tests and in a plain `dbt build`, and need not run every night. dbt's
# description of the whole project, which nobody reads at night, takes a quarter of a second.
KEYS, OF_MARTS = "one_row_per", "models/marts"
NIGHTLY = (
    *("build", "--no-write-json", "--exclude-resource-type", "unit_test"),
    *("--exclude", f"test_name:{KEYS},path:{OF_MARTS}"),
)

RESULTS = Path("target") / "run_results.json"
OF_A_NODE = ("unique_id", "status", "execution_time", "failures")

KEPT = "The marts were not built completely, and those of the last build stay as they were."


def run_marts(
    pipeline: dlt.Pipeline,
    say: Callable[[str], object] = print,
    as_of: AsOf | None = None,
    schema: str | None = None,
) -> int:
    """Build all marts, check them, and only then put them in the place of the old ones.

    The caller holds the warehouse's lock and has no connection open. With `as_of` the marts are
    told as of that moment, in a schema of their own, beside `schema`, which is that of the nightly
    marts if it has another name than usual. Returns the exit code.
    """
    nightly = schema or marts_beside(pipeline.dataset_name)
    marts = as_of.beside(nightly) if as_of else nightly
    check_seeds(PROJECT / "seeds")
    try:
        with dbt_process() as process:
            return _build_all(process, pipeline, marts, as_of, say)
    except KeyboardInterrupt as stop:
        stop.args = (STOPPED,)
        raise


def _build_all(
    process: DbtProcess,
    pipeline: dlt.Pipeline,
    marts: str,
    as_of: AsOf | None,
    say: Callable[[str], object],
) -> int:
    where = marts_variables(pipeline, marts)
    if missing := what_is_missing(pipeline):
        say(missing)
        return FAILED
    if query(pipeline, f"select count(*) from {TICKETS}") == [(0,)]:
        say("The account has no tickets yet: the marts are built, and empty.")
    return _build(process, where, pipeline, as_of, say)


def what_is_missing(pipeline: dlt.Pipeline) -> str | None:
    """What has to be loaded before marts can be built; None where all is there."""
    if not query(pipeline, f"select count(*) from {TICKETS}"):
        return "Nothing is loaded in this warehouse yet. Run `python -m pipelines sync` first."
    if not query(pipeline, f"select count(*) from {RESOLUTION_HISTORY}"):
        return (
            "This warehouse was loaded by an earlier version. Run `python -m pipelines sync` once."
        )
    if are_concealed(pipeline, "order_number"):
        check_concealed(PROJECT / "seeds")
    return None


def marts_variables(pipeline: dlt.Pipeline, marts: str) -> dict[str, str]:
    """What dbt is told: where the warehouse is, and to build beside the tables that are there."""
    beside = {"SENDCLOUD_MARTS_SCHEMA": marts, "SENDCLOUD_UNPUBLISHED": UNPUBLISHED}
    return warehouse_variables(pipeline) | beside


def _build(
    process: DbtProcess,
    where: Mapping[str, str],
    pipeline: dlt.Pipeline,
    as_of: AsOf | None,
    say: Callable[[str], object],
) -> int:
    """Build beside the tables that are there; they are replaced when all checks have passed."""
    folder = own_folder(pipeline) / ("dbt_as_of" if as_of else "dbt")
    marts = where["SENDCLOUD_MARTS_SCHEMA"]
    variables = raw_schema(pipeline) | (as_of.variable if as_of else {})
    options = [*NIGHTLY, *(("--vars", json.dumps(variables)) if variables else ())]
    path = folder / RESULTS
    path.unlink(missing_ok=True)
    discard(pipeline, marts)  # what a build that was killed has left
    ended = _call_dbt(process, options, where, folder, path)
    results = _read_results(path)
    for sentence in (*_describe(results), *name_tickets(pipeline, _warnings(results))):
        say(sentence)
    if ended == 0:
        publish(pipeline, marts)
        return DONE
    discard(pipeline, marts)
    if ended == NOT_THERE:
        say("dbt is not installed beside the pipelines. Set them up again: make venv")
        return FAILED
    say(f"{KEPT} What dbt says of it: {folder / 'logs' / 'dbt.log'}")
    return FAILED


def raw_schema(pipeline: dlt.Pipeline) -> dict[str, str]:
    """Where the tickets are, if that is not where dbt's project looks for them by itself."""
    dataset = pipeline.dataset_name
    return {} if dataset == DATASET else {"raw_schema": dataset}


def is_nightly(check: Mapping[str, Any]) -> bool:
    """Whether a build runs this check, a node of dbt's manifest."""
    kind = (check.get("test_metadata") or {}).get("name")
    return kind != KEYS or not check["original_file_path"].startswith(f"{OF_MARTS}/")


def built_nodes(pipeline: dlt.Pipeline) -> list[dict[str, Any]]:
    """What dbt did in the last build: per node its `unique_id`, `status` and `execution_time`."""
    results = _read_results(own_folder(pipeline) / "dbt" / RESULTS)["results"]
    return [{name: result[name] for name in OF_A_NODE} for result in results]


def run_dbt(arguments: list[str], pipeline: dlt.Pipeline, folder: Path) -> int:
    """Run one dbt command on the pipeline's warehouse, quietly; its exit code.

    Args:
        arguments: The command and its options.
        pipeline: Whose warehouse it is.
        folder: Where dbt keeps what it compiled, between runs too, and its log.
    """
    where = warehouse_variables(pipeline)
    with dbt_process() as process:
        return _call_dbt(process, arguments, where, folder)


def _call_dbt(
    process: DbtProcess,
    arguments: Sequence[str],
    where: Mapping[str, str],
    folder: Path,
    results: Path | None = None,
) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    quiet = ["--quiet", "--log-level", "none", "--log-level-file", "info"]
    project = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    environment = {**where, **own_settings(folder)}
    return process.run([*quiet, *arguments, *project], environment, results)


def _read_results(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"results": [], "elapsed_time": 0.0}
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return results


def _describe(results: dict[str, Any]) -> Iterator[str]:
    """One line that counts, and one for each that failed: by name, never by content."""
    ended = {result["unique_id"]: result["status"] for result in results["results"]}
    tables = [name for name in ended if name.startswith("model.") and ".stg_" not in name]
    built = sum(ended[name] == "success" for name in tables)
    passed = sum(name.startswith("test.") and status == "pass" for name, status in ended.items())
    if ended:
        yield (
            f"Marts: {built} of {len(tables)} tables built, {passed} checks passed, "
            f"{results['elapsed_time']:.1f} s."
        )
    for name, status in ended.items():
        if status in {"error", "fail", "runtime error"}:
            yield f"{name.split('.')[2]}: {status}"


def _warnings(results: dict[str, Any]) -> list[dict[str, Any]]:
    return [result for result in results["results"] if result["status"] == "warn"]
