"""Whose tickets a warehouse holds: another account is refused, a renewed one says so once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Account, Clock, World
from sources.sendcloud_support.holdings.account import plain_address
from tests.pipelines.conftest import CLIENT, SMALL, Make
from tests.pipelines.warehouses import Warehouse, truth

SOURCE = "SOURCES__SENDCLOUD_SUPPORT"
OTHER = World(seed=8, tickets=60, months=6)

REFUSAL = (
    "This warehouse holds the tickets of another account: they were read with other keys or from "
    "another base_url. Nothing was read or changed. If it is the same account, with renewed keys "
    "or a moved address, say so once: python -m pipelines sync --same-account. If not, name "
    "another warehouse in [destination.warehouse], or give each account a name under "
    "[sources.sendcloud_support.accounts].\n"
)
TAKEN_OVER = (
    "This warehouse did not say whose tickets it holds; now it says that they are of the account "
    "that this run has read."
)
RENEWED = "This warehouse now belongs to the account as it is configured now (--same-account)."


@pytest.fixture(params=["duckdb", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of either kind; nothing stands for a DuckDB file."""
    return "" if request.param == "duckdb" else str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def first(make: Make, url: str) -> Warehouse:
    """The first account's warehouse, loaded."""
    warehouse = make(postgres=url)
    assert warehouse.sync().is_complete
    return warehouse


def second_account(make: Make, url: str, first: Warehouse) -> Warehouse:
    """Another account, configured for the same warehouse."""
    first.release()
    return make(Account(OTHER, Clock(OTHER.end)), postgres=url)


def contents(warehouse: Warehouse) -> dict[str, Any]:
    """All rows that tell of tickets and runs."""
    return warehouse.everything() | {"runs": warehouse.runs("run_id, note")}


@pytest.mark.parametrize("command", ["sync", "sync --full", "refresh 42"])
def test_a_second_account_is_refused_before_anything_is_read(
    make: Make, url: str, first: Warehouse, command: str
) -> None:
    before = contents(first)
    second = second_account(make, url, first)

    done = second.cli(*command.split())

    second.release()
    assert (done.code, done.out, done.err) == (2, "", REFUSAL)
    assert second.service.requests == []
    assert contents(first) == before


def test_check_says_that_a_sync_would_be_refused(make: Make, url: str, first: Warehouse) -> None:
    second = second_account(make, url, first)

    done = second.cli("check")

    assert (done.code, done.out.splitlines()[1:]) == (2, [f"FAILED  {REFUSAL.strip()}"])
    assert second.service.requests == []


def test_other_keys_are_another_account_until_somebody_says_that_they_are_not(
    first: Warehouse,
) -> None:
    old = ("CREDENTIALS__PUBLIC_KEY", "CREDENTIALS__SECRET_KEY")
    new = {
        "without": [f"{SOURCE}__{name}" for name in old],
        f"{SOURCE}__CREDENTIALS__CLIENT_ID": CLIENT[0],
        f"{SOURCE}__CREDENTIALS__CLIENT_SECRET": CLIENT[1],
        f"{SOURCE}__CREDENTIALS__TOKEN_URL": first.service.token_url,
    }
    first.service.reset_log()

    refused = first.cli("sync", **new)
    asked = list(first.service.requests)
    renewed = first.cli("sync", "--same-account", **new)
    later = first.cli("sync", **new)
    old_ones = first.cli("sync")

    assert (refused.code, refused.err, asked) == (2, REFUSAL, [])
    assert (renewed.code, RENEWED in renewed.out) == (0, True), renewed
    assert (later.code, RENEWED in later.out) == (0, False), later
    assert (old_ones.code, old_ones.err) == (2, REFUSAL)
    assert first.held() == truth(first.account.tickets())


def test_keys_that_the_api_refuses_do_not_become_the_warehouses_own(first: Warehouse) -> None:
    wrong = {f"{SOURCE}__CREDENTIALS__PUBLIC_KEY": "pk-of-nobody"}

    refused = first.cli("sync", "--same-account", **wrong)
    right = first.cli("sync")

    assert (refused.code, right.code) == (3, 0), refused
    assert first.held() == truth(first.account.tickets())


def test_wrong_keys_that_were_tried_first_do_not_keep_out_the_right_ones(
    make: Make, url: str
) -> None:
    warehouse = make(postgres=url)

    wrong = warehouse.cli("sync", **{f"{SOURCE}__CREDENTIALS__PUBLIC_KEY": "pk-of-nobody"})
    right = warehouse.cli("sync")

    assert (wrong.code, right.code) == (3, 0), right.err
    assert warehouse.held() == truth(warehouse.account.tickets())


def test_a_warehouse_without_tickets_may_change_its_owner(make: Make, url: str) -> None:
    empty = make(Account(World(tickets=0), Clock(SMALL.end)), postgres=url)
    assert empty.sync().held_total == 0
    second = second_account(make, url, empty)

    assert second.cli("sync").code == 0

    assert second.held() == truth(second.account.tickets())


def test_a_warehouse_whose_tickets_vanished_is_still_that_accounts(
    make: Make, url: str, first: Warehouse
) -> None:
    first.rows("update tickets set vanished_at = last_seen_at")
    second = second_account(make, url, first)
    assert second.cli("sync").err == REFUSAL


def test_a_warehouse_of_the_version_before_is_taken_over_by_the_first_run_which_says_so(
    make: Make, url: str, first: Warehouse
) -> None:
    first.rows("drop table _sendcloud_account")
    wrong = first.cli("sync", **{f"{SOURCE}__CREDENTIALS__PUBLIC_KEY": "pk-of-nobody"})

    taken, later = first.cli("sync"), first.cli("sync")

    assert (wrong.code, taken.code, later.code) == (3, 0, 0)
    assert (TAKEN_OVER in taken.out, TAKEN_OVER in later.out) == (True, False)
    second = second_account(make, url, first)
    assert second.cli("sync").err == REFUSAL


def test_another_spelling_of_the_address_is_no_other_account(first: Warehouse) -> None:
    url = f"{first.service.base_url.replace('http://', 'HTTP://')}/"
    done = first.cli("sync", **{f"{SOURCE}__BASE_URL": url})
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    "spelling",
    [
        "https://panel.sendcloud.sc/api/v3",
        "https://panel.sendcloud.sc/api/v3/",
        "https://Panel.Sendcloud.SC:443/api/v3",
        " https://panel.sendcloud.sc./api/v3 ",
    ],
)
def test_spellings_of_one_address_are_one(spelling: str) -> None:
    assert plain_address(spelling) == "https://panel.sendcloud.sc:443/api/v3"


@given(st.sampled_from(["http", "https"]), st.integers(1, 65535), st.sampled_from(["v2", "v3"]))
def test_another_scheme_port_or_path_is_another_address(
    scheme: str, port: int, version: str
) -> None:
    address = f"{scheme}://api.example:{port}/api/{version}"
    same = plain_address(address) == plain_address("https://api.example/api/v3")
    assert same == ((scheme, port, version) == ("https", 443, "v3"))


def test_what_the_warehouse_says_of_its_account_names_no_key_and_no_address(
    first: Warehouse,
) -> None:
    [[identity, known_since, doubted_at]] = first.rows(
        "select identity, known_since, doubted_at from _sendcloud_account"
    )
    assert (len(identity), set(identity) <= set("0123456789abcdef")) == (64, True)
    assert known_since <= first.account.clock.now()
    assert doubted_at is None
