"""The file for Airflow's folder of DAGs: copy it there, or write these two lines into one of yours.

Depends on the accounts as they are configured where this is read.
"""

from __future__ import annotations

from orchestration.airflow import build_dags

globals().update(build_dags())
