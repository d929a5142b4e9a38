"""Several accounts in one warehouse: each exact as alone, one failure stops no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from pipelines.accounts import Account as Kept
from pipelines.accounts.configured import LONGEST
from pipelines.command_line import main
from pipelines.marts import build_together
from pipelines.runs import carry_out, run_sync
from pipelines.warehouse import BusyError, duckdb_destination, only_run
from simulator import Account, Clock, Service, Switches, World, serve
from sources.sendcloud_support import SendcloudCredentials, SupportConfiguration
from sources.sendcloud_support.holdings import SYNC
from tests.engines.environments import packages_of
from tests.pipelines.conftest import Make
from tests.pipelines.marts.test_publish import by_sail, publish
from tests.pipelines.warehouses import Done, Held, Warehouse, truth

SOURCE = "SOURCES__SENDCLOUD_SUPPORT"
ACCOUNTS = f"{SOURCE}__ACCOUNTS__"
NAMES = ("berlin", "hamburg", "koeln")
TICKETS = 60


@pytest.fixture(params=["duckdb", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of either kind; nothing stands for a DuckDB file."""
    return "" if request.param == "duckdb" else str(request.getfixturevalue("postgres_url"))


@dataclass
class Group:
    """Some accounts, each with an API of its own, and the one warehouse that is configured."""

    services: dict[str, Service]
    warehouse: Warehouse

    def held(self, name: str, dataset: str = "") -> Held:
        self.warehouse.dataset = dataset or f"sendcloud_{name}"
        return self.warehouse.held()

    def truth(self, name: str) -> Held:
        return truth(self.services[name].account.tickets())

    def cli(self, *arguments: str, **options: Any) -> Done:
        return self.warehouse.cli(*arguments, **options)


@pytest.fixture
def group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Group]:
    """Three accounts, configured by their names in the environment."""
    url = request.getfixturevalue("url") if "url" in request.fixturenames else ""
    with ExitStack() as stack:
        services = {
            name: stack.enter_context(serve_account(name, seed + 1))
            for seed, name in enumerate(NAMES)
        }
        for name, service in services.items():
            settings = {
                "BASE_URL": service.base_url,
                "CREDENTIALS__PUBLIC_KEY": f"pk-{name}",
                "CREDENTIALS__SECRET_KEY": f"sk-{name}",
            }
            for key, value in settings.items():
                monkeypatch.setenv(f"{ACCOUNTS}{name.upper()}__{key}", value)
        warehouse = Warehouse(services[NAMES[0]], tmp_path, url)
        stack.callback(warehouse.release)
        kind, credentials = ("postgres", url) if url else ("duckdb", str(warehouse.file))
        monkeypatch.setenv("DESTINATION__WAREHOUSE__DESTINATION_TYPE", kind)
        monkeypatch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", credentials)
        monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        monkeypatch.chdir(tmp_path)
        yield Group(services, warehouse)


def serve_account(name: str, seed: int) -> Any:
    """An account whose tickets have the ids of all the others' too."""
    world = World(seed=seed, tickets=TICKETS, months=6)
    switches = Switches(requests_per_minute=None)
    return serve(Account(world, Clock(world.end)), switches, keys=(f"pk-{name}", f"sk-{name}"))


def test_one_after_the_other_is_exact_and_one_failure_stops_no_other(
    group: Group, url: str
) -> None:
    wrong = {f"{ACCOUNTS}HAMBURG__CREDENTIALS__SECRET_KEY": "of-nobody"}

    done = group.cli("sync", "--json", **wrong)

    lines = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 3
    assert [(each["account"], each["exit_code"]) for each in lines] == [
        ("berlin", 0),
        ("hamburg", 3),
        ("koeln", 0),
    ]
    assert "under [sources.sendcloud_support.accounts.hamburg.credentials]" in lines[1]["failure"]
    assert done.err.splitlines()[-3:] == [
        "berlin   done",
        "hamburg  credentials refused, or no access to the Support API beta",
        "koeln    done",
    ]
    assert [group.held(name) for name in ("berlin", "koeln")] == [
        group.truth(name) for name in ("berlin", "koeln")
    ]
    group.services["berlin"].reset_log()
    assert group.cli("sync", "--account", "hamburg").code == 0
    assert group.services["berlin"].requests == []
    assert group.held("hamburg") == group.truth("hamburg")


