"""A sync by OAuth2 where the integration has fine scopes: it goes on, and says what it did."""

from __future__ import annotations

from simulator import Account, Clock, Switches
from tests.pipelines.conftest import SMALL, Make
from tests.pipelines.warehouses import truth

LEFT_OUT = (
    "The token host does not grant the scope that was asked for (invalid_scope); a token without "
    "one was taken, which has all that the integration was granted. Set "
    'sources.sendcloud_support.credentials.scope = "", or to scopes of '
    "https://sendcloud.dev/api/v3/scopes."
)


def test_a_scope_that_is_left_out_is_said_on_standard_error_and_in_the_note(make: Make) -> None:
    account = Account(SMALL, Clock(SMALL.end))
    warehouse = make(account, Switches(fine_scopes=True), oauth=True)

    checked, synced = warehouse.cli("check"), warehouse.cli("sync")

    assert (checked.code, f"note    {LEFT_OUT}\n" in checked.out) == (0, True), checked
    assert (synced.code, synced.err) == (0, f"{LEFT_OUT}\n")
    [(note,)] = warehouse.runs("note")
    assert note.startswith(f"{LEFT_OUT} ")
    assert warehouse.held() == truth(account.tickets())


def test_a_scope_is_configured_in_the_environment_also_an_empty_one(make: Make) -> None:
    account = Account(SMALL, Clock(SMALL.end))
    warehouse = make(account, Switches(fine_scopes=True), oauth=True)

    done = warehouse.cli("sync", SOURCES__SENDCLOUD_SUPPORT__CREDENTIALS__SCOPE="")

    assert (done.code, done.err) == (0, "")
    assert LEFT_OUT not in done.out
    assert warehouse.held() == truth(account.tickets())
