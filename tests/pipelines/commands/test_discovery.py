"""`check --discover` over real HTTP: each thing that the vendor does not document, found out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pipelines.command_line import main
from pipelines.discovery.names import TIMES, VALUES
from simulator import Account, Clock, Fault, World
from tests.pipelines.conftest import KEYS, Make
from tests.pipelines.warehouses import Done, Warehouse

DESK = World(tickets=600, months=8)
MOST_REQUESTS = 28

Discover = Callable[..., Done]


@pytest.fixture
def discover(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Discover:
    """The command, against an API with these switches."""
    monkeypatch.setenv("SOURCES__SENDCLOUD_SUPPORT__REQUESTS_PER_MINUTE", "0")
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")

    def run(account: Account | None = None, order: str = "newest_first", **switches: Any) -> Done:
        warehouse: Warehouse = make(account or Account(DESK, Clock(DESK.end), order))
        for name, value in switches.items():
            setattr(warehouse.service.switches, name, value)
        capsys.readouterr()
        done = Done(main(["check", "--discover"]), *capsys.readouterr())
        asked = warehouse.service.requests
        assert {each.method for each in asked} <= {"GET"}
        assert len(asked) <= MOST_REQUESTS
        assert not warehouse.file.exists()
        assert [word for word in KEYS if word in done.out] == []
        return done

    return run


def found(done: Done) -> dict[str, str]:
    """What was found, by its subject, and the names without effect as a list in text."""
    lines = [line.removeprefix("found   ") for line in done.out.splitlines() if "found   " in line]
    pairs = (line.rstrip(".").partition(": ") for line in lines)
    return {subject: told for subject, _, told in pairs}


def pasted(done: Done) -> list[str]:
    """The lines for the configuration."""
    _, is_there, rest = done.out.partition("For .dlt/config.toml:\n\n")
    return rest.partition("\n\n")[0].splitlines() if is_there else []


def without(*names: str) -> str:
    return ", ".join(each for each in (*TIMES, *VALUES) if each not in names)


def test_an_api_that_knows_no_filter_is_told_as_it_is(discover: Discover) -> None:
    done = discover()

    assert (done.code, done.err, pasted(done)) == (0, "", [])
    assert found(done) == {
        "The order of the list looks like newest_first": "",
        "Requested actions": "pages show them",
        "Largest page": "20; a larger size is refused, HTTP 400 (code bad_request)",
        "A page past the end": "an empty page",
        "A parameter that nobody knows": "ignored",
        "No filters": without(),
    }


@pytest.mark.parametrize("name", ["updated_after", "start_datetime"])
@pytest.mark.parametrize("order", ["newest_first", "updated_first", "shuffled"])
def test_a_filter_by_change_is_found_and_its_line_can_be_pasted(
    discover: Discover, name: str, order: str
) -> None:
    done = discover(order=order, updated_since=name)

    assert found(done)[name] == "a filter, by the time of change"
    assert found(done)["No filters"] == without(name)
    assert pasted(done) == ["[sources.sendcloud_support]", f'updated_since_param = "{name}"']


def test_the_pasted_line_is_a_filter_that_a_sync_uses(make: Make, discover: Discover) -> None:
    done = discover(updated_since="updated_after")
    warehouse = make(Account(DESK, Clock(DESK.end)))
    warehouse.service.switches.updated_since = "updated_after"
    _, _, value = pasted(done)[1].partition(" = ")
    warehouse.sync()
    warehouse.later(days=1)

    record = warehouse.sync(updated_since_param=value.strip('"'))

    assert (record.is_complete, "was not used" in str(record.note)) == (True, False)
    assert any("updated_after" in each.query for each in warehouse.service.requests)


@pytest.mark.parametrize("order", ["newest_first", "updated_last"])
def test_a_filter_by_creation_is_told_apart_and_not_pasted(discover: Discover, order: str) -> None:
    done = discover(order=order, created_since="created_after")

    assert found(done)["created_after"] == "a filter, by the time of creation"
    assert pasted(done) == []


@pytest.mark.parametrize("validation", ["errors", "fastapi"])
def test_a_filter_that_takes_days_only_is_found_and_not_pasted(
    discover: Discover, validation: str
) -> None:
    done = discover(updated_since="from_date", bounds_are_dates=True, validation=validation)

    assert found(done)["from_date"] == "a filter, by the time of change, days only"
    assert pasted(done) == []


def test_filters_by_value_are_found_be_they_lenient_or_strict(discover: Discover) -> None:
    done = discover(equal_filters=("status", "carrier_code=carrier", "parcel_id"))

    names = ("status", "carrier_code", "parcel_id")
    assert [found(done)[name] for name in names] == ["a filter"] * 3
    assert found(done)["No filters"] == without(*names)


@pytest.mark.parametrize(("validation", "status"), [("errors", 400), ("fastapi", 422)])
def test_where_unknown_names_are_refused_the_known_ones_are_found_all_the_same(
    discover: Discover, validation: str, status: int
) -> None:
    done = discover(
        unknown_parameters="refused",
        validation=validation,
        updated_since="updated_after",
        equal_filters=("carrier",),
    )

    told = found(done)
    assert told["A parameter that nobody knows"].startswith(f"refused, HTTP {status} ")
    assert told["updated_after"] == "a filter, by the time of change"
    assert told["carrier"] == "a filter"
    assert told["No filters"] == without("updated_after", "carrier")


def test_a_name_that_is_taken_and_not_obeyed_is_no_filter(discover: Discover) -> None:
    done = discover(
        unknown_parameters="refused", updated_since="updated_after", obeys_updated_since=False
    )

    told = "accepted where other names are refused, and yet everything came"
    assert found(done)["updated_after"] == told
    assert pasted(done) == []


@pytest.mark.parametrize(
    ("switches", "told"),
    [
        ({"largest_size": 50}, "50; a larger size is refused, HTTP 400 (code bad_request)"),
        (
            {"largest_size": 50, "validation": "fastapi"},
            "50; a larger size is refused, HTTP 422 (code value_error)",
        ),
        ({"above_largest": "clamped"}, "20; a larger size is answered by the largest"),
        ({"largest_size": 500}, "larger sizes are honoured up to 100"),
        ({"ignores_size": True}, "15; a larger size is answered by the largest"),
    ],
)
def test_the_largest_size_is_found(discover: Discover, switches: Any, told: str) -> None:
    if "ignores_size" in switches:
        switches = switches | {"largest_size": 500}
    assert found(discover(**switches))["Largest page"] == told


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("empty", "an empty page"),
        ("404", "refused, HTTP 404 (code bad_request)"),
        ("422", "refused, HTTP 422 (code invalid)"),
        ("last", "the last page again"),
    ],
)
def test_what_a_page_past_the_end_is_is_found(discover: Discover, way: str, told: str) -> None:
    assert found(discover(past_the_end=way))["A page past the end"] == told


def asking(account: Account) -> Account:
    """The newest ticket has had a request for two hours."""
    [newest] = account.newest(1)
    at = account.clock.now() - timedelta(hours=2)
    request = {"id": 301, "data_type": "sales_invoice", "created_at": at}
    account.hold(newest, status="customer_documents_requested", requested_actions=[request])
    return account


@pytest.mark.parametrize(
    ("is_thin", "told"),
    [(False, "pages show them"), (True, "pages leave them out, details have them")],
)
def test_whether_pages_hold_requested_actions_is_found(
    discover: Discover, is_thin: bool, told: str
) -> None:
    account = asking(Account(DESK, Clock(DESK.end)))
    done = discover(account, lists_without_actions=is_thin)
    assert found(done)["Requested actions"] == told


def test_a_server_that_fails_on_one_name_ends_nothing(discover: Discover) -> None:
    done = discover(faults=[Fault("500", at=(8, 9), on="list")])

    assert done.code == 0
    [odd] = [told for told in found(done).values() if "HTTP 500" in told]
    assert odd == "not understood; HTTP 500"


def test_an_account_without_tickets_tells_nothing(discover: Discover) -> None:
    done = discover(Account())
    assert done.code == 0
    assert "note    The account has no tickets, so nothing can be told" in done.out


def test_keys_that_are_refused_end_it_with_code_3(discover: Discover) -> None:
    done = discover(beta=False)
    assert done.code == 3
    assert done.out.splitlines()[-1].startswith("FAILED  GET tickets page 1: HTTP 403")


def test_the_report_holds_the_api_and_nothing_of_the_account(discover: Discover) -> None:
    done = discover(updated_since="updated_after")

    _, _, report = done.out.partition("(no key and no ticket is in it):\n\n")
    subjects = [line.partition(":")[0] for line in report.splitlines()[2:]]
    assert subjects == [
        *("requests", "counts", "order", "requested actions", "largest size"),
        *("page past the end", "unknown parameter", "headers of interest"),
        *TIMES,
        *VALUES,
    ]
    numbers = [word for line in report.splitlines()[3:] for word in line.split() if word.isdigit()]
    assert set(numbers) <= {"20", "400"}  # the size of a page and a status, no count of tickets
