"""Where tiles stand on the page: tabs, rows of twelve columns, one filter.

Depends on `tiles`. Promises that all tiles are on the page, and that a row is never wider than it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from .tiles import TILES, Tile

WIDTH = 12
TITLE = "Sendcloud claims and tickets"
READ_ME = (
    "Each amount is in the currency beside it; amounts of two are never added. Times are UTC, ages "
    "as of the last sync. (none): not told by the API. What a tile counts, over which time: ⋮, "
    "*Show chart description*."
)

Part = dict[str, Any]
Identify = Callable[[str, str], str]
"""Gives the id of a thing, by its kind and name."""


def position(identify: Identify) -> dict[str, Any]:
    """Superset's tree of the page."""
    tabs = [
        (f"TAB-{number}", name, list(tiles))
        for number, (name, tiles) in enumerate(groupby(TILES, key=lambda tile: tile.tab), start=1)
    ]
    parts = [
        _part("ROOT_ID", "ROOT", ["TABS-1"], []),
        _part("GRID_ID", "GRID", [], ["ROOT_ID"]),
        {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": TITLE}},
        _part("TABS-1", "TABS", [tab for tab, _, _ in tabs], ["ROOT_ID"]),
    ]
    for tab, name, tiles in tabs:
        parts += _tab(tab, name, tiles, identify)
    return {"DASHBOARD_VERSION_KEY": "v2", **{part["id"]: part for part in parts}}


def _tab(tab: str, name: str, tiles: list[Tile], identify: Identify) -> Iterator[Part]:
    above = ["ROOT_ID", "TABS-1"]
    rows = {f"ROW-{tab}-{number}": row for number, row in enumerate(_rows(tiles), start=1)}
    yield _part(tab, "TAB", [f"ROW-{tab}-0", *rows], above, text=name)
    yield from _words(tab, [*above, tab])
    for row, in_it in rows.items():
        charts = [_chart(tile, [*above, tab, row], identify) for tile in in_it]
        yield _part(
            row,
            "ROW",
            [chart["id"] for chart in charts],
            [*above, tab],
            background="BACKGROUND_TRANSPARENT",
        )
        yield from charts


def _words(tab: str, above: list[str]) -> list[Part]:
    row, words = f"ROW-{tab}-0", f"MARKDOWN-{tab}"
    return [
        _part(row, "ROW", [words], above, background="BACKGROUND_TRANSPARENT"),
        _part(words, "MARKDOWN", [], [*above, row], code=READ_ME, width=WIDTH, height=8),
    ]


def _rows(tiles: Iterable[Tile]) -> list[list[Tile]]:
    rows: list[list[Tile]] = [[]]
    for tile in tiles:
        if sum(each.width for each in rows[-1]) + tile.width > WIDTH:
            rows.append([])
        rows[-1].append(tile)
    return rows


def _chart(tile: Tile, above: list[str], identify: Identify) -> Part:
    return _part(
        f"CHART-{tile.name}",
        "CHART",
        [],
        above,
        chartId=chart_number(tile),
        uuid=identify("chart", tile.name),
        sliceName=tile.title,
        width=tile.width,
        height=tile.height,
    )


def _part(name: str, kind: str, children: list[str], parents: list[str], **meta: Any) -> Part:
    return {"id": name, "type": kind, "children": children, "parents": parents, "meta": meta}


def chart_number(tile: Tile) -> int:
    """A chart's number inside the bundle; Superset gives it one of its own."""
    return TILES.index(tile) + 1


def settings(identify: Identify) -> dict[str, Any]:
    """Superset's settings of the dashboard: colours, and the filter of currencies."""
    return {
        "color_scheme": "supersetColors",
        "cross_filters_enabled": False,
        "filter_bar_orientation": "HORIZONTAL",
        "refresh_frequency": 0,
        "expanded_slices": {},
        "timed_refresh_immune_slices": [],
        "label_colors": {},
        "default_filters": "{}",
        "native_filter_configuration": [_currencies(identify)],
    }


def _currencies(identify: Identify) -> dict[str, Any]:
    return {
        "id": "NATIVE_FILTER-currency",
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "name": "Currency",
        "description": "Tiles with amounts show these alone.",
        "targets": [
            {"column": {"name": "currency"}, "datasetUuid": identify("dataset", "paid_by_month")}
        ],
        "scope": {
            "rootPath": ["ROOT_ID"],
            "excluded": [chart_number(tile) for tile in TILES if not tile.is_filtered],
        },
        "controlValues": {
            "multiSelect": True,
            "enableEmptyFilter": False,
            "defaultToFirstItem": False,
            "searchAllOptions": False,
            "inverseSelection": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
    }