def test_six_accounts_at_once_in_one_process_are_right(tmp_path: Path, url: str) -> None:
    with ExitStack() as stack:
        services = [stack.enter_context(serve_account(f"a{n}", n + 1)) for n in range(6)]
        accounts = [made_by_hand(n, each, tmp_path, url) for n, each in enumerate(services)]
        with ThreadPoolExecutor(6) as threads:
            for _ in range(2):
                records = list(threads.map(sync, accounts))
                assert [record.is_complete for record in records] == [True] * 6
        warehouse = Warehouse(services[0], tmp_path, url)
        for account, service in zip(accounts, services, strict=True):
            warehouse.dataset = account.dataset
            assert warehouse.held() == truth(service.account.tickets())
        warehouse.release()


def made_by_hand(number: int, service: Service, folder: Path, url: str) -> Kept:
    """An account of which nothing stands in anybody's configuration."""
    keys = SendcloudCredentials(public_key=f"pk-a{number}", secret_key=f"sk-a{number}")
    destination: Any = (
        dlt.destination("warehouse", destination_type="postgres", credentials=url)
        if url
        else duckdb_destination(DuckDbCredentials(str(folder / "tickets.duckdb")))
    )
    return Kept(
        f"a{number}",
        SupportConfiguration(
            credentials=keys, base_url=service.base_url, requests_per_minute=0, window_tickets=20
        ),
        destination,
        dataset=f"support_a{number}",
        folder=folder / "work",
    )


def sync(account: Kept) -> Any:
    return carry_out(account.pipeline(), account.read(), SYNC, run_sync)


def test_one_account_is_loaded_once_at_a_time_in_one_process_too(tmp_path: Path) -> None:
    with serve_account("a0", 1) as service:
        account = made_by_hand(0, service, tmp_path, "")
        other = made_by_hand(1, service, tmp_path, "")
        elsewhere = Kept(**{**vars(account), "folder": tmp_path / "elsewhere"})
        with only_run(account.pipeline()):
            for same in (account, elsewhere):
                with pytest.raises(BusyError), only_run(same.pipeline()):
                    pass
            with only_run(other.pipeline()):
                pass
        with only_run(elsewhere.pipeline()):
            pass


def test_the_only_account_becomes_one_of_several_without_loading_anew(group: Group) -> None:
    alone = {
        f"{SOURCE}__BASE_URL": group.services["berlin"].base_url,
        f"{SOURCE}__CREDENTIALS__PUBLIC_KEY": "pk-berlin",
        f"{SOURCE}__CREDENTIALS__SECRET_KEY": "sk-berlin",
    }
    named = [name for name in group.warehouse.environment() if name.startswith(ACCOUNTS)]
    assert group.cli("sync", without=named, **alone).code == 0
    group.services["berlin"].reset_log()

    mixed = group.cli("sync", **alone)
    done = group.cli("sync", "--account", "berlin", **{f"{ACCOUNTS}BERLIN__DATASET": "sendcloud"})

    assert (mixed.code, mixed.err) == (
        2,
        (
            "sources.sendcloud_support.credentials.public_key is set, and accounts have names "
            "(berlin, hamburg, koeln): whose it is cannot be told. Move it below a name, such as "
            "[sources.sendcloud_support.accounts.berlin.credentials]; the account whose tickets "
            'are already in dataset sendcloud goes on there with dataset = "sendcloud" under its '
            "name.\n"
        ),
    )
    assert done.code == 0, done
    assert len(group.services["berlin"].requests) < TICKETS // 20 + 1
    assert group.held("berlin", "sendcloud") == group.truth("berlin")


