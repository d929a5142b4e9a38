"""429: how long is waited, and when it is given up."""

from __future__ import annotations

import pytest

from sources.sendcloud_support import ThrottledError, TryLaterError
from sources.sendcloud_support.api.patience import Patience
from tests.sources.api.answers import HTML, PAGE
from tests.sources.conftest import (
    TICKETS_URL,
)

BARE = {"status_code": 429, "json": {"errors": []}}


def limited(detail: str) -> dict[str, object]:
    entry = {"code": "hit_rate_limit", "detail": detail, "title": "Rate limit exceeded"}
    return {"status_code": 429, "json": {"errors": [entry | {"status": 429}]}}


def announced(value: str) -> dict[str, object]:
    return {"status_code": 429, "headers": {"Retry-After": value}, "json": {"errors": []}}


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        (BARE, [60.5]),
        (limited("Rate limit exceeded: 30 per 1 minute"), [60.5]),
        (limited("Rate limit exceeded: 100 per 2 minute"), [120.5]),
        (limited("Rate limit exceeded: 5 per 30 second"), [30.5]),
        (limited("30/minute"), [60.5]),
        (limited("Slow down, please"), [60.5]),
        (announced("12"), [12.5]),
        (announced("0"), [0.5]),
        (announced("soon"), [60.5]),
        (announced("-3"), [60.5]),
        (announced("Fri, 31 Dec 1999 23:59:59 GMT"), [0.5]),
        ({"status_code": 429, "text": HTML}, [60.5]),
        ({"status_code": 429, "text": ""}, [60.5]),
    ],
)
def test_a_429_is_waited_for_as_long_as_it_asks(api, connect, naps, answer, waits):
    api.get(TICKETS_URL, [answer, PAGE])
    client = connect()

    client.page(1)

    assert (naps.seconds, client.requests, client.throttled) == (waits, 2, 1)


def test_a_429_that_names_a_header_and_a_window_is_taken_by_the_header(api, connect, naps):
    both = limited("30 per 1 minute") | {"headers": {"Retry-After": "5"}}
    api.get(TICKETS_URL, [both, PAGE])

    connect().page(1)

    assert naps.seconds == [5.5]


def test_the_second_429_in_a_row_is_outlasted_by_a_whole_minute(api, connect, naps):
    api.get(TICKETS_URL, [announced("1"), announced("1"), announced("90"), PAGE])
    client = connect()

    client.page(1)

    assert (naps.seconds, client.throttled) == ([1.5, 60.5, 90.5], 3)


def test_429s_are_given_up_on_only_after_the_configured_time(api, connect, naps):
    """15 minutes hold fourteen waits of 60.5 s; the fifteenth would end after them."""
    api.get(TICKETS_URL, [limited("30 per 1 minute")])
    client = connect(patience=Patience(throttled_minutes=15, sleep=naps))

    with pytest.raises(ThrottledError) as caught:
        client.page(1)

    assert naps.seconds == [60.5] * 14
    assert client.throttled == 15
    assert str(caught.value) == (
        "GET tickets page 1: HTTP 429 (code hit_rate_limit). It asks to wait 60 s. Another user "
        "of this key may be using up its requests; lower "
        "sources.sendcloud_support.requests_per_minute or give this job a key of its own."
    )


def test_a_window_is_outlasted_even_with_no_patience_at_all(api, connect, naps):
    api.get(TICKETS_URL, [BARE])

    with pytest.raises(ThrottledError):
        connect(patience=Patience(throttled_minutes=0, sleep=naps)).page(1)

    assert naps.seconds == [60.5]


@pytest.mark.parametrize(
    "answer", [limited("1000 per 1 hour"), limited("9 per 1 day"), announced("86400")]
)
def test_a_wait_beyond_all_patience_is_not_begun(api, connect, naps, answer):
    api.get(TICKETS_URL, [answer])

    with pytest.raises(ThrottledError, match=r"It asks to wait (3600|86400) s\."):
        connect().page(1)

    assert naps.seconds == []


def test_429s_and_failures_have_patience_of_their_own(api, connect, naps):
    down = {"status_code": 500}
    api.get(TICKETS_URL, [down, BARE, down, BARE, BARE, PAGE])
    client = connect(patience=Patience(attempts=3, sleep=naps))

    client.page(1)

    assert (client.requests, client.throttled) == (6, 3)


def test_every_wait_is_announced_before_it_begins(api, connect):
    heard: list[tuple[str, float]] = []

    def announce(error: TryLaterError, seconds: float) -> None:
        heard.append((type(error).__name__, seconds))

    api.get(TICKETS_URL, [announced("9"), PAGE])

    connect(announce=announce).page(1)

    assert heard == [("ThrottledError", 9.5)]
