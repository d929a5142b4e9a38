"""The right sentence: each failure names the thing to change, whole, and ends with its code.

Through real commands. What is wrong is found before the API is asked, or asked once.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.failures.outcome import exit_code, explain
from simulator import Account, Clock, World
from tests.pipelines.conftest import Make
from tests.pipelines.warehouse.test_unwritable import WITHOUT_PRIVILEGE
from tests.pipelines.warehouses import Warehouse

FEW = World(tickets=30, months=2)
SOURCE = "SOURCES__SENDCLOUD_SUPPORT"
ADDRESS = "DESTINATION__WAREHOUSE__CREDENTIALS"
KEPT = "Tickets loaded before are intact, and what was read waits in the journal for the next run."
HUSH = "hush-hush"

Spoil = Callable[[Path], object]


@pytest.fixture
def warehouse(make: Make) -> Warehouse:
    return make(Account(FEW, Clock(FEW.end)))


def settings_of(warehouse: Warehouse) -> Path:
    return warehouse.folder / "dlt" / ".dlt"


# --- files of settings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("config.toml", b"[load]\nworkers = \n", "is not valid TOML: line 2."),
        ("secrets.toml", f'[a]\nb = 1\nc = "{HUSH}\n'.encode(), "is not valid TOML: line 3."),
        ("secrets.toml", f"[a]\nb = '''{HUSH}\n\n\n".encode(), "is not valid TOML: line 4."),
        ("secrets.toml", f"[a]\nb = 1\nb = '{HUSH}'\n".encode(), "is not valid TOML: line 3."),
        ("secrets.toml", f"{HUSH}".encode(), "is not valid TOML: line 1."),
    ],
)
@pytest.mark.parametrize("command", ["sync", "status"])
def test_a_file_that_is_no_toml_is_named_with_its_line_and_not_its_words(
    warehouse: Warehouse, name: str, text: bytes, problem: str, command: str
) -> None:
    file = settings_of(warehouse) / name
    file.write_bytes(text)

    done = warehouse.cli(command)

    mend = "Mend that line; a text stands in double quotes."
    assert (done.code, done.out, done.err) == (2, "", f"{file} {problem} {mend}\n")


def test_a_file_that_is_no_text_is_named_with_its_line(warehouse: Warehouse) -> None:
    file = settings_of(warehouse) / "secrets.toml"
    file.write_bytes(b'[a]\nb = "caf\xe9"\n')

    done = warehouse.cli("sync")

    assert (done.code, done.err) == (2, f"{file} is no UTF-8 text: line 2. Save it as UTF-8.\n")


def test_a_file_that_may_not_be_read_is_named(warehouse: Warehouse) -> None:
    file = settings_of(warehouse) / "secrets.toml"
    file.write_text("")
    file.chmod(0)

    done = warehouse.cli("sync", script=WITHOUT_PRIVILEGE)

    assert (done.code, done.err) == (
        2,
        f"{file} cannot be read: Permission denied. Let this user read it.\n",
    )


def test_where_no_settings_are_found_the_folder_that_was_looked_in_is_named(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    gone = {f"{SOURCE}__CREDENTIALS__{name}": "" for name in ("PUBLIC_KEY", "SECRET_KEY")}

    done = warehouse.cli("sync", DLT_PROJECT_DIR=str(elsewhere), **gone)

    assert done.code == 2
    assert done.err.endswith(
        f" There is no .dlt/config.toml in {elsewhere}: run the command from the project's folder, "
        "or let DLT_PROJECT_DIR name it.\n"
    )
    assert done.err.startswith("No credentials are configured. ")


def test_a_warehouse_begun_in_a_folder_without_settings_is_said(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place = {"DLT_PROJECT_DIR": str(elsewhere), ADDRESS: ""}

    begun = warehouse.cli("sync", cwd=elsewhere, **place)
    later = warehouse.cli("sync", cwd=elsewhere, **place)

    assert (begun.code, begun.err) == (
        0,
        (
            f"There is no .dlt/config.toml in {elsewhere}: run the command from the project's "
            "folder, or let DLT_PROJECT_DIR name it. The tickets go into a new file, "
            f"{elsewhere / 'sendcloud_support.duckdb'}.\n"
        ),
    )
    assert (later.code, later.err) == (0, "")


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("full_sweep_days", "9999999", "is 9999999.0; it should be 36500 or less."),
        ("full_sweep_days", "nan", "is nan; it should be 36500 or less."),
        ("settle_days", "inf", "is inf; it should be 36500 or less."),
        ("dormant_days", "-inf", "is -inf; it should be 0 or more."),
        ("max_minutes", "1e300", "is 1e+300; it should be 525600 or less."),
        ("live_max_age_minutes", "-1", "is -1.0; it should be 0 or more."),
        ("requests_per_minute", "1000000000", "is 1000000000; it should be 10000 or less."),
        ("window_tickets", "9" * 20, f"is {'9' * 20}; it should be 1000000 or less."),
        ("max_requests", "1.5", "should be a whole number."),
        ("throttled_minutes", HUSH, "should be a number."),
        (
            "base_url",
            "http://127.0.0.1:99999/api/v3",
            "should be an address such as https://host/api/v3.",
        ),
        (
            "updated_since_param",
            "page",
            "should be the name of a filter, other than page and size.",
        ),
        (
            "updated_since_param",
            "a&b=c",
            "should be the name of a filter, other than page and size.",
        ),
    ],
)
def test_a_value_out_of_range_or_of_another_type_is_refused_by_its_key(
    warehouse: Warehouse, name: str, value: str, sentence: str
) -> None:
    warehouse.settings[name] = value

    done = warehouse.cli("sync")

    assert (done.code, done.out) == (2, "")
    assert done.err == f"sources.sendcloud_support.{name} {sentence}\n"
    assert warehouse.service.requests == []


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("RUNTIME__REQUEST_TIMEOUT", "soon", "runtime.request_timeout should be a number."),
        (
            "RUNTIME__REQUEST_TIMEOUT",
            "nan",
            "runtime.request_timeout is nan; it should be between 0.001 and 86400.",
        ),
        (
            "RUNTIME__REQUEST_MAX_ATTEMPTS",
            "0",
            "runtime.request_max_attempts is 0; it should be between 1 and 1000.",
        ),
        ("LOAD__WORKERS", "0", "load.workers is 0; it should be between 1 and 1000."),
        (
            "RUNTIME__LOG_LEVEL",
            "chatty",
            "runtime.log_level should be one of CRITICAL, ERROR, WARNING, INFO and DEBUG.",
        ),
    ],
)
def test_a_setting_of_dlt_that_it_would_fail_on_is_refused_by_its_key(
    warehouse: Warehouse, variable: str, value: str, sentence: str
) -> None:
    done = warehouse.cli("sync", **{variable: value})

    assert (done.code, done.out, done.err) == (2, "", f"{sentence}\n")
    assert warehouse.service.requests == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "No such file or directory"), ("no certificate\n", "holds no certificates")],
)
def test_a_bundle_of_certificates_that_cannot_be_used_is_refused_by_its_variable(
    warehouse: Warehouse, tmp_path: Path, variable: str, content: str | None, problem: str
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)

    done = warehouse.cli("check", **{variable: str(bundle)})

    assert (done.code, done.out.splitlines()[-1]) == (
        2,
        (
            f"FAILED  {variable} names {bundle}, which cannot be used for TLS: {problem}. Name a "
            "file of certificates in PEM form, or unset it."
        ),
    )
    assert warehouse.service.requests == []


# --- the file of the warehouse -------------------------------------------------------------------

NO_DATABASE = (
    "destination.warehouse.credentials names {file}, which exists and is no DuckDB database. Name "
    "another file, or move that one away."
)
MULTIPLIER, SEED, MASK = 0xBF58476D1CE4E5B9, 5381, 2**64 - 1


def checksum(block: bytes) -> int:
    """DuckDB's, of a whole number of words."""
    total = SEED
    for start in range(0, len(block), 8):
        total ^= int.from_bytes(block[start : start + 8], "little") * MULTIPLIER & MASK
    return total


