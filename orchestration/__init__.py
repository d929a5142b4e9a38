"""Schedulers' own descriptions of the runs: Dagster and Airflow, each in an environment of its own.

Depends on `pipelines`; the folder of a scheduler depends on that scheduler's packages too, which
`.venv` does not have. `account_runs` is what all of them run and knows none of them.
"""
