"""How a notebook shows what the answers say: the same cells as an app and as a page.

Depends on marimo. Promises that nothing is shown only by a widget when the page is static, and that
text from tickets reaches a page as text, never as markup.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import marimo as mo
import pandas as pd

from answers import Figure, listings, theme, words

PALE = "#9aa1aa"
MARKUP = re.compile(r"([\\`*_{}\[\]|~$])")


def is_app() -> bool:
    """Whether somebody is there to use a widget: marimo runs, and not for a static page."""
    return mo.running_in_notebook() and os.environ.get(theme.RENDERER) != "png"


def argument(name: str) -> str | None:
    """What stands behind `--name` of `marimo run NOTEBOOK -- --name VALUE`; None without it."""
    if not mo.running_in_notebook():
        return None
    told = mo.cli_args().get(name)
    return None if told is None else str(told)


def plain(text: str) -> str:
    """Text for Markdown in which nothing is markup: what a ticket says is only said."""
    return MARKUP.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))


def answer(sentences: Sequence[str], lines: Sequence[str]) -> mo.Html:
    """The answer in large, what belongs to it, and as of when it holds."""
    first, *others = (plain(sentence) for sentence in sentences)
    below = "  \n".join(f"*{plain(line)}*" for line in lines)
    return mo.md("\n\n".join([f"## {first}", " ".join(others), below]))


def said(sentences: Sequence[str]) -> mo.Html:
    """The answer to a question within a page, and what belongs to it."""
    first, *others = (plain(sentence) for sentence in sentences)
    return mo.md("\n\n".join([f"**{first}**", " ".join(others)]))


def figures(found: Sequence[Figure]) -> mo.Html:
    """Headline figures: cards in the app, a table on a page."""
    if is_app():
        cards = [mo.stat(each.value, label=each.label, caption=each.note) for each in found]
        return mo.hstack(cards, wrap=True, justify="start", gap=0.5)
    head = "| | | |\n|---|---:|---|\n"
    rows = (f"| {plain(f.label)} | **{plain(f.value)}** | {plain(f.note)} |" for f in found)
    return mo.md(head + "\n".join(rows))


def listed(frame: pd.DataFrame, nothing: str) -> Any:
    """A table of rows: sortable in the app, plain on a page; a sentence where there are none."""
    if frame.empty:
        return mo.md(nothing)
    if is_app():
        return mo.ui.table(frame, selection=None, page_size=10, style_cell=_pale_of(frame))
    whole = frame.astype(object).where(frame.notna(), words.MISSING)
    return mo.Html(_with_pale_rows(whole.to_html(index=False, border=0), listings.is_few(frame)))


def _with_pale_rows(table: str, few: list[bool]) -> str:
    """The rows of the body are those that begin with a plain tag."""
    head, *rows = table.split("<tr>")
    marked = (
        f'<tr style="color: {PALE}">{row}' if is_few else f"<tr>{row}"
        for row, is_few in zip(rows, few, strict=True)
    )
    return head + "".join(marked)


def _pale_of(frame: pd.DataFrame) -> Callable[[str, str, Any], dict[str, Any]]:
    """How a cell looks: grey in a row that rests on few."""
    pale = {str(place) for place, few in enumerate(listings.is_few(frame)) if few}
    return lambda row, _column, _value: {"color": PALE} if row in pale else {}


def filters(*widgets: Any) -> Any:
    """The filters, where somebody can use them."""
    shown = [each for each in widgets if each is not None]
    return mo.hstack(shown, wrap=True, justify="start") if is_app() else None