def write_later_version(file: Path) -> None:
    """A file whose main header says that a DuckDB of years to come wrote it."""
    duckdb.connect(str(file)).close()
    content = bytearray(file.read_bytes())
    assert int.from_bytes(content[:8], "little") == checksum(bytes(content[8:4096]))
    content[12:20] = (900).to_bytes(8, "little")
    content[:8] = checksum(bytes(content[8:4096])).to_bytes(8, "little")
    file.write_bytes(content)


@pytest.mark.parametrize("command", ["sync", "check", "marts"])
@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            lambda file: file.mkdir(),
            "destination.warehouse.credentials names the folder {file}; it should be a file.",
        ),
        (lambda file: file.write_bytes(b"SQLite format 3\0" + bytes(4_000)), NO_DATABASE),
        (lambda file: file.write_text("id,status\n42,pending\n"), NO_DATABASE),
        (lambda file: file.write_text(""), NO_DATABASE),
    ],
    ids=["folder", "sqlite", "text", "empty"],
)
def test_what_is_in_the_place_of_the_file_is_named_and_left_alone(
    warehouse: Warehouse, spoil: Spoil, sentence: str, command: str
) -> None:
    spoil(warehouse.file)
    before = None if warehouse.file.is_dir() else warehouse.file.read_bytes()

    done = warehouse.cli(command)

    said = (done.out if command == "check" else done.err).removeprefix("FAILED  ")
    assert (done.code, said) == (2, sentence.format(file=warehouse.file) + "\n")
    assert before is None or warehouse.file.read_bytes() == before
    assert warehouse.service.requests == []


