"""The runs: which warehouse, which mode, and what a person or a scheduler is told.

Depends on `sources`; the demo on `simulator` too. The command line is `python -m pipelines`:

- `session`, `run`: one run from its lock to its row; `sync` decides what it reads, by `sweeping` or
  by `incremental`.
- `planner`, `ranking`, `ages`, `changes`, `lists`: what an incremental reading has to ask for.
- `journal`, `loading`, `window`, `window_file`, `history`, `history_tables`, `bulk_rows`,
  `holdings`: answers that were paid for become loads.
- `warehouse`, `duckdb_destination`, `locks`, `clock`, `records`, `progress`, `outcome`: what a run
  works with.
- `refresh`, `check`, `status`, `demo`, `marts`, `report`: the other commands; `dbt_process` is dbt
  for the marts.
- `reading`, `dataset`, `opening`: marts as frames, for whoever asks, and for the answers.
"""
