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
from dlt.common.configuration.exceptions import ConfigurationValueError

from sources.sendcloud_support import TICKETS

from .dbt_process import PROJECT, DbtProcess, dbt_process
from .outcome import DONE, FAILED
from .warehouse import DATASET, duckdb_file, own_folder, query

MARTS = f"{DATASET}_marts"
PASSWORD = "DBT_ENV_SECRET_SENDCLOUD_POSTGRES_PASSWORD"  # noqa: S105 (its name, which dbt hides)

# unit tests judge the SQL, and the keys of marts follow from those of the raw tables, which are
# checked: both run in the tests and in a plain `dbt build`, and need not run every night. dbt's
# description of the whole project, which nobody reads at night, takes a quarter of a second.
NIGHTLY = (
    *("build", "--no-write-json", "--exclude-resource-type", "unit_test"),
    *("--exclude", "test_name:one_row_per,path:models/marts"),
)


def run_marts(pipeline: dlt.Pipeline, say: Callable[[str], object] = print) -> int:
    """Build all marts and check the data; the exit code.

    The caller holds the warehouse's lock and has no connection open.
    """
    with dbt_process() as process:
        where = warehouse_variables(pipeline)
        counted = query(pipeline, f"select count(*) from {TICKETS}")
        if not counted:
            say("Nothing is loaded in this warehouse yet. Run `python -m pipelines sync` first.")
            return FAILED
        if counted == [(0,)]:
            say("The account has no tickets yet: the marts are built, and empty.")
        return _build(process, where, own_folder(pipeline) / "dbt", say)


def _build(
    process: DbtProcess, where: Mapping[str, str], folder: Path, say: Callable[[str], object]
) -> int:
    results = folder / "target" / "run_results.json"
    results.unlink(missing_ok=True)
    ended = _call_dbt(process, NIGHTLY, where, folder, results)
    for sentence in _describe(_read_results(results)):
        say(sentence)
    if ended == 0:
        return DONE
    say(f"The marts were not built completely. What dbt says of it: {folder / 'logs' / 'dbt.log'}")
    return FAILED


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
    environment = {**where, **_settings(folder)}
    return process.run([*quiet, *arguments, *project], environment, results)


def warehouse_variables(pipeline: dlt.Pipeline) -> dict[str, str]:
    """What transform/profiles.yml wants to know of the warehouse."""
    kind = pipeline.destination.destination_type.rsplit(".", 1)[-1]
    if kind == "duckdb":
        return {"SENDCLOUD_WAREHOUSE": kind, "SENDCLOUD_DUCKDB_FILE": _file(pipeline)}
    if kind == "postgres":
        return {"SENDCLOUD_WAREHOUSE": kind, **_postgres_variables(pipeline)}
    raise ConfigurationValueError(
        "`python -m pipelines marts` builds the marts on duckdb and postgres, not on "
        f"{kind}. Use dbt itself with a profile of your own: see {PROJECT.name}/README.md."
    )


def _file(pipeline: dlt.Pipeline) -> str:
    database = duckdb_file(pipeline)
    if database is None:
        raise ConfigurationValueError("A DuckDB in memory holds no tables for the marts to read.")
    return str(database)


def _postgres_variables(pipeline: dlt.Pipeline) -> dict[str, str]:
    credentials = _credentials(pipeline)
    options: Mapping[str, Any] = credentials.query or {}
    return {
        "SENDCLOUD_POSTGRES_HOST": str(credentials.host),
        "SENDCLOUD_POSTGRES_PORT": str(credentials.port),
        "SENDCLOUD_POSTGRES_USER": str(credentials.username),
        "SENDCLOUD_POSTGRES_DATABASE": str(credentials.database),
        "SENDCLOUD_POSTGRES_SSLMODE": str(options.get("sslmode", "prefer")),
        PASSWORD: str(credentials.password or ""),
    }


def _credentials(pipeline: dlt.Pipeline) -> Any:
    """The destination's credentials, resolved without connecting."""
    client, _ = pipeline._get_destination_clients(dlt.Schema(pipeline.pipeline_name))
    configuration: Any = client.config
    return configuration.credentials


def _settings(folder: Path) -> dict[str, str]:
    return {
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def _read_results(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"results": [], "elapsed_time": 0.0}
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return results


def _describe(results: dict[str, Any]) -> Iterator[str]:
    """One line that counts, and one for each that failed or warns: by name, never by content."""
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
        if status in {"error", "fail", "warn", "runtime error"}:
            yield f"{name.split('.')[2]}: {status}"
