"""The files that people fill: right, or refused by file and line before anything is built."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from dlt.common.configuration.exceptions import ConfigurationValueError

from pipelines.marts.seed_rules import SEEDS
from pipelines.marts.seeds import check_seeds
from tests.pipelines.surroundings import ROOT, Place, make_file

END = " Nothing was built: mend it and build again."


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the project's own."""
    return Path(shutil.copytree(ROOT / "transform" / "seeds", tmp_path / "transform" / "seeds"))


def header(name: str) -> str:
    return ",".join(SEEDS[name].columns)


def test_the_files_as_they_are_and_the_examples_are_right(seeds: Path) -> None:
    check_seeds(seeds)
    for example in (ROOT / "transform" / "examples").glob("*.csv"):
        shutil.copy(example, seeds)
    check_seeds(seeds)


RIGHT = {
    "fx_rates": "2026-11-01,GBP,0.8765,ECB\n2026-11-02,gbp,0.9,\n2026-11-01,JPY,171,",
    "claim_values": 'A-1,,120.50,EUR\n,77,0,CHF\n"O,2",78,1,eur\n007,,1,EUR',
    "business_hours": "1,09:00,17:00\n7,00:00,23:59:59",
    "holidays": '2026-12-25,"Christmas, first day"\n2028-02-29,',
    "sla_targets": "dhl,claim,14\ndhl,other,14",
    "carrier_names": "dhl,DHL\ndpd,DPD",
}


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_is_right_is_taken_whatever_wrote_it(
    seeds: Path, name: str, ends: str, mark: str
) -> None:
    text = f"{mark}{header(name)}\n{RIGHT[name]}\n".replace("\n", ends)
    (seeds / f"{name}.csv").write_bytes(text.encode())

    check_seeds(seeds)


A_RATE = "per_eur should be a number above 0 with a point, such as 0.8765"
A_CURRENCY = "currency should be a currency of three letters such as GBP"
AN_AMOUNT = "value should be an amount of 0 or more with a point, such as 120.50"
NO_MIDNIGHT = "closes should be later than opens: hours over midnight cannot be counted"
WRONG = [
    (
        "fx_rates",
        "2026-11-01,EUR,1,",
        2,
        "the euro has no rate, one is always one: take the line out",
    ),
    ("fx_rates", "2026-11-01,GBP,0,", 2, A_RATE),
    ("fx_rates", "2026-11-01,GBP,0.0000001,", 2, A_RATE),
    ("fx_rates", "2026-11-01,GBP,-0.9,", 2, A_RATE),
    ("fx_rates", "2026-11-01,GBP,,", 2, A_RATE),
    ("fx_rates", "2026-11-01,GBP,about 1,", 2, A_RATE),
    ("fx_rates", '2026-11-01,GBP,"1,25",', 2, A_RATE),
    ("fx_rates", "2026-11-01,GBP,NaN,", 2, A_RATE),
    ("fx_rates", "2026-11-01,GBP,1,25,ECB", 2, "5 values where 4 belong"),
    ("fx_rates", "01-11-2026,GBP,0.9,", 2, "rate_date should be a day such as 2026-11-01"),
    ("fx_rates", "2026-02-30,GBP,0.9,", 2, "rate_date should be a day such as 2026-11-01"),
    ("fx_rates", "2026-11-01,Pound,0.9,", 2, A_CURRENCY),
    ("fx_rates", "2026-11-01, GBP,0.9,", 2, A_CURRENCY),
    (
        "fx_rates",
        "2026-11-01,GBP,0.9,\n2026-11-01,gbp,0.8,",
        3,
        "rate_date and currency as in line 2; one line is enough",
    ),
    ("business_hours", "1,22:00,06:00", 2, NO_MIDNIGHT),
    ("business_hours", "1,09:00,09:00:00", 2, NO_MIDNIGHT),
    (
        "business_hours",
        "1,09:00,12:00\n1,13:00,17:00",
        3,
        "weekday as in line 2; one line is enough",
    ),
    ("business_hours", "0,09:00,17:00", 2, "weekday should be 1 for Monday to 7 for Sunday"),
    ("business_hours", "1,9:00,17:00", 2, "opens should be a time of day such as 09:00"),
    ("business_hours", "1,09:00,24:00", 2, "closes should be a time of day such as 09:00"),
    ("holidays", "2026-12-25,\n\n2026-12-26,", 3, "0 values where 2 belong"),
    ("holidays", "2026-12-25,a\n2026-12-25,b", 3, "holiday as in line 2; one line is enough"),
    ("claim_values", "A-1,,-5,EUR", 2, AN_AMOUNT),
    ("claim_values", "A-1,,5,", 2, A_CURRENCY),
    ("claim_values", ",,5,EUR", 2, "order_number or parcel_id should be there"),
    ("claim_values", ",x,5,EUR", 2, "parcel_id should be a parcel's id"),
    ("claim_values", f",{2**63},5,EUR", 2, "parcel_id should be a parcel's id"),
    (
        "claim_values",
        "A-1,,5,EUR\nA-2,,5,EUR\nA-1,7,5,GBP",
        4,
        "order_number as in line 2; one line is enough",
    ),
    ("claim_values", ",7,5,EUR\nA-1,7,5,EUR", 3, "parcel_id as in line 2; one line is enough"),
    ("sla_targets", "dhl,claim,0", 2, "days should be a whole number of days, 1 or more"),
    ("sla_targets", "dhl,claim,1.5", 2, "days should be a whole number of days, 1 or more"),
    ("carrier_names", "dhl,DHL\ndhl,Deutsche Post", 3, "carrier as in line 2; one line is enough"),
    ("carrier_names", "dhl,", 2, "carrier_name should be a text"),
    (
        "ticket_status_map",
        "closed,nobody,true,",
        2,
        "waiting_on should be one of carrier, merchant, sendcloud, done, unknown",
    ),
    ("ticket_status_map", "closed,done,yes,", 2, "is_closed should be true or false"),
    ("outcome_map", "delivered,other,,", 2, "is_claim should be true or false"),
]


