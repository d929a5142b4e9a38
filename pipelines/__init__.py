"""The runs: which warehouse, which mode, and what a person or a scheduler is told.

Depends on `sources`, whose reading decides what is read; on `answers` for the report; the demo
on `simulator` too. The command line is `python -m pipelines`:

- `warehouse`: destination, folder, locks, start-up; `failures`: exit codes and their sentences;
- `loading`: answers become loads; `runs`: one run from its lock to its row;
- `privacy`: pseudonyms, and what is forgotten; `alerts`: how a run ended, for machines and people
  who do not look; `discovery`: what the vendor does not document;
- `marts`: what dbt builds, and how it is published; `dbt_process` is dbt itself;
- `check`, `status`, `demo`, `report`, `delta`: the other commands;
- `reading`, `dataset`, `opening`: marts as frames, for whoever asks, and for the answers.
"""

from __future__ import annotations

__version__ = "0.1.0"
