"""Which warehouse, and whether it can be used: destination, folder, locks, start-up.

Depends on dlt's configuration and destinations.
"""

from __future__ import annotations

from .destinations import (
    DEFAULT_DATABASE,
    KEY,
    configured_file,
    read_address,
)
from .duckdb import is_held
from .engines import Relation, drop_relation, relations, untried, with_dependents
from .locks import BusyError, FileBusyError, only_run
from .looking import (
    HeldError,
    NoFileError,
    one_look,
    open_to_look,
)
from .places import LOCK, location
from .rights import missing_for_marts, try_writing
from .settings import missing_settings, use_own_settings
from .skew import dated, refuse_impossible, set_right
from .soundness import doubt, find_apart, start_up
from .waiting import open_journal
from .warehouse import (
    DATASET,
    MARTS,
    drop_pending,
    duckdb_destination,
    duckdb_file,
    kind_of,
    loader_format,
    marts_beside,
    open_pipeline,
    own_folder,
    refuse_foreign_file,
    schemas_of,
    takes_whole_rows,
    tidy,
)

__all__ = [
    "DATASET",
    "DEFAULT_DATABASE",
    "KEY",
    "LOCK",
    "MARTS",
    "BusyError",
    "FileBusyError",
    "HeldError",
    "NoFileError",
    "Relation",
    "configured_file",
    "dated",
    "doubt",
    "drop_pending",
    "drop_relation",
    "duckdb_destination",
    "duckdb_file",
    "find_apart",
    "is_held",
    "kind_of",
    "loader_format",
    "location",
    "marts_beside",
    "missing_for_marts",
    "missing_settings",
    "one_look",
    "only_run",
    "open_journal",
    "open_pipeline",
    "open_to_look",
    "own_folder",
    "read_address",
    "refuse_foreign_file",
    "refuse_impossible",
    "relations",
    "schemas_of",
    "set_right",
    "start_up",
    "takes_whole_rows",
    "tidy",
    "try_writing",
    "untried",
    "use_own_settings",
    "with_dependents",
]
