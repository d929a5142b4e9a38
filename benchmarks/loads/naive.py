"""What many would write first: every page by requests, pandas frames, tables replaced.

Depends on nothing of ours. No merge, no retries, no pacing, no history. Run by the benchmark as
`python -m benchmarks.loads.naive BASE_URL FILE`.
"""

from __future__ import annotations

import sys
from typing import Any

import duckdb
import pandas as pd
import requests

KEYS = ("public", "secret")


def read_tickets(base_url: str) -> list[dict[str, Any]]:
    """All pages."""
    session, tickets, page, pages = requests.Session(), [], 1, 1
    session.auth, session.trust_env = KEYS, False
    while page <= pages:
        answer = session.get(f"{base_url}/dsf/tickets", params={"page": page, "size": 20})
        answer.raise_for_status()
        body = answer.json()
        tickets += body["items"]
        page, pages = page + 1, body["pages"]
    return tickets


def frames(tickets: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """One frame of tickets, one of requested actions, one of resolutions."""
    head = pd.DataFrame(tickets)
    for column in ("created_at", "updated_at"):
        head[column] = pd.to_datetime(head[column], utc=True, format="ISO8601")
    actions = [{"ticket_id": t["id"], **a} for t in tickets for a in t["requested_actions"]]
    resolutions = [{"ticket_id": t["id"], **t["resolution"]} for t in tickets if t["resolution"]]
    return {
        "tickets": head.drop(columns=["requested_actions", "resolution"]),
        "requested_actions": pd.DataFrame(
            actions, columns=["ticket_id", "id", "data_type", "created_at"]
        ),
        "resolutions": pd.DataFrame(
            resolutions, columns=["ticket_id", "outcome", "amount", "currency", "solved_at"]
        ),
    }


def main(base_url: str, file: str) -> None:
    """Read, then replace the tables."""
    tables = frames(read_tickets(base_url))
    with duckdb.connect(file) as connection:
        for name, frame in tables.items():
            connection.register("frame", frame)
            connection.execute(f"create or replace table {name} as select * from frame")


if __name__ == "__main__":
    main(*sys.argv[1:])
