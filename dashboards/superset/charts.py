"""How a tile is drawn: the few forms that the dashboard has, as Superset's form of a chart.

Depends on `columns`. Promises that a form names every column that it asks for (`names`), and that
rows which are not of the same group are never added: see `datasets` for what a measure is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .columns import COLUMNS, Kind

Form = dict[str, Any]
MOST_ROWS = 50_000


def label_of(name: str) -> str:
    """A column's name for people."""
    return COLUMNS[name].label


def measure_of(name: str) -> str:
    """The name of the metric that draws a column."""
    return f"{name}__drawn"


@dataclass(frozen=True)
class Listing:
    """The tile's rows as they are, sorted by columns; `-name` sorts downwards."""

    columns: Sequence[str]
    order: Sequence[str]
    page: int = 0
    """Rows on a page; 0: all on one."""
    viz_type: ClassVar[str] = "table"

    @property
    def names(self) -> set[str]:
        """Every column that it asks for."""
        return {*self.columns, *(name.removeprefix("-") for name in self.order)}

    @property
    def form(self) -> Form:
        """Superset's parameters."""
        return {
            "query_mode": "raw",
            "all_columns": list(self.columns),
            "order_by_cols": [
                json.dumps([name.removeprefix("-"), not name.startswith("-")])
                for name in self.order
            ],
            "row_limit": MOST_ROWS,
            "page_length": self.page,
            "table_timestamp_format": "%Y-%m-%d",
            "show_cell_bars": False,
            "allow_render_html": False,
            "column_config": {
                name: {"d3NumberFormat": kind.number_format}
                for name in self.columns
                if (kind := COLUMNS[name].kind).number_format
            },
        }


@dataclass(frozen=True)
class Pivot:
    """Rows and columns are groups, the cells one measure or more; no totals."""

    rows: Sequence[str]
    columns: Sequence[str]
    measures: Sequence[str]
    viz_type: ClassVar[str] = "pivot_table_v2"

    @property
    def names(self) -> set[str]:
        """Every column that it asks for."""
        return {*self.rows, *self.columns, *self.measures}

    @property
    def form(self) -> Form:
        """Superset's parameters."""
        return {
            "groupbyRows": [_group(name) for name in self.rows],
            "groupbyColumns": [_group(name) for name in self.columns],
            "metrics": [measure_of(name) for name in self.measures],
            "metricsLayout": "COLUMNS",
            "aggregateFunction": "Sum",
            "rowTotals": False,
            "colTotals": False,
            "rowOrder": "key_a_to_z",
            "colOrder": "key_a_to_z",
            "valueFormat": COLUMNS[self.measures[0]].kind.number_format,
            "row_limit": MOST_ROWS,
        }


def _group(name: str) -> Form:
    """A column under its name for people, which the form of a pivot does not look up by itself."""
    return {
        "expressionType": "SQL",
        "sqlExpression": name,
        "label": label_of(name),
        "hasCustomLabel": True,
    }


@dataclass(frozen=True)
class Series:
    """Measures along an axis, a series for each value of `by`."""

    viz_type: str
    x: str
    measures: Sequence[str]
    by: Sequence[str] = ()
    unit: str = ""
    grain: str | None = None
    is_stacked: bool = False
    is_horizontal: bool = False

    @property
    def names(self) -> set[str]:
        """Every column that it asks for."""
        return {self.x, *self.measures, *self.by}

    @property
    def form(self) -> Form:
        """Superset's parameters."""
        return {**self._data, **self._axes, **self._look}

    @property
    def _data(self) -> Form:
        return {
            "x_axis": self.x,
            "time_grain_sqla": self.grain,
            "metrics": [measure_of(name) for name in self.measures],
            "groupby": list(self.by),
            "row_limit": MOST_ROWS,
            "truncate_metric": True,
            "show_empty_columns": True,
            "comparison_type": "values",
            "x_axis_sort_asc": True,
        }

    @property
    def _axes(self) -> Form:
        is_category = COLUMNS[self.x].kind in {Kind.TEXT, Kind.IDENTIFIER}
        return {
            "orientation": "horizontal" if self.is_horizontal else "vertical",
            "xAxisForceCategorical": is_category,
            "xAxisLabelInterval": "0" if is_category else "auto",
            "x_axis_title": "" if is_category else label_of(self.x),
            "x_axis_title_margin": 30,
            "x_axis_time_format": "%b %Y" if self.grain == "P1M" else "%d %b %Y",
            "y_axis_title": self.unit or label_of(self.measures[0]),
            "y_axis_title_margin": 45,
            "y_axis_title_position": "Left",
            **_number_axis(COLUMNS[self.measures[0]].kind),
            "x_axis_number_format": ",.0f",
            "truncateXAxis": True,
        }

    @property
    def _look(self) -> Form:
        return {
            "color_scheme": "supersetColors",
            "stack": "Stack" if self.is_stacked else None,
            "seriesType": "line",
            "opacity": 0.6,
            "markerEnabled": False,
            "markerSize": 4,
            "show_legend": True,
            "legendType": "scroll",
            "legendOrientation": "top",
            "rich_tooltip": True,
            "showTooltipTotal": False,
            "sort_series_type": "name",
            "sort_series_ascending": True,
        }


def _number_axis(kind: Kind) -> Form:
    if kind is Kind.SHARE:
        return {"y_axis_format": ".0%", "y_axis_bounds": [0, 1], "truncateYAxis": True}
    return {"y_axis_format": ",.0f"}


Chart = Listing | Pivot | Series


def bars(x: str, *measures: str, **more: Any) -> Series:
    """Bars beside each other, never on top of each other."""
    return Series("echarts_timeseries_bar", x, measures, **more)


def areas(x: str, measure: str, by: str, **more: Any) -> Series:
    """Areas on top of each other: parts of a whole."""
    return Series("echarts_area", x, [measure], [by], is_stacked=True, **more)


def lines(x: str, measure: str, by: str, **more: Any) -> Series:
    """A line for each group, all of which have a value at every place of the axis."""
    return Series("echarts_timeseries_line", x, [measure], [by], **more)


def dots(x: str, measure: str, by: str, **more: Any) -> Series:
    """A dot wherever a curve steps: groups that step at different places make no lines."""
    return Series("echarts_timeseries_scatter", x, [measure], [by], **more)
