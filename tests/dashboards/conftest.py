"""The warehouse of the notebooks' tests, which the dashboard is tested on, and a PostgreSQL."""

from __future__ import annotations

from tests.notebooks.conftest import warehouse
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url", "warehouse"]
