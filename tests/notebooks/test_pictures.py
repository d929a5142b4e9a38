"""Pictures and words: what they show where there is little, and what they keep apart."""

from __future__ import annotations

import doctest
from decimal import Decimal
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers import (
    claims_to_come,
    decisions,
    endings,
    payouts,
    theme,
    times,
    waiting,
    words,
)
from answers.pictures.theme import sentence_of, spread

PICTURES = {
    "paid by month": payouts.paid_by_month_in_all,
    "paid in one currency": lambda desk: payouts.paid_by_month(desk, "EUR"),
    "heat map": lambda desk: payouts.heat_map(desk, "EUR"),
    "payout lag": payouts.payout_lag,
    "left out": payouts.left_out,
    "outcome mix": decisions.outcome_mix,
    "approval by carrier": lambda desk: decisions.approval_rates(desk, "carrier"),
    "approval by type": lambda desk: decisions.approval_rates(desk, "ticket_type"),
    "triangle": lambda desk: claims_to_come.triangle(desk, "EUR"),
    "exposure": lambda desk: claims_to_come.exposure(desk, "EUR", "carrier"),
    "survival by carrier": lambda desk: times.survival(desk, "carrier"),
    "survival by type": lambda desk: times.survival(desk, "ticket_type"),
    "quantiles": lambda desk: times.quantiles(desk, "carrier"),
    "months": times.months,
    "endings": endings.endings,
    "reopened": lambda desk: endings.reopened(desk, "ticket_type"),
    "backlog": waiting.backlog,
    "ages": waiting.ages,
    "shares": lambda desk: waiting.shares(desk, "carrier"),
    "documents": waiting.documents,
}
every_picture = pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)


@every_picture
def test_a_picture_without_data_says_so_instead_of_an_empty_frame(draw, empty_desk) -> None:
    sentence = sentence_of(draw(empty_desk).to_dict())

    assert sentence is not None
    assert sentence.endswith(".")


@every_picture
def test_a_picture_with_data_draws_rows_and_says_what_they_are(draw, desk) -> None:
    spec = draw(desk).to_dict()

    assert sentence_of(spec) is None
    assert all(spec["datasets"].values())
    assert spec.get("title") or all(each["title"] for each in spec["vconcat"])


@given(st.lists(st.floats(0, 1), max_size=10))
def test_names_at_the_ends_of_curves_keep_their_distance_and_their_order(heights) -> None:
    places = spread(heights, 0.09, 0, 1)

    in_order = sorted(range(len(heights)), key=lambda place: (heights[place], place))
    assert all(places[b] - places[a] > 0.089 for a, b in pairwise(in_order))


def test_names_that_are_far_apart_stay_where_their_curves_end() -> None:
    assert spread([0.9, 0.1, 0.5], 0.1, 0, 1) == [0.9, 0.1, 0.5]


def test_the_names_of_seven_carriers_and_of_eight_types_do_not_touch(desk) -> None:
    for segment_type, lines in (("carrier", 8), ("ticket_type", 9)):
        spec = times.survival(desk, segment_type).to_dict()
        names = [rows for rows in spec["datasets"].values() if "place" in rows[0]]

        places = sorted(row["place"] for row in names[0])
        assert len(places) == lines
        assert min(b - a for a, b in pairwise(places)) * spec["height"] >= 14


def test_no_two_lines_look_alike_without_colour() -> None:
    colours, dashes = theme.line_scales([str(number) for number in range(9)])
    pairs = zip(map(str, dashes.range), colours.range, strict=True)
    looks = {(dash, _grey(colour)) for dash, colour in pairs}

    assert len(looks) == 9


def _grey(colour: str) -> int:
    """How light a colour prints, in fifths."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return int((0.299 * red + 0.587 * green + 0.114 * blue) / 52)


def test_the_examples_in_the_themes_text_are_true() -> None:
    assert doctest.testmod(theme).failed == 0


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.money(Decimal("80226.84"), "EUR"), "EUR 80,227"),
        (words.money(12.5, "GBP"), "GBP 12.50"),
        (words.money(None, "EUR"), words.MISSING),
        (words.short_money(999.6), "1.0k"),
        (words.short_money(123_456), "123k"),
        (words.short_money(0), "0"),
        (words.rough(3262.4), "3,260"),
        (words.rough(87.3), "87"),
        (words.days(pd.NA), "not reached"),
        (words.days(15), "15 hours"),
        (words.days(214), "8.9 days"),
        (words.days_range(204, 223), "8.5 to 9.3 days"),
        (words.days_range(389, pd.NA), "16.2 days or more"),
        (words.percent(0.024), "2.4 %"),
        (words.percent(0), "0 %"),
        (words.percent(0.556), "56 %"),
        (words.name("late_delivery"), "Late delivery"),
        (words.name(None), words.MISSING),
        (words.listing(["a", "b", "c"]), "a, b and c"),
        (words.listing(["a"]), "a"),
        (words.plural(1, "ticket"), "1 ticket"),
        (words.plural(1200, "ticket"), "1,200 tickets"),
    ],
)
def test_numbers_are_said_with_their_unit_and_no_more_digits_than_they_deserve(
    said, expected
) -> None:
    assert said == expected
