"""Business time: the minutes of a calendar against counting them one by one."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipelines.marts.marts import PROJECT
from tests.transform.project import Project
from tests.transform.raw import utc
from tests.transform.test_scenarios import fetch, resolution, ticket


def read_example(name: str) -> list[dict[str, str]]:
    with (PROJECT / "examples" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_business_minutes_are_those_of_counting_the_minutes(project: Project) -> None:
    """Amsterdam, with the example's hours and holidays, over a change of clocks and a leap."""
    draw = random.Random(5)
    start = int(datetime(2026, 3, 20, tzinfo=UTC).timestamp())
    lives = {
        n: sorted(start + draw.randrange(0, 40 * 86_400) for _ in range(2)) for n in range(150)
    }
    last = utc(start + 41 * 86_400)
    hours, holidays = read_example("business_hours"), read_example("holidays")
    marts = project.build(
        {
            "tickets": [
                ticket(n, status="solved", created_at=utc(a), first_seen_at=last, last_seen_at=last)
                for n, (a, _) in lives.items()
            ],
            "tickets__resolution": [resolution(n, solved_at=utc(b)) for n, (_, b) in lives.items()],
        },
        seeds={
            "business_hours": [row | {"weekday": int(row["weekday"])} for row in hours],
            "holidays": holidays,
        },
    )

    found = dict(
        fetch(
            marts,
            "select ticket_id, first_resolution_business_minutes from fct_ticket_resolution",
        )
    )
    assert found == {
        n: business_seconds(a, b, hours, holidays) // 60 for n, (a, b) in lives.items()
    }


def business_seconds(
    start: int, end: int, hours: list[dict[str, str]], holidays: list[dict[str, str]]
) -> int:
    """The overlap of the life with each day's opening, day after day."""
    amsterdam = ZoneInfo("Europe/Amsterdam")
    opening = {int(row["weekday"]): (row["opens"], row["closes"]) for row in hours}
    closed = {row["holiday"] for row in holidays}
    day = datetime.fromtimestamp(start, amsterdam).date()
    seconds = 0
    while day <= datetime.fromtimestamp(end, amsterdam).date():
        if day.isoweekday() in opening and day.isoformat() not in closed:
            opens, closes = (
                datetime.combine(day, time.fromisoformat(text), amsterdam).timestamp()
                for text in opening[day.isoweekday()]
            )
            seconds += max(0, int(min(end, closes) - max(start, opens)))
        day += timedelta(days=1)
    return seconds