@pytest.mark.parametrize(("name", "lines", "number", "fault"), WRONG)
def test_a_line_that_cannot_be_right_is_refused_by_its_number(
    seeds: Path, name: str, lines: str, number: int, fault: str
) -> None:
    (seeds / f"{name}.csv").write_text(f"{header(name)}\n{lines}\n", encoding="utf-8")

    with pytest.raises(ConfigurationValueError) as refused:
        check_seeds(seeds)
    assert str(refused.value) == f"transform/seeds/{name}.csv, line {number}: {fault}.{END}"


FILES = {
    "semicolons": (
        b"holiday;name\n2026-12-25;x\n",
        ", line 1: the columns should be holiday,name, with commas between",
    ),
    "no header": (
        b"2026-12-25,x\n",
        ", line 1: the columns should be holiday,name, with commas between",
    ),
    "nothing": (b"", ", line 1: the columns should be holiday,name, with commas between"),
    "another encoding": (
        "holiday,name\n2026-12-25,Weihnächt\n".encode("latin-1"),
        " is not written in UTF-8",
    ),
    "an open quotation": (
        b'holiday,name\n2026-12-25,"x\n',
        " cannot be read as CSV (unexpected end of data)",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_read_is_refused(seeds: Path, case: str) -> None:
    content, fault = FILES[case]
    (seeds / "holidays.csv").write_bytes(content)

    with pytest.raises(ConfigurationValueError) as refused:
        check_seeds(seeds)
    assert str(refused.value) == f"transform/seeds/holidays.csv{fault}.{END}"


def test_a_file_that_is_missing_and_other_lines_are_told(seeds: Path) -> None:
    (seeds / "business_hours.csv").unlink()
    (seeds / "holidays.csv").write_text("holiday,name\nx,\ny,\n")

    with pytest.raises(ConfigurationValueError) as refused:
        check_seeds(seeds)
    assert str(refused.value) == (
        "transform/seeds/business_hours.csv is missing; it may be empty but for its columns "
        f"weekday,opens,closes. So are 2 more lines elsewhere.{END}"
    )


def test_the_command_refuses_before_anything_is_built(tmp_path: Path) -> None:
    """A checkout of somebody who has filled a file."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for room in ("pipelines", "sources", "simulator"):
        (checkout / room).symlink_to(ROOT / room)
    shutil.copytree(ROOT / "transform", checkout / "transform")
    rates = checkout / "transform" / "seeds" / "fx_rates.csv"
    rates.write_text("rate_date,currency,per_eur,source\n2026-11-01,GBP,0,\n")
    file = make_file(tmp_path / "small.duckdb")
    place = Place(tmp_path, {"DESTINATION__WAREHOUSE__CREDENTIALS": str(file)}, checkout)

    code, out, err = place.run("marts")
    assert (code, out) == (2, "")
    assert err == f"transform/seeds/fx_rates.csv, line 2: {A_RATE}.{END}\n"
    with duckdb.connect(str(file), read_only=True) as opened:
        made = opened.execute("select schema_name from information_schema.schemata").fetchall()
    assert [name for (name,) in made if name.startswith("sendcloud_marts")] == []
