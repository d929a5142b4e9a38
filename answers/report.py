"""The report's page: its sections in their order, the question of the day first.

Depends on everything else in this room. Promises the data's age and the completeness of the last
sync at its top.
"""

from __future__ import annotations

from . import sections, sentences
from .desk import Desk
from .page import render
from .pictures import theme

SECTIONS = (
    sections.yesterday,
    sections.claims,
    sections.unpaid,
    sections.to_come,
    sections.value,
    sections.changes,
    sections.periods,
    sections.resolution,
    sections.standing,
    sections.targets,
)


def report_page(desk: Desk) -> str:
    """The report's HTML."""
    theme.use_renderer()
    made = [section(desk) for section in SECTIONS]
    return render(made, sentences.freshness(desk), sentences.is_complete(desk))
