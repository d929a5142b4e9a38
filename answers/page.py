"""The report's page: pictures without their frame, tables cell by cell, one template.

Depends on Jinja, on vl-convert for the JavaScript that draws, and on the pictures and listings.
Promises one file that asks no network, and that every text is escaped where it enters the page:
autoescaping for HTML, `tojson` for what a script reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from . import words
from .listings import is_few, without_needless
from .pictures.theme import Picture, sentence_of
from .sentences import Figure

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Drawing:
    """A picture on the page: its heading as text, and the specification that a script draws."""

    id: str
    title: str
    text: str
    spec: dict[str, Any]
    nothing: str = ""


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and what it is sorted by; both empty where a value is missing."""

    text: str
    value: str
    kind: str


@dataclass(frozen=True)
class Column:
    """A column's heading and kind: number or text."""

    name: str
    kind: str


@dataclass(frozen=True)
class Row:
    """A line of a table; pale where it rests on few, which then has no rank."""

    cells: list[Cell]
    is_few: bool


@dataclass(frozen=True)
class Listing:
    """A table on the page."""

    title: str
    text: str
    nothing: str
    columns: list[Column]
    rows: list[Row]


@dataclass
class Section:
    """A question, its answer, and what stands behind it."""

    id: str
    title: str
    answer: list[str]
    figures: list[Figure]
    pictures: list[Drawing] = field(default_factory=list)
    tables: list[Listing] = field(default_factory=list)

    def draw(self, picture: Picture) -> None:
        """Add a picture."""
        self.pictures.append(drawing(f"{self.id}-{len(self.pictures) + 1}", picture))

    def list(self, title: str, text: str, nothing: str, frame: pd.DataFrame) -> None:
        """Add a table."""
        self.tables.append(listing(title, text, nothing, frame))


def render(sections: list[Section], fresh: list[str], is_complete: bool) -> str:
    """The whole page."""
    template = _environment().get_template("report.html")
    return template.render(
        sections=sections,
        fresh=fresh,
        is_complete=is_complete,
        bundle=Markup(_javascript()),  # noqa: S704 (a library's text, no ticket's)
    )


def drawing(name: str, picture: Picture) -> Drawing:
    """A picture for the page, which has its heading as text."""
    spec = picture.to_dict()
    heading = spec.pop("title")
    text = " ".join(heading.get("subtitle", ()))
    return Drawing(name, " ".join(heading["text"]), text, spec, sentence_of(spec) or "")


def listing(title: str, text: str, nothing: str, frame: pd.DataFrame) -> Listing:
    """A frame as a table."""
    frame = without_needless(frame)
    kinds = {name: _kind(frame[name]) for name in frame.columns}
    rows = [
        Row([_cell(value, *kind) for kind, value in zip(kinds.items(), row, strict=True)], few)
        for row, few in zip(frame.itertuples(index=False), is_few(frame), strict=True)
    ]
    return Listing(title, text, nothing, [Column(*each) for each in kinds.items()], rows)


def _kind(column: pd.Series) -> str:
    """Amounts beside their currency are decimals, which pandas takes for things."""
    is_money = len(column) > 0 and all(isinstance(each, Decimal | None) for each in column)
    return "number" if is_money or pd.api.types.is_numeric_dtype(column) else "text"


def _cell(value: Any, name: str, kind: str) -> Cell:
    if words.is_missing(value):
        return Cell(words.MISSING, "", kind)
    if kind == "text":
        return Cell(str(value), str(value), kind)
    return Cell(_number(value, name), repr(float(value)), kind)


def _number(value: Any, name: str) -> str:
    """Cents for money, a tenth for other measures; an id has no thousands."""
    if name == "Ticket":
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if float(value).is_integer() and not isinstance(value, float):
        return words.count(value)
    is_money = name.rpartition(", ")[2].isupper()
    return f"{value:,.2f}" if is_money else f"{value:,.1f}"


def _javascript() -> str:
    """Vega, Vega-Lite and Vega-Embed, for a plain script element."""
    bundle: Any = vl_convert.javascript_bundle
    return str(bundle())


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    return Environment(autoescape=True, loader=loader, undefined=StrictUndefined, trim_blocks=True)
