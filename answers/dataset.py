"""What the answers are made of: a dataset of marts, as it is asked here.

Depends on nothing of ours. Promises nothing by itself: whoever hands one in (`pipelines.dataset`
does) reads some warehouse, changes nothing there, keeps money exact, and gives moments in UTC.
"""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd  # type: ignore[import-untyped]


class Dataset(Protocol):
    """The marts of one account, wherever they are."""

    @property
    def name(self) -> str:
        """Where the numbers come from, for people, without addresses or secrets."""

    def mart(self, name: str) -> pd.DataFrame:
        """A mart, or a model that marts are built on, whole, as it stands; in any order."""

    def types(self, name: str) -> dict[str, str]:
        """Its columns in their order, each with the SQL type that it has there."""

    def query(self, sql: str, *values: Any) -> pd.DataFrame:
        """Rows of a statement over marts, named by their name alone; `%s` for values."""

    def last_run(self) -> dict[str, Any] | None:
        """The last sync, as `sync_runs` has it; None where there is no record of one."""
