"""Airflow's DAGs: one for each account, and one that looks at all of them.

Depends on Airflow 3 and cosmos, which are in an environment of their own (docs/scheduling.md).
"""

from __future__ import annotations

from .factory import build_dags

__all__ = ["build_dags"]
