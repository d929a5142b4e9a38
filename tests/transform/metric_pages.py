"""The first page of `dbt docs`: what the marts are, and the catalogue of metrics as a table.

Depends on nothing. `python -m tests.transform.metric_pages` writes it anew after a change of
transform/metrics.yml; a test compares.
"""

from __future__ import annotations

from collections.abc import Sequence

OPENING = """\
{% docs __overview__ %}

# Sendcloud support tickets

What do claims pay out, and how long does a resolution take? Facts (`fct_`) have a row per ticket,
span, request or day; marts (`mart_`) hold the statistics; dimensions (`dim_`) and maps name things.
Every column has a description, here and as a comment in the warehouse. Times are UTC. A null is
something not known, never 0. Amounts of two currencies are never added.

## Metrics

Rendered from `metrics.yml`, where each has its SQL; tests run every one.

| metric | what it is | unit | by | counts | mind |
|---|---|---|---|---|---|
"""
CLOSING = """
{% enddocs %}
"""


def render_overview(metrics: Sequence[dict[str, str]]) -> str:
    """The page, as Markdown in a docs block."""
    lines = [
        f"| `{m['name']}` | {m['label']} | {m['unit']} | {m['grain']} | {m['maturity']} "
        f"| {m['caveat']} |\n"
        for m in metrics
    ]
    return OPENING + "".join(lines) + CLOSING


if __name__ == "__main__":
    from pipelines.marts.marts import PROJECT
    from tests.transform.project import read_catalogue

    page = PROJECT / "models" / "overview.md"
    page.write_text(render_overview(read_catalogue()), encoding="utf-8")
