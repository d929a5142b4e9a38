"""The runs: which warehouse, which mode, and what a person or a scheduler is told.

Depends on `sources`; the demo on `simulator` too. The command line is `python -m pipelines`:

- `warehouse`: the dlt pipeline, its start-up after a kill, what it holds.
- `journal`: pages that were paid for and are not loaded yet.
- `loading`: journalled pages become loads.
- `sync`: the run that reads; `refresh`, `check`, `status`, `demo`: the other commands.
- `locks`, `progress`, `records`: one run at a time, what it shows, what it leaves behind.
"""
