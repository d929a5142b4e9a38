"""What a loaded DuckDB file holds, read with DuckDB alone.

Depends on nothing of ours, so every program's tables are judged by the same means.
"""

from __future__ import annotations

from pathlib import Path

import duckdb


def held_states(file: Path, table: str, is_marked: bool = False) -> dict[int, str]:
    """The status of every ticket held, without those that are marked as vanished."""
    present = "where vanished_at is null" if is_marked else ""
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(f"select id, status from {table} {present}").fetchall()
    states = dict(rows)
    if len(states) < len(rows):
        raise ValueError(f"{table} holds a ticket twice.")
    return states


def differences(held: dict[int, str], truth: dict[int, str]) -> set[int]:
    """Tickets that are missing, too many, or held with another status."""
    return {each for each in held.keys() | truth.keys() if held.get(each) != truth.get(each)}
