"""Engines are tested with the warehouses of `tests.pipelines`."""

from __future__ import annotations

from tests.pipelines.conftest import make
from tests.postgres import postgres_server, postgres_url

__all__ = ["make", "postgres_server", "postgres_url"]
