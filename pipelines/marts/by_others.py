"""The marts by somebody else's calls of dbt, table by table: what comes before, in and after them.

Depends on `marts` and `publishing`. Promises of such a build what `marts` promises of its own: that
dbt has no key, that readers find the old tables until all new ones are checked, and that what a
build has left that failed is gone when the next one begins.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

import dlt

from ..dbt_environment import PROJECT, clean_environment, own_settings
from ..warehouse import own_folder
from .marts import marts_variables, raw_schema, what_is_missing
from .publishing import discard
from .seeds import check_seeds


def begin_marts(pipeline: dlt.Pipeline, schema: str) -> str | None:
    """Before the first call; what is missing, None where dbt may be called."""
    check_seeds(PROJECT / "seeds")
    missing = what_is_missing(pipeline)
    if missing is None:
        discard(pipeline, schema)
    return missing


def dbt_call(
    pipeline: dlt.Pipeline, schema: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """A call of dbt on the pipeline's warehouse: the program with its arguments, the environment.

    Args:
        pipeline: On the warehouse.
        schema: Of the marts.
        arguments: The command as the caller would give it to dbt.
        environment: The caller's, of which dbt gets what it may have.
    """
    where = marts_variables(pipeline, schema)
    # a copy of the project, which the caller may name, would be read anew by each call
    given = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    given += ["--target", where["SENDCLOUD_WAREHOUSE"]]
    variables = raw_schema(pipeline)
    if variables:
        given += ["--vars", json.dumps(variables)]
    settings = own_settings(own_folder(pipeline) / "dbt")
    program = [sys.executable, "-E", "-P", "-m", "dbt.cli.main"]
    return [*program, *arguments, *given], clean_environment(environment) | where | settings
