"""The answers: what notebooks and the report say, draw and list, of all or of chosen tickets.

Depends on a `Dataset` that it is handed, on the models in `transform/` as text, on pandas and on
Altair; on no other room. Promises that no number is made here which a mart holds, and none at all
without its unit:

- `Dataset`: what the marts are asked for; `Desk`, `Choice`: the marts, and the same marts for
  chosen tickets.
- `sentences`: the answers in words, with `Figure`; `listings`: tables of tickets; `words`: numbers
  as people read them.
- `payouts`, `decisions`, `claims_to_come`: pictures of claims; `times`, `endings`, `waiting`: of
  resolution; `follow_up`, `periods`: of both; `theme`: one look for all.
- `report_page`: all of it as one HTML page.

    desk = Desk(dataset)
    sentences.claims_answer(desk)
    payouts.heat_map(desk.choose(Choice(carriers=("dpd",))), "EUR")
"""

from . import listings, sentences, words
from .dataset import Dataset
from .desk import Choice, Desk
from .pictures import (
    claims_to_come,
    decisions,
    endings,
    follow_up,
    payouts,
    periods,
    theme,
    times,
    waiting,
)
from .report import report_page
from .sentences import Figure
from .summaries import choices, currencies

__all__ = [
    "Choice",
    "Dataset",
    "Desk",
    "Figure",
    "choices",
    "claims_to_come",
    "currencies",
    "decisions",
    "endings",
    "follow_up",
    "listings",
    "payouts",
    "periods",
    "report_page",
    "sentences",
    "theme",
    "times",
    "waiting",
    "words",
]
