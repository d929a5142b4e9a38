"""Pictures and words: what they show where there is little, and what they keep apart."""

from __future__ import annotations

import json
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers import (
    Choice,
    choices,
    claims_to_come,
    decisions,
    endings,
    follow_up,
    listings,
    payouts,
    periods,
    theme,
    times,
    waiting,
    words,
)
from answers.pictures.rows import ranked
from answers.pictures.theme import sentence_of

PICTURES = {
    "approved by month": payouts.by_month,
    "heat map": lambda desk: payouts.heat_map(desk, "EUR"),
    "payout lag": payouts.payout_lag,
    "left out": payouts.left_out,
    "unpaid": lambda desk: follow_up.unpaid(desk, "EUR"),
    "standing still": follow_up.standing_still,
    "volume by carrier": lambda desk: periods.volume(desk, "carrier"),
    "volume by type": lambda desk: periods.volume(desk, "ticket_type"),
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
    assert spec["title"]["text"]


@every_picture
def test_a_picture_is_as_wide_as_its_place(draw, desk) -> None:
    assert draw(desk).to_dict()["width"] == "container"


def test_a_picture_that_leaves_out_early_days_says_which_days_it_shows(desk) -> None:
    """Half a year of 22 months, up to the last sync."""
    said = waiting.backlog(desk).to_dict()["title"]["subtitle"]

    assert " ".join(said).startswith(
        "At the end of each day from 5 May 2026 to 1 November 2026, UTC"
    )


CODES = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=30)


@given(CODES, st.lists(CODES))
def test_a_colour_belongs_to_a_carrier_whoever_else_is_there(code, others) -> None:
    before = theme.colour_of(code)
    for other in others:
        theme.colour_of(other)

    assert theme.colour_of(code) == before
    assert before in {*theme.LINES, *theme.OWN_COLOURS.values()}


def test_a_filter_paints_no_carrier_anew(desk) -> None:
    few = desk.choose(Choice(carriers=("colissimo", "ups")))
    all_colours, few_colours = (_colours(times.survival(each, "carrier")) for each in (desk, few))

    assert len(few_colours) == 2
    assert few_colours.items() <= all_colours.items()


def _colours(picture) -> dict[str, str]:
    """Which colour each segment of a picture of curves has."""
    [scale] = {
        json.dumps(layer["encoding"]["color"]["scale"])
        for layer in picture.to_dict()["layer"]
        if "color" in layer["encoding"]
    }
    found = json.loads(scale)
    return dict(zip(found["domain"], found["range"], strict=True))


def test_what_rests_on_few_comes_last_and_in_no_order_of_merit() -> None:
    frame = pd.DataFrame(
        {
            "row": ["one of one", "low", "twenty", "high"],
            "rate": [1.0, 0.2, 0.9, 0.6],
            "n": [1, 40, 20, 30],
        }
    )

    assert ranked(frame, "rate", "n") == ["high", "low", "twenty", "one of one"]


def test_cells_in_which_nothing_was_approved_say_so(desk) -> None:
    """Against the facts: decided and mature claims of which none was approved, and no money."""
    spec = payouts.heat_map(desk, "EUR").to_dict()
    [rows] = [each for each in spec["datasets"].values() if "small" in each[0]]
    claims = desk.mart("fct_claim_payouts")
    mature = claims[claims["is_mature"] & claims["is_decided"]]
    cells = mature.groupby(["carrier", "ticket_type"])["is_approved"].agg(["sum", "size"])
    none = {
        (carrier, kind, f"0/{row['size']}")
        for (carrier, kind), row in cells.iterrows()
        if row["sum"] == 0
    }

    assert none
    assert {(r["carrier"], r["ticket_type"], r["small"]) for r in rows if r["is_none"]} == none


def test_every_row_of_the_triangle_ends_at_a_hundred(desk) -> None:
    spec = claims_to_come.triangle(desk, "EUR").to_dict()
    [rows] = [each for each in spec["datasets"].values() if "share" in each[0]]
    last = {row["row"]: row["label"] for row in rows}

    assert len(last) == 12
    assert set(last.values()) == {"100"}


def test_carriers_are_called_by_their_names_everywhere(desk) -> None:
    named = set(desk.mart("dim_carrier")["carrier_name"])
    shown = {
        *listings.approvals(desk)["Carrier"],
        *listings.resolution_times(desk, "carrier")["Carrier"],
        *choices(desk, "carrier"),
        *(row.partition(":")[0] for row in _texts(times.survival(desk, "carrier"))),
    }

    assert {"Royal Mail", "DHL Germany"} <= shown <= named


def _texts(picture) -> list[str]:
    [rows] = [
        each
        for each in picture.to_dict()["datasets"].values()
        if set(each[0]) == {"text", "y"} and ":" in each[0]["text"]
    ]
    return [row["text"] for row in rows]


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