def test_the_marts_of_all_have_the_account_before_all_and_add_nothing(
    group: Group, url: str
) -> None:
    warehouse, names = group.warehouse, ("berlin", "koeln")
    others = [name for name in warehouse.environment() if name.startswith(f"{ACCOUNTS}HAMBURG")]

    done = group.cli("sync", "--marts", without=others)

    assert done.code == 0, done
    assert done.out.splitlines()[-1] == (
        "sendcloud_accounts_marts holds the marts of berlin, koeln, by account."
    )
    warehouse.dataset = "sendcloud_berlin"
    for table in ("fct_ticket_resolution", "mart_payouts_monthly", "mart_resolution_summary"):
        rows = warehouse.rows(f"select * from sendcloud_accounts_marts.{table}")
        own = [
            (name, *row)
            for name in names
            for row in warehouse.rows(f"select * from sendcloud_{name}_marts.{table}")
        ]
        assert sorted(rows, key=str) == sorted(own, key=str)
    gone = group.cli("forget", "--all", "--yes", "--account", "koeln", without=others)
    assert "Deleted its rows from" in gone.out
    left = "select distinct account from sendcloud_accounts_marts.fct_ticket_resolution"
    assert warehouse.rows(left) == [("berlin",)]
    assert group.held("berlin") == group.truth("berlin")
    warehouse.release()
    said: list[str] = []
    build_together([Kept(name, dataset=f"sendcloud_{name}") for name in names], said.append)
    assert said == [
        "Not among the marts of all accounts: koeln, as they have none yet.",
        "sendcloud_accounts_marts holds the marts of berlin, by account.",
    ]
    assert warehouse.rows(left) == [("berlin",)]


def test_marts_of_accounts_made_by_hand_stay_in_their_own_warehouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured = tmp_path / "configured.duckdb"
    monkeypatch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", str(configured))
    said: list[str] = []
    with serve_account("a0", 1) as service:
        one, two = (made_by_hand(n, service, tmp_path, "") for n in range(2))
        apart = made_by_hand(2, service, tmp_path / "apart", "")
        build_together([one, two], said.append)
        build_together([one, apart], said.append)

    assert said == [
        "Not among the marts of all accounts: a0, a1, as they have none yet.",
        "sendcloud_accounts_marts holds the marts of no account, by account.",
        "The accounts are not in one warehouse: the marts of each stay in its own.",
    ]
    assert ((tmp_path / "tickets.duckdb").exists(), configured.exists()) == (True, False)


def test_the_marts_of_all_are_published_beside_those_of_each(group: Group) -> None:
    """Put together by hand: one table, of which each account has a row."""
    warehouse = group.warehouse
    assert group.cli("sync").code == 0
    with duckdb.connect(str(warehouse.file)) as file:
        file.execute("create schema sendcloud_accounts_marts")
        file.execute(
            "create table sendcloud_accounts_marts.mart_sizes as "
            "select * from (values ('berlin', 1), ('koeln', 2)) as of (account, size)"
        )

    done = publish(warehouse, packages := packages_of("delta"))

    assert done.code == 0, done
    lake = warehouse.folder / "lake"
    assert done.out.splitlines()[-1] == (
        f"Published 1 table of sendcloud_accounts_marts to {lake}/sendcloud_accounts_marts."
    )
    found = by_sail(warehouse, packages)
    assert found["sendcloud_accounts_marts.mart_sizes"] == [["berlin", "1"], ["koeln", "2"]]
    assert {name: len(found[f"sendcloud_{name}.tickets"]) for name in NAMES} == dict.fromkeys(
        NAMES, TICKETS
    )
    one = publish(warehouse, packages, arguments=("--account", "berlin"))
    assert (one.code, "accounts_marts" in one.out) == (0, False)


def test_the_facts_of_all_are_told_by_their_names(group: Group) -> None:
    group.cli("sync", "--account", "koeln")

    facts = json.loads(group.cli("status", "--json").out)
    checked = group.cli("check")

    assert {name: each["tickets_held"] for name, each in facts.items()} == {
        "berlin": 0,
        "hamburg": 0,
        "koeln": TICKETS,
    }
    assert checked.code == 0
    assert [line for line in checked.out.splitlines() if "Warehouse" in line] == [
        f"{name}: ok      Warehouse: duckdb is writable, dataset sendcloud_{name} has its tables."
        for name in NAMES
    ]


