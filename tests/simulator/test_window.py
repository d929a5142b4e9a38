"""The request limit is a bare fixed window of a minute, from the first request on."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest
import requests

from simulator import Account, Switches, serve
from simulator.api import Window

from .conftest import KEYS


class Timer:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_thirty_pass_and_the_rest_wait_for_the_end_of_the_window() -> None:
    timer = Timer()
    window = Window(timer)
    assert [window.wait(30) for _ in range(30)] == [None] * 30
    timer.now += 12.5
    assert window.wait(30) == 47.5
    timer.now += 47.25
    assert window.wait(30) == 0.25
    timer.now += 0.25
    assert window.wait(30) is None


def test_the_window_opens_with_the_first_request_not_with_the_clocks_minute() -> None:
    timer = Timer()
    window = Window(timer)
    timer.now = 1_019.0
    assert window.wait(1) is None
    timer.now = 1_078.0
    assert window.wait(1) == 1.0
    timer.now = 1_079.0
    assert window.wait(1) is None
    timer.now = 1_500.0
    assert window.wait(1) is None


def test_two_bursts_may_meet_at_the_border_of_two_windows() -> None:
    timer = Timer()
    window = Window(timer)
    window.wait(30)
    timer.now += 59.0
    late = [window.wait(30) for _ in range(29)]
    timer.now += 1.0
    early = [window.wait(30) for _ in range(30)]
    assert late + early == [None] * 59


@pytest.mark.parametrize("limit", [0, None])
def test_without_a_limit_nothing_waits(limit: int | None) -> None:
    window = Window(Timer())
    assert [window.wait(limit) for _ in range(100)] == [None] * 100


@pytest.mark.parametrize("announced", ["off", "seconds", "date"])
def test_over_http_every_attempt_counts_and_retry_after_is_told_as_asked(announced) -> None:
    timer = Timer()
    switches = Switches(requests_per_minute=3, retry_after=announced)
    with serve(Account(), switches, time=timer) as service:
        listing = f"{service.base_url}/dsf/tickets"
        answers = [
            requests.get(listing, auth=auth, timeout=10) for auth in (KEYS, None, KEYS, KEYS)
        ]
        timer.now += 20
        answers.append(requests.get(f"{listing}/1", auth=KEYS, timeout=10))
        metadata = requests.get(f"{service.base_url}/user/auth/metadata", auth=KEYS, timeout=10)
        timer.now += 40
        answers.append(requests.get(listing, auth=KEYS, timeout=10))
    assert [answer.status_code for answer in answers] == [200, 401, 200, 429, 429, 200]
    assert metadata.status_code == 200
    refused = answers[4]
    assert refused.json()["errors"][0]["detail"] == "Rate limit exceeded: 3 per 1 minute"
    told = refused.headers.get("Retry-After")
    if announced == "date":
        told = parsedate_to_datetime(told) - parsedate_to_datetime(refused.headers["Date"])
        assert 39 <= told.total_seconds() <= 42
    else:
        assert told == {"off": None, "seconds": "41"}[announced]
