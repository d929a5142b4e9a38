"""How a run ended, as one line and to whoever wants to be told, over real HTTP on this machine.

A stand-in for Apprise posts what its `json://` posts; Apprise itself is tried once, see
`observers`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipelines.alerts.causes import SENTENCES, find_causes, pause
from pipelines.alerts.memory import NAME, Memory, read_memory, write_memory
from pipelines.alerts.sending import NOT_INSTALLED, NOT_SENT
from simulator import Account, Clock, World
from sources.sendcloud_support.holdings import ALL_OTHERS, RunRecord
from sources.sendcloud_support.planning import THIN
from sources.sendcloud_support.records import UnknownValues, described
from tests.pipelines.alerts import observers
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Done, Warehouse

WORLD = World(seed=3, tickets=40, months=4)
SOURCE = "SOURCES__SENDCLOUD_SUPPORT"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

STAND_IN = """
import types, urllib.request, json as _json
class Apprise:
    def __init__(self): self.urls = []
    def add(self, url): self.urls.append(url.replace("json://", "http://")); return True
    def notify(self, title, body):
        for url in self.urls:
            said = _json.dumps({"title": title, "message": body}).encode()
            urllib.request.urlopen(urllib.request.Request(url, said), timeout=10)
        return True
sys.modules["apprise"] = types.SimpleNamespace(Apprise=Apprise)
"""


@dataclass
class Receiver:
    """What was posted to an address on this machine."""

    url: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)

    def take(self) -> list[list[str]]:
        """The sentences of each message since the last look."""
        found = [str(each["message"]).splitlines() for each in self.messages]
        self.messages.clear()
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            found.messages.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"json://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def warehouse(make: Make) -> Warehouse:
    return make(Account(WORLD, Clock(WORLD.end)))


def sync(warehouse: Warehouse, receiver: Receiver, *arguments: str, **settings: str) -> Done:
    urls = {f"{SOURCE}__ALERTS__URLS": json.dumps([receiver.url])}
    return warehouse.cli("sync", *arguments, script=STAND_IN, **urls, **settings)


# --- one line ------------------------------------------------------------------------------------


def test_a_run_is_one_line_of_json_whatever_its_end(warehouse: Warehouse) -> None:
    done = warehouse.cli("sync", "--json")
    facts = json.loads(done.out)
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert "40 tickets seen (40 new" in done.err
    held = {name: facts[name] for name in ("tickets_new", "held_total", "api_total", "is_complete")}
    assert held == {"tickets_new": 40, "held_total": 40, "api_total": 40, "is_complete": True}
    ending = ("exit_code", "failure", "advice", "causes")
    assert tuple(facts[name] for name in ending) == (0, None, None, [])
    assert facts["run_id"] == warehouse.rows("select run_id from sync_runs")[0][0]

    refused = warehouse.cli("sync", "--json", **{f"{SOURCE}__CREDENTIALS__SECRET_KEY": "wrong"})
    facts = json.loads(refused.out)
    assert (refused.code, facts["exit_code"], facts["causes"]) == (3, 3, [])
    assert facts["advice"] == "stop"
    assert facts["failure"] == refused.err.splitlines()[-1]
    assert facts["failure"].startswith("GET tickets page 1: HTTP 401")


def test_a_mistake_in_the_alerts_changes_nothing_of_the_run(warehouse: Warehouse) -> None:
    done = warehouse.cli("sync", **{f"{SOURCE}__ALERTS__STALE_HOURS": "-1"})
    assert done.code == 0
    assert "sources.sendcloud_support.alerts.stale_hours should be 0 or more." in done.err


# --- notifications -------------------------------------------------------------------------------


def test_the_second_failure_in_a_row_is_told_once_a_day_and_success_ends_it(
    warehouse: Warehouse, receiver: Receiver
) -> None:
    wrong = {f"{SOURCE}__CREDENTIALS__SECRET_KEY": "wrong"}
    failing = [[SENTENCES["failing"]]]

    assert (sync(warehouse, receiver, **wrong).code, receiver.take()) == (3, [])
    assert (sync(warehouse, receiver, **wrong).code, receiver.take()) == (3, failing)
    assert (sync(warehouse, receiver, **wrong).code, receiver.take()) == (3, [])
    warehouse.later(days=1)
    assert (sync(warehouse, receiver, **wrong).code, receiver.take()) == (3, failing)
    assert (sync(warehouse, receiver).code, receiver.take()) == (0, [])
    warehouse.later(days=1)
    assert (sync(warehouse, receiver, **wrong).code, receiver.take()) == (3, [])


def test_what_lasts_is_told_with_nothing_of_a_ticket_and_again_where_the_folder_is_lost(
    warehouse: Warehouse, receiver: Receiver
) -> None:
    [newest, broken] = warehouse.account.newest(2)
    warehouse.account.hold(newest, status="brand_new_word")
    warehouse.account.hold(broken, parcel_id="P-77")
    lasting = [[SENTENCES["unknown_words"], SENTENCES["set_aside"]]]

    done = sync(warehouse, receiver, "--json")
    [message] = receiver.messages
    assert json.loads(done.out)["causes"] == ["unknown_words", "set_aside"]
    assert (done.code, receiver.take()) == (4, lasting)
    for secret in (str(newest), str(broken), "brand_new_word", "P-77"):
        assert secret not in json.dumps(message)
    warehouse.later(days=1)
    sync(warehouse, receiver)
    assert receiver.take() == []
    warehouse.lose_working_folder()
    sync(warehouse, receiver)
    assert receiver.take() == lasting


def test_where_apprise_is_missing_or_nobody_answers_the_run_ends_as_it_would(
    warehouse: Warehouse, receiver: Receiver
) -> None:
    [broken] = warehouse.account.newest(1)
    warehouse.account.hold(broken, parcel_id="P-77")
    urls = {f"{SOURCE}__ALERTS__URLS": '["json://127.0.0.1:9/secret-word"]'}
    missing = 'sys.modules["apprise"] = None'

    done = warehouse.cli("sync", script=missing, **urls)
    assert (done.code, done.err.splitlines()[-1]) == (4, NOT_INSTALLED)
    done = warehouse.cli("sync", script=STAND_IN, **urls)
    assert (done.code, done.err.splitlines()[-1]) == (4, f"{NOT_SENT} (URLError)")
    assert "secret-word" not in done.err
    done = sync(warehouse, receiver)
    assert (done.code, receiver.take()) == (4, [[SENTENCES["set_aside"]]])


def test_apprise_itself_sends_it(receiver: Receiver) -> None:
    send_there = (
        "import sys; from pipelines.alerts.sending import send; "
        "print(send([sys.argv[1]], [sys.argv[2]], 'berlin'))"
    )
    assert observers.run_there(send_there, receiver.url, SENTENCES["stale"]) == "None\n"
    titles = [each["title"] for each in receiver.messages]
    assert (titles, receiver.take()) == (
        ["Sendcloud support tickets: berlin"],
        [[SENTENCES["stale"]]],
    )
    assert observers.run_there(send_there, "nonsense", SENTENCES["stale"]) == f"{NOT_SENT}\n"


# --- causes --------------------------------------------------------------------------------------


def record(note: str | None = None, is_complete: bool = True) -> RunRecord:
    return RunRecord("sync", NOON, is_complete=is_complete, note=note)


def unknown(values: int) -> str:
    found = UnknownValues()
    for number in range(values):
        found.tickets["status", f"new_{number}"].add(number)
    return " ".join(found.sentences())


@pytest.mark.parametrize(
    ("run", "causes"),
    [
        (record(), []),
        (record("Order of the list: newest_first."), []),
        (record("The API gave no count of tickets.", False), ["incomplete"]),
        (record(f"{described(3)} {ALL_OTHERS}", False), ["set_aside"]),
        (record(f"{described(1)} Something else.", False), ["incomplete", "set_aside"]),
        (record(unknown(1)), ["unknown_words"]),
        (record(unknown(40)), ["unknown_words"]),
        (record(THIN), ["thin_lists"]),
    ],
)
def test_causes_are_read_from_what_the_run_says(run: RunRecord, causes: list[str]) -> None:
    code = 0 if run.is_complete else 4
    assert list(find_causes(code, run, Memory(), NOON, timedelta(days=2))) == causes


@pytest.mark.parametrize(
    ("hours", "stale_hours", "causes"), [(47, 48, []), (49, 48, ["stale"]), (490, 0, [])]
)
def test_a_warehouse_is_stale_after_so_many_hours(
    hours: int, stale_hours: int, causes: list[str]
) -> None:
    memory = Memory(complete_at=NOON - timedelta(hours=hours))
    assert list(find_causes(1, None, memory, NOON, timedelta(hours=stale_hours))) == causes


def test_every_cause_has_a_sentence_and_a_pause_of_a_day_at_least() -> None:
    assert {cause for cause in SENTENCES if pause(cause) < timedelta(days=1)} == set()
    assert len(set(SENTENCES.values())) == 6


# --- memory --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "{", "[]", '{"failures": "x"}', '{"failures": 1}', "\0"])
def test_a_spoilt_memory_is_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    assert read_memory(tmp_path) == Memory()


def test_a_memory_comes_back_as_it_was_written(tmp_path: Path) -> None:
    memory = Memory(3, NOON, {"failing": NOON})
    write_memory(tmp_path / "new", memory)
    assert read_memory(tmp_path / "new") == memory


def test_what_was_told_by_a_clock_ahead_is_told_again() -> None:
    memory = Memory(told_at={"failing": NOON + timedelta(days=300)})
    assert memory.may_tell("failing", NOON, timedelta(days=1))
