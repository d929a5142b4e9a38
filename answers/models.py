"""The marts' own SQL, to be run over chosen tickets: a number keeps its one definition.

Depends on the dbt project in `transform/` as text, and on Jinja. Promises the statement that dbt
would run for a model on DuckDB, and nothing of dbt itself, which takes seconds to start.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.runtime import Context

TRANSFORM = Path(__file__).parents[1] / "transform"
VARIABLE = re.compile(r"^  (\w+): (.*)$", re.MULTILINE)


class NoModelError(Exception):
    """The dbt project has no such model."""


@cache
def model_sql(name: str) -> tuple[str, tuple[str, ...]]:
    """A model as a query over tables named like the models it reads, and these names."""
    reads: dict[str, None] = {}

    def ref(model: str) -> str:
        reads[model] = None
        return model

    template = _environment().from_string(_macros() + _model_text(name))
    sql = template.render(ref=ref, var=_variables().__getitem__, **_of_duckdb())
    return sql, tuple(reads)


def is_seed(name: str) -> bool:
    """Whether a file that people fill has this name."""
    return (TRANSFORM / "seeds" / f"{name}.csv").exists()


def _of_duckdb() -> dict[str, Any]:
    """What dbt tells a macro of the engine, and its ways to choose and to give back."""

    @pass_context
    def dispatch(context: Context, macro: str, *_: Any) -> Any:
        return context.vars.get(f"duckdb__{macro}") or context.vars[f"default__{macro}"]

    return {
        "target": SimpleNamespace(type="duckdb"),
        "adapter": SimpleNamespace(dispatch=dispatch),
        "return": lambda text: text,
    }


def _model_text(name: str) -> str:
    for path in (TRANSFORM / "models").rglob(f"{name}.sql"):
        return path.read_text(encoding="utf-8")
    raise NoModelError(f"There is no model {name} in {TRANSFORM.name}/models.")


@cache
def _variables() -> dict[str, str | None]:
    """The project's variables, as they stand in its file."""
    text = (TRANSFORM / "dbt_project.yml").read_text(encoding="utf-8")
    section = text.split("\nvars:\n")[1].split("\n\n")[0]
    return {name: None if value == "null" else value for name, value in VARIABLE.findall(section)}


@cache
def _macros() -> str:
    files = sorted((TRANSFORM / "macros").glob("*.sql"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@cache
def _environment() -> Environment:
    return Environment(undefined=StrictUndefined, extensions=["jinja2.ext.do"])  # noqa: S701 (makes SQL, no page)
