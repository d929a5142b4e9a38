"""Each tile's statement as a virtual dataset of Superset, with its columns and measures.

Depends on `columns` and on the text of `transform/tiles`. Promises that the statement is the
tile's own, the marts' schema put before each table; and that no measure adds what must not be
added: amounts of two currencies, or values such as rates and expectations of several rows, give
null.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .charts import measure_of
from .columns import COLUMNS, Kind
from .tiles import Tile

STATEMENTS = Path(__file__).parents[2] / "transform" / "tiles"
TABLE = re.compile(r"\b(from|join) (?=(?:dim|fct|mart)_\w+)")


def statement_of(tile: Tile, schema: str) -> str:
    """The tile's statement over the marts of that schema."""
    text = (STATEMENTS / f"{tile.name}.sql").read_text(encoding="utf-8")
    return TABLE.sub(rf"\1 {schema}.", text).strip() + "\n"


def columns_of(tile: Tile) -> list[str]:
    """The names of the statement's columns, in its order."""
    text = (STATEMENTS / f"{tile.name}.sql").read_text(encoding="utf-8")
    return [name for name in _selected(text) if name in COLUMNS]


def _selected(text: str) -> list[str]:
    """The last word of each expression of the outermost select."""
    code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    listed = re.split(r"\nfrom ", code, maxsplit=1)[0].removeprefix("select")
    return [re.split(r"[\s.]", each.strip())[-1] for each in re.split(r",(?![^()]*\))", listed)]


def dataset(tile: Tile, schema: str) -> dict[str, Any]:
    """Superset's export of a dataset, without its ids."""
    names = columns_of(tile)
    return {
        "table_name": f"{schema}: {tile.name.replace('_', ' ')}",  # Superset takes a name once
        "main_dttm_col": None,
        "description": tile.says,
        "schema": schema,
        "sql": statement_of(tile, schema),
        "filter_select_enabled": True,
        "columns": [_column(name) for name in names],
        "metrics": [
            _measure(name, "currency" in names) for name in names if COLUMNS[name].kind.is_measure
        ],
    }


def _column(name: str) -> dict[str, Any]:
    known = COLUMNS[name]
    return {
        "column_name": name,
        "verbose_name": known.label,
        "type": known.kind.sql_type,
        "is_dttm": known.kind.is_temporal,
        "is_active": True,
        "groupby": True,
        "filterable": True,
        "expression": None,
        "description": None,
    }


def _measure(name: str, has_currency: bool) -> dict[str, Any]:
    known = COLUMNS[name]
    return {
        "metric_name": measure_of(name),
        "verbose_name": known.label,
        "expression": _expression(name, has_currency),
        "d3format": known.kind.number_format,
        "description": "Empty over several currencies." if known.kind is Kind.MONEY else None,
    }


def _expression(name: str, has_currency: bool) -> str:
    kind = COLUMNS[name].kind
    if kind is Kind.MONEY and has_currency:
        return f"case when min(currency) = max(currency) then sum({name}) end"
    if kind.is_additive:
        return f"sum({name})"
    return f"case when count(*) = 1 then max({name}) end"
