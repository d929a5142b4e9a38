"""A ticket that the destination can never take fails its package once, and blocks no later run."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from simulator import Service
from tests.postgres import connect
from tests.sources.alone.conftest import Desk

STANDING = "select ticket_id, field from tickets_set_aside where mended_at is null"


@pytest.fixture
def latin(postgres_server: str, service: Service, tmp_path: Path) -> Iterator[Desk]:
    """Into a database that lacks most characters."""
    with closing(connect(postgres_server)) as opened, opened.cursor() as cursor:
        cursor.execute("drop database if exists latin_alone")
        cursor.execute("create database latin_alone encoding 'LATIN1' template template0")
        url = f"{postgres_server.rsplit('/', 1)[0]}/latin_alone"
        yield Desk(service, tmp_path, dlt.destinations.postgres(url))
        cursor.execute("drop database latin_alone with (force)")


def fail_to_load(desk: Desk, **arguments: Any) -> None:
    """A run whose package is refused, and dropped by its user."""
    with pytest.raises(PipelineStepFailed) as failed:
        desk.pipeline.run(desk.source(**arguments))
    assert failed.value.step == "load"
    desk.pipeline.abort_packages()


def test_what_a_refused_package_held_is_tried_and_one_ticket_is_set_aside(latin: Desk) -> None:
    number = latin.account.newest(500)[-1]
    latin.account.hold(number, order_number="日本")
    fail_to_load(latin)

    run = latin.run()

    assert run["requests"] <= 3
    assert latin.rows(STANDING) == [(number, "load")]
    assert "1 ticket is set aside, all others are loaded" in run["note"]
    assert latin.rows("select count(*), count(distinct id) from tickets") == [(999, 999)]

    for _ in range(2):
        latin.account.clock.advance(timedelta(hours=3))
        assert latin.run()["is_complete"] is False
        assert latin.rows(STANDING) == [(number, "load")]

    latin.account.hold(number, order_number="Nippon")
    latin.account.clock.advance(timedelta(hours=3))
    assert latin.run()["is_complete"]
    assert latin.rows(STANDING) == []
    latin.check()


def test_a_held_ticket_that_is_refused_stays_as_it_was(
    service: Service, tmp_path: Path, postgres_url: str
) -> None:
    desk = Desk(service, tmp_path, dlt.destinations.postgres(postgres_url))
    desk.run()
    number, other = desk.account.newest(2)
    desk.rows("alter table tickets add constraint healthy check (order_number <> 'poison')")
    of_ticket = f"where ticket_id = {number} order by seen_at"
    states = f"select status, seen_at from ticket_status_history {of_ticket}"
    row = f"select * from tickets where id = {number}"
    before, [first] = desk.rows(row), desk.rows(states)
    desk.account.clock.advance(timedelta(hours=3))
    desk.account.hold(number, order_number="poison", status="escalated", resolution=None)
    desk.account.hold(other, status="escalated", resolution=None)
    fail_to_load(desk, full=True)

    desk.run(full=True)

    assert desk.rows(STANDING) == [(number, "load")]
    assert desk.rows(row) == before
    assert desk.rows(f"select status from tickets where id = {other}") == [("escalated",)]

    desk.account.hold(number, order_number="cured")
    desk.account.clock.advance(timedelta(hours=3))
    assert desk.run()["is_complete"]
    assert desk.rows(STANDING) == []
    seen = desk.rows(states)
    assert (seen[0], [status for status, _ in seen]) == (first, [first[0], "escalated"])
    desk.check()


def test_what_is_tried_are_pseudonyms_where_pseudonyms_are_loaded(
    latin: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that the database has no characters for is never sent to it, be it for a trial."""
    key, chosen = "sixteen characters", {"pseudonymise": ["order_number"]}
    monkeypatch.setenv("SOURCES__SENDCLOUD_SUPPORT__PSEUDONYM_KEY", key)
    latin.run(**chosen)
    latin.rows("alter table tickets add constraint healthy check (carrier <> 'poison')")
    refused, other = latin.account.newest(2)
    latin.account.hold(refused, carrier="poison")
    latin.account.hold(other, order_number="日本")
    latin.account.clock.advance(timedelta(hours=3))
    fail_to_load(latin, full=True, **chosen)

    latin.run(full=True, **chosen)

    assert latin.rows(STANDING) == [(refused, "load")]
    pseudonym = hmac.new(key.encode(), "日本".encode(), hashlib.sha256).hexdigest()
    assert latin.rows(f"select order_number from tickets where id = {other}") == [(pseudonym,)]


def test_a_destination_that_takes_nothing_sets_nothing_aside(
    service: Service, tmp_path: Path, postgres_url: str
) -> None:
    desk = Desk(service, tmp_path, dlt.destinations.postgres(postgres_url))
    desk.run()
    desk.rows("alter table tickets add constraint full_up check (created_at is null) not valid")
    desk.account.clock.advance(timedelta(hours=3))
    for _ in range(2):
        fail_to_load(desk, full=True)
    assert desk.rows(STANDING) == []

    desk.rows("alter table tickets drop constraint full_up")
    assert desk.run(full=True)["is_complete"]
    desk.check()