WHICH = "Several accounts are configured: a, b. Say which one: --account NAME.\n"
NOBODY = (
    "There is no account 'c': only one is configured, and it has no name. Leave --account out, or "
    "give its keys a name under [sources.sendcloud_support.accounts.NAME].\n"
)
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run a command where these variables of accounts are set, and give its one sentence."""
    monkeypatch.setenv("DESTINATION__WAREHOUSE__CREDENTIALS", str(tmp_path / "tickets.duckdb"))
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))

    def run(command: str, **variables: str) -> str:
        for name, value in variables.items():
            monkeypatch.setenv(f"{ACCOUNTS}{name}", value)
        assert main(command.split()) == 2
        said = capsys.readouterr()
        assert said.out == ""
        return said.err

    return run


@pytest.mark.parametrize(
    "command",
    [
        "refresh 42",
        "forget 42 --yes",
        "forget --all --yes",
        "report",
        "check --discover",
        "sync --same-account",
    ],
)
def test_what_can_be_meant_of_one_alone_asks_which(told: Callable[..., str], command: str) -> None:
    assert told(command, A__BASE_URL=NOWHERE, B__BASE_URL=NOWHERE) == WHICH


def test_an_account_that_is_not_there_is_told_from_one_that_has_no_name(
    told: Callable[..., str],
) -> None:
    assert told("sync --account c") == NOBODY
    assert told("sync --account c", A__BASE_URL=NOWHERE, B__BASE_URL=NOWHERE) == (
        "There is no account 'c'. Configured are a, b.\n"
    )


SHARED: dict[str, tuple[dict[str, str], str]] = {
    "half a pair is not filled up by the keys of all": (
        {"A__CREDENTIALS__PUBLIC_KEY": "p"},
        (
            "a: Account a: Half a pair of credentials is configured: "
            "sources.sendcloud_support.accounts.a.credentials.secret_key is missing."
        ),
    ),
    "none of its own": (
        {"A__BASE_URL": NOWHERE},
        (
            "a: Account a: No credentials are configured. Set "
            "sources.sendcloud_support.accounts.a.credentials.public_key and"
        ),
    ),
    "one dataset for two": (
        {"A__DATASET": "sendcloud_b", "B__BASE_URL": NOWHERE},
        "The accounts a and b would share the schema sendcloud_b of the warehouse.",
    ),
    "the marts of one in the dataset of another": (
        {"A__DATASET": "sendcloud", "MARTS__BASE_URL": NOWHERE},
        "The accounts a and marts would share the schema sendcloud_marts of the warehouse.",
    ),
    "the schema of all": (
        {"ACCOUNTS__BASE_URL": NOWHERE},
        "The accounts all together and accounts would share the schema sendcloud_accounts_marts",
    ),
    "a dataset that is no plain name": (
        {"A__DATASET": "x; drop table tickets"},
        "sources.sendcloud_support.accounts.a.dataset should be of small letters, digits",
    ),
    "a dataset too long for what is added to it": (
        {"A__DATASET": "x" * (LONGEST + 1)},
        "sources.sendcloud_support.accounts.a.dataset should be of small letters, digits",
    ),
}


@pytest.mark.parametrize("case", SHARED)
def test_accounts_that_cannot_be_told_apart_are_refused(
    told: Callable[..., str], case: str
) -> None:
    variables, sentence = SHARED[case]
    assert told("sync", **variables).startswith(sentence)


REFUSED = {
    "a name that no variable can have": (
        "[sources.sendcloud_support.accounts.Berlin]\ndataset = 'x'\n",
        "sources.sendcloud_support.accounts.Berlin: the name of an account should be of small",
    ),
    "no table": (
        "[sources.sendcloud_support.accounts]\nberlin = 'pk'\n",
        "sources.sendcloud_support.accounts in .dlt/secrets.toml should hold a table for each",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_accounts_that_are_none_are_refused(make: Make, tmp_path: Path, case: str) -> None:
    said, sentence = REFUSED[case]
    warehouse = make()
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "secrets.toml").write_text(said)

    done = warehouse.cli("sync", DLT_PROJECT_DIR=str(tmp_path))

    assert (done.code, done.err.startswith(sentence)) == (2, True), done