def test_a_file_of_a_newer_duckdb_is_told_as_that(warehouse: Warehouse) -> None:
    write_later_version(warehouse.file)

    done = warehouse.cli("sync")

    assert (done.code, done.err) == (
        2,
        (
            f"destination.warehouse.credentials names {warehouse.file}, which another version of "
            "DuckDB wrote, one that this one cannot read. Name another file, or write it anew by "
            "this version from an export of that one.\n"
        ),
    )


def test_a_damaged_file_is_told_as_that(warehouse: Warehouse) -> None:
    duckdb.connect(str(warehouse.file)).close()
    content = bytearray(warehouse.file.read_bytes())
    content[100] ^= 1
    warehouse.file.write_bytes(content)

    done = warehouse.cli("sync")

    assert (done.code, done.err) == (
        1,
        (
            f"{warehouse.file} is damaged. Put a copy from before in its place, or move it away "
            "and let a sync load everything anew.\n"
        ),
    )


def test_a_file_in_the_place_of_dlts_folder_is_named(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")

    done = warehouse.cli("sync", DLT_DATA_DIR=str(tmp_path / "in the way"))

    begin, _, end = done.err.partition(" is in the way (")
    assert done.code == 2
    assert begin.startswith(str(tmp_path / "in the way"))
    assert end == (
        f"Not a directory). {KEPT} Mend that, or let DLT_DATA_DIR name another folder for dlt to "
        "work in.\n"
    )


def test_a_folder_of_dlt_that_cannot_be_written_is_named(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)

    done = warehouse.cli("sync", script=WITHOUT_PRIVILEGE, DLT_DATA_DIR=str(folder))

    begin, _, end = done.err.partition(" cannot be written by this user (")
    assert done.code == 1
    assert begin.startswith(str(folder))
    assert end == (
        f"Permission denied). {KEPT} Mend that, or let DLT_DATA_DIR name another folder for dlt to "
        "work in.\n"
    )
    shutil.rmtree(folder)


# --- what nobody thought of ----------------------------------------------------------------------

BROKEN = f"""
import sources.sendcloud_support.reading.sync
def fall_over(*arguments):
    raise ZeroDivisionError("{HUSH}")
sources.sendcloud_support.reading.sync.is_sweep_due = fall_over
"""


def test_an_unforeseen_failure_says_so_and_where_and_nothing_else(warehouse: Warehouse) -> None:
    done = warehouse.cli("sync", script=BROKEN)

    said, _, place = done.err.partition("sources/")
    assert (done.code, said) == (1, "An unforeseen failure at ")
    line, _, rest = place.partition(" ")
    assert line.partition(":")[0].endswith(".py")
    assert rest == (
        f"(ZeroDivisionError). {KEPT} Run it again; if it stays, please report this line.\n"
    )


def test_an_error_that_holds_itself_as_its_cause_is_told_all_the_same() -> None:
    error, other = ValueError(HUSH), KeyError(HUSH)
    error.__cause__, other.__context__ = other, error

    assert exit_code(error) == 1
    assert explain(error) == (
        f"An unforeseen failure somewhere else (ValueError, KeyError). {KEPT} Run it again; if it "
        "stays, please report this line."
    )
