"""The code location: `dagster dev -m orchestration.dagster.definitions`.

Depends on the accounts as they are configured where this is loaded.
"""

from __future__ import annotations

from .building import build_definitions

defs = build_definitions()
